// SPDX-License-Identifier: Apache-2.0
#include <berth/fake/internal/connection.hpp>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <ctime>
#include <map>

namespace berth::fake {
namespace {

constexpr int k_switching = 101;
constexpr int k_no_content = 204;
constexpr int k_not_modified = 304;
constexpr std::size_t k_longest_counted = 2048;

std::string_view reason(int status) {
    static const std::map<int, std::string_view> k_reasons{{200, "OK"},
                                                           {201, "Created"},
                                                           {204, "No Content"},
                                                           {301, "Moved Permanently"},
                                                           {304, "Not Modified"},
                                                           {400, "Bad Request"},
                                                           {401, "Unauthorized"},
                                                           {403, "Forbidden"},
                                                           {404, "Not Found"},
                                                           {409, "Conflict"},
                                                           {500, "Internal Server Error"},
                                                           {501, "Not Implemented"},
                                                           {503, "Service Unavailable"}};
    const auto found = k_reasons.find(status);
    return found == k_reasons.end() ? "Status" : found->second;
}

std::string date() {
    const std::time_t now = std::time(nullptr);
    std::tm parts{};
    ::gmtime_r(&now, &parts);
    constexpr std::size_t k_size = 40;
    std::string text(k_size, '\0');
    text.resize(std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts));
    return text;
}

}  // namespace

std::string json_text(std::string_view text) {
    return nlohmann::json(std::string(text)).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string frame(int stream, std::string_view bytes) {
    std::string result(8, '\0');
    result[0] = static_cast<char>(stream);
    for (std::size_t i = 0; i < 4; ++i) {
        result[7 - i] = static_cast<char>((bytes.size() >> (8 * i)) & 0xffU);
    }
    return result.append(bytes);
}

Answer::Answer(const Socket& socket, const Asked& asked, const EngineOptions& engine,
               std::shared_ptr<Held::State> fault, std::shared_ptr<std::atomic<std::size_t>> made)
    : socket_(socket),
      asked_(asked),
      engine_(engine),
      fault_(std::move(fault)),
      made_(std::move(made)),
      received_(asked.request.bytes) {
    closes_ = asked.header("Connection") == "close";
}

std::string Answer::head(int status, std::string_view type, const Fields& more, bool versioned) const {
    std::string text = fmt::format("HTTP/1.1 {} {}\r\n", status, reason(status));
    const auto add = [&](std::string_view name, std::string_view value) {
        text += fmt::format("{}: {}\r\n", name, value);
    };
    if (versioned) {
        add("Api-Version", engine_.api_version);
        add("Docker-Experimental", "false");
        add("Ostype", "linux");
        add("Server", engine_.server);
    }
    if (!type.empty()) {
        add("Content-Type", type);
    }
    for (const auto& [name, value] : more) {
        add(name, value);
    }
    add("Date", date());
    if (closes_) {
        add("Connection", "close");
    }
    return text;
}

void Answer::send(int status, std::string_view type, std::string_view body, const Fields& more) {
    const bool has_none = status == k_no_content || status == k_not_modified;
    std::string text = head(status, has_none ? "" : type, more, true);
    if (has_none) {
        text += "\r\n";
    } else if (asked_.request.method == "HEAD") {
        text += body.empty() ? "\r\n" : fmt::format("Content-Length: {}\r\n\r\n", body.size());
    } else if (body.size() <= k_longest_counted) {
        text += fmt::format("Content-Length: {}\r\n\r\n{}", body.size(), body);
    } else {
        text += fmt::format("Transfer-Encoding: chunked\r\n\r\n{:x}\r\n{}\r\n0\r\n\r\n", body.size(), body);
    }
    send_bytes(text);
}

void Answer::refuse(const Refusal& refusal) {
    json(refusal.status, "{\"message\":" + json_text(refusal.message) + "}\n");
}

void Answer::page_not_found() {
    constexpr std::string_view k_body = "{\"message\":\"page not found\"}\n";
    const bool bodiless = asked_.request.method == "HEAD";
    send_bytes(head(404, "application/json", {}, false) +
               fmt::format("Content-Length: {}\r\n\r\n{}", k_body.size(), bodiless ? "" : k_body));
}

void Answer::begin(int status, std::string_view type) {
    send_bytes(head(status, type, {}, true) + "Transfer-Encoding: chunked\r\n\r\n");
}

bool Answer::chunk(std::string_view bytes) {
    return bytes.empty() || send_bytes(fmt::format("{:x}\r\n{}\r\n", bytes.size(), bytes));
}

void Answer::end_chunks() {
    send_bytes("0\r\n\r\n");
}

void Answer::raw(std::string_view type) {
    closes_ = true;
    const bool upgrade = asked_.wants_upgrade();
    // Written by hand by Docker: its fields and their order differ from those of all other answers.
    send_bytes(
        fmt::format("HTTP/1.1 {}\r\nContent-Type: {}\r\n{}Api-Version: {}\r\nDocker-Experimental: "
                    "false\r\nOstype: linux\r\nServer: {}\r\n\r\n",
                    upgrade ? fmt::format("{} UPGRADED", k_switching) : "200 OK", type,
                    upgrade ? "Connection: Upgrade\r\nUpgrade: tcp\r\n" : "", engine_.api_version, engine_.server));
}

std::string Answer::receive() {
    std::string bytes;
    if (!early_given_) {
        early_given_ = true;
        bytes = asked_.early;
    }
    if (bytes.empty()) {
        bytes = socket_.receive();
    }
    if (fault_ && fault_->fault.kind == Fault::Kind::cut_request) {
        const std::size_t limit = fault_->fault.bytes;
        const std::size_t room = limit - std::min(limit, received_);
        if (bytes.size() > room) {
            gone_ = true;
            socket_.shut();
            return {};
        }
    }
    received_ += bytes.size();
    return bytes;
}

bool Answer::send_bytes(std::string_view bytes) {
    const std::size_t before = made_->fetch_add(bytes.size());
    if (gone_) {
        return false;
    }
    if (fault_) {
        const auto kind = fault_->fault.kind;
        const bool drops = kind == Fault::Kind::drop_answer;
        const std::size_t limit = drops ? 0 : fault_->fault.bytes;
        const std::size_t room = limit - std::min(limit, before);
        if ((drops || kind == Fault::Kind::cut_answer) && bytes.size() > room) {
            gone_ = true;
            fault_->reach();
            static_cast<void>(socket_.send(bytes.substr(0, room)));
            socket_.shut();
            return false;
        }
        if (kind == Fault::Kind::stall_answer && bytes.size() > room) {
            const auto held = std::exchange(fault_, nullptr);
            const bool begun = socket_.send(bytes.substr(0, room));
            held->reach();
            gone_ = !held->wait() || !begun || !socket_.send(bytes.substr(room));
            return !gone_;
        }
    }
    gone_ = !socket_.send(bytes);
    return !gone_;
}

}  // namespace berth::fake

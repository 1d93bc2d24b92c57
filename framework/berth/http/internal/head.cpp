// SPDX-License-Identifier: Apache-2.0
#include <berth/http/internal/head.hpp>

#include <Poco/Exception.h>
#include <Poco/Net/HTTPRequest.h>
#include <fmt/format.h>

#include <algorithm>
#include <sstream>

namespace berth::http::internal {
namespace {

constexpr std::string_view k_protocol = "HTTP/1.";

char lower(char c) noexcept {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool is_digit(char c) noexcept {
    return c >= '0' && c <= '9';
}

bool is_token_character(char c) noexcept {
    return is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'z') ||
           std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

bool is_token(std::string_view text) noexcept {
    return !text.empty() && std::all_of(text.begin(), text.end(), is_token_character);
}

/// A tab may stand in a field's value; nothing else below a space may.
bool is_bad_in_value(char c) noexcept {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\t') || byte == 0x7f;
}

bool is_bad_in_target(char c) noexcept {
    const auto byte = static_cast<unsigned char>(c);
    return byte <= 0x20 || byte >= 0x7f;
}

std::string_view trimmed(std::string_view text) noexcept {
    const auto begin = text.find_first_not_of(" \t");
    if (begin == std::string_view::npos) {
        return {};
    }
    return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

[[noreturn]] void refuse(std::string summary) {
    throw Error({.code = k_refused_request, .summary = std::move(summary)});
}

void check_fields(const Headers& headers) {
    for (const auto& [name, value] : headers.all()) {
        if (!is_token(name)) {
            refuse(fmt::format("'{}' is no name of a header field", name));
        }
        for (const auto* ours : {"Host", "Content-Length", "Transfer-Encoding", "Connection", "Upgrade"}) {
            if (same_name(name, ours)) {
                refuse(fmt::format("header field '{}' is not the caller's to set", name));
            }
        }
        if (std::any_of(value.begin(), value.end(), is_bad_in_value)) {
            refuse(fmt::format("the value of header field '{}' has a control character", name));  // it may be a secret
        }
    }
}

std::string host_field(const Endpoint& endpoint) {
    // An engine refuses a socket's path as a host, and takes any plain name.
    if (endpoint.scheme == Endpoint::Scheme::unix_socket || endpoint.scheme == Endpoint::Scheme::ssh) {
        return "berth";
    }
    return endpoint.host.find(':') == std::string::npos ? fmt::format("{}:{}", endpoint.host, endpoint.port)
                                                        : fmt::format("[{}]:{}", endpoint.host, endpoint.port);
}

Head parse_status_line(std::string_view line, const Progress& progress, bool& http_1_0) {
    // HTTP/1.1 200 OK: the minor version at 7, the status from 9 to 11, a space before the reason if there is one.
    const bool form = line.size() >= 12 && line.substr(0, k_protocol.size()) == k_protocol &&
                      (line[7] == '0' || line[7] == '1') && line[8] == ' ' && line[9] >= '1' && line[9] <= '5' &&
                      is_digit(line[10]) && is_digit(line[11]) && (line.size() == 12 || line[12] == ' ');
    if (!form || std::any_of(line.begin(), line.end(), is_bad_in_value)) {
        progress.nonsense("the answer is no HTTP", line);
    }
    http_1_0 = line[7] == '0';
    return {.status = (line[9] - '0') * 100 + (line[10] - '0') * 10 + (line[11] - '0'),
            .reason = std::string(line.substr(std::min<std::size_t>(13, line.size())))};
}

/// A peer that speaks something else is told from the first bytes on, not from the end that it may never send.
void check_beginning(std::string_view text, const Progress& progress) {
    const auto known = std::min(text.size(), k_protocol.size());
    if (text.substr(0, known) != k_protocol.substr(0, known)) {
        progress.nonsense("the answer is no HTTP", text);
    }
}

/// The size of the head with its empty line, or npos while that has not come; looks only at what follows `searched`.
std::size_t end_of_head(std::string_view text, std::size_t& searched, const Progress& progress) {
    for (auto feed = text.find('\n', searched); feed != std::string_view::npos; feed = text.find('\n', searched)) {
        if (text[feed - 1] != '\r') {  // never 0: the text begins with the protocol
            progress.nonsense("the answer is no valid HTTP: a line ends without a carriage return", text);
        }
        searched = feed + 1;
        if (feed >= 3 && text[feed - 2] == '\n') {
            return feed + 1;
        }
    }
    searched = text.size();
    return std::string_view::npos;
}

}  // namespace

bool same_name(std::string_view left, std::string_view right) noexcept {
    return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                      [](char a, char b) { return lower(a) == lower(b); });
}

bool has_token(std::string_view list, std::string_view token) noexcept {
    while (!list.empty()) {
        const auto comma = std::min(list.find(','), list.size());
        if (same_name(trimmed(list.substr(0, comma)), token)) {
            return true;
        }
        list.remove_prefix(std::min(comma + 1, list.size()));
    }
    return false;
}

std::string write_head(const Request& request, const Endpoint& endpoint) {
    if (!is_token(request.method)) {
        refuse(fmt::format("'{}' is no method", request.method));
    }
    if (request.target.empty() || request.target.front() != '/' ||
        std::any_of(request.target.begin(), request.target.end(), is_bad_in_target)) {
        refuse(
            fmt::format("'{}' is no target of a request: it begins with '/', and all but plain ASCII is "
                        "percent-encoded",
                        request.target.substr(0, request.target.find('?'))));
    }
    check_fields(request.headers);

    // Poco writes what it is given, line feeds included; that is why all of it was checked before.
    const bool has_base = endpoint.scheme == Endpoint::Scheme::tcp || endpoint.scheme == Endpoint::Scheme::tls;
    const std::string target = has_base ? endpoint.path + request.target : request.target;
    Poco::Net::HTTPRequest head(request.method, target, Poco::Net::HTTPMessage::HTTP_1_1);
    head.set("Host", host_field(endpoint));
    for (const auto& [name, value] : request.headers.all()) {
        head.add(name, value);
    }
    if (request.upgrade) {
        head.set("Connection", "Upgrade");
        head.set("Upgrade", "tcp");
    }
    if (request.source) {
        head.set("Transfer-Encoding", "chunked");
    } else if (!request.body.empty() || (request.method != "GET" && request.method != "HEAD")) {
        head.set("Content-Length", std::to_string(request.body.size()));
    }
    std::ostringstream text;
    head.write(text);
    return std::move(text).str();
}

std::pair<std::string_view, std::string_view> parse_field(std::string_view line, const Progress& progress) {
    const auto colon = line.find(':');
    if (colon == std::string_view::npos || !is_token(line.substr(0, colon)) ||
        std::any_of(line.begin(), line.end(), is_bad_in_value)) {
        progress.nonsense("the answer is no valid HTTP: a line of its head is no field", line);
    }
    return {line.substr(0, colon), trimmed(line.substr(colon + 1))};
}

ParsedHead read_head(Inflow& in, std::size_t limit, Progress& progress, const Deadline& deadline) {
    std::size_t searched = 0;
    std::size_t size = std::string_view::npos;
    for (;;) {
        const auto text = in.buffered();
        if (!text.empty()) {
            progress.stage = Stage::answering;
            check_beginning(text, progress);
            size = end_of_head(text, searched, progress);
        }
        const bool whole = size != std::string_view::npos;
        if ((whole ? size : text.size()) > limit) {
            progress.broken(k_too_large, fmt::format("the head of the answer is larger than {} bytes", limit));
        }
        if (whole) {
            break;
        }
        if (!in.fill(progress, deadline)) {
            if (in.buffered().empty() && progress.stage != Stage::answering) {
                progress.broken(k_connection_lost, "the connection was closed before an answer came");
            }
            progress.nonsense("the answer is incomplete: the connection was closed inside its head", in.buffered());
        }
    }

    ParsedHead parsed;
    std::string_view rest = in.buffered().substr(0, size - 2);  // without the empty line
    const auto next_line = [&] {
        const auto end = rest.find("\r\n");
        const auto line = rest.substr(0, end);
        rest.remove_prefix(end + 2);
        return line;
    };
    parsed.head = parse_status_line(next_line(), progress, parsed.http_1_0);
    while (!rest.empty()) {
        const auto [name, value] = parse_field(next_line(), progress);
        parsed.head.headers.add(std::string(name), std::string(value));
    }
    in.take(size);
    return parsed;
}

}  // namespace berth::http::internal

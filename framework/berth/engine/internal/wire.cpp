// SPDX-License-Identifier: Apache-2.0
#include <berth/core/log.hpp>
#include <berth/core/redaction.hpp>
#include <berth/engine/internal/wire.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <condition_variable>
#include <mutex>

namespace berth {
namespace engine {
namespace {

constexpr int k_first_refusal = 300;
constexpr int k_unauthorized = 401;
constexpr int k_forbidden = 403;
constexpr int k_not_found = 404;
constexpr int k_conflict = 409;
constexpr int k_server_error = 500;

bool contains(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

bool is_one_of(int status, std::initializer_list<int> expected) {
    return std::find(expected.begin(), expected.end(), status) != expected.end();
}

}  // namespace

std::string message_of(std::string_view body) {
    // A text that is no JSON object is an engine of old, or something in between that is no engine at all.
    try {
        const Json reply = Json::parse(body, {});
        if (const Json message = reply.at("message"); message.is_text()) {
            return escape_controls(message.text());
        }
    } catch (const ExchangeFailed&) {
        return excerpt(body);
    }
    return excerpt(body);
}

std::string shown(std::string_view id) {
    constexpr std::size_t k_whole = 64;
    constexpr std::size_t k_short = 12;
    const bool is_id = id.size() == k_whole && id.find_first_not_of("0123456789abcdef") == std::string_view::npos;
    return std::string(is_id ? id.substr(0, k_short) : id);
}

void pause(std::chrono::nanoseconds duration, const Deadline& deadline) {
    std::mutex mutex;
    std::condition_variable_any never;
    std::unique_lock lock(mutex);
    deadline.sooner(duration).wait(never, lock, [] { return false; });
}

void Backoff::pause(const Deadline& deadline) {
    engine::pause(next_, deadline);
    next_ = std::min(next_ * 2, most_);
}

bool holds(const Labels& found, const Labels& wanted) {
    return std::all_of(wanted.begin(), wanted.end(), [&](const auto& label) {
        const auto at = found.find(label.first);
        return at != found.end() && at->second == label.second;
    });
}

}  // namespace engine

using engine::Answer;
using engine::Call;

ErrorFacts Engine::Wire::about(const Call& call) const {
    return {.summary = call.purpose, .operation = call.operation(), .endpoint = facts_.endpoint};
}

http::Request Engine::Wire::request(const Call& call) const {
    http::Request request;
    request.method = call.method;
    request.target = fmt::format("/v{}{}{}", facts_.api.text(), call.path, http::encode_query(call.query));
    request.upgrade = call.upgrade;
    for (const auto& [name, value] : call.headers) {
        request.headers.add(name, value);
    }
    if (!call.json.empty()) {
        request.headers.add("Content-Type", "application/json");
        request.body = call.json;
    } else if (call.tar) {
        request.headers.add("Content-Type", "application/x-tar");
        request.source = call.tar;
    }
    return request;
}

template <class Exchange>
auto Engine::Wire::explained(const Call& call, Exchange exchange) const {
    try {
        return exchange();
    } catch (Error& error) {
        error.amend([&](ErrorFacts& facts) {
            facts.summary = fmt::format("{}: {}", call.purpose, facts.summary);
            facts.operation = call.operation();
            facts.endpoint = facts_.endpoint;
            if (facts.hints.empty()) {
                facts.hints.emplace_back(facts.code == "BR0103"
                                             ? "allow more time, or look whether the engine is overloaded"
                                             : "look whether the engine still runs, and into its log");
            }
        });
        throw;
    }
}

Answer Engine::Wire::send(const Call& call, std::initializer_list<int> expected, Deadline deadline,
                          engine::Lost lost) const {
    const auto begin = Deadline::Clock::now();
    http::Client client = client_;
    bool sent_again = false;
    const auto once = [&] { return explained(call, [&] { return client.send(request(call), deadline); }); };
    http::Response response;
    try {
        response = once();
    } catch (const http::BrokenExchange& broken) {
        if (lost != engine::Lost::send_again || broken.stage() == http::Stage::connecting) {
            throw;
        }
        log::debug(fmt::format("{}: the answer was lost, asking again", call.operation()));
        sent_again = true;
        response = once();
    }
    if (log::enabled(log::Level::debug)) {
        const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(Deadline::Clock::now() - begin);
        log::debug(fmt::format("{} -> {} in {}ms", call.operation(), response.head.status, took.count()));
    }
    if (!engine::is_one_of(response.head.status, expected)) {
        refuse(call, response.head.status, response.body);
    }
    return {response.head.status, std::move(response.body), std::move(response.head.headers), sent_again};
}

http::Stream Engine::Wire::open(const Call& call, std::initializer_list<int> expected, Deadline deadline) const {
    constexpr std::size_t k_longest_refusal = 64 * 1024;
    http::Client client = client_;
    http::Stream stream = explained(call, [&] { return client.open(request(call), deadline); });
    const int status = stream.head().status;
    log::debug(fmt::format("{} -> {}, streaming", call.operation(), status));
    if (!engine::is_one_of(status, expected)) {
        const std::string body = explained(call, [&] { return stream.read_all(deadline, k_longest_refusal); });
        refuse(call, status, body);
    }
    return stream;
}

std::size_t Engine::Wire::read(const Call& call, http::Stream& stream, char* into, std::size_t size,
                               Deadline deadline) const {
    return explained(call, [&] { return stream.read(into, size, deadline); });
}

void Engine::Wire::refuse(const Call& call, int status, std::string_view body) const {
    ErrorFacts facts = about(call);
    facts.http_status = status;
    facts.engine = engine::message_of(body);
    if (engine::contains(facts.engine, "Minimum supported API version") ||
        engine::contains(facts.engine, "Maximum supported API version")) {
        facts.code = "BR0115";
        facts.hints = {"unset DOCKER_API_VERSION, so that a version both sides know is agreed on"};
        throw EngineRefused(std::move(facts));
    }
    if (status < engine::k_first_refusal) {
        // Neither what was asked for nor a refusal: whoever made something has to look what became of it.
        facts.code = "BR0104";
        facts.summary += fmt::format(": HTTP {} is no answer to this call", status);
        facts.hints = {"look for a proxy between Berth and the engine"};
        throw ExchangeFailed(std::move(facts));
    }
    switch (status) {
        case engine::k_not_found:
            facts.code = "BR0106";
            facts.hints = {"it may have been removed meanwhile; list what is there with 'docker ps -a' and its kin"};
            throw NotFound(std::move(facts));
        case engine::k_conflict:
            facts.code = "BR0107";
            facts.hints = {"its state does not allow this now; look at it with 'docker inspect'"};
            throw Conflict(std::move(facts));
        case engine::k_unauthorized:
        case engine::k_forbidden:
            facts.code = "BR0108";
            facts.hints = {"ask whoever runs the engine for the right to do this"};
            throw PermissionDenied(std::move(facts));
        default:
            facts.code = "BR0105";
            facts.hints = {status >= engine::k_server_error
                               ? "the engine's own log may say more ('journalctl -u docker')"
                               : "change what the engine names"};
            throw EngineRefused(std::move(facts));
    }
}

http::Response Engine::Wire::ping(http::Client& client, Deadline deadline) {
    constexpr int k_ok = 200;
    http::Request request;
    request.method = "HEAD";
    request.target = "/_ping";
    http::Response response = client.send(request, deadline);
    if (response.head.status != k_ok) {  // some proxies take no HEAD
        request.method = "GET";
        response = client.send(request, deadline);
    }
    return response;
}

}  // namespace berth

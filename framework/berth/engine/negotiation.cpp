// SPDX-License-Identifier: Apache-2.0
#include <berth/core/log.hpp>
#include <berth/core/units.hpp>
#include <berth/engine/internal/discovery.hpp>
#include <berth/engine/internal/embedded.hpp>
#include <berth/engine/internal/negotiation.hpp>
#include <berth/engine/internal/wire.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

namespace berth {
namespace engine {
namespace {

constexpr ApiVersion k_oldest{1, 40};  // Docker 19.03
constexpr ApiVersion k_newest{1, 55};
constexpr int k_ok = 200;
/// The Docker release that brought each API version, from 1.40 on.
constexpr std::array k_releases{"19.03", "20.10", "23.0", "24.0", "25.0", "26.0", "27.0", "27.2",
                                "28.0",  "28.1",  "28.2", "28.3", "29.0", "29.2", "29.3", "29.6"};
// An engine on this machine answers a ping in under a millisecond; one that hangs may not hold up the others.
constexpr std::chrono::milliseconds k_usual_patience{800};

/// `Docker/28.5.2 (linux)` names the engine and its version.
void read_server(const std::string& server, EngineFacts& facts) {
    const auto slash = server.find('/');
    if (slash == std::string::npos) {
        return;
    }
    facts.version = server.substr(slash + 1, server.find(' ', slash) - slash - 1);
    if (server.compare(0, slash, "Libpod") == 0) {
        facts.kind = EngineKind::podman;
    }
}

EngineFacts facts_of(const http::Response& pong, const http::Endpoint& endpoint, const std::string& source) {
    EngineFacts facts;
    facts.endpoint = endpoint.text();
    facts.source = source;
    facts.local = endpoint.local();
    facts.host = facts.local ? std::string{} : endpoint.host;
    const auto& headers = pong.head.headers;
    read_server(headers.find("Server").value_or(""), facts);
    if (headers.find("Libpod-Api-Version")) {
        facts.kind = EngineKind::podman;
    }
    facts.os = headers.find("Ostype").value_or("");
    facts.builder = headers.find("Builder-Version").value_or("");
    facts.engine_api = parse_version(headers.find("Api-Version").value_or("")).value_or(k_oldest);
    facts.api = std::min(facts.engine_api, k_newest);
    return facts;
}

/// Why a place is of no use.
struct Failure {
    std::string text{};
    std::vector<std::pair<std::string, std::string>> details{};
    std::vector<std::string> hints{};
};

Failure failure_of(const http::BrokenExchange& broken) {
    constexpr std::string_view k_no_connection = "cannot connect: ";
    switch (broken.system_error()) {
        case 0: {
            const bool transport = broken.code() == "BR0120" || broken.code() == "BR0121";
            return {.text = transport ? broken.summary() : "what listens there is no engine: " + broken.summary(),
                    .details = broken.facts().details,
                    .hints = broken.facts().hints};
        }
        case ENOENT:
            return {.text = "no such file"};
        case ECONNREFUSED:
            return {.text = "nobody listens there"};
        case EACCES:
        case EPERM:
            return {.text = "permission denied"};
        default:
            return {.text = broken.summary().rfind(k_no_connection, 0) == 0
                                ? broken.summary().substr(k_no_connection.size())
                                : broken.summary()};
    }
}

/// Whoever reaches an engine's socket rules the machine it runs on.
void refuse_what_is_not_safe(const http::Endpoint& endpoint, const Candidate& place) {
    using Scheme = http::Endpoint::Scheme;
    const bool plain = endpoint.scheme == Scheme::tcp;
    const bool unproven = endpoint.scheme == Scheme::tls && endpoint.tls.verify == http::Tls::Verify::nobody;
    if (place.insecure || endpoint.local() || (!plain && !unproven)) {
        return;
    }
    throw Error(
        {.code = "BR0123",
         .summary =
             plain ? fmt::format("plain tcp to '{}' is not safe: everybody on the way can read and change it",
                                 endpoint.host)
                   : fmt::format("TLS to '{}' that verifies nobody is not safe: anybody can pose as it", endpoint.host),
         .endpoint = endpoint.text(),
         .details = {{"from", place.source}},
         .hints = {plain ? "use TLS (DOCKER_TLS_VERIFY=1, DOCKER_CERT_PATH) or ssh://"
                         : "set DOCKER_TLS_VERIFY=1, or make the Docker context without 'skip-tls-verify'",
                   "where that does no harm, allow it with BERTH_INSECURE=1, or 'berth --insecure'"}});
}

http::Client client_of(const Candidate& place) {
    try {
        // A word alone would read as a host's name.
        if (place.endpoint.find_first_of(":/") == std::string::npos) {
            throw Error({.code = "BR0110",
                         .summary = fmt::format("'{}' is no engine endpoint", place.endpoint),
                         .hints = {"write unix:///PATH, tcp://HOST:PORT or ssh://USER@HOST"}});
        }
        const http::Endpoint endpoint = http::parse_endpoint(place.endpoint, place.tls);
        refuse_what_is_not_safe(endpoint, place);
        return http::Client(endpoint);
    } catch (Error& error) {
        if (error.code() != "BR0123") {
            error.amend([&](ErrorFacts& facts) {
                facts.details.insert(facts.details.begin(), {"from", place.source});
            });
        }
        throw;
    }
}

std::string too_slow(Deadline::Clock::time_point begin) {
    return fmt::format("no answer within {}", readable_duration(Deadline::Clock::now() - begin));
}

/// @returns nothing and `failure` when no engine answers
std::optional<http::Response> ping(http::Client& client, Deadline deadline, Failure& failure) {
    const auto begin = Deadline::Clock::now();
    try {
        http::Response pong = Engine::Wire::ping(client, deadline);
        if (pong.head.status == k_ok) {
            return pong;
        }
        failure.text = fmt::format("answers 'GET /_ping' with HTTP {}: {}", pong.head.status, message_of(pong.body));
    } catch (const http::BrokenExchange& broken) {
        failure = failure_of(broken);
    } catch (const TimedOut&) {
        failure.text = too_slow(begin);
    }
    return std::nullopt;
}

/// Starts the embedded engine if it does not run yet. @returns nothing and `failure` when it does not come up
std::shared_ptr<EmbeddedEngine> embedded(const Candidate& place, Deadline deadline, Failure& failure) {
    if (place.program.empty()) {
        failure.text = "there is no 'podman' program in PATH";
        return nullptr;
    }
    const auto begin = Deadline::Clock::now();
    try {
        return EmbeddedEngine::share(place.program, process_variable, deadline);
    } catch (const TimedOut&) {
        failure.text = too_slow(begin);
    } catch (const Error& error) {
        failure.text = error.summary();
    }
    return nullptr;
}

/// Asks one place. Nothing and `failure` when it is not an engine that can be used.
std::optional<Engine> ask(const Candidate& place, const std::string& version, const std::vector<TriedEndpoint>& tried,
                          Deadline deadline, Failure& failure) {
    std::shared_ptr<EmbeddedEngine> keeper;
    if (place.endpoint == k_embedded) {
        keeper = embedded(place, deadline, failure);
        if (!keeper) {
            return std::nullopt;
        }
    }
    http::Client client = keeper ? http::Client(keeper->endpoint()) : client_of(place);
    const auto pong = ping(client, place.usual ? deadline.sooner(k_usual_patience) : deadline, failure);
    if (!pong) {
        return std::nullopt;
    }
    EngineFacts facts = facts_of(*pong, client.endpoint(), keeper ? k_embedded : place.source);
    // As it was written: `https://` says more than the text of the endpoint.
    facts.name = keeper ? k_embedded : place.context.empty() ? place.endpoint : place.context;
    if (!version.empty()) {
        const auto exact = parse_version(version);
        if (!exact) {
            throw Error(
                {.code = "BR0115",
                 .summary = fmt::format("'{}' is no API version", version),
                 .hints = {"DOCKER_API_VERSION is written as 1.41; leave it out to let the version be agreed on"}});
        }
        facts.api = *exact;
    }
    if (facts.api < k_oldest) {
        failure.text = fmt::format("speaks API {} at most, and {} (Docker 19.03) is the oldest that will do",
                                   facts.api.text(), k_oldest.text());
        return std::nullopt;
    }
    facts.tried = tried;
    log::debug(fmt::format("engine: {} {} at {} ({}), API {}", facts.kind == EngineKind::podman ? "podman" : "docker",
                           facts.version, facts.endpoint, facts.source, facts.api.text()));
    return Engine(std::make_shared<Engine::Wire>(std::move(client), std::move(facts), std::move(keeper)));
}

EngineUnreachable unreachable(std::vector<TriedEndpoint> tried, Failure last) {
    const bool denied = std::any_of(tried.begin(), tried.end(),
                                    [](const TriedEndpoint& place) { return place.failure == "permission denied"; });
    ErrorFacts facts{.code = "BR0101",
                     .summary = tried.size() == 1 ? fmt::format("no engine answers at {}", tried.front().endpoint)
                                                  : "no container engine was found"};
    if (tried.size() == 1) {
        facts.details = std::move(last.details);
        facts.hints = std::move(last.hints);
    }
    if (facts.hints.empty()) {
        facts.hints = {
            denied
                ? "join the group that owns the socket ('sudo usermod -aG docker $USER', then log in again), or use a "
                  "rootless engine"
            : tried.size() == 1
                ? "start that engine, or name another with BERTH_ENGINE or DOCKER_HOST"
                : "start an engine ('systemctl start docker'), or name one with BERTH_ENGINE or DOCKER_HOST"};
    }
    return {std::move(tried), std::move(facts)};
}

}  // namespace

Engine connect_to_first(const std::vector<Candidate>& places, const std::string& version, Deadline deadline) {
    std::vector<TriedEndpoint> tried;
    Failure failure;
    for (const auto& place : places) {
        failure = {};
        if (auto found = ask(place, version, tried, deadline, failure)) {
            return *found;
        }
        tried.push_back({place.endpoint, place.source, failure.text});
    }
    throw unreachable(std::move(tried), std::move(failure));
}

std::optional<ApiVersion> parse_version(std::string_view text) {
    const auto dot = text.find('.');
    if (dot == std::string_view::npos) {
        return std::nullopt;
    }
    const auto major = parse_integer(text.substr(0, dot));
    const auto minor = parse_integer(text.substr(dot + 1));
    constexpr std::int64_t k_most = 9999;
    if (!major || !minor || *major < 0 || *minor < 0 || *major > k_most || *minor > k_most) {
        return std::nullopt;
    }
    return ApiVersion{static_cast<int>(*major), static_cast<int>(*minor)};
}

void require_api(const EngineFacts& engine, std::string_view feature, ApiVersion needed) {
    if (engine.api >= needed) {
        return;
    }
    const auto release = static_cast<std::size_t>(std::max(0, needed.minor - k_oldest.minor));
    const std::string brought =
        release < k_releases.size() ? fmt::format(" (Docker {})", k_releases[release]) : std::string();
    const bool could = engine.engine_api >= needed;
    const std::string what = engine.kind == EngineKind::podman ? "Podman" : "Docker";
    throw Error({.code = "BR0126",
                 .summary = fmt::format("{} needs API {}{}, and {} is spoken with this engine", feature, needed.text(),
                                        brought, engine.api.text()),
                 .endpoint = engine.endpoint,
                 .details = {{"engine", fmt::format("{} {}, API {} at most", what,
                                                    engine.version.empty() ? "of an unknown version" : engine.version,
                                                    engine.engine_api.text())}},
                 .hints = {could ? "unset DOCKER_API_VERSION, which holds the engine below what it can do"
                                 : "use a newer engine, or do without"}});
}

}  // namespace engine

Engine Engine::connect(const ConnectOptions& options, Deadline deadline) {
    const std::string version =
        options.api_version.empty() ? engine::process_variable("DOCKER_API_VERSION") : options.api_version;
    return engine::connect_to_first(engine::candidates(options.endpoint, engine::process_variable, options.insecure),
                                    version, deadline);
}

EngineFacts Engine::verify(Deadline deadline) const {
    http::Client client = wire_->client();
    engine::Failure failure;
    const auto pong = engine::ping(client, deadline, failure);
    if (!pong) {
        const std::string why = failure.text;
        throw engine::unreachable({{facts().endpoint, facts().source, why}}, std::move(failure));
    }
    EngineFacts now = engine::facts_of(*pong, client.endpoint(), facts().source);
    now.api = std::min(now.engine_api, facts().api);
    now.name = facts().name;
    now.tried = facts().tried;
    return now;
}

}  // namespace berth

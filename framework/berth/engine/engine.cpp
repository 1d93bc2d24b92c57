// SPDX-License-Identifier: Apache-2.0
#include <berth/core/log.hpp>
#include <berth/core/units.hpp>
#include <berth/engine/containers.hpp>
#include <berth/engine/events.hpp>
#include <berth/engine/images.hpp>
#include <berth/engine/internal/discovery.hpp>
#include <berth/engine/internal/wire.hpp>
#include <berth/engine/networks.hpp>
#include <berth/engine/volumes.hpp>

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
// An engine on this machine answers a ping in under a millisecond; one that hangs may not hold up the others.
constexpr std::chrono::milliseconds k_usual_patience{800};

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
    const auto& headers = pong.head.headers;
    read_server(headers.find("Server").value_or(""), facts);
    if (headers.find("Libpod-Api-Version")) {
        facts.kind = EngineKind::podman;
    }
    facts.os = headers.find("Ostype").value_or("");
    facts.engine_api = parse_version(headers.find("Api-Version").value_or("")).value_or(k_oldest);
    facts.api = std::min(facts.engine_api, k_newest);
    return facts;
}

std::string failure_of(const http::BrokenExchange& broken) {
    switch (broken.system_error()) {
        case 0:
            return "what listens there is no engine: " + broken.summary();
        case ENOENT:
            return "no such file";
        case ECONNREFUSED:
            return "nobody listens there";
        case EACCES:
        case EPERM:
            return "permission denied";
        default:
            return std::generic_category().message(broken.system_error());
    }
}

http::Endpoint parse(const Candidate& place) {
    // A word alone would read as a host's name.
    const bool is_word = place.endpoint.find_first_of(":/") == std::string::npos;
    try {
        if (is_word) {
            throw Error({.code = "BR0110",
                         .summary = fmt::format("'{}' is no engine endpoint", place.endpoint),
                         .hints = {"write unix:///PATH, tcp://HOST:PORT, docker or podman"}});
        }
        return http::parse_endpoint(place.endpoint);
    } catch (Error& error) {
        error.amend([&](ErrorFacts& facts) { facts.details.insert(facts.details.begin(), {"from", place.source}); });
        throw;
    }
}

/// Asks one place. Nothing and `failure` when it is not an engine that can be used.
std::optional<Engine> ask(const Candidate& place, const std::string& version, Deadline deadline, std::string& failure) {
    const http::Endpoint endpoint = parse(place);
    http::Client client(endpoint);
    http::Response pong;
    const auto begin = Deadline::Clock::now();
    try {
        pong = Engine::Wire::ping(client, place.usual ? deadline.sooner(k_usual_patience) : deadline);
    } catch (const http::BrokenExchange& broken) {
        failure = failure_of(broken);
        return std::nullopt;
    } catch (const TimedOut&) {
        failure = fmt::format("no answer within {}", readable_duration(Deadline::Clock::now() - begin));
        return std::nullopt;
    }
    if (pong.head.status != k_ok) {
        failure = fmt::format("answers 'GET /_ping' with HTTP {}: {}", pong.head.status, message_of(pong.body));
        return std::nullopt;
    }
    EngineFacts facts = facts_of(pong, endpoint, place.source);
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
        failure = fmt::format("speaks API {} at most, and {} (Docker 19.03) is the oldest that will do",
                              facts.api.text(), k_oldest.text());
        return std::nullopt;
    }
    log::debug(fmt::format("engine: {} {} at {} ({}), API {}", facts.kind == EngineKind::podman ? "podman" : "docker",
                           facts.version, facts.endpoint, facts.source, facts.api.text()));
    return Engine(std::make_shared<Engine::Wire>(std::move(client), std::move(facts)));
}

EngineUnreachable unreachable(std::vector<TriedEndpoint> tried) {
    const bool denied = std::any_of(tried.begin(), tried.end(),
                                    [](const TriedEndpoint& place) { return place.failure == "permission denied"; });
    ErrorFacts facts{.code = "BR0101",
                     .summary = tried.size() == 1 ? fmt::format("no engine answers at {}", tried.front().endpoint)
                                                  : "no container engine was found"};
    facts.hints = {
        denied ? "join the group that owns the socket ('sudo usermod -aG docker $USER', then log in again), or use a "
                 "rootless engine"
        : tried.size() == 1
            ? "start that engine, or name another with BERTH_ENGINE or DOCKER_HOST"
            : "start an engine ('systemctl start docker'), or name one with BERTH_ENGINE or DOCKER_HOST"};
    return {std::move(tried), std::move(facts)};
}

}  // namespace

Engine connect_to_first(const std::vector<Candidate>& places, const std::string& version, Deadline deadline) {
    std::vector<TriedEndpoint> tried;
    for (const auto& place : places) {
        std::string failure;
        if (auto found = ask(place, version, deadline, failure)) {
            return *found;
        }
        tried.push_back({place.endpoint, place.source, failure});
    }
    throw unreachable(std::move(tried));
}

}  // namespace engine

std::string ApiVersion::text() const {
    return fmt::format("{}.{}", major, minor);
}

Engine Engine::connect(const ConnectOptions& options, Deadline deadline) {
    const std::string version =
        options.api_version.empty() ? engine::process_variable("DOCKER_API_VERSION") : options.api_version;
    return engine::connect_to_first(engine::candidates(options.endpoint, engine::process_variable), version, deadline);
}

const EngineFacts& Engine::facts() const noexcept {
    return wire_->facts();
}

Containers Engine::containers() const {
    return Containers(wire_);
}

Images Engine::images() const {
    return Images(wire_);
}

Networks Engine::networks() const {
    return Networks(wire_);
}

Volumes Engine::volumes() const {
    return Volumes(wire_);
}

Events Engine::events() const {
    return Events(wire_);
}

void Engine::verify(Deadline deadline) const {
    http::Client client = wire_->client();
    std::string failure;
    const auto begin = Deadline::Clock::now();
    try {
        const http::Response pong = Wire::ping(client, deadline);
        if (pong.head.status == engine::k_ok) {
            return;
        }
        failure = fmt::format("answers 'GET /_ping' with HTTP {}: {}", pong.head.status, engine::message_of(pong.body));
    } catch (const http::BrokenExchange& broken) {
        failure = engine::failure_of(broken);
    } catch (const TimedOut&) {
        failure = fmt::format("no answer within {}", readable_duration(Deadline::Clock::now() - begin));
    }
    throw engine::unreachable({{facts().endpoint, facts().source, failure}});
}

}  // namespace berth

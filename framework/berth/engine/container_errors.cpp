// SPDX-License-Identifier: Apache-2.0
#include <berth/engine/internal/container_errors.hpp>
#include <berth/engine/internal/wire.hpp>

#include <fmt/format.h>

namespace berth::engine {
namespace {

bool contains(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

/// What stands between the last `before` and the first `after` behind it; empty when they are not there.
std::string between(std::string_view text, std::string_view before, std::string_view after) {
    const auto from = text.rfind(before);
    if (from == std::string_view::npos) {
        return {};
    }
    text.remove_prefix(from + before.size());
    const auto to = text.find(after);
    return to == std::string_view::npos ? std::string{} : std::string(text.substr(0, to));
}

/// `…by container "64 hex"…`
std::string holder_of(std::string_view text) {
    constexpr std::size_t k_digits = 64;
    for (std::size_t at = 0; at + k_digits <= text.size(); ++at) {
        const auto digits = text.substr(at, k_digits);
        const auto other = digits.find_first_not_of("0123456789abcdef");
        if (other == std::string_view::npos) {
            return std::string(digits);
        }
        at += other;
    }
    return {};
}

/// `Bind for 127.0.0.1:80 failed: …`, `… listen tcp4 127.0.0.1:80: bind: address already in use`.
std::string taken_port(std::string_view text) {
    if (std::string port = between(text, "Bind for ", " failed"); !port.empty()) {
        return port;
    }
    for (const std::string_view listen :
         {"listen tcp4 ", "listen tcp6 ", "listen tcp ", "listen udp4 ", "listen udp "}) {
        if (std::string port = between(text, listen, ": bind"); !port.empty()) {
            return port;
        }
    }
    return {};
}

void explain_command(ErrorFacts& facts, const std::string& container) {
    const std::string command = between(facts.engine, "exec: \"", "\"");
    const bool forbidden = contains(facts.engine, "permission denied");
    facts.code = "BR0306";
    facts.summary =
        command.empty() ? fmt::format("cannot start container '{}': its command cannot be run", container)
        : forbidden
            ? fmt::format("cannot start container '{}': its command '{}' may not be executed", container, command)
            : fmt::format("cannot start container '{}': there is no command '{}' in it", container, command);
    facts.hints = {"look at 'command' and 'entrypoint'; a list is taken word by word, and no shell is involved"};
}

}  // namespace

void explain_create(const EngineRefused& refused, const std::string& name, const std::string& image) {
    ErrorFacts facts = refused.facts();
    if (contains(facts.engine, "No such image") || contains(facts.engine, "no such image") ||
        contains(facts.engine, "image not known")) {
        facts.code = "BR0202";
        facts.summary = fmt::format("cannot create container '{}': the engine has no image '{}'", name, image);
        facts.hints = {fmt::format("pull it first: docker pull {}", image)};
        throw NotFound(std::move(facts));
    }
    if (facts.http_status == 409 || contains(facts.engine, "is already in use")) {  // Podman says 500
        const std::string holder = holder_of(facts.engine);
        facts.code = "BR0107";
        facts.summary = holder.empty() ? fmt::format("cannot create container '{}': the name is taken", name)
                                       : fmt::format("cannot create container '{}': container {} has that name", name,
                                                     shown(holder));
        facts.hints = {fmt::format("remove the other one if nobody needs it: docker rm -f {}", name)};
        throw Conflict(std::move(facts));
    }
    if (facts.http_status == 404) {
        throw NotFound(std::move(facts));
    }
    if (facts.http_status == 401 || facts.http_status == 403) {
        throw PermissionDenied(std::move(facts));
    }
    throw EngineRefused(std::move(facts));
}

void explain_start(const EngineRefused& refused, const std::string& container) {
    ErrorFacts facts = refused.facts();
    const std::string& said = facts.engine;
    if (contains(said, "port is already allocated") || contains(said, "address already in use")) {
        const std::string port = taken_port(said);
        facts.code = "BR0305";
        facts.summary = port.empty() ? fmt::format("cannot start container '{}': a host port is taken", container)
                                     : fmt::format("cannot start container '{}': port {} is taken", container, port);
        facts.hints = {"leave the host port out to be given a free one, or find out who has it with 'ss -ltnp'"};
        throw EngineRefused(std::move(facts));
    }
    if (contains(said, "all ports are allocated")) {
        facts.code = "BR0305";
        facts.summary = fmt::format("cannot start container '{}': the engine has no free host port left", container);
        facts.hints = {"remove containers that nobody needs, or widen net.ipv4.ip_local_port_range"};
        throw EngineRefused(std::move(facts));
    }
    if (contains(said, "executable file not found") || contains(said, "no such file or directory: unknown") ||
        (contains(said, "exec: \"") && (contains(said, "permission denied") || contains(said, "no such file")))) {
        explain_command(facts, container);
        throw EngineRefused(std::move(facts));
    }
    if (facts.http_status == 404) {
        if (contains(said, "network")) {
            facts.summary = fmt::format("cannot start container '{}': a network it belongs to is gone", container);
        }
        throw NotFound(std::move(facts));
    }
    if (facts.http_status == 409) {
        throw Conflict(std::move(facts));
    }
    if (facts.http_status == 401 || facts.http_status == 403) {
        throw PermissionDenied(std::move(facts));
    }
    throw EngineRefused(std::move(facts));
}

}  // namespace berth::engine

// SPDX-License-Identifier: Apache-2.0
#include <berth/engine/exec.hpp>
#include <berth/engine/internal/container_errors.hpp>
#include <berth/engine/internal/wire.hpp>

#include <fmt/format.h>

#include <initializer_list>

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

/// `Minimum memory limit allowed is 6MB`; empty when that is not what is said.
std::string least_memory(std::string_view text) {
    constexpr std::string_view k_words = "inimum memory limit allowed is ";
    const auto at = text.find(k_words);
    if (at == std::string_view::npos) {
        return {};
    }
    text.remove_prefix(at + k_words.size());
    return std::string(text.substr(0, text.find_first_not_of("0123456789KMGBkmgb")));
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
    if (std::string least = least_memory(facts.engine); !least.empty()) {
        facts.code = "BR0140";
        facts.summary = fmt::format(
            "cannot create container '{}': its memory limit is below the least the engine allows, {}", name, least);
        facts.hints = {"allow it more memory"};
        throw EngineRefused(std::move(facts));
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

namespace {

/// Rethrows as what was amended, in another type.
template <class As>
[[noreturn]] void rethrow(ErrorFacts facts, std::string code, std::string summary, std::string hint) {
    facts.code = std::move(code);
    facts.summary = std::move(summary);
    facts.hints = {std::move(hint)};
    throw As(std::move(facts));
}

bool says_any(std::string_view text, std::initializer_list<std::string_view> parts) {
    for (const auto part : parts) {
        if (contains(text, part)) {
            return true;
        }
    }
    return false;
}

/// An answer that names no object: the engine has no such call, or none without a setting of its own.
bool has_no_such_call(const ErrorFacts& facts) {
    constexpr int k_not_found = 404;
    constexpr int k_not_allowed = 405;
    constexpr int k_not_implemented = 501;
    switch (facts.http_status) {
        case k_not_found:
            return facts.engine == "Not Found" || facts.engine == "page not found";
        case k_not_allowed:
            return true;
        case k_not_implemented:
            return contains(facts.engine, "experimental");
        default:
            return false;
    }
}

}  // namespace

void explain_state(const EngineRefused& refused) {
    const ErrorFacts& facts = refused.facts();
    if (has_no_such_call(facts)) {
        rethrow<EngineRefused>(facts, "BR0142", facts.summary + ": this engine cannot do that",
                               contains(facts.engine, "experimental")
                                   ? "set \"experimental\": true in the engine's daemon.json"
                                   : "use an engine that has this call; Podman's Docker API lacks some");
    }
    constexpr int k_server_error = 500;
    if (facts.http_status >= k_server_error &&
        says_any(facts.engine, {"o such container", "layer not known", "no such exec session"})) {
        ErrorFacts missing = facts;
        missing.code = "BR0106";
        missing.hints = {"it may have been removed meanwhile; list what is there with 'docker ps -a' and its kin"};
        throw NotFound(std::move(missing));
    }
    if (facts.http_status >= k_server_error &&
        says_any(facts.engine,
                 {"is not running", "container state improper", "is not paused", "is already paused",
                  "can only kill running", "cannot be removed without force", "can only create exec sessions",
                  "not running, can't pause", "already in use", "in state", "already running"})) {
        ErrorFacts conflict = facts;
        conflict.code = "BR0107";
        conflict.hints = {"its state does not allow this now; look at it with 'docker inspect'"};
        throw Conflict(std::move(conflict));
    }
    throw;
}

void explain_copy_in(const EngineRefused& refused, const std::string& directory, const std::string& container) {
    const ErrorFacts& facts = refused.facts();
    const std::string& said = facts.engine;
    const std::string what = fmt::format("cannot copy into '{}' of container '{}'", directory, container);
    constexpr int k_not_found = 404;
    if (contains(said, "no space left")) {
        ErrorFacts full = facts;
        full.hints = {"the engine's disk is full: 'docker system df' shows what takes the space"};
        throw EngineRefused(std::move(full));
    }
    if (says_any(said, {"read-only", "read only"})) {
        rethrow<EngineRefused>(facts, "BR0413", what + ": it is read-only",
                               "copy into a volume that is mounted there, or leave the root writable");
    }
    if (says_any(said, {"cannot overwrite", "file exists", "is a directory"})) {
        rethrow<EngineRefused>(facts, "BR0414",
                               what + ": a file would take the place of a directory, or a directory that of a file",
                               "remove what is there first, or let it be overwritten (PutOptions::no_overwrite)");
    }
    if (says_any(said, {"not a directory", "a directory is required"})) {
        rethrow<EngineRefused>(facts, "BR0412", what + ": it is a file, not a directory",
                               "name the directory to copy into; the name of the file stands in the tar");
    }
    if (says_any(said, {"permission denied", "operation not permitted"})) {
        rethrow<PermissionDenied>(facts, "BR0415", what + ": the engine may not write there",
                                  "look who owns the directory, and whether the engine is rootless");
    }
    if (facts.http_status == k_not_found && !contains(said, "o such container")) {
        rethrow<NotFound>(facts, "BR0411", what + ": there is no such directory",
                          "the directory has to be there already; copy into one above it, with the rest of the way in "
                          "the tar");
    }
    throw;
}

void explain_copy_out(const EngineRefused& refused, const std::string& path, const std::string& container) {
    const ErrorFacts& facts = refused.facts();
    const std::string what = fmt::format("cannot copy '{}' out of container '{}'", path, container);
    constexpr int k_not_found = 404;
    if (facts.http_status == k_not_found && !contains(facts.engine, "o such container")) {
        rethrow<NotFound>(facts, "BR0416", what + ": there is nothing of that name",
                          fmt::format("look what is there: docker exec {} ls -l; what is mounted as tmpfs, and /proc, "
                                      "/sys and /dev, cannot be copied",
                                      container));
    }
    if (says_any(facts.engine, {"not a directory"})) {
        rethrow<NotFound>(facts, "BR0416", what + ": a part of the way is a file",
                          "leave the '/' at its end out if it is a file");
    }
    if (says_any(facts.engine, {"permission denied", "operation not permitted"})) {
        rethrow<PermissionDenied>(facts, "BR0415", what + ": the engine may not read it",
                                  "look who owns it, and whether the engine is rootless");
    }
    throw;
}

void explain_update(const EngineRefused& refused, const std::string& purpose) {
    const ErrorFacts& facts = refused.facts();
    if (std::string least = least_memory(facts.engine); !least.empty()) {
        rethrow<EngineRefused>(
            facts, "BR0140",
            fmt::format("{}: its memory limit is below the least the engine allows, {}", purpose, least),
            "allow it more memory");
    }
    explain_state(refused);
}

std::string shown_command(const ExecOptions& options) {
    constexpr std::size_t k_longest = 120;
    std::string text;
    for (const auto& word : options.command) {
        text += text.empty() ? word : ' ' + word;
    }
    return excerpt(text, k_longest);
}

}  // namespace berth::engine

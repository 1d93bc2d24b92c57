// SPDX-License-Identifier: Apache-2.0
#include <berth/yaml/internal/near_keys.hpp>

#include <berth/core/text_distance.hpp>
#include <berth/spec/field_table.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace berth::yaml {
namespace {

/// A word that people write for a key. `other` words come from other tools, where they mean the same (BE0207); the rest
/// are short or long forms of the key itself.
struct Synonym {
    std::string_view owner;
    std::string_view written;
    std::string_view meant;
    bool other{false};
};

constexpr Synonym k_synonyms[] = {
    {"Root", "service", "services"},
    {"Root", "containers", "services", true},
    {"Root", "version", "schema", true},
    {"Root", "project", "name", true},
    {"Root", "network", "networks"},
    {"Root", "volume", "volumes"},
    {"Root", "variables", "vars"},
    {"Root", "env", "vars", true},
    {"Root", "environment", "vars", true},
    {"Root", "outputs", "exports", true},
    {"Root", "env_files", "env_file"},
    {"Root", "timeout", "timeouts"},
    {"Root", "scope", "isolation", true},
    {"Service", "env", "environment"},
    {"Service", "envs", "environment"},
    {"Service", "env_vars", "environment"},
    {"Service", "variables", "environment", true},
    {"Service", "cmd", "command"},
    {"Service", "args", "command", true},
    {"Service", "arguments", "command", true},
    {"Service", "run", "command", true},
    {"Service", "entry_point", "entrypoint"},
    {"Service", "depends", "depends_on"},
    {"Service", "dependencies", "depends_on", true},
    {"Service", "needs", "depends_on", true},
    {"Service", "requires", "depends_on", true},
    {"Service", "after", "depends_on", true},
    {"Service", "readiness_probe", "wait", true},
    {"Service", "readinessprobe", "wait", true},
    {"Service", "ready", "wait", true},
    {"Service", "ready_when", "wait", true},
    {"Service", "wait_for", "wait"},
    {"Service", "wait_until", "wait"},
    {"Service", "liveness_probe", "healthcheck", true},
    {"Service", "livenessprobe", "healthcheck", true},
    {"Service", "health_check", "healthcheck"},
    {"Service", "health", "healthcheck"},
    {"Service", "memory", "mem_limit", true},
    {"Service", "memory_limit", "mem_limit"},
    {"Service", "mem", "mem_limit"},
    {"Service", "cpu", "cpus"},
    {"Service", "cpu_limit", "cpus", true},
    {"Service", "cwd", "working_dir", true},
    {"Service", "workdir", "working_dir"},
    {"Service", "working_directory", "working_dir"},
    {"Service", "files", "copy", true},
    {"Service", "copy_files", "copy", true},
    {"Service", "port", "ports"},
    {"Service", "publish_ports", "ports", true},
    {"Service", "network", "networks"},
    {"Service", "volume", "volumes"},
    {"Service", "mounts", "volumes", true},
    {"Service", "mount", "volumes", true},
    {"Service", "host_name", "hostname"},
    {"Service", "hosts", "extra_hosts", true},
    {"Service", "profile", "profiles"},
    {"Service", "capabilities", "cap_add", true},
    {"Service", "setup", "post_ready", true},
    {"Service", "init_steps", "post_ready", true},
    {"Service", "container", "image", true},
    {"Service", "label", "labels"},
    {"Service", "stop_timeout", "stop_grace_period", true},
    {"Service", "readonly", "read_only"},
    {"Port", "container_port", "target", true},
    {"Port", "containerport", "target", true},
    {"Port", "container", "target", true},
    {"Port", "host", "published", true},
    {"Port", "host_port", "published", true},
    {"Port", "hostport", "published", true},
    {"Port", "ip", "host_ip"},
    {"Port", "proto", "protocol"},
    {"Mount", "src", "source"},
    {"Mount", "from", "source", true},
    {"Mount", "dst", "target", true},
    {"Mount", "destination", "target", true},
    {"Mount", "to", "target", true},
    {"Mount", "path", "target", true},
    {"Mount", "readonly", "read_only"},
    {"Copy", "source", "from", true},
    {"Copy", "src", "from", true},
    {"Copy", "target", "to", true},
    {"Copy", "destination", "to", true},
    {"Copy", "dest", "to", true},
    {"Copy", "text", "content", true},
    {"Copy", "chmod", "mode", true},
    {"Copy", "chown", "owner", true},
    {"Step", "command", "exec", true},
    {"Step", "cmd", "exec", true},
    {"Step", "run", "exec", true},
    {"Step", "env", "environment"},
    {"Step", "input", "stdin", true},
    {"Wait", "tcp", "port", true},
    {"Wait", "ports", "port"},
    {"Wait", "url", "http", true},
    {"Wait", "https", "http", true},
    {"Wait", "command", "exec", true},
    {"Wait", "cmd", "exec", true},
    {"Wait", "health", "healthcheck"},
    {"Wait", "healthy", "healthcheck"},
    {"Wait", "logs", "log"},
    {"Wait", "for", "timeout", true},
    {"WaitHttp", "url", "path", true},
    {"WaitHttp", "code", "status", true},
    {"WaitHttp", "status_code", "status", true},
    {"WaitHttp", "timeout", "request_timeout", true},
    {"WaitHttp", "body", "body_contains", true},
    {"WaitLog", "regex", "matches", true},
    {"WaitLog", "pattern", "matches", true},
    {"WaitLog", "message", "contains", true},
    {"WaitLog", "text", "contains", true},
    {"WaitLog", "count", "times", true},
    {"WaitExec", "cmd", "command"},
    {"WaitExec", "status", "exit_code", true},
    {"WaitExit", "exit_code", "code"},
    {"WaitExit", "status", "code", true},
    {"Healthcheck", "command", "test", true},
    {"Healthcheck", "cmd", "test", true},
    {"Healthcheck", "disabled", "disable"},
    {"Artifact", "source", "path", true},
    {"Artifact", "from", "path", true},
    {"Artifact", "dest", "to", true},
    {"ArtifactsRoot", "path", "dir", true},
    {"ArtifactsRoot", "directory", "dir"},
    {"Run", "cmd", "command"},
    {"Run", "env", "environment"},
    {"Run", "cwd", "working_dir", true},
    {"Timeouts", "start", "up", true},
    {"Timeouts", "wait", "ready", true},
    {"Timeouts", "stop", "down", true},
    {"EnvFile", "file", "path", true},
};

/// As the distance compares: case and `-`, `_`, space do not count.
std::string normalised(std::string_view text) {
    std::string result;
    for (const char c : text) {
        result += c == '-' || c == ' ' ? '_' : c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
    return result;
}

KeyGuess meant(std::string_view key, const std::string& where, const std::vector<std::string>& matches) {
    KeyGuess guess;
    guess.code = "BE0201";
    guess.message = fmt::format("unknown key '{}' in {}", key, where);
    guess.caret = did_you_mean(matches);
    if (matches.size() == 1) {
        guess.replacement = matches.front();
    }
    return guess;
}

bool is_known(std::string_view owner, std::string_view key) noexcept {
    return find_field(owner, key) != nullptr;
}

/// Keys of `owner` whose mapping has `key`.
std::vector<std::string> below(std::string_view owner, std::string_view key) {
    std::vector<std::string> places;
    const FieldOwner* rows = find_field_owner(owner);
    for (const auto& row : rows == nullptr ? std::span<const FieldRow>{} : rows->rows) {
        const std::string_view inner = owner_in_type(row.type);
        if (!inner.empty() && inner != owner && is_known(inner, key)) {
            places.emplace_back(row.key);
        }
    }
    return places;
}

std::string right_place(std::string_view key, std::string_view owner) {
    // Words that every second mapping has say nothing about where one belongs.
    for (const std::string_view common :
         {"name", "path", "from", "to", "when", "user", "mode", "status", "service", "external"}) {
        if (key == common) {
            return {};
        }
    }
    if (owner == "Root" && is_known("Service", key)) {
        return "in a service";
    }
    std::string text;
    const auto places = below(owner, key);
    for (std::size_t i = 0; i < std::min<std::size_t>(places.size(), 3); ++i) {
        text += fmt::format("{}'{}'", i == 0 ? "in " : " or ", places[i]);
    }
    if (!text.empty()) {
        return text;
    }
    if (owner != "Root" && owner != "Service" && is_known("Service", key)) {
        return "in the service itself";
    }
    return owner != "Root" && is_known("Root", key) ? "at the top level of the file" : "";
}

}  // namespace

KeyGuess guess_key(std::string_view key, std::string_view owner, const std::vector<std::string>& known,
                   const std::string& where) {
    const std::string plain = normalised(key);
    if (std::find(known.begin(), known.end(), plain) != known.end()) {
        return meant(key, where, {plain});
    }
    for (const auto& synonym : k_synonyms) {
        if (synonym.owner != owner || synonym.written != plain) {
            continue;
        }
        KeyGuess guess = meant(key, where, {std::string(synonym.meant)});
        if (synonym.other) {
            guess.code = "BE0207";
            guess.message = fmt::format("'{}' is called '{}' here", key, synonym.meant);
            guess.caret.clear();
        }
        return guess;
    }
    if (const std::string place = right_place(plain, owner); !place.empty()) {
        KeyGuess guess;
        guess.code = "BE0206";
        guess.message = fmt::format("'{}' belongs {}, not in {}", key, place, where);
        return guess;
    }
    return meant(key, where, near_matches(key, known));
}

}  // namespace berth::yaml

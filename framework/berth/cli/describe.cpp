// SPDX-License-Identifier: Apache-2.0
#include <berth/cli/describe.hpp>
#include <berth/spec/template.hpp>

#include <fmt/format.h>

#include <optional>
#include <set>

namespace berth::cli {
namespace {

std::string port_text(const WaitPort& wait) {
    if (!wait.port.given() || wait.port->empty()) {
        return "all published ports";
    }
    std::vector<std::string> names;
    for (const auto& port : *wait.port) {
        names.push_back(port.text());
    }
    return fmt::format("port {}", fmt::join(names, ", "));
}

std::string log_text(const WaitLog& wait) {
    const std::string what =
        wait.contains.given() ? fmt::format("log '{}'", *wait.contains) : fmt::format("log /{}/", *wait.matches);
    const int times = wait.times.value_or(1);
    return times == 1 ? what : fmt::format("{} {} times", what, times);
}

std::string exec_text(const WaitExec& wait) {
    std::vector<std::string> words;
    for (const auto& word : wait.command->words) {
        words.push_back(word.text);
    }
    return fmt::format("exec '{}'", fmt::join(words, " "));
}

std::string joined(const std::vector<WaitSpec>& items, const char* word) {
    std::string text;
    for (const auto& item : items) {
        text += (text.empty() ? "" : fmt::format(" {} ", word)) + wait_text(item);
    }
    return '(' + text + ')';
}

}  // namespace

std::string engine_text(const EngineFacts& facts) {
    return fmt::format("{}{}{}, API {}", facts.kind == EngineKind::podman ? "podman" : "docker",
                       facts.version.empty() ? "" : " ", facts.version, facts.api.text());
}

std::string wait_text(const WaitSpec& wait) {
    if (wait.simple.given()) {
        switch (*wait.simple) {
            case WaitSpec::Simple::automatic:
                return "the image's health check, or that it keeps running";
            case WaitSpec::Simple::none:
                return "at once";
            case WaitSpec::Simple::running:
                return "that it runs";
        }
    }
    std::vector<std::string> parts;
    if (wait.port.given()) {
        parts.push_back(port_text(*wait.port));
    }
    if (wait.http.given()) {
        const std::string port = wait.http->port.given() ? fmt::format(" of port {}", wait.http->port->text()) : "";
        parts.push_back(fmt::format("http {}{}", wait.http->path.value_or("/"), port));
    }
    if (wait.log.given()) {
        parts.push_back(log_text(*wait.log));
    }
    if (wait.exec.given()) {
        parts.push_back(exec_text(*wait.exec));
    }
    if (wait.healthcheck.given()) {
        parts.emplace_back("healthcheck");
    }
    if (wait.exit.given()) {
        const std::string codes = wait.exit->code.given() ? wait.exit->code->text() : "0";
        parts.push_back(fmt::format("exit {}", codes));
    }
    if (wait.all.given()) {
        parts.push_back(joined(*wait.all, "and"));
    }
    if (wait.any.given()) {
        parts.push_back(joined(*wait.any, "or"));
    }
    return fmt::format("{}", fmt::join(parts, " and "));
}

std::string condition_text(DependsCondition condition) {
    switch (condition) {
        case DependsCondition::service_started:
            return "has started";
        case DependsCondition::service_healthy:
            return "is healthy";
        case DependsCondition::service_completed_successfully:
            return "has ended with 0";
        case DependsCondition::service_completed:
            return "has ended";
        case DependsCondition::service_ready:
            break;
    }
    return "is ready";
}

std::string image_of(const EnvironmentSpec& spec, const ServiceSpec& service) {
    return resolve(*service.image, Side::host, [&](const Reference& reference, Side) -> std::optional<std::string> {
        if (reference.segments.size() == 2 && reference.segments[0] == "vars" && spec.vars.given()) {
            if (const auto found = spec.vars->find(reference.segments[1]); found != spec.vars->end()) {
                return found->second.text;
            }
        }
        return std::nullopt;
    });
}

std::map<std::string, std::string> substitutions_of(const Context& context, const EnvironmentSpec& spec) {
    std::map<std::string, std::string> all;
    if (spec.images.given() && spec.images->substitute.given()) {
        for (const auto& [from, to] : *spec.images->substitute) {
            all[from] = unescape_dollars(to.text.value_or(std::string()));
        }
    }
    std::map<std::string, std::string> from_variable;
    if (const auto variable = context.variables()("BERTH_SUBSTITUTE"); variable && !variable->empty()) {
        if (!parse_substitutions(*variable, from_variable)) {
            throw Exit(k_wrong_use, fmt::format("BERTH_SUBSTITUTE is '{}', which is no list of FROM=TO", *variable));
        }
    }
    for (auto& [from, to] : from_variable) {
        all[from] = std::move(to);
    }
    return all;
}

std::vector<std::string> volumes_in_use(const EnvironmentSpec& spec) {
    std::set<std::string> keys;
    for (const auto& service : spec.services) {
        for (const auto& mount : *service.volumes) {
            if (*mount.type == MountSpec::Type::volume && mount.source.given()) {
                keys.insert(unescape_dollars(mount.source->text));
            }
        }
    }
    return {keys.begin(), keys.end()};
}

}  // namespace berth::cli

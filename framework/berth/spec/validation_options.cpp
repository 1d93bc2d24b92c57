// SPDX-License-Identifier: Apache-2.0
#include <berth/spec/internal/validation.hpp>

#include <berth/core/units.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <set>

// Options of one service that only make sense together, or not at all.

namespace berth::internal {
namespace {

void contradiction(Findings& findings, const ServiceSpec& service, const std::string& left, const std::string& says,
                   const std::string& right, const std::string& other, const Origin& where) {
    findings.error("BE0309", fmt::format("'{}' says {}, '{}' says {}", left, says, right, other), where,
                   path_of(service, left));
}

std::string text_of(std::int64_t size) {
    return size < 0 ? "-1" : format_size(Bytes{static_cast<std::uint64_t>(size)});
}

void check_memory(Findings& findings, const ServiceSpec& service) {
    const auto limit = static_cast<std::int64_t>(count(*service.mem_limit));
    const std::string limit_text = service.mem_limit.given() ? format_size(*service.mem_limit) : "nothing";
    if (service.memswap_limit.given() && *service.memswap_limit != -1 &&
        (!service.mem_limit.given() || *service.memswap_limit < limit)) {
        contradiction(findings, service, "memswap_limit", text_of(*service.memswap_limit), "mem_limit", limit_text,
                      service.memswap_limit.origin());
    }
    if (service.mem_reservation.given() && service.mem_limit.given() && *service.mem_reservation > *service.mem_limit) {
        contradiction(findings, service, "mem_reservation", format_size(*service.mem_reservation), "mem_limit",
                      limit_text, service.mem_reservation.origin());
    }
}

/// `deploy` says some things that have a key of their own.
void check_deploy(Findings& findings, const ServiceSpec& service) {
    const ResourceAmounts& limits = *service.deploy->resources->limits;
    const ResourceAmounts& reserved = *service.deploy->resources->reservations;
    const auto differ = [&](const auto& inner, const std::string& name, const auto& flat, const std::string& key,
                            const auto& text) {
        if (inner.given() && flat.given() && *inner != *flat) {
            contradiction(findings, service, name, text(*inner), key, text(*flat), inner.origin());
        }
    };
    const auto size = [](Bytes bytes) { return format_size(bytes); };
    const auto number = [](auto value) { return fmt::format("{}", value); };
    differ(limits.memory, "deploy.resources.limits.memory", service.mem_limit, "mem_limit", size);
    differ(limits.cpus, "deploy.resources.limits.cpus", service.cpus, "cpus", number);
    differ(limits.pids, "deploy.resources.limits.pids", service.pids_limit, "pids_limit", number);
    differ(reserved.memory, "deploy.resources.reservations.memory", service.mem_reservation, "mem_reservation", size);
    differ(service.deploy->replicas, "deploy.replicas", service.scale, "scale", number);
}

void check_scale(Findings& findings, const ServiceSpec& service) {
    const int scale = service.scale.value_or(service.deploy->replicas.value_or(1));
    if (scale < 2) {
        return;
    }
    const Origin where = first_known({service.scale.origin(), service.deploy->replicas.origin()});
    for (std::size_t i = 0; i < service.ports->size(); ++i) {
        const PortSpec& port = (*service.ports)[i];
        if (port.published->how == PublishedPort::How::fixed && port.published->range.size() < scale) {
            auto& found = findings.error("BE0611",
                                         fmt::format("'{}' has scale {} and fixed host port {}", *service.name, scale,
                                                     port.published->range.first),
                                         first_known({port.published.origin(), port.origin}),
                                         path_of(service, fmt::format("ports/{}", i)));
            if (where.known()) {
                found.labels.push_back({where, fmt::format("scale {} here", scale)});
            }
        }
    }
}

void check_network_mode(Findings& findings, const ServiceSpec& service) {
    if (!service.network_mode.given()) {
        return;
    }
    const NetworkMode& mode = *service.network_mode;
    const Origin where = service.network_mode.origin();
    if (!service.networks->empty()) {
        findings.error("BE0604", "'network_mode' and 'networks' cannot both be given", where,
                       path_of(service, "network_mode"));
    }
    if (mode.kind == NetworkMode::Kind::host && !service.ports->empty()) {
        findings.error("BE0605", "'ports' has no meaning with 'network_mode: host'", service.ports.origin(),
                       path_of(service, "ports"));
    }
    if (mode.kind == NetworkMode::Kind::service && findings.spec.find_service(mode.name) == nullptr) {
        findings.unknown_service(mode.name, where, path_of(service, "network_mode"));
    }
}

void check_build(Findings& findings, const ServiceSpec& service) {
    if (!service.build.given()) {
        return;
    }
    const BuildSpec& build = *service.build;
    const std::string path = path_of(service, "build");
    if (build.dockerfile.given() && build.dockerfile_inline.given()) {
        findings.error("BE0503", "'dockerfile' and 'dockerfile_inline' cannot both be given",
                       build.dockerfile_inline.origin(), path + "/dockerfile_inline");
    }
    if (!findings.options.check_files) {
        return;
    }
    const Origin where = first_known({build.context.origin(), service.build.origin()});
    const std::string context = host_path(findings.spec, build.context.value_or("."), where);
    if (!missing_file(findings, build.context.value_or("."), where, path + "/context") &&
        !build.dockerfile_inline.given()) {
        const std::string written = build.dockerfile.value_or("Dockerfile");
        const auto file = (std::filesystem::path(context) / written).lexically_normal();
        std::error_code failure;
        if (!std::filesystem::exists(file, failure)) {
            findings.error("BE0403",
                           fmt::format("'{}' does not exist (looked in {})", written, file.parent_path().string()),
                           first_known({build.dockerfile.origin(), where}), path + "/dockerfile");
        }
    }
}

bool has_log_wait(const WaitSpec& wait) {
    const auto any_of = [](const std::vector<WaitSpec>& items) {
        return std::any_of(items.begin(), items.end(), [](const WaitSpec& one) { return has_log_wait(one); });
    };
    return wait.log.given() || any_of(*wait.all) || any_of(*wait.any);
}

void check_logging(Findings& findings, const ServiceSpec& service) {
    const std::string& driver = *service.logging->driver;
    if ((driver == "none" || driver == "passthrough") && has_log_wait(*service.wait)) {
        findings.error("BE0706", fmt::format("log driver '{}' cannot be read back, so 'wait.log' cannot work", driver),
                       service.logging->driver.origin(), path_of(service, "logging/driver"));
    }
}

void check_reuse(Findings& findings, const ServiceSpec& service) {
    constexpr const char* k_variable = "BERTH_REUSE";
    const char* set = std::getenv(k_variable);
    const bool enabled = set != nullptr && std::string_view(set) == "1";
    if (service.reuse->scope.value_or(ReuseSpec::Reuse::never) == ReuseSpec::Reuse::machine && !enabled) {
        findings.note("BN0903", fmt::format("reuse asked for but not enabled by the user ({})", k_variable),
                      first_known({service.reuse->scope.origin(), service.reuse.origin()}), path_of(service, "reuse"));
    }
}

/// The container ports that two services of one namespace would both want.
void check_pod(Findings& findings) {
    if (findings.spec.isolation->network.value_or(NetworkSharing::own) != NetworkSharing::pod) {
        return;
    }
    std::map<std::pair<int, Protocol>, std::string> takers;
    for (std::size_t i = 0; i < findings.spec.services.size(); ++i) {
        const ServiceSpec& service = findings.spec.services[i];
        if (!findings.active.counts[i]) {
            continue;
        }
        for (const auto& port : declared_ports(service)) {
            const auto [first, fresh] = takers.emplace(std::pair(port.container, port.protocol), *service.name);
            if (!fresh && first->second != *service.name) {
                findings.error("BE0631",
                               fmt::format("'{}' and '{}' both listen on {}; they cannot share a network namespace",
                                           first->second, *service.name, port.container),
                               first_known({port.origin, service.ports.origin()}), path_of(service, "ports"));
            }
        }
    }
}

void check_env_files(Findings& findings, const ServiceSpec& service) {
    for (std::size_t i = 0; i < service.env_file->size() && findings.options.check_files; ++i) {
        const EnvFile& file = (*service.env_file)[i];
        const Origin where = first_known({file.path.origin(), service.env_file.origin()});
        std::error_code failure;
        if (file.required.value_or(true) &&
            !std::filesystem::exists(host_path(findings.spec, *file.path, where), failure)) {
            findings.error(
                "BE0417",
                fmt::format("env file '{}' does not exist; set 'required: false' if that is fine", *file.path), where,
                path_of(service, fmt::format("env_file/{}", i)));
        }
    }
}

void check_links(Findings& findings, const ServiceSpec& service) {
    const auto named = [&](const Given<std::vector<std::string>>& list, std::string_view key) {
        for (std::size_t i = 0; i < list->size(); ++i) {
            const std::string name = (*list)[i].substr(0, (*list)[i].find(':'));
            if (findings.spec.find_service(name) == nullptr && name != "container") {
                findings.unknown_service(name, list.origin(), path_of(service, fmt::format("{}/{}", key, i)));
            }
        }
    };
    named(service.links, "links");
    named(service.volumes_from, "volumes_from");
}

void check_hooks(Findings& findings, const ServiceSpec& service) {
    const auto check = [&](const Given<std::vector<HookSpec>>& hooks, std::string_view key) {
        for (std::size_t i = 0; i < hooks->size(); ++i) {
            const HookSpec& hook = (*hooks)[i];
            if (hook.command->empty() && !hook.image.given()) {
                findings.error("BE0203", fmt::format("'{}' in service '{}' needs 'command'", key, *service.name),
                               first_known({hook.command.origin(), hook.origin, hooks.origin()}),
                               path_of(service, fmt::format("{}/{}", key, i)));
            }
        }
    };
    check(service.pre_start, "pre_start");
    check(service.post_start, "post_start");
    check(service.pre_stop, "pre_stop");
}

}  // namespace

void check_options(Findings& findings) {
    for (const auto& service : findings.spec.services) {
        check_memory(findings, service);
        check_deploy(findings, service);
        check_scale(findings, service);
        check_network_mode(findings, service);
        check_build(findings, service);
        check_logging(findings, service);
        check_reuse(findings, service);
        check_env_files(findings, service);
        check_links(findings, service);
        check_hooks(findings, service);
        if (service.with.given() && !service.fixture.given()) {
            findings.error("BE0805", "'with' has no meaning without 'fixture'", service.with.origin(),
                           path_of(service, "with"));
        }
        if (service.container_name.given() &&
            findings.spec.isolation->naming.value_or(Naming::unique) != Naming::fixed) {
            findings.error("BE0610",
                           "'container_name' stops two runs at once; remove it or set 'isolation.naming: fixed'",
                           first_known({service.container_name->origin, service.container_name.origin()}),
                           path_of(service, "container_name"));
        }
        for (std::size_t i = 0; i < service.ports->size(); ++i) {
            if ((*service.ports)[i].mode.given()) {
                findings.note("BN0901", "'mode' is read and has no effect here", (*service.ports)[i].mode.origin(),
                              path_of(service, fmt::format("ports/{}/mode", i)));
            }
        }
    }
    check_pod(findings);
}

}  // namespace berth::internal

// SPDX-License-Identifier: Apache-2.0
#include <berth/spec/internal/validation.hpp>

#include <berth/core/names.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

namespace berth::internal {
namespace {

constexpr std::string_view k_default = "default";

std::vector<std::string> known_networks(const EnvironmentSpec& spec) {
    std::vector<std::string> known;
    for (const auto& [name, network] : *spec.networks) {
        known.push_back(name);
    }
    if (spec.networks->count(std::string(k_default)) == 0) {
        known.emplace_back(k_default);
    }
    return known;
}

void check_attachments(Findings& findings, const ServiceSpec& service, const std::vector<std::string>& known) {
    for (const auto& [name, attach] : *service.networks) {
        const Origin where = first_known({attach.origin, service.networks.origin()});
        const std::string path = path_of(service, "networks/" + name);
        if (std::find(known.begin(), known.end(), name) == known.end()) {
            findings.error("BE0601",
                           with_guess(fmt::format("network '{}' is not declared under 'networks'", name), name, known),
                           where, path);
        }
        for (const auto& alias : *attach.aliases) {
            if (!is_name(alias)) {
                findings.error("BE0304",
                               fmt::format("'{}' is not a valid alias: letters, digits, '.', '_' and '-', a letter or "
                                           "digit first, at most 63 characters",
                                           alias),
                               first_known({attach.aliases.origin(), where}), path + "/aliases");
            }
        }
    }
}

/// A name on a network belongs to one service: its own name, and its aliases.
void check_aliases(Findings& findings) {
    std::map<std::pair<std::string, std::string>, std::string> owners;
    const auto& services = findings.spec.services;
    for (std::size_t i = 0; i < services.size(); ++i) {
        if (findings.active.counts[i]) {
            for (const auto& network : networks_of(findings.spec, services[i])) {
                owners.emplace(std::pair(network, *services[i].name), *services[i].name);
            }
        }
    }
    for (std::size_t i = 0; i < services.size(); ++i) {
        if (!findings.active.counts[i]) {
            continue;
        }
        const ServiceSpec& service = services[i];
        for (const auto& [network, attach] : *service.networks) {
            for (const auto& alias : *attach.aliases) {
                const auto [owner, fresh] = owners.emplace(std::pair(network, alias), *service.name);
                if (!fresh && owner->second != *service.name) {
                    findings.error("BE0617",
                                   fmt::format("alias '{}' on network '{}' is used by '{}' and '{}'", alias, network,
                                               owner->second, *service.name),
                                   first_known({attach.aliases.origin(), attach.origin, service.networks.origin()}),
                                   path_of(service, fmt::format("networks/{}/aliases", network)));
                }
            }
        }
    }
}

void check_internal(Findings& findings, const ServiceSpec& service) {
    if (service.ports->empty() || (service.publish.given() && *service.publish == Publish::never)) {
        return;
    }
    const auto networks = networks_of(findings.spec, service);
    const bool only_internal =
        !networks.empty() && std::all_of(networks.begin(), networks.end(), [&](const auto& name) {
            const auto declared = findings.spec.networks->find(name);
            return declared != findings.spec.networks->end() && declared->second.internal.value_or(false);
        });
    if (only_internal) {
        findings.error("BE0609",
                       fmt::format("'{}' publishes ports but is only on internal networks {}", *service.name,
                                   quoted_list(networks)),
                       service.ports.origin(), path_of(service, "ports"));
    }
}

}  // namespace

void check_networks(Findings& findings) {
    const auto known = known_networks(findings.spec);
    for (const auto& service : findings.spec.services) {
        check_attachments(findings, service, known);
        check_internal(findings, service);
    }
    check_aliases(findings);
    const auto used = networks_in_use(findings.spec);
    for (const auto& [name, network] : *findings.spec.networks) {
        if (std::find(used.begin(), used.end(), name) == used.end()) {
            findings.warning("BW0107", fmt::format("network '{}' is never used", name),
                             first_known({network.origin, findings.spec.networks.origin()}), "/networks/" + name);
        }
    }
}

}  // namespace berth::internal

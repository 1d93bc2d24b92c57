// SPDX-License-Identifier: Apache-2.0
#include <berth/spec/internal/validation.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace berth::internal {
namespace {

std::string_view name_of(DependsCondition condition) noexcept {
    switch (condition) {
        case DependsCondition::service_started:
            return "service_started";
        case DependsCondition::service_healthy:
            return "service_healthy";
        case DependsCondition::service_completed_successfully:
            return "service_completed_successfully";
        case DependsCondition::service_completed:
            return "service_completed";
        case DependsCondition::service_ready:
            break;
    }
    return "service_ready";
}

/// Why `condition` can never come true for `service`; empty when it can.
std::string never(const ServiceSpec& service, DependsCondition condition) {
    const HealthcheckSpec& check = *service.healthcheck;
    if (condition == DependsCondition::service_healthy) {
        if (check.disable.value_or(false) || (!check.test->empty() && check.test->front().text == "NONE")) {
            return "its healthcheck is disabled";
        }
    }
    const bool completion = condition == DependsCondition::service_completed ||
                            condition == DependsCondition::service_completed_successfully;
    const auto restart = service.restart->kind;
    if (completion && (restart == RestartPolicy::Kind::always || restart == RestartPolicy::Kind::unless_stopped)) {
        return fmt::format("'restart: {}' starts it again", to_text(*service.restart));
    }
    return {};
}

void check_depends_on(Findings& findings, const ServiceSpec& service) {
    for (const auto& [name, how] : *service.depends_on) {
        const Origin where = first_known({how.origin, how.condition.origin(), service.depends_on.origin()});
        const std::string path = path_of(service, "depends_on/" + name);
        if (name == *service.name) {
            findings.error("BE0509", fmt::format("'{}' depends on itself", name), where, path);
            continue;
        }
        const ServiceSpec* needed = findings.spec.find_service(name);
        if (needed == nullptr) {
            findings.unknown_service(name, where, path);
            continue;
        }
        const auto condition = how.condition.value_or(DependsCondition::service_ready);
        if (const std::string why = never(*needed, condition); !why.empty()) {
            findings.error("BE0508", fmt::format("'{}' can never be {}: {}", name, name_of(condition), why),
                           first_known({how.condition.origin(), where}), path);
        }
    }
}

void check_what_is_off(Findings& findings) {
    const auto& services = findings.spec.services;
    std::set<std::pair<std::size_t, std::size_t>> said;
    for (const auto& edge : findings.graph.edges()) {
        if (!findings.active.counts[edge.from] || findings.active.on[edge.to] ||
            !said.emplace(edge.from, edge.to).second) {
            continue;
        }
        std::string profiles;
        const auto& all = *services[edge.to].profiles;
        for (std::size_t i = 0; i < all.size(); ++i) {
            profiles += i == 0 ? "" : i + 1 == all.size() ? " or " : ", ";
            profiles += fmt::format("'{}'", all[i]);
        }
        findings.error("BE0507",
                       fmt::format("'{}' needs '{}', which only profile {} turns on", *services[edge.from].name,
                                   *services[edge.to].name, profiles),
                       edge.origin, path_of(services[edge.from]));
    }
}

void check_cycles(Findings& findings) {
    const auto& services = findings.spec.services;
    for (const auto& cycle : findings.graph.cycles()) {
        if (cycle.size() <= 2) {
            continue;  // to itself: said elsewhere
        }
        std::string chain = *services[cycle.front()].name;
        bool implicit = false;
        std::vector<Label> labels;
        Origin where;
        for (std::size_t i = 0; i + 1 < cycle.size(); ++i) {
            const auto& edges = findings.graph.edges();
            // An edge that is written counts before one that is concluded from a reference.
            const Edge* step = nullptr;
            for (const auto& edge : edges) {
                if (edge.from == cycle[i] && edge.to == cycle[i + 1] &&
                    (step == nullptr || (step->implicit && !edge.implicit))) {
                    step = &edge;
                }
            }
            implicit = implicit || step->implicit;
            const std::string& to = *services[cycle[i + 1]].name;
            chain += " -> " + to;
            if (i == 0) {
                where = step->origin;
            } else if (step->origin.known()) {
                labels.push_back({step->origin, fmt::format("'{}' needs '{}' here", *services[cycle[i]].name, to)});
            }
        }
        auto& error = implicit ? findings.error("BE0415", "references form a cycle: " + chain, where)
                               : findings.error("BE0506", "services depend on each other: " + chain, where);
        error.labels = std::move(labels);
        error.path = path_of(services[cycle.front()]);
    }
}

}  // namespace

void check_graph(Findings& findings) {
    for (const auto& name : findings.active.unknown) {
        findings.unknown_service(name, {}, {});
    }
    const auto& counts = findings.active.counts;
    if (findings.active.unknown.empty() && std::find(counts.begin(), counts.end(), true) == counts.end()) {
        findings.error("BE0501", "no service is left after profiles and includes", findings.spec.name.origin(),
                       "/services");
    }
    for (const auto& service : findings.spec.services) {
        check_depends_on(findings, service);
    }
    check_what_is_off(findings);
    check_cycles(findings);
}

}  // namespace berth::internal

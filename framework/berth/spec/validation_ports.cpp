// SPDX-License-Identifier: Apache-2.0
#include <berth/spec/internal/validation.hpp>

#include <berth/core/names.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

namespace berth::internal {
namespace {

std::string to_text(const PortRange& range) {
    return range.first == range.last ? fmt::format("{}", range.first) : fmt::format("{}-{}", range.first, range.last);
}

/// Why it is none; empty when it is fine.
std::string bad_range(const PortRange& range) {
    if (range.first == 0 || range.last == 0) {
        return "ports are 1 to 65535";
    }
    return range.last < range.first ? "the range ends before it begins" : "";
}

bool check_range(Findings& findings, const PortRange& range, const Origin& where, const std::string& path) {
    const std::string why = bad_range(range);
    if (!why.empty()) {
        findings.error("BE0307", fmt::format("'{}' is not a port: {}", to_text(range), why), where, path);
    }
    return why.empty();
}

/// Checks one entry. @returns whether the rest may look at it
bool check_port(Findings& findings, const ServiceSpec& service, const PortSpec& port, const std::string& path) {
    const Origin where = first_known({port.target.origin(), port.origin, service.ports.origin()});
    if (!port.target.given()) {
        findings.error("BE0203", fmt::format("a port in service '{}' needs 'target'", *service.name), where, path);
        return false;
    }
    const bool fixed = port.published->how == PublishedPort::How::fixed;
    const Origin published = first_known({port.published.origin(), where});
    bool fine = check_range(findings, *port.target, where, path);
    fine = (!fixed || check_range(findings, port.published->range, published, path)) && fine;
    if (fine && fixed && port.published->range.size() != port.target->size()) {
        findings.error("BE0614",
                       fmt::format("host range has {} port{}, container range has {}", port.published->range.size(),
                                   port.published->range.size() == 1 ? "" : "s", port.target->size()),
                       published, path);
        return false;
    }
    if (fine && fixed) {
        findings.warning("BW0104",
                         fmt::format("host port {} is fixed; two runs cannot share it", to_text(port.published->range)),
                         published, path);
    }
    return fine;
}

/// Host ports that are asked for, to find the same one twice.
class HostPorts {
  public:
    void add(Findings& findings, const ServiceSpec& service, const PortSpec& port, const std::string& path) {
        if (port.published->how != PublishedPort::How::fixed) {
            return;
        }
        for (int number = port.published->range.first; number <= port.published->range.last; ++number) {
            auto& takers = taken_[{number, port.protocol.value_or(Protocol::tcp)}];
            for (const auto& other : takers) {
                if (other.host_ip == *port.host_ip || is_any(other.host_ip) || is_any(*port.host_ip)) {
                    auto& error = findings.error(
                        "BE0613",
                        fmt::format("host port {} is asked for by '{}' and '{}'", number, other.service, *service.name),
                        first_known({port.published.origin(), port.origin}), path);
                    if (other.where.known()) {
                        error.labels.push_back({other.where, "first here"});
                    }
                    return;
                }
            }
            takers.push_back({*service.name, *port.host_ip, first_known({port.published.origin(), port.origin})});
        }
    }

  private:
    struct Taker {
        std::string service;
        std::string host_ip;
        Origin where;
    };
    static bool is_any(const std::string& address) { return address == "0.0.0.0" || address == "::"; }
    std::map<std::pair<int, Protocol>, std::vector<Taker>> taken_;
};

void check_repeats(Findings& findings, const ServiceSpec& service, const PortSpec& port, const std::string& path,
                   std::set<std::string>& seen, std::set<std::string>& names) {
    const Origin where = first_known({port.target.origin(), port.origin, service.ports.origin()});
    const std::string item =
        fmt::format("{}/{}", to_text(*port.target), to_string(port.protocol.value_or(Protocol::tcp)));
    const PublishedPort& published = *port.published;
    const std::string whole = fmt::format("{} {} {}-{} {}", item, static_cast<int>(published.how),
                                          published.range.first, published.range.last, *port.host_ip);
    if (!seen.insert(whole).second) {
        findings.error("BE0208", fmt::format("'{}' is listed twice", item), where, path);
    }
    if (port.name.given() && !names.insert(*port.name).second) {
        findings.error("BE0208", fmt::format("'{}' is listed twice", *port.name),
                       first_known({port.name.origin(), where}), path);
    }
}

/// Who gives a `BERTH_…` variable to the test process, to find two that give the same one.
class GivenVariables {
  public:
    explicit GivenVariables(Findings& findings) : findings_(findings) {
        givers_.emplace("BERTH_RUN_ID", "BERTH_RUN_ID");
        givers_.emplace("BERTH_STATE", "BERTH_STATE");
    }

    void add_service(const ServiceSpec& service) {
        const std::string prefix = "BERTH_" + variable_part(*service.name);
        std::set<std::string> names = {prefix + "_HOST", prefix + "_PORT", prefix + "_URL"};
        for (const auto& port : declared_ports(service)) {
            names.insert(fmt::format("{}_PORT_{}", prefix, port.container));
            if (!port.name.empty()) {
                names.insert(fmt::format("{}_PORT_{}", prefix, variable_part(port.name)));
            }
        }
        for (const auto& name : names) {
            if (!add(name, *service.name, place_of(service), path_of(service))) {
                return;
            }
        }
    }

    void add_export(const std::string& name, const Origin& where) {
        add(name, "exports." + name, where, "/exports/" + name);
    }

  private:
    bool add(const std::string& name, const std::string& giver, const Origin& where, std::string path) {
        const auto [first, fresh] = givers_.emplace(name, giver);
        if (fresh || first->second == giver) {
            return true;
        }
        findings_.error("BE0209", fmt::format("'{}' and '{}' both give the variable {}", first->second, giver, name),
                        where, std::move(path));
        return false;
    }

    Findings& findings_;
    std::map<std::string, std::string> givers_;
};

}  // namespace

void check_ports(Findings& findings) {
    HostPorts host_ports;
    for (std::size_t i = 0; i < findings.spec.services.size(); ++i) {
        const ServiceSpec& service = findings.spec.services[i];
        std::set<std::string> seen;
        std::set<std::string> names;
        for (std::size_t k = 0; k < service.ports->size(); ++k) {
            const PortSpec& port = (*service.ports)[k];
            const std::string path = path_of(service, fmt::format("ports/{}", k));
            if (check_port(findings, service, port, path)) {
                check_repeats(findings, service, port, path, seen, names);
                if (findings.active.counts[i]) {
                    host_ports.add(findings, service, port, path);
                }
            }
        }
        for (const auto& range : *service.expose) {
            check_range(findings, range, service.expose.origin(), path_of(service, "expose"));
        }
    }
}

void check_exports(Findings& findings) {
    GivenVariables given(findings);
    std::set<std::string> seen;  // of services that are there twice, which is said elsewhere
    for (std::size_t i = 0; i < findings.spec.services.size(); ++i) {
        const ServiceSpec& service = findings.spec.services[i];
        if (findings.active.counts[i] && !service.ports->empty() && seen.insert(*service.name).second) {
            given.add_service(service);
        }
    }
    for (const auto& [name, value] : *findings.spec.exports) {
        given.add_export(name, first_known({value.origin, findings.spec.exports.origin()}));
    }
}

}  // namespace berth::internal

// SPDX-License-Identifier: Apache-2.0
#include <berth/core/error.hpp>
#include <berth/runtime/internal/address.hpp>
#include <berth/runtime/internal/live.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace berth::runtime {
namespace {

using Found = std::optional<std::string>;

/// A port of a service as one side sees it.
struct SeenPort {
    int container{0};
    std::string host{};
    int port{0};
};

std::string ports_text(const std::vector<DeclaredPort>& ports) {
    std::string text;
    for (const auto& port : ports) {
        text += fmt::format("{}{}", text.empty() ? "" : ", ", port.container);
    }
    return text;
}

class Lookup {
  public:
    Lookup(const World& world, std::string self) : world_(world), self_(std::move(self)) {}

    Found operator()(const Reference& reference, Side side) const {
        const auto& segments = reference.segments;
        const std::string& root = segments.front();
        const auto from = [&](std::size_t first) {
            return std::vector<std::string>(
                segments.begin() + static_cast<std::ptrdiff_t>(std::min(first, segments.size())), segments.end());
        };
        const Side seen_from = reference.forced.value_or(side);
        if (root == "self") {
            return of_service(self_, from(1), seen_from);
        }
        if (root == "services") {
            return segments.size() < 2 ? std::nullopt : of_service(segments[1], from(2), seen_from);
        }
        if (root == "run" || root == "project") {
            return segments.size() == 2 ? of_run(root, segments[1]) : std::nullopt;
        }
        if (root == "networks" || root == "volumes") {
            return segments.size() == 3 && segments[2] == "name" ? Found(object_name(world_.plan.run, segments[1]))
                                                                 : std::nullopt;
        }
        if (root == "vars") {
            return segments.size() == 2 ? of_variable(segments[1]) : std::nullopt;
        }
        return of_service(root, from(1), seen_from);
    }

  private:
    [[nodiscard]] Found of_run(const std::string& root, const std::string& property) const {
        if (root == "project") {
            return property == "name"  ? Found(world_.plan.project)
                   : property == "dir" ? Found(world_.plan.spec.base.directory)
                                       : std::nullopt;
        }
        return property == "id"          ? Found(world_.plan.run.text())
               : property == "dir"       ? Found(world_.run_directory)
               : property == "artifacts" ? Found(world_.run_directory + "/artifacts")
                                         : std::nullopt;
    }

    [[nodiscard]] Found of_variable(const std::string& name) const {
        const auto found = world_.plan.spec.vars->find(name);
        return found == world_.plan.spec.vars->end() ? std::nullopt : found->second.text;
    }

    [[nodiscard]] Found of_service(const std::string& name, const std::vector<std::string>& property, Side side) const {
        const auto service = std::find_if(world_.services.begin(), world_.services.end(),
                                          [&](const auto& each) { return each->plan.name == name; });
        if (service == world_.services.end() || property.empty()) {
            return std::nullopt;
        }
        const Service::State& state = **service;
        const std::string& what = property.front();
        if (what == "host" && property.size() == 1) {
            return side == Side::host ? published_host(state.engine.facts()) : state.plan.name;
        }
        if (what == "port" || what == "address" || what == "url") {
            const auto port = port_of(state, property, side);
            if (!port) {
                return std::nullopt;
            }
            return what == "port"      ? fmt::format("{}", port->port)
                   : what == "address" ? fmt::format("{}:{}", port->host, port->port)
                                       : fmt::format("tcp://{}:{}", port->host, port->port);
        }
        if (what == "env" && property.size() == 2) {
            return of_environment(state, property[1]);
        }
        return property.size() == 1 ? plain_property(state, what) : std::nullopt;
    }

    [[nodiscard]] static Found plain_property(const Service::State& state, const std::string& what) {
        if (what == "name") {
            return state.plan.container_name;
        }
        if (what == "image") {
            return state.plan.image;
        }
        if (what == "id") {
            const std::string id = state.id().text;
            return id.empty() ? std::nullopt : Found(id);
        }
        if (what == "ip") {
            const auto live = state.live();
            return live && !live->ip.empty() ? Found(live->ip) : std::nullopt;
        }
        if (what == "exit_code") {
            const auto code = state.exit_code();
            return code ? Found(fmt::format("{}", *code)) : std::nullopt;
        }
        return std::nullopt;
    }

    [[nodiscard]] Found of_environment(const Service::State& state, const std::string& variable) const {
        const auto& environment = *state.plan.spec.environment;
        const auto found = environment.find(variable);
        if (found == environment.end() || !found->second.text) {
            return std::nullopt;
        }
        return resolve(Text(*found->second.text, found->second.origin), Side::network,
                       references_of(world_, state.plan.name));
    }

    // `port`, `port.5432`, `port.http`: the number in the container stands for itself also where it is only exposed.
    [[nodiscard]] static std::optional<SeenPort> port_of(const Service::State& state,
                                                         const std::vector<std::string>& property, Side side) {
        const auto& ports = state.plan.ports;
        SeenPort seen;
        Protocol protocol = Protocol::tcp;
        if (property.size() == 1) {
            if (ports.size() > 1) {
                throw Error({.code = "BE0412",
                             .summary = fmt::format("'${{{0}.{1}}}' is ambiguous, '{0}' has ports {2}", state.plan.name,
                                                    property[0], ports_text(ports)),
                             .hints = {fmt::format("write '${{{}.{}.{}}}'", state.plan.name, property[0],
                                                   ports.front().container)}});
            }
            if (!ports.empty()) {
                seen.container = ports.front().container;
                protocol = ports.front().protocol;
            } else if (state.plan.spec.expose->size() == 1 && side == Side::network) {
                seen.container = state.plan.spec.expose->front().first;
            } else {
                return std::nullopt;
            }
        } else if (property.size() == 2) {
            const auto named = std::find_if(ports.begin(), ports.end(), [&](const DeclaredPort& port) {
                return (!port.name.empty() && port.name == property[1]) ||
                       fmt::format("{}", port.container) == property[1];
            });
            if (named != ports.end()) {
                seen.container = named->container;
                protocol = named->protocol;
            } else if (!exposed(state.plan.spec, property[1], seen.container)) {
                return std::nullopt;
            }
        } else {
            return std::nullopt;
        }
        if (side == Side::network) {
            seen.host = state.plan.name;
            seen.port = seen.container;
            return seen;
        }
        return on_host(state, seen.container, protocol);
    }

    [[nodiscard]] static std::optional<SeenPort> on_host(const Service::State& state, int container,
                                                         Protocol protocol) {
        const auto live = state.live();
        if (live) {
            const auto found = live->ports.find(port_key(container, protocol));
            return found == live->ports.end()
                       ? std::nullopt
                       : std::optional(SeenPort{container, found->second.host, found->second.port});
        }
        // A fixed port of the host is known before anything runs.
        for (const auto& port : state.plan.ports) {
            if (port.container == container && port.protocol == protocol &&
                port.published.how == PublishedPort::How::fixed) {
                return SeenPort{container, published_host(state.engine.facts()), port.published.range.first};
            }
        }
        return std::nullopt;
    }

    static bool exposed(const ServiceSpec& spec, const std::string& port, int& container) {
        for (const auto& range : *spec.expose) {
            for (int number = range.first; number <= range.last; ++number) {
                if (fmt::format("{}", number) == port) {
                    container = number;
                    return true;
                }
            }
        }
        return false;
    }

    const World world_;
    std::string self_;
};

}  // namespace

ReferenceLookup references_of(const World& world, std::string self) {
    return Lookup(world, std::move(self));
}

}  // namespace berth::runtime

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/engine/containers.hpp>
#include <berth/engine/engine.hpp>
#include <berth/runtime/internal/live.hpp>
#include <berth/runtime/service.hpp>
#include <berth/spec/defaults.hpp>
#include <berth/spec/environment.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// The one place that decides how a service is reached: published or not, on which address, directly or by a proxy.

namespace berth::runtime {

/// `6379/tcp`.
std::string port_key(int container_port, Protocol protocol = Protocol::tcp);

/// On which address of the engine's host a port is published.
std::string bind_address(const EngineFacts& engine, const EnvironmentSpec& spec, const DeclaredPort& port);

/// The host that published ports are reached at from here.
std::string published_host(const EngineFacts& engine);

/// All published ports of a container, as this process reaches them.
std::map<std::string, ReachedAt> reached_ports(const EngineFacts& engine, const ContainerFacts& facts);

/// One network device of this machine with an IPv4 address.
struct Interface {
    std::string name{};
    std::uint32_t address{0};  ///< Host byte order.
    std::uint32_t mask{0};
};
std::vector<Interface> own_interfaces();

/// The container's own address when a bridge of this machine leads to it: the engine is local and in our network
/// namespace, and the device that Docker names after the network (or its default bridge) has an address beside the
/// container's. Nothing otherwise: rootless, another namespace, a virtual machine, a remote engine.
std::optional<std::string> direct_address(const EngineFacts& engine, const ContainerFacts& facts,
                                          const std::vector<Interface>& interfaces);

/// Where readiness of a port is looked for.
struct ProbeTarget {
    std::string host{};
    std::uint16_t port{0};
    /// A proxy stands in between: it accepts before the service listens, so a connection counts only when it stays up.
    bool proxied{false};
};
/// The container's own address where it is reachable, else the published port. Nothing when there is neither.
std::optional<ProbeTarget> probe_target(const Live& live, int container_port);
/// The published port, whatever else there is.
std::optional<ProbeTarget> published_target(const Live& live, int container_port);

}  // namespace berth::runtime

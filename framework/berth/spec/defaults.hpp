// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/spec/environment.hpp>

#include <string>
#include <vector>

// What counts where a spec says nothing, in one place for every reader of specs.

namespace berth {

[[nodiscard]] std::string project_name(const EnvironmentSpec& spec);  ///< `name`, else of the base directory.
[[nodiscard]] Duration up_timeout(const EnvironmentSpec& spec);
[[nodiscard]] Duration pull_timeout(const EnvironmentSpec& spec);
[[nodiscard]] Duration step_timeout(const EnvironmentSpec& spec, const StepSpec& step);
[[nodiscard]] Duration ready_timeout(const EnvironmentSpec& spec, const ServiceSpec& service);
[[nodiscard]] Duration down_timeout(const EnvironmentSpec& spec);

/// Whether the service ends by itself: its `wait` is or contains `exit`, or another one waits for its completion.
[[nodiscard]] bool is_one_shot(const EnvironmentSpec& spec, const ServiceSpec& service);

/// What `wait: auto` (also: no `wait`) means for the service, without what its image says; strategies as written
/// otherwise. `simple = automatic` is left only where the image's health check has to be asked for first: it counts if
/// there is one, otherwise the `port` beside it, and without that the service has to stay running.
[[nodiscard]] WaitSpec effective_wait(const EnvironmentSpec& spec, const ServiceSpec& service);

/// The networks a service is on: as given; `default`; none where the environment has one service that names none (it
/// then runs on the engine's own bridge).
[[nodiscard]] std::vector<std::string> networks_of(const EnvironmentSpec& spec, const ServiceSpec& service);

/// The networks that the environment creates: those its services are on.
[[nodiscard]] std::vector<std::string> networks_in_use(const EnvironmentSpec& spec);

/// Container ports that are published, in the order of `ports`, ranges taken apart.
struct DeclaredPort {
    int container{0};
    Protocol protocol{Protocol::tcp};
    std::string name{};
    PublishedPort published{};
    std::string host_ip{};
    Origin origin{};
};
[[nodiscard]] std::vector<DeclaredPort> declared_ports(const ServiceSpec& service);

/// Where a path of the spec is on the host: `~` is the home directory; a relative one starts at the base directory. A
/// spec written in C++ has none: then the working directory counts, and where nothing is there, the folder of the
/// source in `origin`.
[[nodiscard]] std::string host_path(const EnvironmentSpec& spec, const std::string& path, const Origin& origin);

/// SHA-256 of everything in the service that decides what runs; stable between runs and machines.
[[nodiscard]] std::string spec_hash(const ServiceSpec& service);

}  // namespace berth

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/core/names.hpp>
#include <berth/runtime/environment.hpp>
#include <berth/spec/defaults.hpp>
#include <berth/spec/environment.hpp>
#include <berth/spec/graph.hpp>

#include <map>
#include <string>
#include <vector>

namespace berth::runtime {

/// One service as it is going to run: what its spec says, and what counts where it says nothing.
struct ServicePlan {
    ServiceSpec spec{};
    std::string name{};
    std::string container_name{};  ///< Known before anything runs, so that a lost create can be looked up.
    std::string image{};           ///< After substitution.
    WaitSpec wait{};               ///< effective_wait().
    std::chrono::nanoseconds ready_timeout{0};
    bool one_shot{false};
    bool restarts{false};      ///< Its restart policy brings it back, so an end is not the end.
    bool asked_to_run{false};  ///< `wait` fell back on "runs, and still does a second later".
    bool asks_image{false};    ///< `wait: auto` that the image's health check decides.
    bool published{true};      ///< Its ports are.
    std::vector<DeclaredPort> ports{};
    std::vector<std::string> networks{};  ///< By their keys, in order.
};

/// What an environment consists of once profiles, names and defaults are decided. Asks no engine.
struct Plan {
    EnvironmentSpec spec{};  ///< Only what counts.
    std::string project{};
    RunId run{};
    Graph graph;
    std::vector<ServicePlan> services{};               ///< In the order of `spec.services`, which `graph` counts by.
    std::vector<std::string> networks{};               ///< To be made, by key.
    std::vector<std::string> volumes{};                ///< To be made, by key.
    std::map<std::string, std::string> substituted{};  ///< Images as written to images as used, where they differ.

    [[nodiscard]] const ServicePlan* find(std::string_view service) const noexcept;
};

/// @throws InvalidSpec with every mistake; Error (BR0601) for what is refused
Plan make_plan(const EnvironmentSpec& spec, const UpOptions& options);

/// Refuses what can take over this machine: privileged containers, the engine's socket, binds outside the project.
/// @throws Error (BR0601)
void refuse_dangers(const EnvironmentSpec& spec);

}  // namespace berth::runtime

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/report/run_folder.hpp>
#include <berth/report/timeline.hpp>
#include <berth/runtime/environment.hpp>
#include <berth/runtime/internal/event_hub.hpp>
#include <berth/runtime/internal/live.hpp>
#include <berth/runtime/internal/plan.hpp>
#include <berth/runtime/internal/reporter.hpp>
#include <berth/session/owners.hpp>
#include <berth/session/session.hpp>

#include <atomic>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace berth {

/// Everything that an environment is made of, while it goes up, is up, and goes down.
struct Environment::State {
    State(runtime::Plan its_plan, const UpOptions& its_options, const Engine& its_engine);

    const runtime::Plan plan;
    const UpOptions options;
    const Engine engine;
    Session session;
    RunFolder folder;
    Timeline timeline{};
    runtime::Reporter reporter;
    runtime::Services states{};       ///< One a service, in the order of the plan.
    std::vector<Service> services{};  ///< Handles to them.

    // Owners. Each slot is filled by the phase that makes the object, and emptied by the one that removes it.
    std::vector<std::optional<OwnedNetwork>> networks{};
    std::vector<std::optional<OwnedVolume>> volumes{};
    std::vector<std::optional<OwnedContainer>> containers{};

    std::mutex mutex{};
    std::vector<std::size_t> start_order{};  ///< Guarded by `mutex`.

    std::map<std::string, std::string> exports{};
    std::atomic<bool> failed{false};
    bool is_down{false};

    [[nodiscard]] runtime::World world() const { return {plan, states, folder.path()}; }
    [[nodiscard]] std::string state_json() const;
};

namespace runtime {

/// Brings everything up. What was made stays in its owners when it throws.
void launch(Environment::State& state, const Deadline& deadline);

/// Writes what the run folder is to hold: logs, inspects and artifacts as the spec asks for after a success or a
/// failure, and the timeline. Never throws for a single one of them: what cannot be had is told to the log.
void gather(Environment::State& state, const Deadline& deadline);

/// Removes containers (in reverse order of their start), networks and volumes.
/// @returns what is left, and why, one line each
std::vector<std::string> remove_all(Environment::State& state, const Deadline& deadline);

/// Lets go of everything; nothing is removed.
void release_all(Environment::State& state) noexcept;

/// Gives up on what could not be removed in time, so that the owners do not begin anew, one after the other.
void abandon_all(Environment::State& state) noexcept;

}  // namespace runtime
}  // namespace berth

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/core/deadline.hpp>
#include <berth/runtime/internal/event_hub.hpp>
#include <berth/runtime/internal/live.hpp>
#include <berth/runtime/internal/log_follower.hpp>
#include <berth/spec/template.hpp>

#include <cstddef>
#include <map>
#include <vector>

namespace berth::runtime {

/// All log waits of a strategy, and which of them is which.
struct LogWaits {
    std::vector<LogFollower::Wanted> wanted{};
    std::map<const WaitLog*, std::size_t> number{};
};
LogWaits log_waits_of(const WaitSpec& wait);

/// Whether a strategy has to hear of the container's events.
bool needs_events(const WaitSpec& wait);

/// `port 6379`, `log /ready/ and http /`: a strategy in a few words.
std::string describe(const WaitSpec& wait);

/// What a wait has to do with. Borrows.
struct WaitInput {
    Service::State& service;
    const ReferenceLookup& lookup;
    EventHub* hub{nullptr};     ///< Null: nothing in the environment needs events.
    LogFollower* log{nullptr};  ///< Null: the service has no log wait.
    const LogWaits* log_waits{nullptr};
};

/// Blocks until the service is ready in the sense of its strategy; its container has just been started.
/// @throws NotReady (BR0301 too late, BR0302 its container ended, BR0303 unhealthy) with the last observation and the
/// end of the log; TimedOut (BR0304) when the environment's time was over first; Cancelled
void wait_until_ready(const WaitInput& input, const Deadline& deadline);

/// Blocks until the container has ended, which a dependent asked for. @returns its exit code
/// @throws TimedOut (BR0304), Cancelled
int wait_until_ended(const WaitInput& input, const Deadline& deadline);

/// Blocks until the engine's health check of the container passes, which a dependent asked for. @throws as
/// wait_until_ready()
void wait_until_healthy(const WaitInput& input, const Deadline& deadline);

/// The last lines of a container's log, as far as they can be had within a few seconds.
std::vector<std::string> log_tail(const Engine& engine, const ContainerId& id, bool tty);

}  // namespace berth::runtime

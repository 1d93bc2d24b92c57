// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/cli/context.hpp>
#include <berth/cli/progress.hpp>
#include <berth/runtime/environment.hpp>

#include <string>

namespace berth::cli {

/// The options that `up` and `run` give alike: engine, profiles, project, how much at once, where progress goes.
UpOptions up_options(const Context& context, const Engine& engine, ProgressDisplay& display);

/// Sends log lines above the progress while it lives.
class LogsAbove {
  public:
    explicit LogsAbove(ProgressDisplay& display);
    LogsAbove(const LogsAbove&) = delete;
    LogsAbove& operator=(const LogsAbove&) = delete;
    ~LogsAbove();
};

/// The timeline of what has happened so far, as text; without the span around all others, which would always be the
/// longest.
std::string timeline_of(const Environment& environment, std::size_t columns);

/// What a second signal says before it leaves.
std::string text_when_leaving(const std::string& project);

}  // namespace berth::cli

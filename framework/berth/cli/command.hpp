// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/cli/context.hpp>

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace berth::cli {

/// The command under `run`.
struct Command {
    std::vector<std::string> argv{};
    std::map<std::string, std::string> variables{};  ///< On top of our own.
    std::string working_dir{};                       ///< Empty: ours.
    std::optional<std::chrono::nanoseconds> timeout{};
};

/// Looks the program up as the shell would. @throws Exit 127 when it is not there, 126 when it may not be run
void require_program(const std::string& program, const std::string& working_dir, const VariableSource& variables);

/// Runs the command with our standard streams, in our process group, so that a terminal's keys reach it as ever; other
/// signals are passed on. The third signal kills it; so does what is left of its time, after SIGTERM.
/// @returns its status as a shell says it
/// @throws Exit 126 or 127 when it cannot be run, TimedOut when `--timeout` passed first
int run_command(const Context& context, const Command& command);

}  // namespace berth::cli

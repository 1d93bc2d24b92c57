// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/cli/context.hpp>
#include <berth/engine/containers.hpp>
#include <berth/engine/engine.hpp>
#include <berth/runtime/state_file.hpp>

#include <optional>
#include <string>
#include <vector>

namespace berth::cli {

/// A container of what is up.
struct RunningService {
    std::string name{};  ///< Of the service.
    ContainerSummary container{};
};

/// What is up, as state file and engine tell together.
struct Running {
    Engine engine;
    std::string project{};
    std::optional<StateFile> state{};
    std::vector<RunningService> services{};  ///< In the order of the spec where that is known; those that ended too.

    /// @throws Exit (1) with a did-you-mean when it is not up
    [[nodiscard]] const RunningService& service(const std::string& name) const;
};

/// The state file that counts here: of BERTH_STATE, else `.berth/state.json`; none when there is none, or when it is of
/// another project than the one asked for. @throws Error (BR0803) when it cannot be used
std::optional<StateFile> state_here(const Context& context);

/// The project that is meant: `--project`, else the state file's unless `--file` was given, else the spec's.
std::string project_here(const Context& context, const std::optional<StateFile>& state);

/// What finds the engine of a state file again; empty without one.
std::string engine_of(const std::optional<StateFile>& state);

/// Asks the engine for the containers of the run in the state file, or, without one, of the project's `berth up`.
/// @throws EngineUnreachable
Running find_running(const Context& context);

/// Labels of what `berth up` makes for a project.
std::vector<std::string> labels_of_up(const std::string& project);

}  // namespace berth::cli

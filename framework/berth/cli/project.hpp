// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/cli/context.hpp>

#include <map>
#include <string>

namespace berth::cli {

// The folder `.berth` below the working directory: what `up` leaves there for other programs, and `down` takes away.

/// Writes `.berth/state.json` and `.berth/env`, both with mode 0600. @throws Error (BR0801, BR0802)
void write_project_files(const Context& context, const std::string& state_json,
                         const std::map<std::string, std::string>& exports);

/// Removes both, when they are of this project. @returns whether they were there
bool remove_project_files(const Context& context, const std::string& project);

}  // namespace berth::cli

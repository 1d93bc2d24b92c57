// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/cli/context.hpp>
#include <berth/core/diagnostic.hpp>
#include <berth/spec/environment.hpp>
#include <berth/yaml/reader.hpp>

#include <string>
#include <vector>

namespace berth::cli {

/// A spec as it was read, with everything that was found out about it.
struct Loaded {
    std::string path{};  ///< As given, or as found.
    EnvironmentSpec spec{};
    std::vector<Diagnostic> diagnostics{};
    std::vector<Diagnostic> not_yet{};  ///< Keys that are understood and not built yet.
    SourceTexts sources{};
};

/// What the variables of a spec may come from.
ReadOptions read_options(const Context& context);

/// Whether a spec or a compose file is named: then `berth.yaml` is not looked for.
bool names_a_spec(const GlobalOptions& global);

/// Finds and reads the spec of `--file`, else of `berth.yaml` here or in a folder above, and checks it.
/// @throws Exit (65) when there is none, InvalidSpec never: `diagnostics` tell
Loaded read_and_check(const Context& context);

/// Notes are told beside warnings, or by themselves as well.
enum class Notes { with_warnings, always };

/// The same for a verb that needs a good spec: warnings are printed.
/// @throws InvalidSpec with errors, keys that are not built yet, or with warnings after --werror
Loaded load(const Context& context, Notes notes = Notes::with_warnings);

/// The project's name: `--project`, else the spec's.
std::string project_of(const Context& context, const EnvironmentSpec& spec);

/// `publish: never` for services that do not say it themselves, where `--publish never` was asked for.
void apply_publish(const Context& context, EnvironmentSpec& spec);

}  // namespace berth::cli

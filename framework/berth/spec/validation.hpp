// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/core/diagnostic.hpp>
#include <berth/spec/environment.hpp>
#include <berth/spec/image_lock.hpp>

#include <optional>
#include <string>
#include <vector>

namespace berth {

struct ValidateOptions {
    std::vector<std::string> profiles{};  ///< Turned on by the caller.
    std::vector<std::string> services{};  ///< Asked for by name; empty: all.
    bool check_files{true};               ///< Whether sources of copies, binds and stdin_file exist.
    std::optional<ImageLock> lock{};      ///< What `images.lock` names, where `images.locked` is to be judged.
};

/// Everything that can be judged without an engine: graph, networks, ports, references, waits, names, files. The same
/// for a spec from YAML and one from C++ (whose places are the caller's lines). Sorted by place.
std::vector<Diagnostic> validate(const EnvironmentSpec& spec, const ValidateOptions& options = {});

/// The spec with only the services that count: those of the profiles that are on and, with `services`, those named and
/// what they need. @throws InvalidSpec when one named is not there
EnvironmentSpec active_part(const EnvironmentSpec& spec, const ValidateOptions& options);

}  // namespace berth

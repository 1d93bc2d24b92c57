// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/runtime/environment.hpp>
#include <berth/spec/environment.hpp>

#include <functional>
#include <string>

namespace berth::testing {

/// What becomes of tests whose environment did not come up. `skip` ends with exit code 0 when nothing else failed, so
/// it has to be asked for. BERTH_ON_SETUP_FAILURE=fail|skip in the process's environment overrides what the code says.
enum class OnSetupFailure { fail, skip };

struct Options {
    OnSetupFailure on_setup_failure{OnSetupFailure::fail};
    UpOptions up{};
};

/// An environment that is wanted: how its spec is made (which may fail, and then fails the set-up), and options.
struct Declared {
    std::function<EnvironmentSpec()> spec{};
    Options options{};
};

/// A spec from a YAML file. A relative path is tried from the working directory, then from the folder of `source_file`.
Declared declare(const char* source_file, const std::string& path, Options options = {});
/// A spec written in C++.
Declared declare(const char* source_file, EnvironmentSpec spec, Options options = {});

}  // namespace berth::testing

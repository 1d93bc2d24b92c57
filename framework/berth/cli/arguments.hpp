// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/cli/options.hpp>

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace berth::cli {

/// The value of an environment variable, if it is set.
using VariableSource = std::function<std::optional<std::string>(const std::string& name)>;

/// What a command line turned out to be: options to act on, or a text to print and a code to exit with.
struct Parsed {
    std::optional<Arguments> arguments{};
    int exit_code{0};
    std::string out{};  ///< For standard output: help, version.
    std::string err{};  ///< For standard error: what is wrong.
};

/// Reads a command line (without the program's name). Flags go before variables, variables before defaults; an empty
/// variable counts as not set. Never throws for what a user wrote: mistakes are exit code 64 and a text.
Parsed parse_arguments(const std::vector<std::string>& words, const VariableSource& variables);

}  // namespace berth::cli

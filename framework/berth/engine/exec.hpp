// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace berth {

/// Whether a command's status other than 0 is an error.
enum class Check { yes, no };

struct ExecOptions {
    std::vector<std::string> command{};      ///< Argument vector; no shell is involved.
    std::vector<std::string> environment{};  ///< `K=V`, beside the container's own.
    std::string user{};
    std::string working_dir{};
    bool tty{false};
    bool attach_stdin{false};
    std::string input{};  ///< What the command reads; then its standard input ends. Implies attach_stdin.
    Check check{Check::yes};
    std::size_t keep_output{1 << 20};  ///< Bytes of each stream that are kept; what is over is dropped from the front.
    /// Called with output as it comes, instead of keeping it; stream 1 or 2.
    std::function<void(int stream, std::string_view bytes)> on_output{};
    /// Asked for more input as it comes (a terminal); an empty result is the end. Runs on a thread of its own; its
    /// token stops when the command has ended, and then it has to return.
    std::function<std::string(const std::stop_token&)> read_input{};
};

/// How a command in a container ended.
struct CommandResult {
    int exit_code{0};
    std::string standard_output{};
    std::string standard_error{};
};

}  // namespace berth

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/core/deadline.hpp>
#include <berth/core/diagnostic.hpp>

#include <exception>
#include <stdexcept>
#include <string>

namespace berth::cli {

// The exit codes that scripts may rely on.
constexpr int k_done = 0;
constexpr int k_not_so = 1;
constexpr int k_wrong_use = 64;
constexpr int k_bad_spec = 65;
constexpr int k_no_engine = 69;
constexpr int k_our_fault = 70;
constexpr int k_not_up = 75;
constexpr int k_refused = 77;
constexpr int k_timed_out = 124;
constexpr int k_may_not_run = 126;
constexpr int k_no_command = 127;
constexpr int k_signalled = 128;  ///< And the number of the signal.

/// Ends the verb with a code and a text of our own.
class Exit : public std::runtime_error {
  public:
    /// `text` is what follows `error: `, and may have further lines.
    Exit(int code, const std::string& text) : std::runtime_error(text), code_(code) {}
    [[nodiscard]] int code() const noexcept { return code_; }

  private:
    int code_;
};

/// How to tell about a failure.
struct Telling {
    Colour colour{Colour::never};
    std::size_t max_errors{50};
    int signal{0};           ///< The one that asked us to end; 0: none did.
    bool time_is_up{false};  ///< `--timeout` has passed.
    std::string log_file{};  ///< Named when the fault is ours.
};

struct Outcome {
    int code{0};
    std::string text{};  ///< For standard error, with its line end; empty when there is nothing to say.
};

/// The one place where failures become exit codes and texts.
Outcome outcome_of(const std::exception_ptr& failure, const Telling& telling);

}  // namespace berth::cli

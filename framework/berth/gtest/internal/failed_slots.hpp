// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace berth::testing::internal {

/// Why tests cannot run.
struct SetupFailure {
    bool skip{false};
    std::string suite{};  ///< Empty: concerns every test of the program.
    std::string line{};
};

/// From now on each test that `failure` concerns fails, or is skipped, as it starts. Kept under `slot`.
void concern_tests(const void* slot, SetupFailure failure);
/// The tests of `slot` run again.
void no_longer(const void* slot) noexcept;

enum class Verdict { skipped, failed_on, failed_at_once };

/// What the running test (or the set-up or tear-down that runs) gets. `failed_at_once` in a test's set-up keeps its
/// body from running. `file` may be null.
void report(const char* file, int line, Verdict verdict, const std::string& text);

}  // namespace berth::testing::internal

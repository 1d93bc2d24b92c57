// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/core/origin.hpp>
#include <berth/gtest/options.hpp>
#include <berth/gtest/slot.hpp>

#include <functional>

namespace berth::testing {

/// What BERTH_ENVIRONMENT declares: a handle of an environment that is up while the tests of the program run.
class GlobalEnvironment {
  public:
    /// Registers it with GoogleTest, as static initialisation does. `name` appears in messages.
    GlobalEnvironment(const char* name, std::function<Declared()> declare, Caller caller = BERTH_CALLER);

    /// @throws Error (BR0901) outside of the tests, in the child of a death test, and when it did not come up
    const Environment* operator->() const { return &slot_->environment(); }
    const Environment& operator*() const { return slot_->environment(); }

  private:
    Slot* slot_;  // lives as long as the program
};

}  // namespace berth::testing

/// One environment for the whole program: `BERTH_ENVIRONMENT(shop, "specs/shop.yaml");` at namespace scope, then
/// `shop->service("db")` in the tests. Instead of the path any expression that gives an EnvironmentSpec; behind it, if
/// wanted, Options: `BERTH_ENVIRONMENT(shop, "specs/shop.yaml", {.on_setup_failure = OnSetupFailure::skip})`. Works
/// with gtest_main.
///
/// Brought up before the first selected test, taken down after the last; not at all when no test is selected or tests
/// are only listed. Such a program is one ctest entry (add_test): gtest_discover_tests would bring it up once a test.
#define BERTH_ENVIRONMENT(name, ...)                      \
    const ::berth::testing::GlobalEnvironment name(#name, \
                                                   [] { return ::berth::testing::declare(__FILE__, __VA_ARGS__); })

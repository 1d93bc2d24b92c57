// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/core/origin.hpp>
#include <berth/gtest/options.hpp>

#include <functional>
#include <memory>
#include <string>

namespace berth::testing {

/// The place of one environment in a test program: empty, up, or not come up and why. What the scopes are made of;
/// tests use those.
///
/// Starts nothing in the child of a death test, and takes nothing down in a process that did not bring it up. What is
/// still up when the program calls exit() is taken down then.
class Slot {
  public:
    enum class Scope { program, suite, test };

    /// @param title how messages call it: `environment 'shop'`
    /// @param place where it is declared, if that is known
    Slot(Scope scope, std::string title, Origin place = {});
    Slot(const Slot&) = delete;
    Slot& operator=(const Slot&) = delete;
    ~Slot();

    /// Brings the environment up. Never throws: why it did not come up is printed once (of a test's: is its failure),
    /// and then the tests of its scope fail, or are skipped, each with one line.
    void set_up(const std::function<Declared()>& declare) noexcept;

    /// Takes it down. What is left behind is a non-fatal failure with the whole text.
    /// @param failed a test failed: what is kept on failure is kept
    void tear_down(bool failed) noexcept;

    /// @throws Error (BR0901) when it is not up, and why
    [[nodiscard]] const Environment& environment() const;

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace berth::testing

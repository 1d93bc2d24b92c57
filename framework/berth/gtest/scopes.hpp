// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/gtest/options.hpp>
#include <berth/gtest/slot.hpp>

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace berth::testing {

/// A fixture whose suite has one environment, up while its tests run:
///
///     class Orders : public berth::testing::SuiteEnvironment<Orders> {
///       public:
///         static berth::EnvironmentSpec spec() { return berth::read_spec("specs/shop.yaml"); }
///     };
///     TEST_F(Orders, AreStored) { Database db(environment().service("db").url()); … }
///
/// `spec()` may throw; that fails the set-up. A fixture that has a SetUpTestSuite() of its own calls this one first,
/// and TearDownTestSuite() of this last.
template <class Derived>
class SuiteEnvironment : public ::testing::Test {
  public:
    static Options options() { return {}; }  ///< Derived may have its own.

    static void SetUpTestSuite() {
        slot() = std::make_unique<Slot>(Slot::Scope::suite, "the environment of suite '" + suite_name() + "'");
        slot()->set_up([] { return Declared{&Derived::spec, Derived::options()}; });
    }
    static void TearDownTestSuite() {
        slot()->tear_down(::testing::UnitTest::GetInstance()->current_test_suite()->Failed());
    }

    /// @throws Error (BR0901) when it is not up
    static const Environment& environment() { return slot()->environment(); }

  private:
    static std::string suite_name() { return ::testing::UnitTest::GetInstance()->current_test_suite()->name(); }
    // Never destroyed: exit() in a test, or in the forked child of a death test, runs no destructor of an environment.
    static std::unique_ptr<Slot>& slot() {
        static auto* const slot = new std::unique_ptr<Slot>(new Slot(Slot::Scope::suite, "the environment of a suite"));
        return *slot;
    }
};

/// A fixture that brings an environment up for each of its tests: `static spec()` as above. A SetUp() or TearDown() of
/// its own calls this one, first or last.
template <class Derived>
class TestEnvironment : public ::testing::Test {
  public:
    static Options options() { return {}; }  ///< Derived may have its own.

    /// @throws Error (BR0901) when it is not up
    [[nodiscard]] const Environment& environment() const { return slot_.environment(); }

  protected:
    void SetUp() override {
        slot_.set_up([] { return Declared{&Derived::spec, Derived::options()}; });
    }
    void TearDown() override { slot_.tear_down(HasFailure()); }

  private:
    static std::string test_name() {
        const auto* const test = ::testing::UnitTest::GetInstance()->current_test_info();
        return std::string(test->test_suite_name()) + '.' + test->name();
    }
    Slot slot_{Slot::Scope::test, "the environment of test '" + test_name() + "'"};
};

}  // namespace berth::testing

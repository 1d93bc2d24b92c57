// SPDX-License-Identifier: Apache-2.0
#include <berth/gtest.hpp>
#include <berth/yaml/reader.hpp>

#include <gtest/gtest.h>

namespace {

class Suite : public berth::testing::SuiteEnvironment<Suite> {
  public:
    static berth::EnvironmentSpec spec() { return berth::read_spec("no-such.yaml"); }
};

TEST_F(Suite, First) {
    ADD_FAILURE() << "the body of a test ran";
}

TEST_F(Suite, Second) {
    ADD_FAILURE() << "the body of a test ran";
}

class Each : public berth::testing::TestEnvironment<Each> {
  public:
    static berth::EnvironmentSpec spec() { return berth::read_spec("no-such.yaml"); }
};

TEST_F(Each, First) {
    ADD_FAILURE() << "the body of a test ran";
}

class Skipping : public berth::testing::SuiteEnvironment<Skipping> {
  public:
    static berth::EnvironmentSpec spec() { return berth::read_spec("no-such.yaml"); }
    static berth::testing::Options options() { return {.on_setup_failure = berth::testing::OnSetupFailure::skip}; }
};

TEST_F(Skipping, First) {
    ADD_FAILURE() << "the body of a test ran";
}

TEST(Unrelated, StillRuns) {
    SUCCEED();
}

}  // namespace

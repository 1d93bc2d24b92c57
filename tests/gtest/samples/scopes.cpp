// SPDX-License-Identifier: Apache-2.0
#include <berth/gtest.hpp>
#include <berth/yaml/reader.hpp>

#include <gtest/gtest.h>

#include <cstdlib>
#include <set>
#include <string>

namespace {

berth::EnvironmentSpec box() {
    berth::EnvironmentSpec spec;
    spec.name = "gtest-sample";
    return spec.with_service(berth::service("box", std::getenv("BERTH_SAMPLE_IMAGE"))
                                 .with_command({"sh", "-c", "echo started; exec sleep 600"})
                                 .with_wait(berth::wait::log("started")));
}

std::set<std::string> seen_by_suite;
std::set<std::string> seen_by_test;

class BySuite : public berth::testing::SuiteEnvironment<BySuite> {
  public:
    static berth::EnvironmentSpec spec() { return box(); }
};

TEST_F(BySuite, HasOne) {
    seen_by_suite.insert(environment().service("box").container_id().text);
    EXPECT_EQ(seen_by_suite.size(), 1U);
}

TEST_F(BySuite, HasTheSame) {
    seen_by_suite.insert(environment().service("box").container_id().text);
    EXPECT_EQ(seen_by_suite.size(), 1U);
}

class ByTest : public berth::testing::TestEnvironment<ByTest> {
  public:
    static berth::EnvironmentSpec spec() { return box(); }
};

TEST_F(ByTest, HasOne) {
    seen_by_test.insert(environment().service("box").container_id().text);
    EXPECT_EQ(seen_by_test.size(), 1U);
}

TEST_F(ByTest, HasAnother) {
    seen_by_test.insert(environment().service("box").container_id().text);
    EXPECT_EQ(seen_by_test.size(), 2U);
}

TEST(Unrelated, NeedsNone) {
    SUCCEED();
}

TEST(After, ThatOfTheSuiteIsNotUp) {
    try {
        BySuite::environment();
        FAIL() << "it is up";
    } catch (const berth::Error& error) {
        EXPECT_STREQ(error.what(),
                     "error[BR0901]: the environment of suite 'BySuite' is not up: it is up only while its tests run");
    }
}

}  // namespace

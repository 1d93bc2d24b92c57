// SPDX-License-Identifier: Apache-2.0
#include <berth/gtest.hpp>

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>

BERTH_ENVIRONMENT(box, "box.yaml");

namespace {

std::string say(const char* word) {
    return box->service("box").exec({"echo", word}).standard_output;
}

TEST(Box, IsUp) {
    EXPECT_EQ(say("hello"), "hello\n");
}

TEST(Box, IsTheSameForEachTest) {
    EXPECT_EQ((*box).services().size(), 1U);
}

TEST(Box, DISABLED_Fails) {
    FAIL() << "on purpose";
}

TEST(Box, DISABLED_Exits) {
    EXPECT_EQ(say("hello"), "hello\n");
    std::exit(3);
}

// Waits until whoever runs this has taken the engine away.
TEST(Box, DISABLED_LosesItsEngine) {
    EXPECT_EQ(say("hello"), "hello\n");
    std::ofstream(std::getenv("BERTH_SAMPLE_READY")) << "ready\n";
    std::ifstream gone(std::getenv("BERTH_SAMPLE_GONE"));  // a FIFO: opened once the other side opens it
    std::string line;
    EXPECT_TRUE(std::getline(gone, line));
}

TEST(BoxDeathTest, OfTheFastStyleLeavesItUp) {
    GTEST_FLAG_SET(death_test_style, "fast");
    EXPECT_EXIT(std::exit(0), testing::ExitedWithCode(0), "");
    EXPECT_EXIT(std::exit(box->services().size() == 1 ? 7 : 8), testing::ExitedWithCode(7), "");

    EXPECT_EQ(say("still here"), "still here\n");
}

TEST(BoxDeathTest, OfTheThreadsafeStyleStartsNoSecondOne) {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    EXPECT_EXIT(std::exit(0), testing::ExitedWithCode(0), "");
    EXPECT_EXIT(
        {
            try {
                std::fputs(box->folder().c_str(), stderr);
            } catch (const berth::Error& error) {
                std::fputs(error.what(), stderr);
                std::exit(4);
            }
        },
        testing::ExitedWithCode(4),
        "error\\[BR0901\\]: environment 'box' is not up: this is the child of a death test, which starts nothing");

    EXPECT_EQ(say("still here"), "still here\n");
}

}  // namespace

// SPDX-License-Identifier: Apache-2.0
// What a real engine does when all is well is for other tests; these are about what happens when it is not.
#include "database.hpp"

#include <berth/fake/engine.hpp>

#include <gtest/gtest.h>

namespace fake = berth::fake;
using namespace std::chrono_literals;

TEST(Database, ComesUpOnceItIsHealthy) {
    fake::Engine engine;
    engine.image("postgres:16").becomes_healthy_after(50ms).runs({"psql", "-c", "\\d orders"}, {});
    {
        const Database database(engine.endpoint());

        EXPECT_TRUE(database.has_table("orders"));
        EXPECT_FALSE(database.has_table("customers"));
    }
    EXPECT_TRUE(engine.containers().empty());
}

TEST(Database, TellsWhyItDidNotComeUp) {
    fake::Engine engine;
    engine.image("postgres:16").becomes_healthy_after(1h).prints("no space left on device").exits(1, 50ms);

    try {
        const Database database(engine.endpoint());
        FAIL() << "it came up";
    } catch (const berth::NotReady& late) {
        EXPECT_EQ(late.exit_code(), 1);
        EXPECT_EQ(late.log_tail(), std::vector<std::string>{"no space left on device"});
    }
    EXPECT_TRUE(engine.containers().empty());
}

TEST(Database, SurvivesAnAnswerThatIsLost) {
    fake::Engine engine;
    engine.image("postgres:16").becomes_healthy_after(50ms);
    engine.fault({.method = "POST", .path = "/containers/create"}, {.kind = fake::Fault::Kind::drop_answer});

    const Database database(engine.endpoint());

    EXPECT_EQ(engine.containers().size(), 1U);
}

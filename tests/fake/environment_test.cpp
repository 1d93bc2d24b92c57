// SPDX-License-Identifier: Apache-2.0
// Whole environments on the fake engine: what users' own tests do.
#include <berth/fake/engine.hpp>
#include <berth/runtime/environment.hpp>
#include <tests/support/eventually.hpp>
#include <tests/support/temp_dir.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace berth {
namespace {

using namespace std::chrono_literals;
using support::k_patience;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class FakeEnvironment : public ::testing::Test {
  protected:
    Environment up_with(const std::vector<ServiceSpec>& services) {
        EnvironmentSpec spec;
        spec.name = "trial";
        spec.services = services;
        UpOptions options;
        options.engine = engine_.endpoint();
        options.runs_directory = runs_.file("runs");
        return up(spec, options, within(k_patience));
    }

    support::TempDir runs_{};
    fake::Engine engine_{};
};

TEST_F(FakeEnvironment, ComesUpOnceItIsHealthy) {
    engine_.image("postgres:16").becomes_healthy_after(50ms);
    {
        const Environment shop = up_with({service("db", "postgres:16")});

        ASSERT_THAT(engine_.containers(), SizeIs(1));
        EXPECT_EQ(engine_.containers()[0].health, "healthy");
    }
    EXPECT_THAT(engine_.containers(), IsEmpty());
}

TEST_F(FakeEnvironment, IsRemovedWhenTheHealthWaitFails) {
    engine_.image("postgres:16").reports_health({"starting", "unhealthy"});

    EXPECT_THROW(up_with({service("db", "postgres:16")}), NotReady);

    EXPECT_THAT(engine_.containers(), IsEmpty());
    EXPECT_THAT(engine_.volumes(), IsEmpty());
}

TEST_F(FakeEnvironment, ReachesAPublishedPort) {
    engine_.image("redis:7").accepts_connections_after(50ms);

    const Environment shop = up_with({service("cache", "redis:7").with_port(6379)});

    EXPECT_EQ(shop.service("cache").host(), "127.0.0.1");
    EXPECT_GT(shop.service("cache").port(6379), 0);
}

TEST_F(FakeEnvironment, WaitsForAnHttpAnswer) {
    engine_.image("web:1").answers_http(204, "", 50ms);

    const Environment shop = up_with({service("web", "web:1").with_port(80).with_wait(wait::http("/"))});

    EXPECT_THAT(engine_.containers(), SizeIs(1));
}

TEST_F(FakeEnvironment, WaitsForALogAndACommand) {
    engine_.image("web:1").prints("listening", 50ms).runs({"ready"}, {});

    const Environment shop =
        up_with({service("first", "web:1").with_wait(wait::log("listening")),
                 service("second", "web:1").with_wait(wait::exec({"ready"})).with_depends_on("first")});

    EXPECT_THAT(engine_.containers(), SizeIs(2));
    EXPECT_THAT(engine_.networks(), SizeIs(1));
}

TEST_F(FakeEnvironment, TellsOfAContainerThatEnded) {
    engine_.image("web:1").prints("no such table").exits(3, 30ms);

    try {
        up_with({service("web", "web:1").with_wait(wait::log("listening"))});
        FAIL() << "it came up";
    } catch (const NotReady& late) {
        EXPECT_EQ(late.exit_code(), 3);
        EXPECT_EQ(late.log_tail(), std::vector<std::string>{"no such table"});
    }
    EXPECT_THAT(engine_.containers(), IsEmpty());
}

TEST_F(FakeEnvironment, PullsAnImageThatIsNotThere) {
    engine_.image("web:1").is_in_registry().prints("listening");

    const Environment shop = up_with({service("web", "web:1").with_wait(wait::log("listening"))});

    EXPECT_THAT(engine_.images(), SizeIs(1));
}

TEST_F(FakeEnvironment, SurvivesAnAnswerThatIsLost) {
    engine_.image("web:1").prints("listening");
    engine_.fault({.method = "POST", .path = "/containers/create"}, {.kind = fake::Fault::Kind::drop_answer});
    {
        const Environment shop = up_with({service("web", "web:1").with_wait(wait::log("listening"))});

        EXPECT_THAT(engine_.containers(), SizeIs(1));
    }
    EXPECT_THAT(engine_.containers(), IsEmpty());
}

}  // namespace
}  // namespace berth

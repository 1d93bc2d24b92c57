// SPDX-License-Identifier: Apache-2.0
// The engine itself: what it is, what it takes, and what happens in it.
#include <berth/engine/system.hpp>
#include <tests/engine/limits.hpp>
#include <tests/engine/real_engine.hpp>
#include <tests/support/eventually.hpp>
#include <tests/support/recording_proxy.hpp>

#include <ctime>
#include <thread>

namespace berth {
namespace {

using namespace std::chrono_literals;
using ::testing::Contains;
using ::testing::HasSubstr;

class RealSystem : public support::RealEngine {};

TEST_F(RealSystem, SaysWhatItIs) {
    const SystemInfo info = engine_.system().info();

    EXPECT_EQ(info.os, "linux");
    EXPECT_EQ(info.version, engine_.facts().version.empty() ? info.version : engine_.facts().version);
    EXPECT_GT(info.processors, 0);
    EXPECT_GT(info.memory, 0);
    EXPECT_FALSE(info.storage_driver.empty());
    EXPECT_FALSE(info.runtimes.empty());
    EXPECT_GE(info.images, 1);
    EXPECT_THAT(second_.get("/info"), HasSubstr("\"Name\":\"" + info.name + "\""));
}

TEST_F(RealSystem, TellsItsVersions) {
    const SystemVersion version = engine_.system().version();

    EXPECT_EQ(version.api, engine_.facts().engine_api);
    EXPECT_LE(version.oldest_api, version.api);
    EXPECT_THAT(second_.get("/version"), HasSubstr("\"Version\":\"" + version.version + "\""));
    EXPECT_FALSE(version.components.empty());
}

TEST_F(RealSystem, AnswersAPing) {
    const Pong pong = engine_.system().ping();

    EXPECT_EQ(pong.api, engine_.facts().engine_api);
    EXPECT_EQ(pong.os, engine_.facts().os);
    ASSERT_TRUE(pong.time.has_value());
    EXPECT_NEAR(static_cast<double>(*pong.time), static_cast<double>(std::time(nullptr)), 5);
}

TEST_F(RealSystem, CountsItsDisk) {
    const ContainerId id = started("head -c 100000 /dev/zero > /file");
    containers_.wait(id, within(support::k_patience));

    const DiskUsage usage = engine_.system().disk_usage();

    EXPECT_GE(usage.images.count, 1);
    EXPECT_GE(usage.containers.count, 1);
    EXPECT_GE(usage.containers.bytes, 100'000);
}

TEST_F(RealSystem, TellsEventsThroughACut) {
    support::RecordingProxy proxy(endpoint().substr(std::string("unix://").size()));
    const Engine behind = Engine::connect(proxy.endpoint().text());
    proxy.inject({.kind = support::Fault::Kind::cut_answer, .method = "GET", .target = "/events", .bytes = 1500});
    std::vector<std::string> started_ids;
    std::vector<std::string> seen;
    std::mutex mutex;
    int lists = 0;
    std::stop_source stop;
    std::jthread watcher([&] {
        EXPECT_THROW(behind.events().watch(
                         {.types = {"container"}, .actions = {"start"}, .labels = {label()}},
                         [&] {
                             const std::lock_guard lock(mutex);
                             ++lists;
                         },
                         [&](const Event& event) {
                             const std::lock_guard lock(mutex);
                             seen.push_back(event.id);
                             return true;
                         },
                         within(60s, stop.get_token())),
                     Cancelled);
    });
    ASSERT_TRUE(support::wait_until([&] {
        const std::lock_guard lock(mutex);
        return lists == 1;
    }));

    for (int i = 0; i < 6; ++i) {
        started_ids.push_back(started("true").text);
    }
    EXPECT_TRUE(support::wait_until([&] {
        const std::lock_guard lock(mutex);
        return seen.size() >= started_ids.size() && lists >= 2;
    }));
    stop.request_stop();
    watcher.join();

    EXPECT_EQ(seen, started_ids);
}

TEST_F(RealSystem, TellsWhatHappenedInATime) {
    const auto before = *engine_.system().ping().time;
    const ContainerId id = started("exit 9");
    containers_.wait(id, within(support::k_patience));
    std::vector<std::string> actions;
    engine_.events().follow(
        {.types = {"container"},
         .labels = {label()},
         .containers = {id.text},
         .since = before - 1,
         .until = *engine_.system().ping().time + 1},
        {},
        [&](const Event& event) {
            actions.push_back(event.action);
            return true;
        },
        within(support::k_patience));

    EXPECT_THAT(actions, Contains("create"));
    if (support::can(engine_.facts(), support::Feature::prompt_events)) {
        EXPECT_THAT(actions, Contains("die"));
    }
}

}  // namespace
}  // namespace berth

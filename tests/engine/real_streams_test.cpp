// SPDX-License-Identifier: Apache-2.0
// Both directions of containers and commands, logs that are followed through ends, and how soon a stream lets go.
#include <tests/engine/limits.hpp>
#include <tests/engine/real_engine.hpp>
#include <tests/support/eventually.hpp>
#include <tests/support/gate.hpp>
#include <tests/support/recording_proxy.hpp>

#include <atomic>
#include <fstream>
#include <thread>

namespace berth {
namespace {

using namespace std::chrono_literals;
using support::can;
using support::error_text;
using support::Feature;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string rest_of(Streams& streams) {
    std::string seen;
    while (
        streams.read([&](int stream, std::string_view bytes) { seen += std::to_string(stream) + std::string(bytes); },
                     within(support::k_patience))) {
    }
    return seen;
}

/// What came more than once, first ten.
std::vector<int> repeated(const std::vector<int>& sorted) {
    std::vector<int> result;
    for (auto at = sorted.begin(); (at = std::adjacent_find(at, sorted.end())) != sorted.end() && result.size() < 10;
         ++at) {
        result.push_back(*at);
    }
    return result;
}

class RealStreams : public support::RealEngine {};

TEST_F(RealStreams, AttachBeforeTheStartMissesNothing) {
    const ContainerId id = containers_.create(name("x"), shell("printf first; sleep 0.2; echo second >&2")).id;
    Streams streams = containers_.attach(id);
    containers_.start(id);

    EXPECT_EQ(rest_of(streams), "1first2second\n");
}

TEST_F(RealStreams, AttachFeedsTheContainerToItsEnd) {
    ContainerConfig config{.image = image(), .command = std::vector<std::string>{"cat"}, .labels = labels()};
    config.stdin_open = true;
    config.stdin_once = true;
    const ContainerId id = started(config);
    Streams streams = containers_.attach(id, {.standard_input = true});

    streams.write("hello\n", within(support::k_patience));
    streams.finish_writing();

    EXPECT_EQ(rest_of(streams), "1hello\n");
    EXPECT_EQ(containers_.wait(id, within(support::k_patience)), 0);
}

TEST_F(RealStreams, ATerminalHasASize) {
    ContainerConfig config{.image = image(), .command = std::vector<std::string>{"cat"}, .labels = labels()};
    config.tty = true;
    config.stdin_open = true;
    const ContainerId id = started(config);

    containers_.resize(id, {.rows = 33, .columns = 77});

    EXPECT_EQ(containers_.exec(id, {.command = {"sh", "-c", "stty size < /proc/1/fd/0"}}).standard_output, "33 77\n");
    EXPECT_THROW(containers_.resize({std::string(64, 'f')}, {}), NotFound);
}

TEST_F(RealStreams, ACommandIsTalkedToStepByStep) {
    const ContainerId id = idle();
    const Exec exec =
        containers_.create_exec(id, {.command = {"sh", "-c", "read x; echo got $x; exit 6"}, .attach_stdin = true});
    EXPECT_THROW((void)exec.wait(within(5s)), Conflict);

    Streams streams = exec.start();
    EXPECT_TRUE(exec.inspect().running);
    EXPECT_FALSE(exec.inspect().exit_code.has_value());
    streams.write("it\n", within(support::k_patience));
    streams.finish_writing();

    EXPECT_EQ(rest_of(streams), "1got it\n");
    EXPECT_EQ(exec.wait(within(support::k_patience)), 6);
    EXPECT_EQ(exec.inspect().container, id.text);
    EXPECT_THAT(exec.inspect().command, ElementsAre("sh", "-c", "read x; echo got $x; exit 6"));
}

TEST_F(RealStreams, ACommandOnATerminalHasItsSize) {
    const ContainerId id = idle();
    const Exec exec =
        containers_.create_exec(id, {.command = {"sh", "-c", "read x; stty size"}, .tty = true, .attach_stdin = true});

    Streams streams = exec.start();
    exec.resize({.rows = 30, .columns = 70});
    streams.write("\n", within(support::k_patience));

    EXPECT_THAT(rest_of(streams), HasSubstr("30 70\r\n"));
}

TEST_F(RealStreams, ACommandIsLeftAlone) {
    const ContainerId id = idle();
    const Exec exec = containers_.create_exec(id, {.command = {"sh", "-c", "echo x > /done; exit 5"}});

    exec.start_detached();

    EXPECT_TRUE(support::wait_until([&] { return containers_.stat(id, "/done").has_value(); }));
    if (can(engine_.facts(), Feature::detached_exec_ends)) {
        EXPECT_EQ(exec.wait(within(support::k_patience)), 5);
    } else {
        EXPECT_THROW((void)exec.wait(within(1s)), TimedOut);
    }
}

TEST_F(RealStreams, AWriterIsHeldBackByAReaderThatDoesNotRead) {
    const ContainerId id = idle();
    const Exec exec = containers_.create_exec(id, {.command = {"sh", "-c", "sleep 60"}, .attach_stdin = true});
    Streams streams = exec.start();
    const std::string much(1 << 20, 'x');

    EXPECT_THROW(
        {
            for (int i = 0; i < 64; ++i) {
                streams.write(much, within(500ms));
            }
        },
        TimedOut);
}

// --- letting go ------------------------------------------------------------------------------------------------------

/// How long `block` goes on after it was cancelled.
std::chrono::nanoseconds time_to_let_go(const std::function<void(Deadline)>& block) {
    std::stop_source stop;
    std::atomic<std::chrono::steady_clock::rep> cancelled{0};
    std::jthread canceller([&] {
        std::mutex mutex;
        std::condition_variable never;
        std::unique_lock lock(mutex);
        never.wait_for(lock, 150ms);
        cancelled = std::chrono::steady_clock::now().time_since_epoch().count();
        stop.request_stop();
    });
    EXPECT_THROW(block(within(support::k_patience, stop.get_token())), Cancelled);
    return std::chrono::steady_clock::now().time_since_epoch() - std::chrono::steady_clock::duration(cancelled.load());
}

TEST_F(RealStreams, AllLetGoWithin50Milliseconds) {
    const ContainerId id = idle();
    ContainerConfig config = shell("yes 0123456789012345678901234567890123456789");
    const ContainerId flood = started(config);
    const Exec exec = containers_.create_exec(id, {.command = {"sleep", "60"}, .attach_stdin = true});
    Streams silent = exec.start();
    Streams attached = containers_.attach(id);
    const auto ignore = [](int, std::string_view) {};

    EXPECT_LT(time_to_let_go([&](Deadline until) {
                  containers_.follow(
                      id, {}, [](const LogLine&) { return true; }, until);
              }),
              50ms);
    EXPECT_LT(time_to_let_go([&](Deadline until) {
                  containers_.follow(
                      flood, {}, [](const LogLine&) { return true; }, until);
              }),
              50ms);
    EXPECT_LT(time_to_let_go([&](Deadline until) { silent.read(ignore, until); }), 50ms);
    EXPECT_LT(time_to_let_go([&](Deadline until) { attached.read(ignore, until); }), 50ms);
    EXPECT_LT(time_to_let_go([&](Deadline until) { containers_.wait(id, until); }), 50ms);
    EXPECT_LT(time_to_let_go([&](Deadline until) { containers_.wait_for(id, WaitFor::removal, {}, until); }), 50ms);
    EXPECT_LT(time_to_let_go([&](Deadline until) {
                  engine_.events().watch(
                      {.labels = {"no=such"}}, [] {}, [](const Event&) { return true; }, until);
              }),
              50ms);
    EXPECT_LT(time_to_let_go([&](Deadline until) {
                  containers_.follow_stats(
                      id, [](const ContainerStats&) { return true; }, until);
              }),
              50ms);
    const std::string much(64 << 20, 'x');
    EXPECT_LT(time_to_let_go([&](Deadline until) { silent.write(much, until); }), 50ms);
}

// --- logs through ends -----------------------------------------------------------------------------------------------

TEST_F(RealStreams, FollowGoesOnThroughTheRestartPolicy) {
    ContainerConfig config = shell("echo begin; printf cut-off; exit 1");
    config.restart_policy = "on-failure";
    config.restart_retries = 2;
    const ContainerId id = started(config);
    std::vector<std::string> seen;

    containers_.follow(
        id, {.follow_until = FollowUntil::exit},
        [&](const LogLine& line) {
            seen.push_back(line.text);
            EXPECT_TRUE(line.time.empty());
            return true;
        },
        within(support::k_patience));

    if (can(engine_.facts(), Feature::line_ends)) {
        EXPECT_THAT(seen, ElementsAre("begin", "cut-off", "begin", "cut-off", "begin", "cut-off"));
    } else {
        EXPECT_THAT(seen, ElementsAre("begin", "cut-offbegin", "cut-offbegin", "cut-off"));
    }
}

TEST_F(RealStreams, FollowGoesOnThroughRestartsUntilTheRemoval) {
    const ContainerId id = started("echo begin; trap exit TERM; while :; do sleep 0.1; done");
    std::vector<std::string> seen;
    const support::Gate twice;
    std::jthread follower([&] {
        containers_.follow(
            id, {.follow_until = FollowUntil::removal},
            [&](const LogLine& line) {
                seen.push_back(line.text);
                if (seen.size() == 2) {
                    twice.open();
                }
                return true;
            },
            within(support::k_patience));
    });

    ASSERT_TRUE(support::wait_until([&] { return !containers_.logs(id).empty(); }));
    containers_.restart(id, {.grace = 1s});
    EXPECT_TRUE(twice.wait(within(support::k_patience)));
    containers_.remove(id);
    follower.join();

    EXPECT_THAT(seen, ElementsAre("begin", "begin"));
}

TEST_F(RealStreams, FollowGoesOnThroughCutsWithoutALineTwiceOrMissing) {
    support::RecordingProxy proxy(endpoint().substr(std::string("unix://").size()));
    const Engine behind = Engine::connect(proxy.endpoint().text());
    proxy.inject({.kind = support::Fault::Kind::cut_answer, .method = "GET", .target = "/logs", .bytes = 3000});
    const ContainerId id = started("for i in $(seq 1 400); do echo line $i; done; sleep 1; echo last");
    std::vector<std::string> expected;
    for (int i = 1; i <= 400; ++i) {
        expected.push_back("line " + std::to_string(i));
    }
    expected.emplace_back("last");
    std::vector<std::string> seen;

    behind.containers().follow(
        id, {.follow_until = FollowUntil::exit},
        [&](const LogLine& line) {
            seen.push_back(line.text);
            return true;
        },
        within(support::k_patience));

    EXPECT_EQ(seen, expected);
}

TEST_F(RealStreams, FollowGoesOnThroughTheLogsRotation) {
    ContainerConfig config = shell("for i in $(seq 1 6000); do echo $i; done; echo last");
    if (can(engine_.facts(), Feature::log_rotation)) {
        config.log_driver = "json-file";
        config.log_options = {{"max-size", "100k"}, {"max-file", "3"}};
    }
    const ContainerId id = containers_.create(name("rotating"), config).id;
    containers_.start(id);
    std::vector<int> seen;
    std::string last;

    containers_.follow(
        id, {.follow_until = FollowUntil::exit},
        [&](const LogLine& line) {
            last = line.text;
            if (line.text != "last") {
                seen.push_back(std::stoi(line.text));
            }
            return true;
        },
        within(support::k_patience));

    EXPECT_EQ(last, "last");
    EXPECT_TRUE(std::is_sorted(seen.begin(), seen.end()));
    EXPECT_THAT(repeated(seen), IsEmpty());
}

TEST_F(RealStreams, AFloodIsFollowedInConstantMemory) {
    const auto resident = [] {
        std::ifstream status("/proc/self/statm");
        std::size_t total = 0;
        std::size_t pages = 0;
        status >> total >> pages;
        return pages * 4096;
    };
    const ContainerId id =
        started("head -c 30000000 /dev/zero | tr '\\0' x; echo; yes " + std::string(1000, 'y') + " | head -c 30000000");
    const std::size_t before = resident();
    std::size_t bytes = 0;
    std::size_t most = 0;

    containers_.follow(
        id, {},
        [&](const LogLine& line) {
            bytes += line.text.size();
            most = std::max(most, resident());
            return bytes < 40'000'000;
        },
        within(60s));

    EXPECT_GE(bytes, 40'000'000U);
    EXPECT_LT(most - std::min(most, before), 16U << 20U);
}

}  // namespace
}  // namespace berth

// SPDX-License-Identifier: Apache-2.0
// What an engine says of states, copies and waits, and streams that are cut: whole texts.
#include <berth/engine/internal/log_memory.hpp>
#include <berth/engine/system.hpp>
#include <berth/http/client.hpp>
#include <tests/engine/scripted_engine.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace berth {
namespace {

using namespace std::chrono_literals;
using support::frame;
using support::long_id;
using support::Peer;
using support::Received;
using support::ScriptedEngine;
using support::text_of_error;
using ::testing::ElementsAre;

std::string says(const std::string& message) {
    return R"({"message":")" + message + R"("})";
}

constexpr const char* k_raw = "HTTP/1.1 200 OK\r\nDate: Tue, 24 Nov 2026 14:41:00 GMT\r\nConnection: close\r\n\r\n";
constexpr const char* k_chunked =
    "HTTP/1.1 200 OK\r\nDate: Tue, 24 Nov 2026 14:41:00 GMT\r\nTransfer-Encoding: chunked\r\n\r\n";

std::string chunk(const std::string& bytes) {
    constexpr const char* k_digits = "0123456789abcdef";
    std::string size;
    for (std::size_t rest = bytes.size(); rest != 0; rest /= 16) {
        size.insert(size.begin(), k_digits[rest % 16]);
    }
    return size + "\r\n" + bytes + "\r\n";
}

// --- refused by us ---------------------------------------------------------------------------------------------------

TEST(ControlCharacters, AreRefusedBeforeAnythingIsSent) {
    ScriptedEngine engine;
    engine.answers(500, "not reached");
    Containers containers = engine.containers();
    const std::string hint = "\n  hint: nothing was sent; look for a line end at the end of it";

    EXPECT_EQ(text_of_error([&] { containers.create("db\n", {.image = "x"}); }),
              "error[BR0141]: a container's name has a control character: 'db\\n'" + hint);
    EXPECT_EQ(text_of_error([&] { containers.create("db", {.image = "redis:7\r"}); }),
              "error[BR0141]: an image's name has a control character: 'redis:7\\x0d'" + hint);
    EXPECT_EQ(text_of_error(
                  [&] { containers.create("db", {.image = "x", .mounts = {{.source = "v", .target = "/da\tta"}}}); }),
              "error[BR0141]: a mount's target has a control character: '/da\\tta'" + hint);
    EXPECT_EQ(text_of_error([&] { containers.rename({"db"}, std::string("a\0b", 3)); }),
              "error[BR0141]: a container's name has a control character: 'a\\x00b'" + hint);
    EXPECT_EQ(text_of_error([&] { containers.stat({"db"}, "/etc\x7f"); }),
              "error[BR0141]: a path in a container has a control character: '/etc\\x7f'" + hint);
    EXPECT_EQ(text_of_error([&] { containers.inspect({"db\n"}); }), "error[BR0111]: 'db\\n' has a control character");
    EXPECT_TRUE(engine.requests().empty());
}

TEST(Features, ThatAnEngineIsTooOldForAreRefusedBeforeAnythingIsSent) {
    struct Case {
        ContainerConfig config;
        const char* spoken;
        const char* said;
    };
    const auto mounted = [](MountPoint mount) { return ContainerConfig{.image = "x", .mounts = {std::move(mount)}}; };
    const std::vector<Case> cases{
        {{.image = "x", .platform = "linux/arm64"}, "1.40", "a container's platform needs API 1.41 (Docker 20.10)"},
        {mounted({.type = MountPoint::Type::bind, .create_source = true}), "1.41",
         "a bind mount that makes its source needs API 1.42 (Docker 23.0)"},
        {{.image = "x", .annotations = {{"a", "b"}}},
         "1.42",
         "an annotation of a container needs API 1.43 (Docker 24.0)"},
        {mounted({.type = MountPoint::Type::bind, .read_only_force_recursive = true}), "1.43",
         "a choice how far down a bind mount is read-only needs API 1.44 (Docker 25.0)"},
        {{.image = "x", .networks = {{.network = "a"}, {.network = "b", .mac_address = "02:42:ac:11:00:02"}}},
         "1.43",
         "a hardware address in a further network needs API 1.44 (Docker 25.0)"},
        {mounted({.subpath = "data"}), "1.44", "a subpath of a volume needs API 1.45 (Docker 26.0)"},
        {mounted({.type = MountPoint::Type::image, .subpath = "etc"}), "1.47",
         "an image as a mount needs API 1.48 (Docker 28.0)"},
        {{.image = "x", .networks = {{.network = "a", .gateway_priority = 1}}},
         "1.47",
         "the priority of a network's gateway needs API 1.48 (Docker 28.0)"},
    };
    for (const auto& one : cases) {
        ScriptedEngine old(one.spoken);
        old.answers(500, "not reached");
        EXPECT_EQ(text_of_error([&] { old.containers().create("db", one.config); }),
                  "error[BR0126]: " + std::string(one.said) + ", and " + one.spoken +
                      " is spoken with this engine\n  endpoint: " + old.endpoint() +
                      "\n  engine: Docker 20.10.24, API " + one.spoken +
                      " at most\n  hint: use a newer engine, or do without");
        EXPECT_TRUE(old.requests().empty());

        ScriptedEngine recent("1.48");
        recent.answers(201, R"({"Id":")" + long_id() + R"("})");
        recent.containers().create("db", one.config);
        EXPECT_EQ(recent.requests().size(), 1U);
    }
}

TEST(RawPatch, HasToBeAnObject) {
    ScriptedEngine engine;
    engine.answers(500, "not reached");

    for (const char* patch : {"{", "[]", "7", "null"}) {
        EXPECT_EQ(text_of_error([&] { engine.containers().create("db", {.image = "x", .raw_patch = patch}); }),
                  "error[BR0143]: the raw patch of a container is no JSON object\n"
                  "  hint: write it as the Engine API has it: {\"HostConfig\":{\"CpuShares\":512}}")
            << patch;
    }
    EXPECT_TRUE(engine.requests().empty());
}

TEST(RawPatch, IsMergedLast) {
    ScriptedEngine engine;
    engine.answers(201, R"({"Id":"c1"})");

    engine.containers().create(
        "db",
        {.image = "x", .user = "7", .raw_patch = R"({"User":null,"HostConfig":{"CpuShares":512,"Privileged":true}})"});

    EXPECT_EQ(engine.requests().at(0).body,
              R"({"HostConfig":{"CpuShares":512,"Privileged":true,"ReadonlyRootfs":false},"Image":"x","Labels":{},)"
              R"("OpenStdin":false,"Tty":false})");
}

// --- states ----------------------------------------------------------------------------------------------------------

TEST(States, AreConflictsWithAnyStatus) {
    const std::vector<std::string> words = {
        "can only kill running containers. aaa is in state exited: container state improper",
        "Container aaa is not paused", "container is not running",
        "cannot remove container aaa as it is running - running or paused containers cannot be removed without force"};
    for (const auto& said : words) {
        ScriptedEngine engine;
        engine.answers(500, says(said));

        EXPECT_EQ(text_of_error([&] { engine.containers().kill({"db"}); }),
                  "error[BR0107]: cannot kill container 'db'\n  engine: " + said +
                      "\n  call: POST /containers/db/kill answered HTTP 500 at " + engine.endpoint() +
                      "\n  hint: its state does not allow this now; look at it with 'docker inspect'");
        EXPECT_THROW(engine.containers().kill({"db"}), Conflict);
    }
}

TEST(States, AreNoConflictWhenTheEngineFails) {
    ScriptedEngine engine;
    engine.answers(500, says("cannot reach the runtime"));

    try {
        engine.containers().pause({"db"});
        FAIL() << "no error";
    } catch (const EngineRefused& refused) {
        EXPECT_EQ(refused.code(), "BR0105");
    }
}

TEST(MissingCalls, AreNamed) {
    ScriptedEngine engine;
    engine.answers(501, says("only supported with experimental daemon"));

    EXPECT_EQ(text_of_error([&] { engine.containers().create_checkpoint({"db"}, "one"); }),
              "error[BR0142]: cannot make a checkpoint of container 'db': this engine cannot do that\n"
              "  engine: only supported with experimental daemon\n"
              "  call: POST /containers/db/checkpoints answered HTTP 501 at " +
                  engine.endpoint() + "\n  hint: set \"experimental\": true in the engine's daemon.json");
}

// --- copies ----------------------------------------------------------------------------------------------------------

TEST(Copies, AreRefusedInTheirOwnWords) {
    const auto text = [](int status, const std::string& said, bool in) {
        ScriptedEngine engine;
        engine.answers(status, says(said));
        const auto action = [&] {
            if (in) {
                engine.containers().put_archive({"db"}, "/data", [] { return std::string_view{}; });
            } else {
                engine.containers().get_archive({"db"}, "/data", [](std::string_view) {});
            }
        };
        std::string whole = text_of_error(action);
        return whole.substr(0, whole.find("\n  engine"));
    };

    EXPECT_EQ(text(500, "Error: mkdir /data: permission denied", true),
              "error[BR0415]: cannot copy into '/data' of container 'db': the engine may not write there");
    EXPECT_EQ(text(403, "open /data: operation not permitted", false),
              "error[BR0415]: cannot copy '/data' out of container 'db': the engine may not read it");
    EXPECT_EQ(text(500, "container rootfs is marked read-only", true),
              "error[BR0413]: cannot copy into '/data' of container 'db': it is read-only");
    EXPECT_EQ(text(500, "extraction point is not a directory", true),
              "error[BR0412]: cannot copy into '/data' of container 'db': it is a file, not a directory");
    EXPECT_EQ(text(500, "cannot overwrite directory \\\"/data\\\" with non-directory \\\"x\\\"", true),
              "error[BR0414]: cannot copy into '/data' of container 'db': a file would take the place of a directory, "
              "or a directory that of a file");
    EXPECT_EQ(text(404, "Could not find the file /data in container db", true),
              "error[BR0411]: cannot copy into '/data' of container 'db': there is no such directory");
    EXPECT_EQ(text(404, "Could not find the file /data in container db", false),
              "error[BR0416]: cannot copy '/data' out of container 'db': there is nothing of that name");
    EXPECT_EQ(text(404, "No such container: db", true), "error[BR0106]: cannot copy into '/data' of container 'db'");
    EXPECT_EQ(text(404, "No such container: db", false), "error[BR0106]: cannot copy '/data' out of container 'db'");
}

// --- waits -----------------------------------------------------------------------------------------------------------

TEST(WaitFor, DoesNotTakeAnErrorForAnExitCode) {
    ScriptedEngine engine;
    engine.answers(200, R"({"StatusCode":-1,"Error":{"Message":"context canceled"}})");

    EXPECT_EQ(text_of_error([&] { engine.containers().wait_for({"db"}, WaitFor::next_exit, {}, within(5s)); }),
              "error[BR0144]: cannot wait for container 'db': there is no exit code\n"
              "  engine: context canceled\n"
              "  call: POST /containers/db/wait at " +
                  engine.endpoint() + "\n  hint: look at it with 'docker inspect'");
    EXPECT_THAT(engine.lines(), ElementsAre("POST /v1.41/containers/db/wait?condition=next-exit"));
}

TEST(WaitFor, DoesNotTakeAnEngineThatGoesForAnExit) {
    ScriptedEngine engine;
    engine.then([](const Received&, Peer& peer) {
        peer.send(std::string(k_chunked) + "0\r\n\r\n");
        peer.close();
    });

    EXPECT_EQ(text_of_error([&] { engine.containers().wait_for({"db"}, WaitFor::removal, {}, within(5s)); }),
              "error[BR0102]: cannot wait for container 'db': the engine ended the answer without an exit code\n"
              "  call: POST /containers/db/wait at " +
                  engine.endpoint() + "\n  hint: look whether the engine still runs, and into its log");
}

// --- logs that are asked for again -----------------------------------------------------------------------------------

TEST(LogMemory, GivesEachLineOnce) {
    engine::LogMemory memory;
    const auto is_new = [&](const std::string& time, const std::string& text) {
        return memory.is_new({LogLine::Stream::out, time, text});
    };
    EXPECT_FALSE(memory.since().has_value());
    EXPECT_TRUE(is_new("2026-11-24T14:41:00Z", "a"));
    EXPECT_TRUE(is_new("2026-11-24T14:41:00Z", "a"));  // twice at the same time, and twice meant
    EXPECT_TRUE(is_new("2026-11-24T14:41:00Z", "b"));
    EXPECT_EQ(memory.since(), 1'795'531'259);

    for (int again = 0; again < 2; ++again) {
        memory.begin_again();
        EXPECT_FALSE(is_new("2026-11-24T14:40:59Z", "older"));
        EXPECT_FALSE(is_new("2026-11-24T14:41:00Z", "a"));
        EXPECT_FALSE(is_new("2026-11-24T14:41:00Z", "a"));
        EXPECT_FALSE(is_new("2026-11-24T14:41:00Z", "b"));
    }
    EXPECT_TRUE(is_new("2026-11-24T14:41:00Z", "a"));
    EXPECT_TRUE(is_new("2026-11-24T14:41:01Z", "a"));
    EXPECT_TRUE(memory.is_new({LogLine::Stream::err, "2026-11-24T14:40:59Z", "the other stream"}));
}

TEST(LogMemory, ReadsTimesWithAZone) {
    engine::LogMemory memory;
    memory.is_new({LogLine::Stream::out, "2026-11-24T15:41:00+01:00", "a"});
    EXPECT_EQ(memory.since(), 1'795'531'259);
}

TEST(Follow, AsksAgainFromItsNewestLineOn) {
    ScriptedEngine engine;
    const std::string one = frame(1, "2026-11-24T14:41:00.000000001Z one\n");
    const std::string two = frame(1, "2026-11-24T14:41:00.000000002Z two\n");
    engine.then([=](const Received&, Peer& peer) {  // cut in the midst of the second line
        peer.send(k_chunked + chunk(one) + chunk(two.substr(0, two.size() - 3)));
        peer.close();
    });
    engine.then([=](const Received&, Peer& peer) {
        peer.send(k_chunked + chunk(one + two) + "0\r\n\r\n");
        peer.close();
    });
    engine.answers(200, R"({"Id":"db","State":{"Status":"exited"}})");
    std::vector<std::string> seen;

    engine.containers().follow(
        {"db"}, {.tail = 5, .follow_until = FollowUntil::exit},
        [&](const LogLine& line) {
            seen.push_back(line.text);
            return true;
        },
        within(10s));

    EXPECT_THAT(seen, ElementsAre("one", "two"));
    EXPECT_THAT(engine.lines(),
                ElementsAre("GET /v1.41/containers/db/logs?stdout=1&stderr=1&follow=1&timestamps=1&tail=5",
                            "GET /v1.41/containers/db/logs?stdout=1&stderr=1&follow=1&timestamps=1&since=1795531259",
                            "GET /v1.41/containers/db/json"));
}

TEST(Logs, EndALineThatAProcessDidNotEnd) {
    ScriptedEngine engine;
    const std::string partial(16 * 1024, 'x');
    engine.then([=](const Received&, Peer& peer) {
        peer.send(k_chunked + chunk(frame(1, "cut-off") + frame(1, "next\n") + frame(1, partial) + frame(1, "y\n")) +
                  "0\r\n\r\n");
        peer.close();
    });
    std::vector<std::string> seen;

    for (const auto& line : engine.containers().logs({"db"})) {
        seen.push_back(line.text);
    }

    EXPECT_THAT(seen, ElementsAre("cut-off", "next", partial + "y"));
}

// --- events ----------------------------------------------------------------------------------------------------------

std::string event(const std::string& id, std::int64_t nano) {
    return R"({"Type":"container","Action":"start","Actor":{"ID":")" + id + R"("},"timeNano":)" + std::to_string(nano) +
           "}\n";
}

TEST(Watch, ResumesByTheEnginesClockAndTellsNothingTwice) {
    constexpr std::int64_t k_now = 1'795'531'260'000'000'000;
    ScriptedEngine engine;
    engine.then([=](const Received&, Peer& peer) {
        peer.send(k_chunked + chunk(event("a", k_now + 5'500'000'000) + event("b", k_now + 5'600'000'000)));
        peer.close();
    });
    engine.then([=](const Received&, Peer& peer) {
        peer.send(k_chunked + chunk(event("b", k_now + 5'600'000'000) + event("c", k_now + 5'700'000'000)));
        peer.close();
    });
    std::vector<std::string> seen;
    int lists = 0;

    engine.engine().events().watch(
        {.types = {"container"}}, [&] { ++lists; },
        [&](const Event& what) {
            seen.push_back(what.id);
            return what.id != "c";
        },
        within(10s));

    EXPECT_THAT(seen, ElementsAre("a", "b", "c"));
    EXPECT_EQ(lists, 2);
    EXPECT_EQ(engine.lines().at(1).substr(engine.lines().at(1).find("&since")), "&since=1795531264");
}

TEST(Watch, ResumesFromTheDateWhenNothingHappenedYet) {
    ScriptedEngine engine;
    engine.then([](const Received&, Peer& peer) {
        peer.send(k_chunked);
        peer.close();
    });
    engine.then([](const Received&, Peer& peer) {
        peer.send(k_chunked + chunk(event("a", 1)));
        peer.close();
    });

    engine.engine().events().watch(
        {}, [] {}, [](const Event&) { return false; }, within(10s));

    EXPECT_THAT(engine.lines(), ElementsAre("GET /v1.41/events", "GET /v1.41/events?since=1795531259"));
}

TEST(Watch, GivesUpAnEngineThatStaysAway) {
    ScriptedEngine engine;
    engine.loses_the_answer();

    EXPECT_THROW(engine.engine().events().watch(
                     {.reconnect_patience = 200ms}, [] {}, [](const Event&) { return true; }, within(20s)),
                 http::BrokenExchange);
    EXPECT_GE(engine.requests().size(), 3U);
}

// --- step by step ----------------------------------------------------------------------------------------------------

TEST(Streams, DoNotTrustFrames) {
    ScriptedEngine engine;
    engine.then([](const Received&, Peer& peer) {
        peer.send(k_raw + std::string("\x01\x00\x00\x00\xff\xff\xff\xff", 8) + "abc");
        peer.close();
    });
    Streams streams = engine.containers().attach({"db"});
    std::string seen;
    const auto read_all = [&] {
        while (streams.read([&](int, std::string_view bytes) { seen += bytes; }, within(5s))) {
        }
    };

    EXPECT_EQ(text_of_error(read_all),
              "error[BR0104]: cannot attach to container 'db': the stream ended in the middle of "
              "a frame\n  call: POST /containers/db/attach at " +
                  engine.endpoint() + "\n  hint: look whether the engine still runs, and into its log");
    EXPECT_EQ(seen, "abc");
}

TEST(System, ReadsThePing) {
    ScriptedEngine engine;
    const Pong pong = engine.engine().system().ping();

    EXPECT_EQ(pong.api, (ApiVersion{1, 41}));
    EXPECT_EQ(pong.os, "linux");
    EXPECT_EQ(pong.server, "Docker/20.10.24 (linux)");
}

}  // namespace
}  // namespace berth

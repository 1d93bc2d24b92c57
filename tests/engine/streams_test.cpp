// SPDX-License-Identifier: Apache-2.0
// Exec, logs and events: what comes as a stream.
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
using support::upgraded;
using ::testing::ElementsAre;

constexpr const char* k_streaming =
    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n";
constexpr const char* k_end = "0\r\n\r\n";

std::string chunk(const std::string& bytes) {
    std::string size;
    for (std::size_t rest = bytes.size(); rest != 0; rest /= 16) {
        size.insert(size.begin(), "0123456789abcdef"[rest % 16]);
    }
    return size + "\r\n" + bytes + "\r\n";
}

std::string cut(const std::string& purpose, const std::string& call, const ScriptedEngine& engine) {
    return "error[BR0104]: " + purpose +
           ": the answer is incomplete: the connection was closed before the last chunk\n  call: " + call + " at " +
           engine.endpoint() + "\n  hint: look whether the engine still runs, and into its log";
}

/// Answers to the three calls of an exec.
ScriptedEngine& exec_of(ScriptedEngine& engine, const std::string& stream, const std::string& end) {
    engine.answers(201, R"({"Id":"e1"})");
    engine.then([stream](const Received&, Peer& peer) {
        peer.send(upgraded() + stream);
        peer.close();
    });
    engine.answers(200, end);
    return engine;
}

TEST(Exec, NeedsThreeCallsAndSplitsTheOutput) {
    ScriptedEngine engine;
    exec_of(engine, frame(1, "out\n") + frame(2, "err\n"), R"({"Running":false,"ExitCode":0})");

    const CommandResult result = engine.containers().exec({"db"}, {.command = {"x"}});

    EXPECT_EQ(result.standard_output, "out\n");
    EXPECT_EQ(result.standard_error, "err\n");
    EXPECT_THAT(engine.lines(),
                ElementsAre("POST /v1.41/containers/db/exec", "POST /v1.41/exec/e1/start", "GET /v1.41/exec/e1/json"));
    EXPECT_EQ(engine.requests().at(1).header("Upgrade"), "tcp");
    EXPECT_EQ(engine.requests().at(1).body, R"({"Detach":false,"Tty":false})");
}

TEST(Exec, WaitsForTheExitCode) {
    ScriptedEngine engine;
    exec_of(engine, "", R"({"Running":true,"ExitCode":null})").answers(200, R"({"Running":false,"ExitCode":4})");

    EXPECT_EQ(engine.containers().exec({"db"}, {.command = {"x"}, .check = Check::no}).exit_code, 4);
}

TEST(Exec, SaysHowTheCommandFailed) {
    ScriptedEngine engine;
    exec_of(engine, frame(1, "ignored\n") + frame(2, "pg_isready: no response\nsecond line\n"),
            R"({"Running":false,"ExitCode":2})");

    try {
        engine.containers().exec({"db"}, {.command = {"pg_isready", "-q"}});
        FAIL();
    } catch (const CommandFailed& error) {
        EXPECT_EQ(error.exit_code(), 2);
        EXPECT_EQ(error.standard_output(), "ignored\n");
        EXPECT_EQ(error.standard_error(), "pg_isready: no response\nsecond line\n");
        EXPECT_EQ(std::string(error.what()),
                  "error[BR0307]: command 'pg_isready -q' in container 'db' ended with status 2\n"
                  "  stderr: pg_isready: no response\n"
                  "          second line\n"
                  "  hint: try it by hand: docker exec -it db sh");
    }
}

TEST(Exec, ShowsTheLastLinesOnly) {
    ScriptedEngine engine;
    std::string output;
    for (int i = 1; i <= 30; ++i) {
        output += "line " + std::to_string(i) + "\n";
    }
    exec_of(engine, frame(1, output), R"({"Running":false,"ExitCode":1})");

    const std::string text = text_of_error([&] { engine.containers().exec({"db"}, {.command = {"x"}}); });

    EXPECT_EQ(text.substr(0, text.find("line 22")),
              "error[BR0307]: command 'x' in container 'db' ended with status 1\n"
              "  stdout: line 21\n"
              "          ");
}

TEST(Exec, KeepsTheEndOfALargeOutput) {
    ScriptedEngine engine;
    exec_of(engine, frame(1, std::string(5000, 'a') + std::string(90, 'b') + "end"),
            R"({"Running":false,"ExitCode":0})");

    EXPECT_EQ(engine.containers().exec({"db"}, {.command = {"x"}, .keep_output = 10}).standard_output, "bbbbbbbend");
}

TEST(Exec, GivesInputAndHalfCloses) {
    ScriptedEngine engine;
    engine.answers(201, R"({"Id":"e1"})");
    engine.then([](const Received&, Peer& peer) {
        peer.send(upgraded());
        std::string all;
        for (std::string bytes = peer.receive(); !bytes.empty(); bytes = peer.receive()) {
            all += bytes;
        }
        peer.send(frame(1, "got " + std::to_string(all.size())));
        peer.close();
    });
    engine.answers(200, R"({"Running":false,"ExitCode":0})");

    EXPECT_EQ(
        engine.containers().exec({"db"}, {.command = {"cat"}, .input = std::string(300'000, 'x')}).standard_output,
        "got 300000");
}

TEST(Exec, DoesNotWaitForChildrenInTheBackground) {
    ScriptedEngine engine;
    engine.answers(201, R"({"Id":"e1"})");
    engine.then([](const Received&, Peer& peer) {
        peer.send(upgraded() + frame(1, "started\n"));
        peer.stall();
    });
    engine.answers(200, R"({"Running":false,"ExitCode":0})");

    EXPECT_EQ(engine.containers().exec({"db"}, {.command = {"x"}}, within(30s)).standard_output, "started\n");
}

TEST(Exec, SaysThatTheCommandMayStillRun) {
    ScriptedEngine engine;
    engine.answers(201, R"({"Id":"e1"})");
    engine.then([](const Received&, Peer& peer) {
        peer.send(upgraded());
        peer.stall();
    });
    const auto exec = [&] { engine.containers().exec({"db"}, {.command = {"sleep", "9"}}, within(100ms)); };

    EXPECT_EQ(text_of_error(exec),
              "error[BR0103]: command 'sleep 9' in container 'db' did not end in time\n"
              "  call: POST /exec/e1/start at " +
                  engine.endpoint() +
                  "\n"
                  "  hint: it may still run in the container: no engine can end a command alone, only its container");
}

TEST(Exec, RefusesAStreamThatEndsInAFrame) {
    ScriptedEngine engine;
    exec_of(engine, frame(1, "out\n").substr(0, 10), R"({"Running":false,"ExitCode":0})");

    EXPECT_EQ(text_of_error([&] { engine.containers().exec({"db"}, {.command = {"x"}}); }),
              "error[BR0104]: cannot run 'x' in container 'db': the stream ended in the middle of a frame\n"
              "  call: POST /exec/e1/start at " +
                  engine.endpoint() +
                  "\n"
                  "  hint: look whether the engine still runs, and into its log");
}

TEST(Logs, AskForWhatIsWanted) {
    ScriptedEngine engine;
    engine.then([](const Received&, Peer& peer) { peer.send(k_streaming + chunk(frame(2, "T x\n")) + k_end); });

    const auto lines =
        engine.containers().logs({"db"}, {.standard_output = false, .timestamps = true, .tail = 5, .since = 7});

    ASSERT_EQ(lines.size(), 1U);
    EXPECT_EQ(lines[0].stream, LogLine::Stream::err);
    EXPECT_EQ(lines[0].time, "T");
    EXPECT_EQ(lines[0].text, "x");
    EXPECT_THAT(engine.lines(),
                ElementsAre("GET /v1.41/containers/db/logs?stdout=0&stderr=1&timestamps=1&tail=5&since=7"));
}

TEST(Logs, AreFollowedUntilNobodyWantsMore) {
    ScriptedEngine engine;
    engine.then([](const Received&, Peer& peer) {
        peer.send(k_streaming + chunk(frame(1, "1\n2\n3\n")));
        peer.stall();
    });
    std::vector<std::string> seen;

    engine.containers().follow(
        {"db"}, {},
        [&](const LogLine& line) {
            seen.push_back(line.text);
            return seen.size() < 2;
        },
        within(30s));

    EXPECT_THAT(seen, ElementsAre("1", "2"));
}

TEST(Logs, ThatAreCutAreAnError) {
    ScriptedEngine engine;
    engine.then([](const Received&, Peer& peer) {
        peer.send(k_streaming + chunk(frame(1, "1\n")));
        peer.close();
    });

    EXPECT_EQ(text_of_error([&] { engine.containers().logs({"db"}); }),
              cut("cannot read the log of container 'db'", "GET /containers/db/logs", engine));
}

TEST(Events, ComeOneByOne) {
    ScriptedEngine engine;
    const std::string die =
        R"({"Type":"container","Action":"die","Actor":{"ID":"1","Attributes":{"exitCode":"3"}},"timeNano":17})";
    engine.then([die](const Received&, Peer& peer) {
        peer.send(k_streaming + chunk(die.substr(0, 20)) + chunk(die.substr(20) + "\n" + die));
        peer.stall();
    });
    bool open = false;
    std::vector<Event> seen;

    engine.engine().events().follow(
        {.types = {"container"}, .labels = {"berth.run=1"}}, [&] { open = seen.empty(); },
        [&](const Event& event) {
            seen.push_back(event);
            return seen.size() < 2;
        },
        within(30s));

    EXPECT_TRUE(open);
    ASSERT_EQ(seen.size(), 2U);
    EXPECT_EQ(seen[0].action, "die");
    EXPECT_EQ(seen[0].id, "1");
    EXPECT_EQ(seen[0].attributes.at("exitCode"), "3");
    EXPECT_EQ(seen[0].time_nano, 17);
    EXPECT_THAT(engine.lines(),
                ElementsAre("GET /v1.41/events?filters=%7B%22label%22%3A%5B%22berth.run%3D1%22%5D%2C%22type%22%3A%5B%22"
                            "container%22%5D%7D"));
}

TEST(Events, SayWhenTheStreamEnds) {
    ScriptedEngine engine;
    engine.then([](const Received&, Peer& peer) { peer.send(std::string(k_streaming) + k_end); });
    const auto follow = [&] {
        engine.engine().events().follow(
            {}, nullptr, [](const Event&) { return true; }, within(30s));
    };

    EXPECT_EQ(text_of_error(follow),
              "error[BR0102]: cannot follow the engine's events: the engine ended the stream\n"
              "  call: GET /events at " +
                  engine.endpoint() +
                  "\n"
                  "  hint: look whether the engine still runs, and into its log");
}

}  // namespace
}  // namespace berth

// SPDX-License-Identifier: Apache-2.0
// Exec, logs, events and pulls: what comes as a stream.
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

// --- pulls ---------------------------------------------------------------------------------------------------------

std::string pull_error(const std::string& reference, int status, const std::string& body,
                       const PullOptions& options = {}) {
    ScriptedEngine engine;
    engine.answers(status, body);
    std::string text = text_of_error([&] { engine.engine().images().pull(reference, options); });
    if (const auto at = text.find(engine.endpoint()); at != std::string::npos) {
        text.replace(at, engine.endpoint().size(), "ENGINE");
    }
    return text;
}

TEST(Pull, SendsATagAlways) {
    ScriptedEngine engine;
    engine.answers(200, R"({"status":"Pulling"})"
                        "\r\n");
    const std::string digest = "sha256:" + std::string(64, '0');

    engine.engine().images().pull("redis");
    engine.engine().images().pull("redis:7", {.platform = "linux/arm64"});
    engine.engine().images().pull("127.0.0.1:5000/team/app:1@" + digest);

    EXPECT_THAT(
        engine.lines(),
        ElementsAre(
            "POST /v1.41/images/create?fromImage=docker.io%2Flibrary%2Fredis&tag=latest",
            "POST /v1.41/images/create?fromImage=docker.io%2Flibrary%2Fredis&tag=7&platform=linux%2Farm64",
            "POST /v1.41/images/create?fromImage=127.0.0.1%3A5000%2Fteam%2Fapp&tag=sha256%3A" + std::string(64, '0')));
}

TEST(Pull, ReportsProgressByLayer) {
    ScriptedEngine engine;
    engine.answers(
        200,
        R"({"status":"Pulling from x","id":"7"}{"status":"Downloading","progressDetail":{"current":5,"total":9},)"
        R"("id":"l1"}{"status":"Downloading","progressDetail":{"current":5,"total":9},"id":"l1"}{"status":"Done"})");
    std::vector<std::string> seen;

    engine.engine().images().pull("redis:7", {.on_progress = [&](const PullProgress& step) {
                                      seen.push_back(step.layer + " " + step.status + " " +
                                                     std::to_string(step.current) + "/" + std::to_string(step.total));
                                  }});

    EXPECT_THAT(seen, ElementsAre("7 Pulling from x 0/0", "l1 Downloading 5/9", " Done 0/0"));
}

TEST(Pull, FailsByAnErrorInTheStream) {
    EXPECT_EQ(
        pull_error(
            "shop/app:9", 200,
            R"({"status":"Pulling"}{"errorDetail":{"message":"manifest for shop/app:9 not found: manifest unknown"}})"),
        "error[BR0201]: cannot pull image 'shop/app:9': registry 'docker.io' has no such image or tag\n"
        "  engine: manifest for shop/app:9 not found: manifest unknown\n"
        "  call: POST /images/create answered HTTP 200 at ENGINE\n"
        "  hint: check its name and tag for typing errors");
}

TEST(Pull, TellsTheKindsOfFailureApart) {
    const auto kind = [](const std::string& words) {
        const std::string text = pull_error("r.lan/app:1", 500, R"({"message":")" + words + R"("})");
        const std::string head = "error[BR0201]: cannot pull image 'r.lan/app:1': ";
        EXPECT_EQ(text.substr(0, head.size()), head);
        EXPECT_NE(text.find("\n  engine: " + words + "\n"), std::string::npos) << text;
        return text.substr(head.size(), text.find('\n') - head.size()) + text.substr(text.find("\n  hint: ") + 8);
    };

    EXPECT_EQ(kind("Head https://r.lan/v2/app/manifests/1: unauthorized: authentication required"),
              "registry 'r.lan' asks for a login log in and pull it once by hand: docker login r.lan; docker pull "
              "r.lan/app:1");
    EXPECT_EQ(
        kind("pull access denied for r.lan/app, repository does not exist or may require 'docker login': denied"),
        "registry 'r.lan' denies it: it does not exist there, or needs a login check its name, and log in if it is "
        "private: docker login r.lan");
    EXPECT_EQ(
        kind("toomanyrequests: You have reached your pull rate limit"),
        "registry 'r.lan' limits how often images are pulled wait a while, or log in for a higher limit: docker login "
        "r.lan");
    EXPECT_EQ(
        kind("Get https://r.lan/v2/: dial tcp: lookup r.lan: no such host"),
        "registry 'r.lan' does not answer look whether registry 'r.lan' is up and can be reached from the engine");
    EXPECT_EQ(
        kind("received unexpected HTTP status: 503 Service Unavailable"),
        "registry 'r.lan' does not answer look whether registry 'r.lan' is up and can be reached from the engine");
    EXPECT_EQ(kind("Get https://r.lan/v2/: http: server gave HTTP response to HTTPS client"),
              "the engine does not trust registry 'r.lan' give its certificate to the engine, or name the registry in "
              "'insecure-registries' of its daemon.json");
    EXPECT_EQ(kind("write /var/lib/x: no space left on device"),
              "the engine's disk is full 'docker system df' shows what takes the space");
    EXPECT_EQ(kind("no matching manifest for linux/arm64 in the manifest list entries"),
              "it does not exist for this platform name one that does with 'platform', or choose another image");
    EXPECT_EQ(kind("something new"), "the registry or the engine says no try it by hand: docker pull r.lan/app:1");
}

TEST(Pull, FailsWhenNothingGoesOn) {
    ScriptedEngine engine;
    engine.then([](const Received&, Peer& peer) {
        peer.send(k_streaming + chunk(R"({"status":"Downloading","id":"l1"})"));
        peer.stall();
    });

    EXPECT_EQ(text_of_error([&] { engine.engine().images().pull("r.lan/app:1", {.stall = 1s}); }),
              "error[BR0201]: cannot pull image 'r.lan/app:1': no progress for 1.0s\n"
              "  call: POST /images/create at " +
                  engine.endpoint() +
                  "\n"
                  "  hint: look whether registry 'r.lan' is up, and how fast the engine's network is");
}

TEST(Pull, FailsWhenTheStreamIsCut) {
    ScriptedEngine engine;
    engine.then([](const Received&, Peer& peer) {
        peer.send(k_streaming + chunk(R"({"status":"Downloading","id":"l1"})"));
        peer.close();
    });

    EXPECT_EQ(text_of_error([&] { engine.engine().images().pull("r.lan/app:1"); }),
              cut("cannot pull image 'r.lan/app:1'", "POST /images/create", engine));
}

TEST(Pull, RefusesWhatIsNoReference) {
    ScriptedEngine engine;

    EXPECT_EQ(text_of_error([&] { engine.engine().images().pull("Redis:7"); }),
              "error[BR0204]: 'Redis:7' is no image reference: a repository is written in lower case\n"
              "  hint: write [REGISTRY/]NAME[:TAG][@DIGEST]");
}

TEST(Load, FindsTheNamesAndTheErrors) {
    ScriptedEngine engine;
    engine.answers(200, R"({"stream":"Loaded image: berth.local/a:1\n"}{"stream":"Loaded image ID: sha256:1\n"})")
        .answers(200, R"({"errorDetail":{"message":"unexpected EOF"},"error":"unexpected EOF"})")
        .answers(200, "");
    const auto load = [&] {
        return engine.engine().images().load([gone = false]() mutable -> std::string_view {
            return std::exchange(gone, true) ? std::string_view{} : std::string_view("tar");
        });
    };

    EXPECT_THAT(load(), ElementsAre("berth.local/a:1", "sha256:1"));
    EXPECT_EQ(text_of_error(load),
              "error[BR0203]: cannot load images from an archive\n"
              "  engine: unexpected EOF\n"
              "  call: POST /images/load answered HTTP 200 at " +
                  engine.endpoint() +
                  "\n"
                  "  hint: it has to be what 'docker save' writes: a docker-archive");
    EXPECT_EQ(text_of_error(load),
              "error[BR0203]: cannot load images from an archive: the engine found none in it\n"
              "  call: POST /images/load answered HTTP 200 at " +
                  engine.endpoint() +
                  "\n"
                  "  hint: it has to be what 'docker save' writes: a docker-archive");
    EXPECT_EQ(engine.requests().at(0).body, "tar");
    EXPECT_EQ(engine.requests().at(0).header("Transfer-Encoding"), "chunked");
}

}  // namespace
}  // namespace berth

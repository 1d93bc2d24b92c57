// SPDX-License-Identifier: Apache-2.0
// A request whose answer never came: what became of it is found out by name.
#include <berth/engine/internal/settle.hpp>
#include <tests/engine/scripted_engine.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

namespace berth {
namespace {

using namespace std::chrono_literals;
using support::long_id;
using support::Peer;
using support::Received;
using support::ScriptedEngine;
using support::text_of_error;
using ::testing::ElementsAre;

const ContainerConfig& config() {
    static const ContainerConfig value{.image = "x", .labels = {{"berth.run", "r1"}}};
    return value;
}

std::string inspect(const std::string& run) {
    return R"({"Id":")" + long_id() + R"(","State":{"Status":"created"},"Config":{"Labels":{"berth.run":")" + run +
           R"(","of":"the image"}}})";
}

constexpr const char* k_absent = R"({"message":"No such container"})";

TEST(LostAnswer, OfACreateIsSettledByName) {
    ScriptedEngine engine;
    engine.loses_the_answer().answers(404, k_absent).answers(404, k_absent).answers(200, inspect("r1"));

    EXPECT_EQ(engine.containers().create("db", config()).id.text, long_id());

    EXPECT_THAT(engine.lines(), ElementsAre("POST /v1.41/containers/create?name=db", "GET /v1.41/containers/db/json",
                                            "GET /v1.41/containers/db/json", "GET /v1.41/containers/db/json"));
}

TEST(LostAnswer, OfACreateThatTimedOutIsSettledBeyondItsDeadline) {
    ScriptedEngine engine;
    engine.then([](const Received&, Peer& peer) { peer.stall(); }).answers(200, inspect("r1"));

    EXPECT_EQ(engine.containers().create("db", config(), within(50ms)).id.text, long_id());
}

TEST(LostAnswer, ThatCannotBeReadIsSettledAsWell) {
    ScriptedEngine engine;
    engine.answers(201, "{\"Id\":").answers(200, inspect("r1"));

    EXPECT_EQ(engine.containers().create("db", config()).id.text, long_id());
}

TEST(LostAnswer, ThatIsNoAnswerToTheCallIsSettledAsWell) {
    for (const int status : {200, 502, 504}) {
        ScriptedEngine engine;
        engine.answers(status, "<html></html>").answers(200, inspect("r1"));

        EXPECT_EQ(engine.containers().create("db", config()).id.text, long_id()) << status;
    }
}

TEST(LostAnswer, OfAnotherStatusIsToldWhenNothingWasMade) {
    ScriptedEngine engine;
    engine.answers(200, "<html></html>").answers(404, k_absent);

    EXPECT_EQ(text_of_error([&] { engine.containers().create("db", config()); }),
              "error[BR0104]: cannot create container 'db': HTTP 200 is no answer to this call\n"
              "  engine: <html></html>\n"
              "  call: POST /containers/create answered HTTP 200 at " +
                  engine.endpoint() +
                  "\n"
                  "  hint: look for a proxy between Berth and the engine");
}

TEST(LostAnswer, IsTheErrorWhenNothingWasMade) {
    ScriptedEngine engine;
    engine.loses_the_answer().answers(404, k_absent);
    const auto begin = Deadline::Clock::now();

    EXPECT_EQ(text_of_error([&] { engine.containers().create("db", config()); }),
              "error[BR0102]: cannot create container 'db': the connection was closed before an answer came\n"
              "  call: POST /containers/create at " +
                  engine.endpoint() +
                  "\n"
                  "  hint: look whether the engine still runs, and into its log");

    EXPECT_GE(Deadline::Clock::now() - begin, 2s) << "engines were seen to create 1.7 s late";
}

TEST(LostAnswer, IsAConflictWhenTheNameIsSomebodyElses) {
    ScriptedEngine engine;
    engine.loses_the_answer().answers(200, inspect("another"));
    const auto create = [&] { engine.containers().create("db", config()); };

    EXPECT_EQ(text_of_error(create),
              "error[BR0107]: cannot create container 'db': container aaaaaaaaaaaa has that name\n"
              "  call: POST /containers/create at " +
                  engine.endpoint() +
                  "\n"
                  "  hint: remove the other one if nobody needs it: docker rm -f db");
}

TEST(LostAnswer, IsInDoubtWhenTheEngineSaysNothingMore) {
    ScriptedEngine engine;
    engine.loses_the_answer();
    // Any call whose answer is lost will do for the create; the times must expire, so they are short.
    const auto create = [&] {
        engine::settled<ContainerFacts>(
            "container 'db'",
            [&] {
                engine.containers().kill({"db"});
                return ContainerFacts{};
            },
            [&](Deadline patience) { return engine.containers().find({"db"}, patience); }, within(30s),
            {.absent = 20ms, .budget = 100ms});
    };

    EXPECT_EQ(
        text_of_error(create),
        "error[BR0109]: the request to create container 'db' was sent, and the engine does not say what became of it\n"
        "  call: POST /containers/db/kill at " +
            engine.endpoint() +
            "\n"
            "  note: cannot kill container 'db': the connection was closed before an answer came\n"
            "  note: cannot inspect container 'db': the connection was closed before an answer came\n"
            "  hint: what was made carries Berth's labels: it is removed once the engine answers again");
    EXPECT_THROW(create(), InDoubt);
}

TEST(LostAnswer, IsNotLookedForAfterACancel) {
    ScriptedEngine engine;
    std::stop_source stop;
    engine.then([&](const Received&, Peer& peer) {
        stop.request_stop();
        peer.stall();
    });

    EXPECT_THROW(engine.containers().create("db", config(), within(30s, stop.get_token())), Cancelled);

    EXPECT_EQ(engine.requests().size(), 1U);
}

TEST(LostAnswer, OfANetworkIsSettledByNameAndLabels) {
    ScriptedEngine engine;
    engine.loses_the_answer().answers(200, R"([{"Id":"1","Name":"shop","Labels":{"berth.run":"other"}},
        {"Id":"2","Name":"shop","Labels":{"berth.run":"r1"}},{"Id":"3","Name":"shop2","Labels":{"berth.run":"r1"}}])");

    EXPECT_EQ(engine.engine().networks().create("shop", {.labels = {{"berth.run", "r1"}}}), "2");

    EXPECT_EQ(engine.lines().at(1), "GET /v1.41/networks?filters=%7B%22name%22%3A%5B%22shop%22%5D%7D");
}

TEST(LostAnswer, OfAVolumeIsSettledByName) {
    ScriptedEngine engine;
    engine.loses_the_answer().answers(200, R"({"Name":"data","Driver":"local","Labels":{"berth.run":"r1"}})");

    EXPECT_EQ(engine.engine().volumes().create("data", "local", {{"berth.run", "r1"}}).name, "data");
}

TEST(LostAnswer, OfAStartIsAskedForAgain) {
    ScriptedEngine engine;
    engine.loses_the_answer().answers(304, "");

    EXPECT_EQ(engine.containers().start({"db"}), Started::now) << "the first request started it";

    EXPECT_EQ(engine.requests().size(), 2U);
}

TEST(LostAnswer, OfARemovalIsAskedForAgain) {
    ScriptedEngine engine;
    engine.loses_the_answer().answers(404, k_absent);

    EXPECT_EQ(engine.containers().remove({"db"}), Removed::now);
}

TEST(LostAnswer, OfAnExecIsNotAskedForAgain) {
    ScriptedEngine engine;
    engine.loses_the_answer();

    EXPECT_EQ(text_of_error([&] { engine.containers().exec({"db"}, {.command = {"date"}}); }),
              "error[BR0102]: cannot run 'date' in container 'db': the connection was closed before an answer came\n"
              "  call: POST /containers/db/exec at " +
                  engine.endpoint() +
                  "\n"
                  "  hint: look whether the engine still runs, and into its log");
    EXPECT_EQ(engine.requests().size(), 1U);
}

}  // namespace
}  // namespace berth

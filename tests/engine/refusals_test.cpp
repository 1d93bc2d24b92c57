// SPDX-License-Identifier: Apache-2.0
// What an engine says, and what becomes of it: types, codes and whole texts.
#include <tests/engine/scripted_engine.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace berth {
namespace {

using namespace std::chrono_literals;
using support::long_id;
using support::Peer;
using support::Received;
using support::ScriptedEngine;
using support::text_of_error;
using ::testing::ElementsAre;

std::string says(const std::string& message) {
    return R"({"message":")" + message + R"("})";
}

const ContainerId& id() {
    static const ContainerId value{long_id()};
    return value;
}

template <class Expected>
void expect_type(const std::function<void()>& action) {
    EXPECT_THROW(action(), Expected);
}

TEST(Refusal, NamesTheMissingImageOfACreate) {
    ScriptedEngine engine;
    engine.answers(404, says("No such image: redis:99"));
    const auto create = [&] { engine.containers().create("cache", {.image = "redis:99"}); };

    EXPECT_EQ(text_of_error(create),
              "error[BR0202]: cannot create container 'cache': the engine has no image 'redis:99'\n"
              "  engine: No such image: redis:99\n"
              "  call: POST /containers/create answered HTTP 404 at " +
                  engine.endpoint() +
                  "\n"
                  "  hint: pull it first: docker pull redis:99");
    expect_type<NotFound>(create);
}

TEST(Refusal, NamesTheHolderOfANameThatIsTaken) {
    for (const int status : {409, 500}) {  // Podman says 500
        ScriptedEngine engine;
        const std::string words = "the name 'cache' is already in use by container " + long_id();
        engine.answers(status, says(words));
        const auto create = [&] { engine.containers().create("cache", {.image = "redis:7"}); };

        EXPECT_EQ(text_of_error(create),
                  "error[BR0107]: cannot create container 'cache': container aaaaaaaaaaaa has that name\n"
                  "  engine: " +
                      words +
                      "\n"
                      "  call: POST /containers/create answered HTTP " +
                      std::to_string(status) + " at " + engine.endpoint() +
                      "\n"
                      "  hint: remove the other one if nobody needs it: docker rm -f cache");
        expect_type<Conflict>(create);
    }
}

TEST(Refusal, NamesThePortThatIsTaken) {
    const std::vector<std::pair<std::string, std::string>> cases = {
        {"driver failed programming external connectivity on endpoint x (0a): Bind for 127.0.0.1:5432 failed: port is "
         "already "
         "allocated",
         "127.0.0.1:5432"},
        {"driver failed: Error starting userland proxy: listen tcp4 0.0.0.0:80: bind: address already in use",
         "0.0.0.0:80"}};
    for (const auto& [words, port] : cases) {
        ScriptedEngine engine;
        engine.answers(500, says(words));

        EXPECT_EQ(text_of_error([&] { engine.containers().start(id()); }),
                  "error[BR0305]: cannot start container 'aaaaaaaaaaaa': port " + port +
                      " is taken\n"
                      "  engine: " +
                      words +
                      "\n"
                      "  call: POST /containers/" +
                      long_id() + "/start answered HTTP 500 at " + engine.endpoint() +
                      "\n"
                      "  hint: leave the host port out to be given a free one, or find out who has it with 'ss -ltnp'");
    }
}

TEST(Refusal, NamesTheCommandThatIsNotThere) {
    ScriptedEngine engine;
    const std::string words = R"(exec: \"nosuch\": executable file not found in $PATH: unknown)";
    engine.answers(400, says(words));

    EXPECT_EQ(text_of_error([&] { engine.containers().start({"db"}); }),
              "error[BR0306]: cannot start container 'db': there is no command 'nosuch' in it\n"
              "  engine: exec: \"nosuch\": executable file not found in $PATH: unknown\n"
              "  call: POST /containers/db/start answered HTTP 400 at " +
                  engine.endpoint() +
                  "\n"
                  "  hint: look at 'command' and 'entrypoint'; a list is taken word by word, and no shell is involved");
}

TEST(Refusal, RecognisesEmptyAddressPoolsInA404) {
    ScriptedEngine engine;
    engine.answers(404, says("could not find an available, non-overlapping IPv4 address pool among the defaults"));
    const auto create = [&] { engine.engine().networks().create("shop", {}); };

    EXPECT_EQ(
        text_of_error(create),
        "error[BR0113]: cannot create network 'shop': the engine has no addresses left for another network\n"
        "  engine: could not find an available, non-overlapping IPv4 address pool among the defaults\n"
        "  call: POST /networks/create answered HTTP 404 at " +
            engine.endpoint() +
            "\n"
            "  hint: remove networks that nobody uses ('docker network prune'), or give the engine more address pools "
            "('default-address-pools' in its daemon.json)");
    EXPECT_THROW(create(), EngineRefused);
}

TEST(Refusal, KeepsTheWordsOfAnswersThatAreNoJson) {
    ScriptedEngine engine;
    engine.answers(502, "<html>\r\n<h1>502 Bad Gateway</h1>\x1b[2J" + std::string(300, 'x'));

    EXPECT_EQ(text_of_error([&] { engine.containers().inspect(id()); }),
              "error[BR0105]: cannot inspect container 'aaaaaaaaaaaa'\n"
              "  engine: <html>  <h1>502 Bad Gateway</h1>\\x1b[2J" +
                  std::string(164, 'x') +
                  "…\n"
                  "  call: GET /containers/" +
                  long_id() + "/json answered HTTP 502 at " + engine.endpoint() +
                  "\n"
                  "  hint: the engine's own log may say more ('journalctl -u docker')");
}

TEST(Refusal, HasATypeForWhatSomebodyWouldCatch) {
    const auto refused = [](int status, const std::string& body) {
        auto engine = std::make_shared<ScriptedEngine>();
        engine->answers(status, body);
        return [engine] { engine->containers().kill(id()); };
    };
    const auto code = [](const std::function<void()>& action) -> std::string {
        try {
            action();
        } catch (const EngineRefused& error) {
            return error.code();
        }
        return "none";
    };

    EXPECT_EQ(code(refused(404, says("x"))), "BR0106");
    expect_type<NotFound>(refused(404, says("x")));
    EXPECT_EQ(code(refused(409, says("x"))), "BR0107");
    expect_type<Conflict>(refused(409, says("x")));
    EXPECT_EQ(code(refused(403, says("x"))), "BR0108");
    expect_type<PermissionDenied>(refused(403, says("x")));
    EXPECT_EQ(code(refused(500, "")), "BR0105");
    EXPECT_EQ(code(refused(400, "client version 1.10 is too old. Minimum supported API version is 1.24\n")), "BR0115");
}

TEST(Refusal, OfARemovalWithoutForceSaysForce) {
    ScriptedEngine engine;
    engine.answers(409, says("You cannot remove a running container"));

    EXPECT_EQ(text_of_error([&] { engine.containers().remove(id(), {.force = false}); }),
              "error[BR0107]: cannot remove container 'aaaaaaaaaaaa'\n"
              "  engine: You cannot remove a running container\n"
              "  call: DELETE /containers/" +
                  long_id() + " answered HTTP 409 at " + engine.endpoint() +
                  "\n"
                  "  hint: stop it first, or remove it by force");
}

TEST(Remove, BelievesA204) {
    ScriptedEngine engine;
    engine.answers(204, "");

    EXPECT_EQ(engine.containers().remove(id()), Removed::now);

    EXPECT_THAT(engine.lines(), ElementsAre("DELETE /v1.41/containers/" + long_id() + "?force=1&v=1"));
}

TEST(Remove, AsksUntilAnotherRemovalIsThrough) {
    ScriptedEngine engine;
    const std::string busy = says("removal of container x is already in progress");
    engine.answers(409, busy).answers(409, busy).answers(404, says("No such container"));

    EXPECT_EQ(engine.containers().remove(id()), Removed::already_going);

    EXPECT_EQ(engine.requests().size(), 3U);
}

TEST(Remove, GivesUpOnAStuckRemovalAtItsDeadline) {
    ScriptedEngine engine;
    engine.answers(409, says("removal of container x is already in progress"));

    EXPECT_THROW(engine.containers().remove(id(), {}, within(200ms)), TimedOut);
}

TEST(Remove, TriesABusyFileSystemAgain) {
    ScriptedEngine engine;
    engine.answers(500, says("unlinkat /merged: device or resource busy")).answers(204, "");

    EXPECT_EQ(engine.containers().remove(id()), Removed::now);
}

TEST(Remove, SaysWhenThereWasNone) {
    ScriptedEngine engine;
    engine.answers(404, says("No such container: x"));

    EXPECT_EQ(engine.containers().remove(id()), Removed::was_not_there);
}

TEST(Remove, OfANetworkWaitsForEndpointsToGo) {
    ScriptedEngine engine;
    engine.answers(403, says("network x has active endpoints")).answers(204, "");

    EXPECT_TRUE(engine.engine().networks().remove("x"));
}

TEST(Create, NeedsNoMoreThanOneCall) {
    ScriptedEngine engine("1.44");
    engine.answers(201, R"({"Id":")" + long_id() + R"(","Warnings":null})");

    const Created made = engine.containers().create(
        "a b", {.image = "x", .networks = {{"n1", {}}, {"n2", {}}}, .platform = "linux/arm64"});

    EXPECT_EQ(made.id.text, long_id());
    EXPECT_THAT(engine.lines(), ElementsAre("POST /v1.44/containers/create?name=a%20b&platform=linux%2Farm64"));
    EXPECT_EQ(engine.requests().at(0).header("Content-Type"), "application/json");
}

TEST(Create, ConnectsFurtherNetworksBelow144) {
    ScriptedEngine engine;
    engine.answers(201, R"({"Id":")" + long_id() + R"("})").answers(200, "");

    engine.containers().create("c", {.image = "x", .networks = {{"n1", {}}, {"n2", {"db"}}}});

    EXPECT_THAT(engine.lines(), ElementsAre("POST /v1.41/containers/create?name=c", "POST /v1.41/networks/n2/connect"));
    EXPECT_EQ(engine.requests().at(1).body,
              R"({"Container":")" + long_id() + R"(","EndpointConfig":{"Aliases":["db"]}})");
}

TEST(Start, SendsALengthOfZeroAndTellsWhatWas) {
    ScriptedEngine engine;
    engine.answers(204, "").answers(304, "");

    EXPECT_EQ(engine.containers().start(id()), Started::now);
    EXPECT_EQ(engine.containers().start(id()), Started::was_running);

    EXPECT_EQ(engine.requests().at(0).header("Content-Length"), "0");
    EXPECT_EQ(engine.requests().at(0).header("Transfer-Encoding"), "");
}

TEST(Stop, RoundsTheGraceUpAndSendsTheSignalFrom142On) {
    ScriptedEngine old;
    ScriptedEngine recent("1.42");
    old.answers(204, "").answers(304, "");
    recent.answers(204, "");

    EXPECT_EQ(old.containers().stop(id(), {.signal = "SIGINT", .grace = 1ms}), Stopped::now);
    EXPECT_EQ(old.containers().stop(id(), {.grace = 0ms}), Stopped::was_not_running);
    recent.containers().stop(id(), {.signal = "SIGINT", .grace = 1001ms});

    EXPECT_THAT(old.lines(), ElementsAre("POST /v1.41/containers/" + long_id() + "/stop?t=1",
                                         "POST /v1.41/containers/" + long_id() + "/stop?t=0"));
    EXPECT_THAT(recent.lines(), ElementsAre("POST /v1.42/containers/" + long_id() + "/stop?t=2&signal=SIGINT"));
}

TEST(List, AsksForTheExactNameAndComparesItself) {
    ScriptedEngine engine;
    engine.answers(200, R"([{"Id":"1","Names":["/db.2"],"State":"running"},{"Id":"2","Names":["/dbx2","/a/db"]}])");

    const auto found = engine.containers().list({.all = true, .labels = {"berth.run=x"}, .name = "db.2"});

    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].id.text, "1");
    EXPECT_THAT(found[0].names, ElementsAre("db.2"));
    EXPECT_THAT(
        engine.lines(),
        ElementsAre("GET /v1.41/containers/json?all=1&filters=%7B%22label%22%3A%5B%22berth.run%3Dx%22%5D%2C%22name%22"
                    "%3A%5B%22%5Edb%5C%5C.2%24%22%5D%7D"));
}

TEST(Inspect, ReadsAnAnswerOfAnyEngine) {
    ScriptedEngine engine;
    engine.answers(
        200, R"({"Id":"1","Name":"/db","Image":"sha256:1","State":{"Status":"stopped","Running":false,"ExitCode":137,
        "OOMKilled":true,"Health":{"Status":"unhealthy","FailingStreak":3,"Log":[{"ExitCode":1,"Output":"no"}]}},
        "Config":{"Image":"postgres:16","Labels":null,"Tty":true,"Healthcheck":{"Test":["CMD","x"]}},
        "Mounts":[{"Type":"volume","Name":")" +
                 long_id() + R"("},{"Type":"volume","Name":"named"},{"Type":"bind"}],
        "NetworkSettings":{"Ports":{"80/tcp":[{"HostIp":"::","HostPort":"2"},{"HostIp":"0.0.0.0","HostPort":"1"}],"81/tcp":null},
        "Networks":{"n":{"NetworkID":"nid","IPAddress":"10.0.0.2","Gateway":"10.0.0.1"}}}})");

    const ContainerFacts facts = engine.containers().inspect({"db"});

    EXPECT_EQ(facts.name, "db");
    EXPECT_EQ(facts.status, Status::exited);
    EXPECT_EQ(facts.exit_code, 137);
    EXPECT_TRUE(facts.out_of_memory);
    EXPECT_EQ(facts.health.status, HealthState::Status::unhealthy);
    EXPECT_EQ(facts.health.last_output, "no");
    EXPECT_TRUE(facts.has_healthcheck);
    EXPECT_TRUE(facts.tty);
    EXPECT_THAT(facts.ports.at("80/tcp"), ElementsAre(PublishedAt{"0.0.0.0", 1}, PublishedAt{"::", 2}));
    EXPECT_TRUE(facts.ports.at("81/tcp").empty());
    EXPECT_EQ(facts.networks.at("n").ip, "10.0.0.2");
    EXPECT_THAT(facts.anonymous_volumes, ElementsAre(long_id()));
    EXPECT_FALSE(facts.raw.empty());
}

TEST(Inspect, SaysWhichKeyMakesNoSense) {
    ScriptedEngine engine;
    engine.answers(200, R"({"Id":"1","State":{"Status":"running","Running":"yes"}})");

    EXPECT_EQ(
        text_of_error([&] { engine.containers().inspect({"db"}); }),
        "error[BR0104]: cannot inspect container 'db': the engine's answer makes no sense: 'State.Running' is a JSON "
        "string, not true or false\n"
        "  call: GET /containers/db/json at " +
            engine.endpoint() +
            "\n"
            "  hint: something between Berth and the engine may have changed the answer; 'docker version' shows who is "
            "there");
}

TEST(Exchange, NamesPurposeAndCallWhenItBreaks) {
    ScriptedEngine engine;
    engine.then([](const Received&, Peer& peer) {
        peer.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"Id\":");
        peer.close();
    });

    const std::string text = text_of_error([&] { engine.containers().inspect({"db"}); });

    EXPECT_EQ(text,
              "error[BR0104]: cannot inspect container 'db': the answer is incomplete: the connection was closed after "
              "6 of 100 "
              "bytes\n"
              "  call: GET /containers/db/json at " +
                  engine.endpoint() +
                  "\n"
                  "  hint: look whether the engine still runs, and into its log");
}

TEST(Exchange, NamesPurposeAndCallWhenItIsLate) {
    ScriptedEngine engine;
    engine.then([](const Received&, Peer& peer) { peer.stall(); });

    EXPECT_EQ(text_of_error([&] { engine.containers().inspect({"db"}, within(50ms)); }),
              "error[BR0103]: cannot inspect container 'db': no answer in time\n"
              "  call: GET /containers/db/json at " +
                  engine.endpoint() +
                  "\n"
                  "  hint: allow more time, or look whether the engine is overloaded");
}

TEST(Volumes, RefuseOneThatWasThereAlready) {
    ScriptedEngine engine;
    engine.answers(201, R"({"Name":"data","Driver":"local","Labels":{"whose":"other"}})");
    const auto create = [&] { engine.engine().volumes().create("data", "local", {{"whose", "mine"}}); };

    EXPECT_EQ(
        text_of_error(create),
        "error[BR0107]: cannot create volume 'data': another one has that name, with other labels or another driver\n"
        "  call: POST /volumes/create at " +
            engine.endpoint() +
            "\n"
            "  hint: remove the other one if nobody needs its data: docker volume rm data");
    expect_type<Conflict>(create);
}

TEST(Stat, ReadsGosModes) {
    ScriptedEngine engine;
    // {"name":"etc","size":4096,"mode":2147484141,"mtime":"","linkTarget":""}
    engine.answers(
        200, "",
        "X-Docker-Container-Path-Stat: "
        "eyJuYW1lIjoiZXRjIiwic2l6ZSI6NDA5NiwibW9kZSI6MjE0NzQ4NDE0MSwibXRpbWUiOiIiLCJsaW5rVGFyZ2V0IjoiIn0=\r\n");

    const auto facts = engine.containers().stat({"db"}, "/etc");

    ASSERT_TRUE(facts);
    EXPECT_EQ(facts->name, "etc");
    EXPECT_EQ(facts->kind, PathFacts::Kind::directory);
    EXPECT_EQ(facts->mode, 0755U);
    EXPECT_EQ(facts->size, 4096U);
}

}  // namespace
}  // namespace berth

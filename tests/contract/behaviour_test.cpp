// SPDX-License-Identifier: Apache-2.0
// What an engine does: statuses, bodies, headers, streams and the order of events.
#include <tests/contract/subject.hpp>
#include <tests/support/gate.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <sstream>
#include <thread>

namespace berth::contract {
namespace {

using namespace std::chrono_literals;
using support::k_patience;
using ::testing::AnyOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::StartsWith;

class LiveContainers : public Contract {};
class LiveNetworks : public Contract {};
class LiveVolumes : public Contract {};
class LiveImages : public Contract {};
class LiveEvents : public Contract {};
class Wire : public Contract {};

std::string filter(const std::string& key, const std::string& value) {
    return http::encode_query({{"filters", nlohmann::json{{key, {value}}}.dump()}});
}

TEST_F(Wire, AnswersThePingUnversionedAndVersioned) {
    for (const std::string& target : {std::string("/_ping"), version() + "/_ping"}) {
        const auto answer = client_.send({.target = target}, within(k_patience));

        EXPECT_EQ(answer.head.status, 200);
        EXPECT_EQ(answer.body, "OK");
        EXPECT_EQ(answer.head.headers.find("Ostype").value_or(is_podman() ? "linux" : ""), "linux");
        EXPECT_THAT(answer.head.headers.find("Api-Version").value_or(""), StartsWith("1."));
        EXPECT_THAT(answer.head.headers.find("Server").value_or(""), StartsWith(is_podman() ? "Libpod/" : "Docker/"));
        EXPECT_THAT(answer.head.headers.find("Content-Type").value_or(""), StartsWith("text/plain"));
    }
    const auto head = client_.send({.method = "HEAD", .target = "/_ping"}, within(k_patience));
    EXPECT_EQ(head.head.status, 200);
    EXPECT_EQ(head.body, "");
}

TEST_F(Wire, RefusesVersionsThatTheEngineDoesNotSpeak) {
    const auto newer = client_.send({.target = "/v1.99/containers/json"}, within(k_patience));
    const auto older = client_.send({.target = "/v1.5/containers/json"}, within(k_patience));

    if (is_podman()) {  // which serves any
        EXPECT_EQ(newer.head.status, 200);
        EXPECT_EQ(older.head.status, 200);
        return;
    }
    const std::string newest = newer.head.headers.find("Api-Version").value_or("");
    const auto told = client_.send({.target = "/version"}, within(k_patience));
    const std::string oldest = nlohmann::json::parse(told.body)["MinAPIVersion"];
    EXPECT_EQ(newer.head.status, 400);
    EXPECT_EQ(newer.body,
              "{\"message\":\"client version 1.99 is too new. Maximum supported API version is " + newest + "\"}\n");
    EXPECT_EQ(older.head.status, 400);
    EXPECT_EQ(older.body, "client version 1.5 is too old. Minimum supported API version is " + oldest +
                              ", please upgrade your client to a newer version\n");
}

TEST_F(Wire, KeepsAConnectionOpenForTheNextCall) {
    const auto id = created(Behaviour::idles);

    for (int i = 0; i < 5; ++i) {
        EXPECT_EQ(ask("GET", "/containers/" + id.text + "/json").status, 200);
    }

    EXPECT_EQ(client_.idle_connections(), 1U);
}

TEST_F(Wire, SaysNothingMoreIn204And304) {
    const auto id = created(Behaviour::idles);

    const Said now = ask("POST", "/containers/" + id.text + "/start");
    const Said again = ask("POST", "/containers/" + id.text + "/start");

    EXPECT_EQ(now.status, 204);
    EXPECT_EQ(again.status, 304);
    for (const Said* said : {&now, &again}) {
        EXPECT_EQ(said->body, "");
        EXPECT_FALSE(said->headers.find("Content-Length").has_value());
        EXPECT_FALSE(said->headers.find("Transfer-Encoding").has_value());
    }
}

TEST_F(LiveContainers, LiveFromCreateToRemove) {
    ContainerConfig wanted = config(Behaviour::idles);
    wanted.environment = {"COLOUR=blue"};
    wanted.ports = {{"80/tcp", "127.0.0.1", ""}};
    const Created made = containers_.create(name("life"), wanted);

    const ContainerFacts before = containers_.inspect(made.id);
    EXPECT_THAT(made.warnings, IsEmpty());
    EXPECT_EQ(made.id.text.size(), 64U);
    EXPECT_EQ(before.name, name("life"));
    EXPECT_EQ(before.image, wanted.image);
    EXPECT_EQ(before.status, Status::created);
    EXPECT_FALSE(before.running);
    EXPECT_EQ(before.pid, 0);
    EXPECT_EQ(before.ports.empty(), !is_podman());  // Podman chooses at the create
    EXPECT_EQ(before.labels.at("berth.test"), session_);

    EXPECT_EQ(containers_.start(made.id), Started::now);
    EXPECT_EQ(containers_.start(made.id), Started::was_running);
    const ContainerFacts running = containers_.inspect(made.id);
    EXPECT_EQ(running.status, Status::running);
    EXPECT_TRUE(running.running);
    EXPECT_GT(running.pid, 0);
    EXPECT_FALSE(running.has_healthcheck);
    ASSERT_EQ(running.ports.at("80/tcp").size(), 1U);
    EXPECT_EQ(running.ports.at("80/tcp")[0].host_ip, "127.0.0.1");
    EXPECT_GT(running.ports.at("80/tcp")[0].host_port, 0);
    ASSERT_EQ(running.networks.size(), 1U);
    EXPECT_EQ(running.networks.begin()->first, is_podman() ? "podman" : "bridge");
    EXPECT_FALSE(running.networks.begin()->second.ip.empty());

    wait_until_set(made.id);
    EXPECT_EQ(containers_.stop(made.id, {.grace = 10s}), Stopped::now);
    EXPECT_EQ(containers_.stop(made.id), Stopped::was_not_running);
    const ContainerFacts after = containers_.inspect(made.id);
    EXPECT_EQ(after.status, Status::exited);
    EXPECT_EQ(after.exit_code, 0);
    EXPECT_EQ(after.pid, 0);
    EXPECT_EQ(after.ports.empty(), !is_podman());

    EXPECT_EQ(containers_.remove(made.id), Removed::now);
    EXPECT_EQ(containers_.remove(made.id), Removed::was_not_there);
    EXPECT_FALSE(containers_.find(made.id).has_value());
}

TEST_F(LiveContainers, AreKilledOnceTheirGraceIsOver) {
    const auto id = started(Behaviour::is_stubborn);

    EXPECT_EQ(containers_.stop(id, {.grace = 1s}), Stopped::now);

    EXPECT_EQ(containers_.inspect(id).exit_code, 137);
}

TEST_F(LiveContainers, EndByThemselvesAndTellTheirStatus) {
    const auto id = started(Behaviour::ends);

    EXPECT_EQ(containers_.wait(id, within(k_patience)), 7);

    EXPECT_EQ(containers_.inspect(id).status, Status::exited);
}

TEST_F(LiveContainers, AreWaitedForFromBeforeTheirStart) {
    const auto id = created(Behaviour::idles);
    // Podman looks every so often; the others do not know `interval`.
    http::Stream waiting = client_.open(
        {.method = "POST", .target = version() + "/containers/" + id.text + "/wait?condition=next-exit&interval=1ms"},
        within(k_patience));
    EXPECT_EQ(waiting.head().status, 200);  // the head alone: it is registered

    containers_.start(id);
    containers_.kill(id);

    EXPECT_EQ(nlohmann::json::parse(waiting.read_all(within(k_patience)))["StatusCode"], 137);
}

TEST_F(LiveContainers, AreNotWaitedForWhenNeverStarted) {
    const auto id = created(Behaviour::ends);

    const auto said = nlohmann::json::parse(ask("POST", "/containers/" + id.text + "/wait").body);

    // Podman tells one or the other of a life that never was.
    EXPECT_THAT(said["StatusCode"].get<int>(), is_podman() ? AnyOf(-1, 0) : AnyOf(0, 0));
}

TEST_F(LiveContainers, ThatHaveNoSuchCommandStayCreated) {
    const auto id = created(Behaviour::is_missing);

    const Said said = ask("POST", "/containers/" + id.text + "/start");

    const Per<std::string> text{
        "failed to create task for container: failed to create shim task: OCI runtime create failed: runc create "
        "failed: unable to start container process: exec: \"no-such-program\": executable file not found in $PATH",
        "failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: "
        "exec: \"no-such-program\": executable file not found in $PATH: unknown",
        "runc: runc create failed: unable to start container process: exec: \"no-such-program\": executable file not "
        "found in $PATH: OCI runtime attempted to invoke a command that was not found"};
    EXPECT_EQ(said.status, is_podman() ? 500 : 400);
    EXPECT_EQ(said.message, text.of(flavour()));
    const auto state = nlohmann::json::parse(ask("GET", "/containers/" + id.text + "/json").body)["State"];
    EXPECT_EQ(state["ExitCode"], is_podman() ? 0 : 127);
    EXPECT_EQ(state["Running"], false);
    EXPECT_EQ(state["Error"], is_podman() ? "" : said.message);
}

TEST_F(LiveContainers, StartAgainAsTheirPolicySays) {
    ContainerConfig wanted = config(Behaviour::fails);
    wanted.restart_policy = "on-failure";
    wanted.restart_retries = 2;
    const auto id = created(wanted);
    containers_.start(id);

    ASSERT_TRUE(support::wait_until([&] {
        const auto json = nlohmann::json::parse(ask("GET", "/containers/" + id.text + "/json").body);
        return json["RestartCount"] == 2 && json["State"]["Status"] == "exited";
    }));

    EXPECT_EQ(containers_.inspect(id).exit_code, 3);
}

TEST_F(LiveContainers, BecomeHealthy) {
    const auto id = started(Behaviour::is_healthy);

    const auto begin = containers_.inspect(id);
    EXPECT_TRUE(begin.has_healthcheck);
    EXPECT_EQ(begin.health.status, HealthState::Status::starting);

    check_health(id);
    EXPECT_TRUE(
        support::wait_until([&] { return containers_.inspect(id).health.status == HealthState::Status::healthy; }));
}

TEST_F(LiveContainers, StandStillWhilePaused) {
    const auto id = started(Behaviour::idles);

    EXPECT_EQ(ask("POST", "/containers/" + id.text + "/pause").status, 204);
    const auto paused = containers_.inspect(id);
    EXPECT_EQ(paused.status, Status::paused);
    EXPECT_TRUE(paused.running);
    EXPECT_EQ(ask("POST", "/containers/" + id.text + "/unpause").status, 204);
    EXPECT_EQ(containers_.inspect(id).status, Status::running);
}

TEST_F(LiveContainers, AreListedByLabelNameAndStatus) {
    const auto running = started(Behaviour::idles);
    const auto resting = created(Behaviour::idles);

    EXPECT_EQ(containers_.list({.labels = {label()}}).size(), 1U);
    EXPECT_EQ(containers_.list({.all = true, .labels = {label()}}).size(), 2U);
    const auto named = containers_.list({.all = true, .name = name("c2")});
    ASSERT_EQ(named.size(), 1U);
    EXPECT_EQ(named[0].id, resting);
    EXPECT_EQ(named[0].status, "created");
    EXPECT_THAT(named[0].names, ElementsAre(name("c2")));
    const auto by_prefix =
        nlohmann::json::parse(ask("GET", "/containers/json" + filter("name", "^" + name("c1") + "$")).body);
    ASSERT_EQ(by_prefix.size(), 1U);
    EXPECT_EQ(by_prefix[0]["Id"], running.text);
    EXPECT_TRUE(
        nlohmann::json::parse(ask("GET", "/containers/json" + filter("label", "berth.test=none")).body).empty());
}

TEST_F(LiveContainers, AreRenamed) {
    const auto id = created(Behaviour::idles);

    EXPECT_EQ(ask("POST", "/containers/" + id.text + "/rename?name=" + name("other")).status, 204);

    EXPECT_EQ(containers_.inspect({name("other")}).id, id);
}

TEST_F(LiveContainers, AreKnownByTheBeginningOfTheirId) {
    const auto id = created(Behaviour::idles);

    EXPECT_EQ(containers_.inspect({id.text.substr(0, 12)}).id, id);
}

TEST_F(LiveContainers, TakeTheirAnonymousVolumesWithThem) {
    ContainerConfig wanted = config(Behaviour::idles);
    wanted.mounts = {{.type = MountPoint::Type::volume, .target = "/data"}};
    const auto id = created(wanted);
    const auto volumes = containers_.inspect(id).anonymous_volumes;
    ASSERT_EQ(volumes.size(), 1U);
    EXPECT_TRUE(engine_.volumes().find(volumes[0]).has_value());

    containers_.remove(id);

    EXPECT_FALSE(engine_.volumes().find(volumes[0]).has_value());
}

TEST_F(LiveNetworks, AreMadeOnceByName) {
    const std::string id = engine_.networks().create(name("n"), {.labels = labels()});

    const Said again = ask("POST", "/networks/create", R"({"CheckDuplicate":true,"Name":")" + name("n") + "\"}");

    EXPECT_EQ(again.status, is_podman() ? 500 : 409);
    EXPECT_EQ(again.message, is_podman() ? "network name " + name("n") + " already used: network already exists"
                                         : "network with name " + name("n") + " already exists");
    EXPECT_EQ(engine_.networks().find(name("n"))->id, id);
    EXPECT_EQ(engine_.networks().list({label()}).size(), 1U);
    EXPECT_TRUE(engine_.networks().remove(id));
    EXPECT_EQ(ask("DELETE", "/networks/" + id).status, 404);
}

TEST_F(LiveNetworks, HoldTheContainersThatRun) {
    const std::string id = engine_.networks().create(name("n"), {.labels = labels()});
    ContainerConfig wanted = config(Behaviour::idles);
    wanted.networks = {{.network = name("n"), .aliases = {"db"}}};
    const auto container = created(wanted);
    if (is_podman()) {  // which counts those that do not run as well
        EXPECT_THAT(engine_.networks().find(id)->containers, ElementsAre(container.text));
    } else {
        EXPECT_THAT(engine_.networks().find(id)->containers, IsEmpty());
    }

    containers_.start(container);

    EXPECT_THAT(engine_.networks().find(id)->containers, ElementsAre(container.text));
    const auto networks = containers_.inspect(container).networks;
    ASSERT_EQ(networks.size(), 1U);
    EXPECT_EQ(networks.begin()->first, name("n"));
    EXPECT_EQ(networks.begin()->second.network_id, is_podman() ? name("n") : id);
    const Said refused = ask("DELETE", "/networks/" + name("n"));
    EXPECT_EQ(refused.status, is_podman() ? 500 : 403);
    const Per<std::string> text{
        "error while removing network: network " + name("n") + " has active endpoints (name:\"" + name("c1") +
            "\" id:\"",
        "error while removing network: network " + name("n") + " id " + id + " has active endpoints",
        "\"" + name("n") +
            "\" has associated containers with it. Use -f to forcibly delete containers and "
            "pods: network is being used"};
    EXPECT_THAT(refused.message, StartsWith(text.of(flavour())));
    containers_.stop(container, {.grace = 10s});
    EXPECT_EQ(ask("DELETE", "/networks/" + name("n")).status, is_podman() ? 500 : 204);
    // By its id Podman removes one that is in use.
    EXPECT_EQ(ask("DELETE", "/networks/" + id).status, is_podman() ? 204 : 404);
}

TEST_F(LiveNetworks, AreJoinedAndLeft) {
    const std::string id = engine_.networks().create(name("n"), {.labels = labels()});
    const auto container = started(Behaviour::idles);
    const std::string body = R"({"Container":")" + container.text + "\"}";

    EXPECT_EQ(ask("POST", "/networks/" + id + "/connect", body).status, 200);
    EXPECT_THAT(engine_.networks().find(id)->containers, ElementsAre(container.text));
    const Said again = ask("POST", "/networks/" + id + "/connect", body);
    EXPECT_EQ(again.status, is_podman() ? 500 : 403);
    if (!is_podman()) {
        EXPECT_EQ(again.message, "endpoint with name " + name("c1") + " already exists in network " + name("n"));
    }
    EXPECT_EQ(ask("POST", "/networks/" + id + "/disconnect", body).status, 200);
    EXPECT_THAT(engine_.networks().find(id)->containers, IsEmpty());
}

TEST_F(LiveNetworks, ThatAreGoneFailAtTheStart) {
    const std::string id = engine_.networks().create(name("n"), {.labels = labels()});
    ContainerConfig wanted = config(Behaviour::idles);
    wanted.networks = {{.network = name("n")}};
    const auto container = created(wanted);
    EXPECT_EQ(ask("DELETE", "/networks/" + id).status, 204);

    const Said said = ask("POST", "/containers/" + container.text + "/start");

    const Per<std::string> text{"failed to set up container networking: network " + name("n") + " not found",
                                "network " + name("n") + " not found",
                                "unable to find network with name or ID " + name("n") + ": network not found"};
    EXPECT_EQ(said.status, is_podman() ? 500 : 404);
    EXPECT_EQ(said.message, text.of(flavour()));
    EXPECT_FALSE(containers_.inspect(container).running);
}

TEST_F(LiveVolumes, AreMadeOnceByNameAndHandedOutAgain) {
    const std::string body = R"({"Name":")" + name("v") + R"(","Labels":{"berth.test":")" + session_ + R"("}})";
    EXPECT_EQ(ask("POST", "/volumes/create", body).status, 201);

    const Said again = ask("POST", "/volumes/create", R"({"Name":")" + name("v") + R"(","Labels":{"other":"x"}})");

    EXPECT_EQ(again.status, 201);
    const auto json = nlohmann::json::parse(again.body);
    EXPECT_EQ(json["Labels"], (nlohmann::json{{"berth.test", session_}}));
    EXPECT_EQ(json["Driver"], "local");
    EXPECT_EQ(engine_.volumes().list({label()}).size(), 1U);
    EXPECT_EQ(ask("DELETE", "/volumes/" + name("v")).status, 204);
    EXPECT_EQ(ask("DELETE", "/volumes/" + name("v") + "?force=1").status, 204);
}

TEST_F(LiveVolumes, InUseAreNotRemoved) {
    ContainerConfig wanted = config(Behaviour::idles);
    wanted.mounts = {
        {.type = MountPoint::Type::volume, .source = name("v"), .target = "/data", .volume_labels = labels()}};
    const auto id = created(wanted);

    const Said said = ask("DELETE", "/volumes/" + name("v"));

    EXPECT_EQ(said.status, 409);
    EXPECT_EQ(said.message, is_podman() ? "volume " + name("v") + " is being used by the following container(s): " +
                                              id.text + ": volume is being used"
                                        : "remove " + name("v") + ": volume is in use - [" + id.text + "]");
}

TEST_F(LiveImages, ArePulledAndThere) {
    const std::string reference = subject().pullable();
    EXPECT_FALSE(engine_.images().find(reference).has_value());
    std::vector<PullProgress> steps;

    engine_.images().pull(reference, {.on_progress = [&](const PullProgress& step) { steps.push_back(step); }});

    EXPECT_FALSE(steps.empty());
    EXPECT_THAT(engine_.images().inspect(reference).tags, Contains(reference));
    engine_.images().pull(reference);
    EXPECT_TRUE(engine_.images().remove(reference));
    EXPECT_FALSE(engine_.images().remove(reference));
}

TEST_F(LiveImages, HaveNamesAndMayHaveMore) {
    const std::string image = config(Behaviour::idles).image;
    const std::string other = "berth.local/" + name("tagged") + ":1";

    engine_.images().tag(image, other);

    EXPECT_EQ(engine_.images().inspect(other).id, engine_.images().inspect(image).id);
    EXPECT_TRUE(engine_.images().remove(other));
    EXPECT_TRUE(engine_.images().find(image).has_value());
}

TEST_F(LiveEvents, TellALifeInOrder) {
    const support::Gate open;
    std::vector<std::string> actions;
    std::string exit_code;
    std::jthread follower([&] {
        engine_.events().follow(
            {.types = {"container"}, .labels = {label()}}, [&] { open.open(); },
            [&](const Event& event) {
                actions.push_back(event.action);
                if (event.action == "die") {
                    exit_code = event.attributes.at("exitCode");
                }
                return event.action != "destroy" && event.action != "remove";
            },
            within(k_patience));
    });
    ASSERT_TRUE(open.wait(within(k_patience)));

    const auto id = started(Behaviour::idles);
    containers_.stop(id, {.grace = 10s});
    containers_.remove(id);
    follower.join();

    if (is_podman()) {  // whose `stop` and `cleanup` come when they come, or not at all
        actions.erase(std::remove_if(actions.begin(), actions.end(),
                                     [](const std::string& action) { return action == "stop" || action == "cleanup"; }),
                      actions.end());
    }
    const Per<std::vector<std::string>> expected{
        {"create", "start", "kill", "stop", "die", "destroy"},
        std::vector<std::string>{"create", "start", "kill", "die", "stop", "destroy"},
        std::vector<std::string>{"create", "init", "start", "die", "remove"}};
    EXPECT_EQ(actions, expected.of(flavour()));
    EXPECT_EQ(exit_code, "0");
}

TEST_F(LiveEvents, OfThePastAreToldAgain) {
    const auto now = [] {
        return std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch())
            .count();
    };
    const auto begin = now();
    const auto id = started(Behaviour::ends);
    containers_.wait(id, within(k_patience));

    // Podman tells of `die`, and finds it by `died` only.
    const std::string death = is_podman() ? "died" : "die";
    const std::string filters = nlohmann::json{{"container", {id.text}}, {"event", {"start", death}}}.dump();
    std::vector<std::string> actions;
    const auto told = [&] {
        const Said said = ask("GET", "/events" + http::encode_query({{"since", std::to_string(begin - 1)},
                                                                     {"until", std::to_string(now() + 1)},
                                                                     {"filters", filters}}));
        EXPECT_EQ(said.status, 200);
        actions.clear();
        std::istringstream lines(said.body);
        for (std::string line; std::getline(lines, line);) {
            const auto event = nlohmann::json::parse(line);
            EXPECT_EQ(event["Type"], "container");
            EXPECT_EQ(event["Actor"]["ID"], id.text);
            EXPECT_GT(event["timeNano"].get<std::int64_t>(), 0);
            actions.push_back(event["Action"]);
        }
        return actions.size() >= 2;
    };
    EXPECT_TRUE(support::wait_until(told));  // Podman writes them down a while after they happened
    EXPECT_THAT(actions, ElementsAre("start", "die"));
}

TEST_F(LiveEvents, AreFoundByWhatHappened) {
    const support::Gate open;
    std::vector<std::string> actions;
    std::jthread follower([&] {
        engine_.events().follow(
            {.types = {"container"}, .actions = {"start", "die", "destroy"}, .labels = {label()}}, [&] { open.open(); },
            [&](const Event& event) {
                actions.push_back(event.action);
                return event.action != "destroy" && event.action != "remove";
            },
            within(k_patience));
    });
    ASSERT_TRUE(open.wait(within(k_patience)));

    const auto id = started(Behaviour::idles);
    containers_.kill(id);
    containers_.wait(id, within(k_patience));
    containers_.remove(id);
    follower.join();

    EXPECT_THAT(actions, ElementsAre("start", "die", is_podman() ? "remove" : "destroy"));
}

TEST_F(LiveEvents, TellOfHealth) {
    const support::Gate open;
    std::string action;
    std::jthread follower([&] {
        engine_.events().follow(
            {.types = {"container"}, .actions = {"health_status"}, .labels = {label()}}, [&] { open.open(); },
            [&](const Event& event) {
                action = event.action;
                return false;
            },
            within(k_patience));
    });
    ASSERT_TRUE(open.wait(within(k_patience)));

    check_health(started(Behaviour::is_healthy));
    follower.join();

    EXPECT_EQ(action, is_podman() ? "health_status" : "health_status: healthy");
}

}  // namespace
}  // namespace berth::contract

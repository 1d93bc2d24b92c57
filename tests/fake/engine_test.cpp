// SPDX-License-Identifier: Apache-2.0
// What a test programs. That the answers are those of an engine is for tests/contract.
#include <berth/core/digest.hpp>
#include <berth/engine/containers.hpp>
#include <berth/engine/engine.hpp>
#include <berth/engine/images.hpp>
#include <berth/engine/networks.hpp>
#include <berth/engine/volumes.hpp>
#include <berth/fake/engine.hpp>
#include <berth/http/client.hpp>
#include <tests/support/eventually.hpp>
#include <tests/support/sockets.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace berth {
namespace {

using namespace std::chrono_literals;
using support::k_patience;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;

class FakeEngine : public ::testing::Test {
  protected:
    ContainerId started(const ContainerConfig& config) {
        const ContainerId id = containers().create("berth-" + random_hex(8), config).id;
        containers().start(id);
        return id;
    }
    ContainerId started(const std::string& image) { return started(ContainerConfig{.image = image}); }
    Containers containers() { return client_.containers(); }

    fake::Engine engine_{};
    Engine client_ = Engine::connect(engine_.endpoint());
};

TEST_F(FakeEngine, IsWhatItWasMadeFor) {
    const fake::Engine old({.api_version = "1.41", .server = "Docker/20.10.24 (linux)"});
    const fake::Engine podman({.api_version = "1.41", .server = "Libpod/4.3.1 (linux)"});

    EXPECT_EQ(client_.facts().engine_api.text(), "1.51");
    EXPECT_EQ(client_.facts().version, "28.5.2");
    EXPECT_EQ(Engine::connect(old.endpoint()).facts().engine_api.text(), "1.41");
    EXPECT_EQ(Engine::connect(old.endpoint()).facts().version, "20.10.24");
    EXPECT_EQ(Engine::connect(podman.endpoint()).facts().kind, EngineKind::podman);
}

TEST_F(FakeEngine, LeavesNothingBehind) {
    std::string path;
    const auto before = support::open_descriptors();
    {
        fake::Engine engine;
        engine.image("a/b:1").exposes("80/tcp").accepts_connections_after();
        path = engine.endpoint().substr(std::string("unix://").size());
        Engine client = Engine::connect(engine.endpoint());
        client.containers().start(
            client.containers().create("x1", {.image = "a/b:1", .ports = {{"80/tcp", "127.0.0.1", ""}}}).id);
    }
    EXPECT_FALSE(std::filesystem::exists(std::filesystem::path(path).parent_path()));
    EXPECT_EQ(support::open_descriptors(), before);
}

TEST_F(FakeEngine, TellsItsContainersInOrder) {
    engine_.image("a/b:1").has_label("from", "image");
    EXPECT_THAT(engine_.containers(), IsEmpty());

    containers().create("first", {.image = "a/b:1", .labels = {{"own", "x"}}});
    containers().create("second", {.image = "a/b:1"});
    containers().start({"second"});

    const auto all = engine_.containers();
    ASSERT_EQ(all.size(), 2U);
    EXPECT_EQ(all[0].name, "first");
    EXPECT_EQ(all[0].status, "created");
    EXPECT_EQ(all[0].image, "a/b:1");
    EXPECT_THAT(all[0].labels, ElementsAre(Pair("from", "image"), Pair("own", "x")));
    EXPECT_EQ(all[1].status, "running");
    EXPECT_EQ(engine_.container("second")->id, all[1].id);
    EXPECT_FALSE(engine_.container("third").has_value());
}

TEST_F(FakeEngine, TellsItsNetworksVolumesAndImages) {
    engine_.image("a/b:1");
    engine_.image("a/c:1").is_in_registry();
    client_.networks().create("net-1");
    client_.volumes().create("volume-1", "local", {});

    EXPECT_THAT(engine_.networks(), ElementsAre("net-1"));
    EXPECT_THAT(engine_.volumes(), ElementsAre("volume-1"));
    EXPECT_THAT(engine_.images(), ElementsAre("a/b:1"));
}

TEST_F(FakeEngine, KnowsAnImageByAllSpellingsOfItsName) {
    engine_.image("postgres");

    EXPECT_TRUE(client_.images().find("docker.io/library/postgres:latest").has_value());
    EXPECT_EQ(&engine_.image("docker.io/library/postgres:latest"), &engine_.image("postgres"));
    EXPECT_FALSE(client_.images().find("postgres:16").has_value());
    EXPECT_THROW(engine_.image("No Name"), Error);
}

TEST_F(FakeEngine, PullsWhatIsInTheRegistry) {
    engine_.image("a/b:1").is_in_registry();
    engine_.image("a/c:1").fails_to_pull("toomanyrequests: slow down");
    EXPECT_THROW(containers().create("x1", {.image = "a/b:1"}), NotFound);

    client_.images().pull("a/b:1");

    containers().create("x1", {.image = "a/b:1"});
    EXPECT_THROW(client_.images().pull("a/c:1", {.rate_limit_pause = 20ms}), PullFailed);
    EXPECT_THROW(client_.images().pull("a/d:1"), PullFailed);
    EXPECT_FALSE(client_.images().find("a/c:1").has_value());
}

TEST_F(FakeEngine, ReportsTheHealthThatWasScripted) {
    engine_.image("a/b:1").reports_health({"starting", "unhealthy", "healthy"}, 200ms);
    const auto id = started("a/b:1");

    EXPECT_EQ(containers().inspect(id).health.status, HealthState::Status::starting);
    EXPECT_TRUE(support::wait_until([&] { return engine_.container(id.text)->health == "unhealthy"; }));
    EXPECT_TRUE(support::wait_until([&] { return engine_.container(id.text)->health == "healthy"; }));
    EXPECT_TRUE(engine_.report_health(id.text, "unhealthy"));
    EXPECT_EQ(containers().inspect(id).health.status, HealthState::Status::unhealthy);
    EXPECT_EQ(containers().inspect(id).health.failing_streak, 1);
}

TEST_F(FakeEngine, EndsAndPrintsWhenTold) {
    engine_.image("a/b:1").prints("first");
    const auto id = started("a/b:1");

    EXPECT_TRUE(engine_.print(id.text, "second", fake::Stream::err));
    EXPECT_TRUE(engine_.exit(id.text, 137, fake::Ending::out_of_memory));

    EXPECT_EQ(containers().wait(id, within(k_patience)), 137);
    EXPECT_TRUE(containers().inspect(id).out_of_memory);
    const auto lines = containers().logs(id);
    ASSERT_EQ(lines.size(), 2U);
    EXPECT_EQ(lines[1].text, "second");
    EXPECT_EQ(lines[1].stream, LogLine::Stream::err);
    EXPECT_FALSE(engine_.print(id.text, "third"));
    EXPECT_FALSE(engine_.exit(id.text, 0));
    EXPECT_FALSE(engine_.report_health("nobody", "healthy"));
}

TEST_F(FakeEngine, RunsTheCommandsThatWereScripted) {
    engine_.image("a/b:1").runs({"pg_isready"}, {.exit_code = 2, .err = "no response\n", .takes = 50ms});
    engine_.image("a/c:1").runs([](const fake::ExecRequest& request) {
        return fake::ExecResult{0, request.user + request.working_dir + request.environment.at(0), request.input, {}};
    });

    const auto told = containers().exec(started("a/b:1"), {.command = {"pg_isready"}, .check = Check::no});
    const auto asked = containers().exec(
        started("a/c:1"),
        {.command = {"any"}, .environment = {"K=V"}, .user = "me", .working_dir = "/here", .input = "input"});

    EXPECT_EQ(told.exit_code, 2);
    EXPECT_EQ(told.standard_error, "no response\n");
    EXPECT_EQ(asked.standard_output, "me/hereK=V");
    EXPECT_EQ(asked.standard_error, "input");
}

TEST_F(FakeEngine, HasTheFilesOfTheImageInEachContainer) {
    engine_.image("a/b:1").has_file("/etc/app/app.conf", "colour = blue\n", 0600);
    const auto id = started("a/b:1");

    const auto facts = containers().stat(id, "/etc/app/app.conf");

    ASSERT_TRUE(facts.has_value());
    EXPECT_EQ(facts->mode, 0600U);
    EXPECT_EQ(engine_.file(id.text, "/etc/app/app.conf"), "colour = blue\n");
    EXPECT_FALSE(engine_.file(id.text, "/etc/app").has_value());
    EXPECT_FALSE(engine_.file("nobody", "/etc/passwd").has_value());
}

TEST_F(FakeEngine, TakesConnectionsFromTheTimeOn) {
    engine_.image("a/b:1").answers_http(200, "welcome", 150ms);
    const auto id = started({.image = "a/b:1", .ports = {{"80/tcp", "127.0.0.1", ""}}});
    const auto port = containers().inspect(id).ports.at("80/tcp").at(0).host_port;
    const http::Endpoint place{.scheme = http::Endpoint::Scheme::tcp, .host = "127.0.0.1", .port = port};

    int status = 0;
    EXPECT_TRUE(support::wait_until([&] {
        try {
            const auto answer = http::Client(place).send({}, within(k_patience));
            status = answer.head.status;
            return answer.body == "welcome";
        } catch (const http::BrokenExchange& broken) {
            EXPECT_EQ(broken.system_error(), ECONNREFUSED);
            return false;
        }
    }));

    EXPECT_EQ(status, 200);
    containers().stop(id);
    EXPECT_THROW(http::Client(place).send({}, within(k_patience)), http::BrokenExchange);
}

TEST_F(FakeEngine, GivesAPortToOneContainerOnly) {
    engine_.image("a/b:1");
    const auto holder = started({.image = "a/b:1", .ports = {{"80/tcp", "127.0.0.1", ""}}});
    const auto port = std::to_string(containers().inspect(holder).ports.at("80/tcp").at(0).host_port);
    const auto second = containers().create("x2", {.image = "a/b:1", .ports = {{"80/tcp", "127.0.0.1", port}}}).id;

    try {
        containers().start(second);
        FAIL() << "it started";
    } catch (const EngineRefused& refused) {
        EXPECT_EQ(refused.code(), "BR0305");
        EXPECT_THAT(refused.what(), HasSubstr("port 127.0.0.1:" + port + " is taken"));
    }
    containers().remove(holder);
    EXPECT_EQ(containers().start(second), Started::now);
}

TEST_F(FakeEngine, WritesDownWhatItWasAsked) {
    engine_.image("a/b:1");
    engine_.forget_requests();

    containers().create("x1", {.image = "a/b:1"});

    const auto requests = engine_.requests();
    ASSERT_EQ(requests.size(), 1U);
    EXPECT_EQ(requests[0].line(), "POST /v1.51/containers/create?name=x1");
    EXPECT_THAT(requests[0].body, HasSubstr("\"Image\":\"a/b:1\""));
    EXPECT_GT(requests[0].bytes, requests[0].body.size());
    EXPECT_EQ(requests[0].connection, 1U);
    EXPECT_GT(engine_.answer_sizes().at(0), 88U);
}

TEST_F(FakeEngine, SaysWhatItDoesNotDo) {
    http::Client client(http::parse_endpoint(engine_.endpoint()));

    const auto answer = client.send({.method = "POST", .target = "/v1.51/build"}, within(k_patience));

    EXPECT_EQ(answer.head.status, 501);
    EXPECT_EQ(answer.body, "{\"message\":\"the fake engine does not do POST /build\"}\n");
    for (const auto& [method, path] : std::vector<std::pair<std::string, std::string>>{{"POST", "/images/load"},
                                                                                       {"GET", "/images/a/b:1/history"},
                                                                                       {"POST", "/containers/prune"},
                                                                                       {"POST", "/volumes/prune"},
                                                                                       {"GET", "/swarm"}}) {
        EXPECT_EQ(client.send({.method = method, .target = "/v1.51" + path}, within(k_patience)).head.status, 501)
            << path;
    }
    EXPECT_EQ(client.send({.method = "PUT", .target = "/v1.51/images/json"}, within(k_patience)).head.status, 404);
}

TEST_F(FakeEngine, AsksATestsOwnCodeOneCallAtATime) {
    int inside = 0;
    int most = 0;
    std::mutex mutex;
    std::condition_variable changed;
    engine_.image("a/b:1").runs([&](const fake::ExecRequest&) {
        std::unique_lock lock(mutex);
        most = std::max(most, ++inside);
        changed.notify_all();
        // Somebody else who came in would end this sooner.
        changed.wait_for(lock, 200ms, [&] { return inside > 1; });
        --inside;
        return fake::ExecResult{};
    });
    const auto id = started("a/b:1");
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&] { containers().exec(id, {.command = {"x"}}); });
    }
    threads.clear();

    EXPECT_EQ(most, 1);
}

}  // namespace
}  // namespace berth

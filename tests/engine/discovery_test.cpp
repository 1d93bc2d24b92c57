// SPDX-License-Identifier: Apache-2.0
#include <berth/engine/internal/discovery.hpp>
#include <berth/engine/internal/negotiation.hpp>
#include <tests/engine/scripted_engine.hpp>
#include <tests/support/temp_dir.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/fsuid.h>
#include <sys/stat.h>
#include <map>

namespace berth::engine {
namespace {

using namespace std::chrono_literals;
using support::Peer;
using support::Received;
using support::ScriptedEngine;
using support::ScriptedServer;
using support::TempDir;
using support::text_of_error;
using ::testing::ElementsAre;

std::vector<std::string> places(const std::string& asked, std::map<std::string, std::string> variables) {
    std::vector<std::string> result;
    for (const auto& place : candidates(asked, [&](const std::string& name) { return variables[name]; })) {
        result.push_back(place.endpoint + " (" + place.source + ")");
    }
    return result;
}

void pong(Peer& peer, const std::string& fields) {
    peer.answer(200, "", fields);
}

TEST(Candidates, AreTheFirstThatIsGiven) {
    EXPECT_THAT(places("tcp://a:1", {{"BERTH_ENGINE", "tcp://b:2"}}), ElementsAre("tcp://a:1 (asked for)"));
    EXPECT_THAT(places("", {{"BERTH_ENGINE", "tcp://b:2"}, {"DOCKER_HOST", "tcp://c:3"}}),
                ElementsAre("tcp://b:2 (BERTH_ENGINE)"));
    EXPECT_THAT(places("", {{"DOCKER_HOST", "unix:///x.sock"}, {"HOME", "/h"}}),
                ElementsAre("unix:///x.sock (DOCKER_HOST)"));
}

TEST(Candidates, AreTheUsualPlacesOtherwise) {
    EXPECT_THAT(
        places("", {{"HOME", "/h"}, {"XDG_RUNTIME_DIR", "/r"}}),
        ElementsAre("unix:///var/run/docker.sock (the usual place)", "unix:///r/docker.sock (the usual place)",
                    "unix:///h/.docker/run/docker.sock (the usual place)",
                    "unix:///h/.docker/desktop/docker.sock (the usual place)",
                    "unix:///h/.colima/default/docker.sock (the usual place)",
                    "unix:///h/.colima/docker.sock (the usual place)", "unix:///h/.rd/docker.sock (the usual place)",
                    "unix:///h/.orbstack/run/docker.sock (the usual place)",
                    "unix:///run/podman/podman.sock (the usual place)",
                    "unix:///r/podman/podman.sock (the usual place)", "embedded (started by Berth)"));
    EXPECT_THAT(places("", {{"BERTH_ENGINE", "podman"}, {"CONTAINER_HOST", "unix:///p"}, {"XDG_RUNTIME_DIR", "/r"}}),
                ElementsAre("unix:///p (CONTAINER_HOST)", "unix:///run/podman/podman.sock (the usual place)",
                            "unix:///r/podman/podman.sock (the usual place)"));
    EXPECT_THAT(
        places("docker", {{"XDG_RUNTIME_DIR", "/r"}}),
        ElementsAre("unix:///var/run/docker.sock (the usual place)", "unix:///r/docker.sock (the usual place)"));
}

TEST(Connect, NamesEveryPlaceAndWhyItFailed) {
    TempDir folder;
    folder.write("file", "no socket");
    const std::string gone = "unix://" + folder.file("gone.sock");
    const std::string file = "unix://" + folder.file("file");
    ScriptedServer web([](const Received& request, Peer& peer) {
        peer.answer(404, request.method == "HEAD" ? "" : "<h1>nothing here</h1>");
    });
    ScriptedServer old([](const Received&, Peer& peer) { pong(peer, "Api-Version: 1.39\r\n"); });
    ScriptedServer silent([](const Received&, Peer& peer) { peer.stall(); });
    ScriptedServer chatter;
    chatter.then_send_and_close("220 mail.example ESMTP\r\n");
    const auto text = [&](const ScriptedServer& server) { return server.endpoint().text(); };
    const auto begin = Deadline::Clock::now();

    const std::string error = text_of_error([&] {
        connect_to_first({{gone, "the usual place", true},
                          {file, "the usual place", true},
                          {text(web), "the usual place", true},
                          {text(old), "the usual place", true},
                          {text(chatter), "the usual place", true},
                          {text(silent), "DOCKER_HOST", false}},
                         "", within(300ms));
    });

    EXPECT_LT(Deadline::Clock::now() - begin, 1s);
    EXPECT_EQ(error.substr(0, error.rfind("no answer within")),
              "error[BR0101]: no container engine was found\n"
              "  tried: " +
                  gone +
                  " (the usual place): no such file\n"
                  "  tried: " +
                  file +
                  " (the usual place): nobody listens there\n"
                  "  tried: " +
                  text(web) +
                  " (the usual place): answers 'GET /_ping' with HTTP 404: <h1>nothing here</h1>\n"
                  "  tried: " +
                  text(old) +
                  " (the usual place): speaks API 1.39 at most, and 1.40 (Docker 19.03) is the oldest that will do\n"
                  "  tried: " +
                  text(chatter) +
                  " (the usual place): what listens there is no engine: the answer is no HTTP\n"
                  "  tried: " +
                  text(silent) + " (DOCKER_HOST): ");
    EXPECT_EQ(error.substr(error.find("\n  hint")),
              "\n  hint: start an engine ('systemctl start docker'), or name one with BERTH_ENGINE or DOCKER_HOST");
}

TEST(Connect, NamesTheOnePlaceThatWasAskedFor) {
    TempDir folder;
    const std::string gone = "unix://" + folder.file("gone.sock");

    EXPECT_EQ(text_of_error([&] { Engine::connect(gone); }),
              "error[BR0101]: no engine answers at " + gone + "\n  tried: " + gone +
                  " (asked for): no such file\n"
                  "  hint: start that engine, or name another with BERTH_ENGINE or DOCKER_HOST");
}

TEST(Connect, RemembersWhereItWasNotFoundAndWhatFindsItAgain) {
    ScriptedServer server([](const Received&, Peer& peer) { pong(peer, "Api-Version: 1.41\r\n"); });
    const std::string there = server.endpoint().text();
    const Candidate gone{.endpoint = "unix:///gone.sock", .source = "the usual place", .usual = true};

    const EngineFacts facts = connect_to_first({gone, {.endpoint = there, .source = "x"}}, "", within(5s)).facts();
    const Engine named = connect_to_first({{.endpoint = there, .context = "staging"}}, "", within(5s));

    ASSERT_EQ(facts.tried.size(), 1U);
    EXPECT_EQ(facts.tried[0].endpoint, "unix:///gone.sock");
    EXPECT_EQ(facts.tried[0].source, "the usual place");
    EXPECT_EQ(facts.tried[0].failure, "no such file");
    EXPECT_EQ(facts.name, there);
    EXPECT_EQ(named.facts().name, "staging");
    EXPECT_EQ(named.verify().name, "staging");
    EXPECT_TRUE(named.facts().tried.empty());
}

TEST(Connect, SaysWhatToDoAboutASocketThatMayNotBeOpened) {
    TempDir folder;
    const process::Descriptor listener = support::listen_unix(folder.file("docker.sock"));
    const std::string endpoint = "unix://" + folder.file("docker.sock");
    ASSERT_EQ(::chmod(folder.file("docker.sock").c_str(), 0), 0);
    // Root opens everything, so this thread asks for files as nobody does. (Without effect unless it is root.)
    constexpr uid_t k_nobody = 65534;
    const auto before = static_cast<uid_t>(::setfsuid(k_nobody));

    const std::string text = text_of_error([&] { Engine::connect(endpoint); });

    ::setfsuid(before);
    EXPECT_EQ(text,
              "error[BR0101]: no engine answers at " + endpoint + "\n  tried: " + endpoint +
                  " (asked for): permission denied\n"
                  "  hint: join the group that owns the socket ('sudo usermod -aG docker $USER', then log in again), "
                  "or use a rootless engine");
}

TEST(Connect, ListsThePlacesAsValues) {
    try {
        connect_to_first({{"unix:///gone.sock", "DOCKER_HOST", false}}, "", within(5s));
        FAIL();
    } catch (const EngineUnreachable& error) {
        ASSERT_EQ(error.tried().size(), 1U);
        EXPECT_EQ(error.tried()[0].endpoint, "unix:///gone.sock");
        EXPECT_EQ(error.tried()[0].source, "DOCKER_HOST");
        EXPECT_EQ(error.tried()[0].failure, "no such file");
    }
}

TEST(Connect, RefusesEndpointsOfAnotherKind) {
    const auto text = [](const std::string& endpoint) {
        return text_of_error([&] { connect_to_first({{endpoint, "BERTH_ENGINE", false}}, "", within(5s)); });
    };

    EXPECT_EQ(text("staging"),
              "error[BR0110]: 'staging' is no engine endpoint\n"
              "  from: BERTH_ENGINE\n"
              "  hint: write unix:///PATH, tcp://HOST:PORT or ssh://USER@HOST");
    EXPECT_EQ(
        text("npipe:////./pipe/docker_engine"),
        "error[BR0110]: 'npipe:////./pipe/docker_engine' is a named pipe of Windows, which there are none of here\n"
        "  from: BERTH_ENGINE\n"
        "  hint: in WSL, let Docker Desktop integrate this distribution, and use its "
        "'unix:///var/run/docker.sock'");
}

TEST(Connect, RefusesWhatIsNotSafeOnAnotherMachine) {
    const auto text = [](const Candidate& place) {
        return text_of_error([&] { connect_to_first({place}, "", within(1ms)); });
    };

    EXPECT_EQ(text({.endpoint = "tcp://192.0.2.1:2375", .source = "DOCKER_HOST"}),
              "error[BR0123]: plain tcp to '192.0.2.1' is not safe: everybody on the way can read and change it\n"
              "  endpoint: tcp://192.0.2.1:2375\n"
              "  from: DOCKER_HOST\n"
              "  hint: use TLS (DOCKER_TLS_VERIFY=1, DOCKER_CERT_PATH) or ssh://\n"
              "  hint: where that does no harm, allow it with BERTH_INSECURE=1, or 'berth --insecure'");
    EXPECT_EQ(text({.endpoint = "tcp://192.0.2.1",
                    .source = "DOCKER_HOST",
                    .tls = http::Tls{.verify = http::Tls::Verify::nobody}}),
              "error[BR0123]: TLS to '192.0.2.1' that verifies nobody is not safe: anybody can pose as it\n"
              "  endpoint: tcp://192.0.2.1:2376\n"
              "  from: DOCKER_HOST\n"
              "  hint: set DOCKER_TLS_VERIFY=1, or make the Docker context without 'skip-tls-verify'\n"
              "  hint: where that does no harm, allow it with BERTH_INSECURE=1, or 'berth --insecure'");
    EXPECT_THROW(connect_to_first({{.endpoint = "tcp://192.0.2.1:2375", .insecure = true}}, "", within(1ms)),
                 EngineUnreachable);
}

TEST(Connect, AgreesOnTheSmallerVersion) {
    const auto connect = [](const std::string& fields, const std::string& version = "") {
        ScriptedServer server([fields](const Received&, Peer& peer) { pong(peer, fields); });
        return connect_to_first({{server.endpoint().text(), "asked for", false}}, version, within(5s)).facts();
    };

    EXPECT_EQ(connect("Api-Version: 1.41\r\n").api.text(), "1.41");
    EXPECT_EQ(connect("Api-Version: 1.99\r\n").api.text(), "1.55");
    EXPECT_EQ(connect("Api-Version: 1.99\r\n").engine_api.text(), "1.99");
    EXPECT_EQ(connect("").api.text(), "1.40");
    EXPECT_EQ(connect("Api-Version: 1.51\r\n", "1.44").api.text(), "1.44");
    EXPECT_EQ(text_of_error([&] { connect("Api-Version: 1.51\r\n", "latest"); }),
              "error[BR0115]: 'latest' is no API version\n"
              "  hint: DOCKER_API_VERSION is written as 1.41; leave it out to let the version be agreed on");
}

TEST(Connect, SpeaksEachVersionThatItKnows) {
    for (int minor = 40; minor <= 55; ++minor) {
        const std::string version = "1." + std::to_string(minor);
        ScriptedEngine engine(version);
        engine.answers(200, "[]");

        EXPECT_TRUE(engine.containers().list().empty());

        EXPECT_EQ(engine.lines().at(0).rfind("GET /v" + version + "/containers/json", 0), 0U) << engine.lines().at(0);
    }
}

TEST(Connect, RefusesAnEngineThatIsTooOld) {
    ScriptedServer server([](const Received&, Peer& peer) { pong(peer, "Api-Version: 1.9\r\n"); });
    const std::string endpoint = server.endpoint().text();

    EXPECT_EQ(text_of_error([&] { Engine::connect(endpoint); }),
              "error[BR0101]: no engine answers at " + endpoint + "\n  tried: " + endpoint +
                  " (asked for): speaks API 1.9 at most, and 1.40 (Docker 19.03) is the oldest that will do\n"
                  "  hint: start that engine, or name another with BERTH_ENGINE or DOCKER_HOST");
}

TEST(RequireApi, NamesTheFeatureAndTheVersionsOfBothSides) {
    EngineFacts facts;
    facts.endpoint = "unix:///x";
    facts.version = "20.10.24";
    facts.api = {1, 41};
    facts.engine_api = {1, 41};

    EXPECT_NO_THROW(require_api(facts, "anything", {1, 41}));
    EXPECT_EQ(text_of_error([&] {
                  require_api(facts, "a subpath of a volume", {1, 45});
              }),
              "error[BR0126]: a subpath of a volume needs API 1.45 (Docker 26.0), and 1.41 is spoken with this engine\n"
              "  endpoint: unix:///x\n"
              "  engine: Docker 20.10.24, API 1.41 at most\n"
              "  hint: use a newer engine, or do without");
    facts.engine_api = {1, 51};
    facts.version = "";
    facts.kind = EngineKind::podman;
    EXPECT_EQ(text_of_error([&] {
                  require_api(facts, "a far future", {1, 56});
              }),
              "error[BR0126]: a far future needs API 1.56, and 1.41 is spoken with this engine\n"
              "  endpoint: unix:///x\n"
              "  engine: Podman of an unknown version, API 1.51 at most\n"
              "  hint: use a newer engine, or do without");
    EXPECT_EQ(text_of_error([&] {
                  require_api(facts, "a subpath of a volume", {1, 45});
              }),
              "error[BR0126]: a subpath of a volume needs API 1.45 (Docker 26.0), and 1.41 is spoken with this engine\n"
              "  endpoint: unix:///x\n"
              "  engine: Podman of an unknown version, API 1.51 at most\n"
              "  hint: unset DOCKER_API_VERSION, which holds the engine below what it can do");
}

TEST(Connect, ReadsWhatThePingSays) {
    const auto connect = [](const std::string& fields) {
        ScriptedServer server([fields](const Received&, Peer& peer) { pong(peer, fields); });
        const Engine engine = connect_to_first({{server.endpoint().text(), "DOCKER_HOST", false}}, "", within(5s));
        EXPECT_EQ(server.requests().at(0).line(), "HEAD /_ping");
        EXPECT_EQ(server.requests().size(), 1U);
        return engine.facts();
    };

    const EngineFacts docker = connect("Api-Version: 1.51\r\nServer: Docker/28.5.2 (linux)\r\nOstype: linux\r\n");
    const EngineFacts podman = connect(
        "Api-Version: 1.41\r\nServer: Libpod/4.3.1 (linux)\r\nLibpod-Api-Version: 4.3.1\r\nBuilder-Version: 1\r\n");

    EXPECT_EQ(docker.kind, EngineKind::docker);
    EXPECT_EQ(docker.version, "28.5.2");
    EXPECT_EQ(docker.os, "linux");
    EXPECT_EQ(docker.source, "DOCKER_HOST");
    EXPECT_TRUE(docker.local);
    EXPECT_EQ(podman.kind, EngineKind::podman);
    EXPECT_EQ(podman.version, "4.3.1");
    EXPECT_EQ(podman.builder, "1");
    EXPECT_EQ(docker.builder, "");
    EXPECT_EQ(docker.host, "") << "which is only of interest on another machine";
}

TEST(Connect, AsksWithGetWhereHeadIsNotTaken) {
    ScriptedServer server([](const Received&, Peer& peer) { peer.answer(405, ""); });
    server.then([](const Received&, Peer& peer) { peer.answer(200, "OK", "Api-Version: 1.41\r\n"); });

    EXPECT_EQ(Engine::connect(server.endpoint().text()).facts().api.text(), "1.41");

    EXPECT_EQ(server.requests().at(1).line(), "GET /_ping");
}

TEST(Connect, VerifyAsksAgain) {
    auto server =
        std::make_unique<ScriptedServer>([](const Received&, Peer& peer) { pong(peer, "Api-Version: 1.41\r\n"); });
    const std::string endpoint = server->endpoint().text();
    const Engine engine = Engine::connect(endpoint);
    EXPECT_EQ(engine.verify().api.text(), "1.41");
    EXPECT_EQ(server->requests().size(), 2U);

    server.reset();

    EXPECT_EQ(text_of_error([&] { engine.verify(); }),
              "error[BR0101]: no engine answers at " + endpoint + "\n  tried: " + endpoint +
                  " (asked for): no such file\n"
                  "  hint: start that engine, or name another with BERTH_ENGINE or DOCKER_HOST");
}

}  // namespace
}  // namespace berth::engine

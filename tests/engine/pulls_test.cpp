// SPDX-License-Identifier: Apache-2.0
// Pulls and pushes against a scripted engine: what is sent, what failures mean, and when it is tried again.
#include <berth/core/digest.hpp>
#include <berth/core/units.hpp>
#include <tests/engine/pulls.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace berth {
namespace {

using namespace std::chrono_literals;
using support::Gate;
using support::Peer;
using support::Received;
using support::ScriptedEngine;
using support::text_of_error;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

constexpr const char* k_streaming =
    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n";

std::string chunk(const std::string& bytes) {
    std::string size;
    for (std::size_t rest = bytes.size(); rest != 0; rest /= 16) {
        size.insert(size.begin(), "0123456789abcdef"[rest % 16]);
    }
    return size + "\r\n" + bytes + "\r\n";
}

TEST_F(Pull, SendsATagAlways) {
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

TEST_F(Pull, ReportsProgressByLayer) {
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

TEST_F(Pull, FailsByAnErrorInTheStream) {
    EXPECT_EQ(
        pull_error(
            "shop/app:9", 200,
            R"({"status":"Pulling"}{"errorDetail":{"message":"manifest for shop/app:9 not found: manifest unknown"}})"),
        "error[BR0201]: cannot pull image 'shop/app:9': registry 'docker.io' has no such image or tag\n"
        "  engine: manifest for shop/app:9 not found: manifest unknown\n"
        "  call: POST /images/create answered HTTP 200 at ENGINE\n"
        "  hint: check its name and tag for typing errors");
}

TEST_F(Pull, TellsTheKindsOfFailureApart) {
    const auto kind = [this](const std::string& words) {
        const std::string text = pull_error("r.lan/app:1", 500, R"({"message":")" + words + R"("})");
        const std::string head = "error[BR0201]: cannot pull image 'r.lan/app:1': ";
        EXPECT_EQ(text.substr(0, head.size()), head);
        EXPECT_NE(text.find("\n  engine: " + words + "\n"), std::string::npos) << text;
        return text.substr(head.size(), text.find('\n') - head.size()) + text.substr(text.find("\n  hint: ") + 8);
    };

    EXPECT_EQ(kind("Head https://r.lan/v2/app/manifests/1: unauthorized: authentication required"),
              "registry 'r.lan' asks for a login log in: docker login r.lan");
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

TEST_F(Pull, FailsWhenNothingGoesOn) {
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

TEST_F(Pull, FailsWhenTheStreamIsCut) {
    ScriptedEngine engine;
    engine.then([](const Received&, Peer& peer) {
        peer.send(k_streaming + chunk(R"({"status":"Downloading","id":"l1"})"));
        peer.close();
    });

    EXPECT_EQ(text_of_error([&] { engine.engine().images().pull("r.lan/app:1"); }),
              "error[BR0104]: cannot pull image 'r.lan/app:1': the answer is incomplete: the connection was closed "
              "before the last chunk\n  call: POST /images/create at " +
                  engine.endpoint() + "\n  hint: look whether the engine still runs, and into its log");
}

TEST_F(Pull, RefusesWhatIsNoReference) {
    ScriptedEngine engine;

    EXPECT_EQ(text_of_error([&] { engine.engine().images().pull("Redis:7"); }),
              "error[BR0204]: 'Redis:7' is no image reference: a repository is written in lower case\n"
              "  hint: write [REGISTRY/]NAME[:TAG][@DIGEST]");
}

TEST_F(Pull, TellsTheKindOfEachStep) {
    ScriptedEngine engine;
    engine.answers(200, R"({"status":"Pulling fs layer","id":"a"}{"status":"Waiting","id":"a"})"
                        R"({"status":"Downloading","id":"a"}{"status":"Verifying Checksum","id":"a"})"
                        R"({"status":"Download complete","id":"a"}{"status":"Extracting","id":"a"})"
                        R"({"status":"Pull complete","id":"a"}{"status":"Already exists","id":"b"})"
                        R"({"status":"Retrying in 5 seconds","id":"c"}{"status":"Digest: sha256:1"})");
    std::vector<PullProgress::Phase> phases;

    engine.engine().images().pull("redis:7",
                                  {.on_progress = [&](const PullProgress& step) { phases.push_back(step.phase); }});

    using Phase = PullProgress::Phase;
    EXPECT_THAT(phases,
                ElementsAre(Phase::waiting, Phase::waiting, Phase::downloading, Phase::verifying, Phase::downloaded,
                            Phase::extracting, Phase::complete, Phase::exists, Phase::retrying, Phase::other));
}

// --- credentials ---------------------------------------------------------------------------------------------------

TEST_F(Pull, SendsWhatIsStoredForTheRegistry) {
    ::setenv("DOCKER_AUTH_CONFIG", R"({"auths":{"r.lan":{"username":"me","password":"open-sesame-4711"}}})", 1);
    ScriptedEngine engine;
    engine.answers(200, k_pulled);

    engine.engine().images().pull("r.lan/app:1");
    engine.engine().images().pull("other.lan/app:1");

    EXPECT_EQ(engine.requests().at(0).header("X-Registry-Auth"),
              base64_url(R"({"password":"open-sesame-4711","serveraddress":"r.lan","username":"me"})"));
    EXPECT_EQ(engine.requests().at(1).header("X-Registry-Auth"), "");
}

TEST_F(Pull, NeverRepeatsACredential) {
    ScriptedEngine engine;
    const auto mine = RegistryCredentials::password("r.lan", "me", k_canary);
    engine.answers(500, std::string(R"({"message":"unauthorized: me:)") + k_canary + " " + mine.header() + R"("})");

    const std::string text = without_place(
        text_of_error([&] { engine.engine().images().pull("r.lan/app:1", {.credentials = mine}); }), engine);

    EXPECT_EQ(text,
              "error[BR0201]: cannot pull image 'r.lan/app:1': registry 'r.lan' does not take the login that is stored "
              "for it\n"
              "  engine: unauthorized: me:*** ***\n"
              "  call: POST /images/create answered HTTP 500 at ENGINE\n"
              "  hint: log in again: docker login r.lan");
}

TEST_F(Pull, AsksWithoutALoginWhenTheStoredOneCannotBeRead) {
    const std::string config = folder_.write("docker/config.json", "{\"auths\": {");
    ScriptedEngine engine;
    engine.answers(200, k_pulled).answers(500, R"({"message":"pull access denied for r.lan/app"})");

    engine.engine().images().pull("r.lan/app:1");

    EXPECT_EQ(engine.requests().at(0).header("X-Registry-Auth"), "");
    EXPECT_THAT(logged_, HasSubstr("'" + config +
                                   "' makes no sense: no JSON from byte 12 on; registry 'r.lan' is asked "
                                   "without a login\n"));
    EXPECT_EQ(without_place(text_of_error([&] { engine.engine().images().pull("r.lan/app:1"); }), engine),
              "error[BR0201]: cannot pull image 'r.lan/app:1': registry 'r.lan' denies it: it does not exist there, or "
              "needs a login\n"
              "  engine: pull access denied for r.lan/app\n"
              "  call: POST /images/create answered HTTP 500 at ENGINE\n"
              "  note: it was asked without a login: '" +
                  config +
                  "' makes no sense: no JSON from byte 12 on\n"
                  "  hint: check its name, and log in if it is private: docker login r.lan");
}

// --- trying again --------------------------------------------------------------------------------------------------

constexpr const char* k_unavailable = R"({"message":"received unexpected HTTP status: 503 Service Unavailable"})";
constexpr const char* k_limited = R"({"message":"toomanyrequests: slow down"})";

TEST_F(Pull, IsTriedAgainWhenTheRegistryDoesNotAnswerProperly) {
    ScriptedEngine engine;
    engine.answers(500, k_unavailable).answers(500, k_unavailable).answers(200, k_pulled);
    std::vector<PullProgress::Phase> phases;
    PullOptions options = hasty();
    options.on_progress = [&](const PullProgress& step) { phases.push_back(step.phase); };

    EXPECT_EQ(engine.engine().images().pull("r.lan/app:1", options), Pulled::now);

    using Phase = PullProgress::Phase;
    EXPECT_EQ(engine.requests().size(), 3U);
    EXPECT_THAT(phases, ElementsAre(Phase::retrying, Phase::retrying, Phase::other));
}

TEST_F(Pull, IsTriedSoOftenAndNoMore) {
    ScriptedEngine engine;
    engine.answers(500, k_unavailable);

    EXPECT_THROW(engine.engine().images().pull("r.lan/app:1", hasty()), PullFailed);

    EXPECT_EQ(engine.requests().size(), 3U);
}

TEST_F(Pull, IsNotTriedAgainWhereThatIsOfNoUse) {
    for (const char* words : {"manifest unknown", "unauthorized: authentication required", "denied",
                              "dial tcp 127.0.0.1:1: connect: connection refused", "no space left on device",
                              "filesystem layer verification failed for digest sha256:1"}) {
        ScriptedEngine engine;
        engine.answers(500, std::string(R"({"message":")") + words + R"("})");

        EXPECT_THROW(engine.engine().images().pull("r.lan/app:1", hasty()), PullFailed);

        EXPECT_EQ(engine.requests().size(), 1U) << words;
    }
}

TEST_F(Pull, IsNotTriedAgainOnceThereAreLayers) {
    ScriptedEngine engine;
    engine.answers(
        200, R"({"status":"Downloading","id":"l1"}{"errorDetail":{"message":"received unexpected HTTP status: 500"}})");

    EXPECT_THROW(engine.engine().images().pull("r.lan/app:1", hasty()), PullFailed);

    EXPECT_EQ(engine.requests().size(), 1U);
}

TEST_F(Pull, AsksARegistryThatHasHadEnoughOnceMore) {
    ScriptedEngine engine;
    engine.answers(500, k_limited).answers(200, k_pulled);
    const auto begin = std::chrono::steady_clock::now();

    engine.engine().images().pull("r.lan/app:1", {.rate_limit_pause = 200ms});

    EXPECT_GE(std::chrono::steady_clock::now() - begin, 200ms);
    EXPECT_EQ(engine.requests().size(), 2U);
}

TEST_F(Pull, LeavesARegistryAloneThatHasHadEnoughTwice) {
    ScriptedEngine engine;
    engine.answers(500, k_limited);
    const auto pull = [&](const std::string& reference) {
        std::string text =
            without_place(text_of_error([&] {
                              engine.engine().images().pull(reference, {.rate_limit_pause = 100ms}, within(400ms));
                          }),
                          engine);
        if (const auto at = text.find(" alone for "); at != std::string::npos) {
            text.replace(at, text.find(" more\n") - at, " alone for TIME");
        }
        return text;
    };

    EXPECT_THAT(pull("r.lan/app:1"), StartsWith("error[BR0201]: cannot pull image 'r.lan/app:1': registry 'r.lan' "
                                                "limits how often images are pulled\n  engine: toomanyrequests"));
    EXPECT_EQ(pull("r.lan/other:1"),
              "error[BR0201]: cannot pull image 'r.lan/other:1': registry 'r.lan' limits how often images are pulled, "
              "and is left alone for TIME more\n"
              "  call: POST /images/create at ENGINE\n"
              "  hint: allow more time, or log in for a higher limit: docker login r.lan");

    EXPECT_EQ(engine.requests().size(), 2U);
    EXPECT_THAT(pull("s.lan/other:1"), HasSubstr("registry 's.lan' limits how often images are pulled\n"));
}

// --- push ----------------------------------------------------------------------------------------------------------

TEST_F(Pull, PushSendsOneTagAndItsLogin) {
    ScriptedEngine engine;
    engine.answers(200, R"({"status":"The push refers to repository [r.lan/app]"}{"status":"Pushed","id":"l1"})"
                        R"({"progressDetail":{},"aux":{"Tag":"1","Digest":"sha256:2","Size":528}})");
    const auto mine = RegistryCredentials::password("r.lan", "me", k_canary);

    const PushedImage pushed = engine.engine().images().push("r.lan/app:1", {.credentials = mine});
    engine.engine().images().push("r.lan/app");

    EXPECT_EQ(pushed.tag, "1");
    EXPECT_EQ(pushed.digest, "sha256:2");
    EXPECT_EQ(pushed.size, 528U);
    EXPECT_THAT(engine.lines(),
                ElementsAre("POST /v1.41/images/r.lan/app/push?tag=1", "POST /v1.41/images/r.lan/app/push?tag=latest"));
    EXPECT_EQ(engine.requests().at(0).header("X-Registry-Auth"), mine.header());
    EXPECT_EQ(engine.requests().at(1).header("X-Registry-Auth"), "e30=");
}

TEST_F(Pull, PushFailuresAreExplained) {
    ScriptedEngine engine;
    engine.answers(200, R"({"status":"Preparing","id":"l1"}{"errorDetail":{"message":"unauthorized: no"}})")
        .answers(200, R"({"errorDetail":{"message":"An image does not exist locally with the tag: r.lan/app"}})");
    const auto push = [&] {
        return without_place(text_of_error([&] { engine.engine().images().push("r.lan/app:1"); }), engine);
    };

    EXPECT_EQ(push(),
              "error[BR0206]: cannot push image 'r.lan/app:1': registry 'r.lan' asks for a login\n"
              "  engine: unauthorized: no\n"
              "  call: POST /images/r.lan/app/push answered HTTP 200 at ENGINE\n"
              "  hint: log in: docker login r.lan");
    EXPECT_EQ(push(),
              "error[BR0202]: cannot push image 'r.lan/app:1': the engine has no such image\n"
              "  engine: An image does not exist locally with the tag: r.lan/app\n"
              "  call: POST /images/r.lan/app/push answered HTTP 200 at ENGINE\n"
              "  hint: give the image that name first: docker tag IMAGE r.lan/app:1");
    EXPECT_EQ(text_of_error([&] { engine.engine().images().push("r.lan/app@sha256:" + std::string(64, '0')); }),
              "error[BR0204]: cannot push image 'r.lan/app@sha256:" + std::string(64, '0') +
                  "': a tag is pushed, and a digest says what came of it\n"
                  "  hint: write [REGISTRY/]NAME[:TAG]");
}

}  // namespace
}  // namespace berth

// SPDX-License-Identifier: Apache-2.0
#include <berth/archive/tar_reader.hpp>
#include <berth/engine/build.hpp>
#include <berth/engine/internal/build_parts.hpp>
#include <tests/engine/scripted_engine.hpp>
#include <tests/support/temp_dir.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/stat.h>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>

namespace berth {
namespace {

using support::Peer;
using support::Received;
using support::ScriptedEngine;
using support::TempDir;
using support::text_of_error;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

BuildContext inline_context(const std::string& dockerfile) {
    return BuildContext({.dockerfile_inline = dockerfile});
}

std::string query_of(const BuildOptions& options, Builder builder = Builder::classic,
                     EngineKind engine = EngineKind::docker) {
    std::string result;
    for (const auto& [key, value] : engine::build_query(inline_context("FROM a"), options, builder, engine)) {
        if (key != "dockerfile" && key != "rm" && key != "forcerm") {
            result += (result.empty() ? "" : " ") + key + '=' + value;
        }
    }
    return result;
}

TEST(BuildQuery, SaysAllThatWasAskedFor) {
    EXPECT_EQ(query_of({}), "");
    EXPECT_EQ(query_of({}, Builder::buildkit), "version=2");
    EXPECT_EQ(query_of({.tags = {"x", "r.lan:5/y:1"}}), "t=x:latest t=r.lan:5/y:1");
    EXPECT_EQ(query_of({.args = {{"A", "1 \"2\""}, {"B", std::nullopt}}}), R"(buildargs={"A":"1 \"2\"","B":null})");
    EXPECT_EQ(query_of({.target = "app", .labels = {{"a", "b"}}, .platform = "linux/arm64", .cache_from = {"c", "d"}}),
              R"(labels={"a":"b"} cachefrom=["c","d"] target=app platform=linux/arm64)");
    EXPECT_EQ(query_of({.no_cache = true, .network = "none", .extra_hosts = {"a:1", "b:2"}}),
              "networkmode=none nocache=1 extrahosts=a:1 extrahosts=b:2");
    EXPECT_EQ(query_of({.shm_size = 1,
                        .memory = 2,
                        .memory_swap = -1,
                        .cpu_shares = 3,
                        .cpu_period = 4,
                        .cpu_quota = 5,
                        .cpuset_cpus = "0-1"}),
              "shmsize=1 memory=2 memswap=-1 cpushares=3 cpuperiod=4 cpuquota=5 cpusetcpus=0-1");
    EXPECT_EQ(query_of({.ulimits = {{"nofile", 1, 2}}}), R"(ulimits=[{"Hard":2,"Name":"nofile","Soft":1}])");
}

TEST(BuildQuery, SpeaksPodmansWay) {
    const auto podman = [](const BuildOptions& options) {
        return query_of(options, Builder::classic, EngineKind::podman);
    };

    EXPECT_EQ(
        podman(
            {.args = {{"A", "1"}, {"B", std::nullopt}}, .extra_hosts = {"a:1", "b:2"}, .ulimits = {{"nofile", 1, 2}}}),
        R"(buildargs={"A":"1"} extrahosts=["a:1","b:2"] ulimits=["nofile=1:2"])");
    EXPECT_EQ(podman({.network = "none"}),
              R"(networkmode=NetworkDisabled nsoptions=[{"Host":false,"Name":"network"}])");
    EXPECT_EQ(podman({.network = "bridge"}), R"(nsoptions=[{"Host":false,"Name":"network"}])");
    EXPECT_EQ(podman({.network = "mine"}), R"(nsoptions=[{"Host":false,"Name":"network","Path":"mine"}])");
    EXPECT_EQ(podman({.network = "host"}), "");
}

TEST(BuildQuery, RefusesATagThatIsNone) {
    EXPECT_EQ(text_of_error([] { (void)query_of({.tags = {"Upper"}}); }),
              "error[BR0204]: 'Upper' is no name for an image: a repository is written in lower case\n"
              "  hint: write [REGISTRY/]NAME[:TAG]");
    EXPECT_THAT(text_of_error([] { (void)query_of({.args = {{"A", "\xff"}}}); }), HasSubstr("error[BR0111]: a text"));
}

constexpr const char* k_built = R"({"stream":"Step 1/1 : FROM a"}{"stream":"\n"}{"aux":{"ID":"sha256:1"}})";
constexpr const char* k_image = R"({"Id":"sha256:0","Architecture":"amd64","Os":"linux"})";

TEST(Builds, SendTheContextAndReadTheImage) {
    TempDir folder;
    folder.write("Dockerfile", "FROM scratch\n");
    folder.write("file", "content");
    ScriptedEngine engine;
    engine.answers(200, k_built);

    const BuiltImage built = engine.engine().builds().build(BuildContext({.directory = folder.path()}),
                                                            {.tags = {"x"}, .builder = Builder::classic});

    EXPECT_EQ(built.id, "sha256:1");
    EXPECT_EQ(built.builder, Builder::classic);
    EXPECT_THAT(engine.lines(), ElementsAre("POST /v1.41/build?dockerfile=Dockerfile&rm=1&forcerm=1&t=x%3Alatest"));
    const Received request = engine.requests().at(0);
    EXPECT_EQ(request.header("Content-Type"), "application/x-tar");
    std::vector<std::string> names;
    for (const auto& entry : archive::list([&, sent = false]() mutable -> std::string_view {
             return std::exchange(sent, true) ? std::string_view{} : std::string_view(request.body);
         })) {
        names.push_back(entry.name);
    }
    EXPECT_THAT(names, ElementsAre("Dockerfile", "file"));
}

TEST(Builds, PullBaseImagesThatAreNotThere) {
    ScriptedEngine engine;
    engine.answers(200, k_image)
        .answers(404, R"({"message":"no such image"})")
        .answers(200, R"({"status":"x"})")
        .answers(200, k_built);
    std::vector<std::string> layers;

    engine.engine().builds().build(inline_context("FROM a\nCOPY --from=b:2 /x /y\n"),
                                   {.builder = Builder::classic, .on_event = [&](const BuildEvent& event) {
                                        if (event.kind == BuildEvent::Kind::layer) {
                                            layers.push_back(event.step.name + ' ' + event.text);
                                        }
                                    }});

    ASSERT_EQ(engine.lines().size(), 4U);
    EXPECT_EQ(engine.lines()[0], "GET /v1.41/images/a/json");
    EXPECT_EQ(engine.lines()[1], "GET /v1.41/images/b:2/json");
    EXPECT_THAT(engine.lines()[2], HasSubstr("POST /v1.41/images/create?fromImage=docker.io%2Flibrary%2Fb&tag=2"));
    EXPECT_THAT(layers, ElementsAre("FROM b:2 x"));
}

std::vector<std::string> builders(const std::string& dockerfile, const std::string& api,
                                  const std::string& fields = "") {
    const support::ScriptedServer server([&](const Received& request, Peer& peer) {
        if (request.target == "/_ping") {
            peer.answer(200, "", "Api-Version: " + api + "\r\nServer: Docker/x\r\nOstype: linux\r\n" + fields);
        } else {
            peer.answer(200, request.method == "GET" ? k_image : k_built);
        }
    });
    const Engine engine = Engine::connect(server.endpoint().text());
    return {to_string(engine.builds().build(inline_context(dockerfile)).builder)};
}

TEST(Builds, ChooseTheBuilderThatTheEngineAndTheDockerfileWant) {
    const std::string plain = "FROM scratch\n";
    const std::string mount = "FROM scratch\nRUN --mount=type=cache,target=/c x\n";

    EXPECT_THAT(builders(plain, "1.41"), ElementsAre("the classic builder"));
    EXPECT_THAT(builders(mount, "1.41"), ElementsAre("BuildKit"));
    EXPECT_THAT(builders(plain, "1.42"), ElementsAre("BuildKit"));
    EXPECT_THAT(builders(plain, "1.44", "Builder-Version: 2\r\n"), ElementsAre("BuildKit"));
    EXPECT_THAT(builders(plain, "1.44", "Builder-Version: 1\r\n"), ElementsAre("the classic builder"));
    EXPECT_THAT(
        builders(mount, "1.41", "Builder-Version: \r\nServer: Libpod/4.3.1 (linux)\r\nLibpod-Api-Version: 4.3.1\r\n"),
        ElementsAre("the classic builder"));
}

TEST(Builds, GoBackToTheClassicBuilderWhenBuildKitWantsASession) {
    ScriptedEngine engine("1.44");
    engine.answers(200, R"({"errorDetail":{"message":"failed to solve: no active sessions"}})").answers(200, k_built);
    std::vector<std::string> said;

    const BuiltImage built =
        engine.engine().builds().build(inline_context("FROM scratch\n"), {.on_event = [&](const BuildEvent& event) {
                                           if (event.kind == BuildEvent::Kind::message) {
                                               said.push_back(event.text);
                                           }
                                       }});

    EXPECT_EQ(built.builder, Builder::classic);
    EXPECT_THAT(engine.lines().at(0), HasSubstr("version=2"));
    EXPECT_THAT(engine.lines().at(1), ::testing::Not(HasSubstr("version=2")));
    EXPECT_THAT(said,
                ElementsAre("once more with the classic builder: BuildKit needs a session for it, which the Engine "
                            "API alone cannot give"));
}

TEST(Builds, DoWithoutAFrontendThatCannotBeHad) {
    ScriptedEngine engine("1.44");
    engine.answers(404, R"({"message":"no such image"})")
        .answers(404, R"({"message":"manifest unknown"})")
        .answers(200, k_built);

    const BuiltImage built =
        engine.engine().builds().build(inline_context("# syntax=docker/dockerfile:1\nFROM scratch\n"));

    EXPECT_EQ(built.builder, Builder::classic);
}

/// What `action` throws, with the places that differ from run to run taken out.
std::string build_error(ScriptedEngine& engine, const std::string& dockerfile, const BuildOptions& options) {
    std::string text =
        text_of_error([&] { (void)engine.engine().builds().build(inline_context(dockerfile), options); });
    const std::string endpoint = engine.endpoint();
    if (const auto at = text.find(endpoint); at != std::string::npos) {
        text.replace(at, endpoint.size(), "ENGINE");
    }
    return text;
}

TEST(Builds, TellTheStepThatFailedAndWhatItPrinted) {
    ScriptedEngine engine;
    engine.answers(200, R"({"stream":"Step 1/2 : FROM scratch"}{"stream":"\n"}{"stream":" ---\u003e \n"}
{"stream":"Step 2/2 : RUN make"}{"stream":"\n"}{"stream":"cc -c a.c\n"}{"stream":"\u001b[91ma.c:1: error\u001b[0m"}
{"errorDetail":{"code":2,"message":"The command '/bin/sh -c make' returned a non-zero code: 2"}})");

    EXPECT_EQ(build_error(engine, "FROM scratch\nRUN make\n", {.tags = {"app:1"}}),
              "error[BR0250]: cannot build image 'app:1': step 2/2: RUN make: exit code 2\n"
              "  engine: The command '/bin/sh -c make' returned a non-zero code: 2\n"
              "  call: POST /build answered HTTP 200 at ENGINE\n"
              "  log: cc -c a.c\n"
              "  log: a.c:1: error\n"
              "  hint: look into its output above, all of which is in BuildFailed::output()");
    try {
        engine.engine().builds().build(inline_context("FROM scratch\nRUN make\n"));
        FAIL();
    } catch (const BuildFailed& failed) {
        EXPECT_EQ(failed.step(), "RUN make");
        EXPECT_EQ(failed.output(), "cc -c a.c\na.c:1: error");
    }
}

TEST(Builds, TellWhatIsWrongBeforeTheFirstStep) {
    ScriptedEngine engine;
    engine.answers(400, R"({"message":"dockerfile parse error line 2: unknown instruction: RUNN"})");

    EXPECT_EQ(build_error(engine, "FROM scratch\nRUNN make\n", {}),
              "error[BR0250]: cannot build an image from the inline Dockerfile\n"
              "  engine: dockerfile parse error line 2: unknown instruction: RUNN\n"
              "  call: POST /build answered HTTP 400 at ENGINE\n"
              "  hint: correct what the builder names in the inline Dockerfile");
}

TEST(Builds, KnowTheStagesOfADockerfile) {
    ScriptedEngine engine;

    EXPECT_EQ(
        build_error(engine, "FROM scratch AS build\nFROM scratch AS app\n", {.target = "ap"}),
        "error[BR0250]: cannot build an image from the inline Dockerfile: the inline Dockerfile has no stage 'ap'\n"
        "  hint: did you mean 'app'?");
    EXPECT_EQ(build_error(engine, "FROM scratch AS build\nFROM scratch AS app\n", {.target = "zzzzzzz"}),
              "error[BR0250]: cannot build an image from the inline Dockerfile: the inline Dockerfile has no stage "
              "'zzzzzzz'\n  hint: its stages are 'build', 'app'");
    EXPECT_EQ(
        build_error(engine, "FROM scratch\n", {.target = "app"}),
        "error[BR0250]: cannot build an image from the inline Dockerfile: the inline Dockerfile has no stage 'app'\n"
        "  hint: give a stage a name: FROM image AS name");
    EXPECT_THAT(engine.lines(), IsEmpty());
}

TEST(Builds, FailWhenAStreamEndsWithoutAnImage) {
    ScriptedEngine engine;
    engine.answers(200, R"({"stream":"Step 1/1 : FROM scratch"})");

    EXPECT_EQ(build_error(engine, "FROM scratch\n", {}),
              "error[BR0104]: cannot build an image from the inline Dockerfile: the engine's answer makes no sense: it "
              "names no image\n  call: POST /build at ENGINE\n  hint: look into the engine's log");
}

TEST(Builds, FailWhenTheBuilderSaysNothingForTooLong) {
    ScriptedEngine engine;
    engine.then([](const Received&, Peer& peer) {
        peer.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n");
        peer.stall();
    });

    EXPECT_EQ(build_error(engine, "FROM scratch\n", {.stall = std::chrono::seconds(1)}),
              "error[BR0250]: cannot build an image from the inline Dockerfile\n"
              "  engine: (not a word from the builder for 1.0s)\n"
              "  call: POST /build at ENGINE\n"
              "  hint: correct what the builder names in the inline Dockerfile");
}

// --- buildx ---

/// A `docker` of our own in front of PATH.
class FakeDocker {
  public:
    explicit FakeDocker(const std::string& script) : path_(std::getenv("PATH")) {
        const std::string file = folder_.write("docker", "#!/bin/sh\n" + script);
        EXPECT_EQ(::chmod(file.c_str(), 0755), 0);
        ::setenv("PATH", (folder_.path().native() + ':' + path_).c_str(), 1);
    }
    FakeDocker(const FakeDocker&) = delete;
    FakeDocker& operator=(const FakeDocker&) = delete;
    ~FakeDocker() { ::setenv("PATH", path_.c_str(), 1); }
    [[nodiscard]] std::string written(const std::string& name) const {
        std::ifstream file(folder_.path() / name);
        return {std::istreambuf_iterator<char>(file), {}};
    }
    [[nodiscard]] std::string folder() const { return folder_.path().native(); }

  private:
    TempDir folder_;
    std::string path_;
};

constexpr const char* k_secret = "FROM scratch\n\nRUN --mount=type=secret,id=k x\n";

TEST(Builds, RunBuildxForWhatNeitherBuilderCanDo) {
    const FakeDocker docker(R"(here=$(dirname "$0")
[ "$2" = version ] && exit 0
for word; do printf '%s\n' "$word"; done > $here/words
printf %s "$A" > $here/value
while [ "$1" != --iidfile ]; do shift; done
echo sha256:7 > "$2"
cp "$4" $here/file
echo '#1 [1/2] RUN x' >&2; echo '#1 0.1 hello' >&2; echo '#1 DONE 0.1s' >&2
)");
    TempDir folder;
    folder.write("Dockerfile", k_secret);
    ScriptedEngine engine;
    std::vector<std::string> output;

    const BuiltImage built = engine.engine().builds().build(
        BuildContext({.directory = folder.path()}), {.tags = {"x:1"},
                                                     .args = {{"A", "hidden"}, {"B", std::nullopt}},
                                                     .secrets = {"id=k,src=/key"},
                                                     .on_event = [&](const BuildEvent& event) {
                                                         if (event.kind == BuildEvent::Kind::output) {
                                                             output.push_back(event.step.text() + ": " + event.text);
                                                         }
                                                     }});

    EXPECT_EQ(built.id, "sha256:7");
    EXPECT_EQ(built.builder, Builder::buildx);
    EXPECT_THAT(output, ElementsAre("step 1/2: RUN x: hello"));
    const std::string root = std::filesystem::canonical(folder.path()).native();
    const std::string words = docker.written("words");
    EXPECT_THAT(words, ::testing::StartsWith("--host\n" + engine.endpoint() +
                                             "\nbuildx\nbuild\n--progress=plain\n--load\n--iidfile\n"));
    EXPECT_THAT(words, ::testing::EndsWith("\n--file\n" + root +
                                           "/Dockerfile\n--tag=x:1\n--build-arg=A\n--secret=id=k,src=/key\n--\n" +
                                           root + '\n'));
    EXPECT_EQ(docker.written("value"), "hidden");
    EXPECT_EQ(docker.written("file"), k_secret);
    EXPECT_THAT(engine.lines(), IsEmpty());
}

TEST(Builds, SayWhichLineNeedsBuildxWhenItIsNotThere) {
    const FakeDocker docker("exit 1\n");
    ScriptedEngine engine;

    EXPECT_EQ(build_error(engine, k_secret, {}),
              "error[BR0253]: the inline Dockerfile:3 uses 'RUN --mount=type=secret', which needs the buildx command\n"
              "  hint: install it (Debian: docker-cli docker-buildx)");
    EXPECT_EQ(build_error(engine, "FROM scratch", {.builder = Builder::buildx}),
              "error[BR0253]: cannot build an image from the inline Dockerfile: 'docker buildx' is not there\n"
              "  hint: install it (Debian: docker-cli docker-buildx)");
}

TEST(Builds, TellWhatFailedInBuildx) {
    const FakeDocker docker(R"([ "$2" = version ] && exit 0
printf '#4 [a 2/2] RUN x\n#4 0.1 oh\n#4 ERROR: process "x" did not complete successfully: exit code: 9\n' >&2
printf 'ERROR: failed to solve: process "x" did not complete successfully: exit code: 9' >&2
exit 1
)");
    ScriptedEngine engine;

    EXPECT_EQ(
        build_error(engine, k_secret, {}),
        "error[BR0250]: cannot build an image from the inline Dockerfile: step 2/2 of stage 'a': RUN x: exit code 9\n"
        "  engine: failed to solve: process \"x\" did not complete successfully: exit code: 9\n"
        "  call: docker buildx build at ENGINE\n"
        "  log: oh\n"
        "  hint: look into its output above, all of which is in BuildFailed::output()");
}

TEST(Builds, EndBuildxWhenTheyAreCancelled) {
    const FakeDocker docker(R"([ "$2" = version ] && exit 0
echo '#1 [1/1] RUN x' >&2
exec sleep 600
)");
    ScriptedEngine engine;
    std::stop_source stop;

    EXPECT_THROW(engine.engine().builds().build(inline_context(k_secret),
                                                {.on_event = [&](const BuildEvent&) { stop.request_stop(); }},
                                                within(std::chrono::minutes(5), stop.get_token())),
                 Cancelled);
}

}  // namespace
}  // namespace berth

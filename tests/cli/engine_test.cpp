// SPDX-License-Identifier: Apache-2.0
// The built program against a real engine: what is up, and what became of it.
#include <berth/engine/containers.hpp>
#include <tests/cli/engine_program.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sys/stat.h>

#include <fstream>
#include <iterator>
#include <regex>

namespace berth::cli::tests {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::MatchesRegex;

constexpr const char* k_spec = R"(
services:
  web:
    image: IMAGE
    command: [sh, -c, "echo starting; mkdir /w; echo hi >/w/index.html; exec httpd -f -p 80 -h /w"]
    ports: ["80"]
    wait: { http: / }
    volumes: [data:/data, /anonymous]
  job:
    image: IMAGE
    command: [echo, done]
    wait: { exit: 0 }
    depends_on: [web]
volumes: { data: {} }
exports:
  WEB_URL: http://${web.address}/
  ODD: "it's $$5"
)";

std::string content(const std::string& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

unsigned mode_of(const std::string& path) {
    struct stat facts {};
    return ::stat(path.c_str(), &facts) == 0 ? facts.st_mode & 07777U : 0;
}

class UpTest : public EngineProgramTest {
  protected:
    void SetUp() override {
        EngineProgramTest::SetUp();
        spec(k_spec);
    }
    void up() {
        const auto result = program_.run({"up"});
        ASSERT_EQ(result.status.code, 0) << result.err;
        exports_ = result.out;
    }
    std::string exports_;
};

TEST_F(UpTest, StaysUpUntilDown) {
    up();

    EXPECT_THAT(exports_, MatchesRegex("ODD=\"it's .\\$5\"\nWEB_URL=http://127.0.0.1:[0-9]+/\n"));
    EXPECT_EQ(content(folder_.file(".berth/env")), exports_);
    EXPECT_EQ(mode_of(folder_.file(".berth/env")), 0600U);
    EXPECT_EQ(mode_of(folder_.file(".berth/state.json")), 0600U);
    EXPECT_EQ(eyes_.containers(label()), 2U);
    EXPECT_EQ(eyes_.containers("berth.keep=up"), 2U);

    const auto down = program_.run({"down"});
    EXPECT_EQ(down.status.code, 0);
    EXPECT_EQ(down.out, "");
    EXPECT_EQ(std::regex_replace(down.err, std::regex("berth-[0-9a-f]{8}-"), "berth-RUN-"),
              "removed container berth-RUN-2-job\n"
              "removed container berth-RUN-1-web\n"
              "removed network berth-RUN-default\n"
              "removed volume berth-RUN-data\n");
    EXPECT_NE(::access(folder_.file(".berth/state.json").c_str(), F_OK), 0);
    EXPECT_NE(::access(folder_.file(".berth/env").c_str(), F_OK), 0);
    expect_nothing_left();

    const auto again = program_.run({"down"});
    EXPECT_EQ(again.status.code, 0);
    EXPECT_EQ(steady(again.err), "nothing of project 'PROJECT' was up\n");
}

TEST_F(UpTest, ASecondUpSaysThatItIsUpAndPrintsTheExportsAgain) {
    up();

    const auto again = program_.run({"up"});

    EXPECT_EQ(again.status.code, 0);
    EXPECT_EQ(again.out, exports_);
    EXPECT_THAT(steady(again.err), MatchesRegex("project 'PROJECT' is up already, since [0-9TZ:.-]+\n"));
    EXPECT_EQ(eyes_.containers(label()), 2U);
    EXPECT_EQ(program_.run({"env"}).out, exports_);
    EXPECT_EQ(nlohmann::json::parse(program_.run({"env", "--format", "json"}).out).at("ODD"), "it's $5");
    EXPECT_EQ(nlohmann::json::parse(program_.run({"up", "--print", "json"}).out).at("ODD"), "it's $5");
    EXPECT_EQ(program_.run({"up", "--print", "none", "-q"}).err, "");
}

TEST_F(UpTest, AChangedSpecIsNotMixedWithWhatIsUp) {
    up();
    spec(replaced(k_spec, "echo hi", "echo ho"));

    const auto changed = program_.run({"up"});

    EXPECT_EQ(changed.status.code, 75);
    EXPECT_EQ(changed.out, "");
    EXPECT_EQ(steady(changed.err),
              "error: project 'PROJECT' is up already, from an earlier 'berth up' (2 containers), and service 'web' "
              "was changed "
              "in the spec since\n"
              "  hint: 'berth down' removes that; '--project NAME' brings up another beside it\n");
}

TEST_F(UpTest, PsShowsStatesAndAddresses) {
    up();

    const auto table = program_.run({"ps"});

    EXPECT_EQ(table.status.code, 0);
    const std::string port = program_.run({"port", "web"}).out;
    EXPECT_THAT(port, MatchesRegex("127.0.0.1:[0-9]+\n"));
    EXPECT_EQ(program_.run({"port", "web", "80"}).out, port);
    std::string shown = replaced(replaced(table.out, port.substr(0, port.size() - 1), "ADDRESS"), image(), "IMAGE");
    shown = std::regex_replace(shown, std::regex("[0-9a-f]{12}"), "ID");
    shown = std::regex_replace(shown, std::regex(" +"), " ");
    EXPECT_EQ(shown,
              "SERVICE STATE ADDRESS IMAGE CONTAINER\n"
              "web running 80 -> ADDRESS IMAGE ID\n"
              "job exited (0) - IMAGE ID\n");

    const auto json = nlohmann::json::parse(program_.run({"ps", "--format", "json"}).out);
    EXPECT_EQ(json.at(0).at("service"), "web");
    EXPECT_EQ(json.at(0).at("state"), "running");
    EXPECT_EQ(json.at(0).at("ports").at("80/tcp").at("host"), "127.0.0.1");
    EXPECT_EQ(json.at(1).at("exit_code"), 0);

    EXPECT_EQ(program_.run({"ps", "--require-up"}).status.code, 0);
    Engine::connect().containers().kill({json.at(0).at("container").at("id")});
    EXPECT_EQ(program_.run({"ps", "--require-up", "-q"}).status.code, 1);
    EXPECT_THAT(program_.run({"ps"}).out, HasSubstr("exited (137)"));
}

TEST_F(UpTest, PortTellsWhatThereIs) {
    up();

    const auto other = program_.run({"port", "web", "81"});
    EXPECT_EQ(other.status.code, 1);
    EXPECT_EQ(other.err, "error: service 'web' publishes no port '81/tcp'\n  hint: it publishes 80/tcp\n");
    const auto none = program_.run({"port", "job"});
    EXPECT_EQ(none.status.code, 1);
    EXPECT_EQ(none.err, "error: service 'job' has no published port\n");
}

TEST_F(UpTest, LogsHaveTheServiceInFront) {
    up();

    EXPECT_EQ(program_.run({"logs", "job", "web"}).out, "job | done\nweb | starting\n");
    EXPECT_EQ(program_.run({"logs", "web"}).out, "starting\n");
    EXPECT_EQ(program_.run({"logs", "--tail", "0", "web"}).out, "");
    EXPECT_EQ(program_.run({"logs", "-f", "job"}).out, "done\n");
    EXPECT_EQ(program_.run({"logs", "--since", "1h", "job"}).out, "done\n");
    EXPECT_EQ(program_.run({"logs", "--color", "always", "job", "web"}).out,
              "\x1b[36mjob |\x1b[0m done\n\x1b[33mweb |\x1b[0m starting\n");

    const auto unknown = program_.run({"logs", "wbe"});
    EXPECT_EQ(unknown.status.code, 1);
    EXPECT_EQ(unknown.err, "error: service 'wbe' is not up; did you mean 'web'?\n  hint: these are: web, job\n");
    EXPECT_EQ(program_.run({"logs", "--since", "once", "web"}).status.code, 64);
}

TEST_F(UpTest, FollowedLogsEndOnCtrlC) {
    up();
    process::Options options = program_.options({"logs", "-f"});
    options.standard_output = process::Standard::pipe();
    process::Child child(options);
    std::string text;
    std::array<char, 256> piece{};
    while (text.find("web | starting\n") == std::string::npos) {
        const ssize_t size = ::read(child.standard_output().get(), piece.data(), piece.size());
        ASSERT_GT(size, 0) << text;
        text.append(piece.data(), static_cast<std::size_t>(size));
    }

    child.signal(SIGINT);

    EXPECT_EQ(child.wait(within(30s)).code, 130);
}

TEST_F(UpTest, ExecGivesTheCommandsStatusAndStreams) {
    up();

    const auto seven = program_.run({"exec", "web", "--", "sh", "-c", "echo out; echo err >&2; exit 7"});
    EXPECT_EQ(seven.status.code, 7);
    EXPECT_EQ(seven.out, "out\n");
    EXPECT_EQ(seven.err, "err\n");
    EXPECT_EQ(
        program_.run({"exec", "-e", "A=b c", "-w", "/tmp", "-u", "1:1", "web", "--", "sh", "-c", "echo $A; pwd; id -u"})
            .out,
        "b c\n/tmp\n1\n");
    EXPECT_EQ(program_.shell("printf 'a\\nb\\n' | \"$berth\" exec -i web -- wc -l").out, "2\n");
    EXPECT_EQ(program_.shell("head -c 3000000 /dev/zero | \"$berth\" exec -i web -- wc -c").out, "3000000\n");
    EXPECT_EQ(program_.shell("\"$berth\" exec web -- cat </etc/passwd").out, "");

    const auto stopped = program_.run({"exec", "job", "--", "true"});
    EXPECT_EQ(stopped.status.code, 75);
    EXPECT_THAT(stopped.err, HasSubstr("is not running"));

    const auto terminal = program_.run({"exec", "-it", "web", "--", "sh"});
    EXPECT_EQ(terminal.status.code, 64);
    EXPECT_EQ(terminal.err,
              "error: -t with -i needs a terminal as standard input, and this one is none\n"
              "  hint: leave out -t to hand a file or a pipe to the command\n");
}

TEST_F(UpTest, IsFoundByItsLabelsWithoutTheStateFile) {
    up();
    std::filesystem::remove_all(folder_.file(".berth"));

    EXPECT_EQ(program_.run({"ps", "--require-up"}).status.code, 0);
    EXPECT_EQ(program_.run({"logs", "job"}).out, "done\n");
    EXPECT_THAT(program_.run({"port", "web"}).out, MatchesRegex("127.0.0.1:[0-9]+\n"));
    EXPECT_EQ(program_.run({"down"}).status.code, 0);
    expect_nothing_left();
}

TEST_F(UpTest, OnlyWhatWasAskedForComesUpWithWhatItNeeds) {
    const auto result = program_.run({"up", "web"});

    EXPECT_EQ(result.status.code, 0) << result.err;
    EXPECT_EQ(eyes_.containers(label()), 1U);
    const auto wrong = program_.run({"up", "wbe"});
    EXPECT_EQ(wrong.status.code, 65);
    EXPECT_THAT(wrong.err, HasSubstr("did you mean 'web'?"));
}

TEST_F(UpTest, ProgressGoesToStandardErrorLineByLine) {
    const auto result = program_.run({"up", "job"});

    ASSERT_EQ(result.status.code, 0);
    EXPECT_THAT(result.err, HasSubstr("web: start\n"));
    EXPECT_THAT(result.err, HasSubstr("web: wait for http /\n"));
    EXPECT_THAT(result.err,
                MatchesRegex("(.|\n)*\nweb: ready after [0-9.]+m?s\n(.|\n)*\ntotal [0-9.]+m?s, longest: (.|\n)*"));
    EXPECT_EQ(program_.run({"down", "-q"}).err, "");

    const auto quiet = program_.run({"up", "-q"});
    EXPECT_EQ(quiet.status.code, 0);
    EXPECT_EQ(quiet.err, "");
    EXPECT_EQ(program_.run({"down"}).status.code, 0);

    const auto json = program_.run({"up", "--progress", "json"});
    const auto first = nlohmann::json::parse(json.err.substr(0, json.err.find('\n')));
    EXPECT_TRUE(first.contains("t") && first.contains("service") && first.contains("phase"));
}

class FailingUpTest : public EngineProgramTest {};

TEST_F(FailingUpTest, AServiceThatEndsAtOnceIsNotReadyAndNothingStays) {
    spec(R"(
services:
  db:
    image: IMAGE
    command: [sh, -c, "echo wrong ownership; exit 3"]
    ports: ["80"]
    volumes: [/anonymous]
    wait: { port: 80 }
  other: { image: IMAGE, command: [sleep, "60"], wait: running }
)");

    const auto result = program_.run({"up", "-q"});

    EXPECT_EQ(result.status.code, 75);
    EXPECT_EQ(result.out, "");
    EXPECT_THAT(result.err,
                MatchesRegex(
                    "berth.yaml:8:11: error\\[BR0302\\]: service 'db' exited with status 3 before it was ready\n"
                    "  last probe: port 80: [^\n]+\n"
                    "  log: wrong ownership\n"
                    "  hint: look inside after 'berth up --keep'; a service that is meant to end says 'wait: exit'\n"));
    expect_nothing_left();
}

TEST_F(FailingUpTest, WhatCameUpStaysWhenAskedTo) {
    spec("services: { db: { image: IMAGE, command: [\"false\"], wait: { exit: 0 } } }\n");

    EXPECT_EQ(program_.run({"up", "--keep"}).status.code, 75);

    EXPECT_EQ(eyes_.containers(label()), 1U);
    EXPECT_EQ(program_.run({"down"}).status.code, 0);
    expect_nothing_left();
}

TEST_F(FailingUpTest, AWaitThatPassesIsNotReadyButTheTimeOfAllIs124) {
    spec(
        "services: { db: { image: IMAGE, command: [sleep, \"60\"], ports: [\"80\"], wait: { port: 80, timeout: 300ms } "
        "} }\n");
    EXPECT_EQ(program_.run({"up"}).status.code, 75);
    expect_nothing_left();

    spec("services: { db: { image: IMAGE, command: [sleep, \"60\"], ports: [\"80\"], wait: { port: 80 } } }\n");
    const auto flag = program_.run({"up", "--timeout", "2s"});
    EXPECT_EQ(flag.status.code, 124) << flag.err;
    expect_nothing_left();

    spec(
        "timeouts: { up: 2s }\n"
        "services: { db: { image: IMAGE, command: [sleep, \"60\"], ports: [\"80\"], wait: { port: 80 } } }\n");
    const auto written = program_.run({"up"});
    EXPECT_EQ(written.status.code, 124) << written.err;
    expect_nothing_left();
}

TEST_F(FailingUpTest, DangerousThingsAreRefused) {
    spec("services: { db: { image: IMAGE, privileged: true, command: [\"true\"], wait: { exit: 0 } } }\n");

    EXPECT_EQ(program_.run({"up"}).status.code, 77);
}

TEST_F(FailingUpTest, DoctorAndPlanKnowTheEngine) {
    spec("services: { db: { image: IMAGE }, other: { image: \"berth.local/none:1\" } }\n");

    const auto doctor = program_.run({"doctor"});
    EXPECT_EQ(doctor.status.code, 0) << doctor.out;
    EXPECT_THAT(doctor.out,
                MatchesRegex("ok   engine      (docker|podman) .*, API 1\\.[0-9]+ at unix://.*, from DOCKER_HOST\n"
                             "(.|\n)*\nwarn images      not there yet: berth.local/none:1\n(.|\n)*"));
    const auto plan = program_.run({"plan"});
    EXPECT_EQ(plan.status.code, 0);
    EXPECT_THAT(plan.out, HasSubstr("  " + image() + "  is there\n"));
    EXPECT_THAT(plan.out, MatchesRegex("(.|\n)*  berth.local/none:1 +would be pulled\n(.|\n)*"));
}

}  // namespace
}  // namespace berth::cli::tests

// SPDX-License-Identifier: Apache-2.0
// `berth run` against a real engine: the command's status, its environment, its signals.
#include <tests/cli/engine_program.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <fstream>

namespace berth::cli::tests {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::MatchesRegex;

constexpr const char* k_spec = R"(
services:
  web:
    image: IMAGE
    command: [sh, -c, "mkdir /w; echo hi >/w/index.html; exec httpd -f -p 80 -h /w"]
    ports: ["80"]
    volumes: [/anonymous]
    wait: { http: / }
exports: { WEB_URL: "http://${web.address}/" }
run:
  command: [sh, -c, "echo \"$$1 $$EXTRA $$PWD\"", sh, "${web.port}"]
  working_dir: .
  environment: { EXTRA: "on ${web.host}" }
)";

class RunTest : public EngineProgramTest {
  protected:
    void SetUp() override {
        EngineProgramTest::SetUp();
        spec(k_spec);
    }
    /// result.json of the only run in the folder, which is removed.
    nlohmann::json take_result() {
        for (const auto& run : std::filesystem::directory_iterator(folder_.file(".berth/runs"))) {
            std::ifstream file(run.path() / "result.json");
            const auto json = nlohmann::json::parse(file, nullptr, false);
            file.close();
            std::filesystem::remove_all(run.path());
            return json;
        }
        return {};
    }
    static nlohmann::json by(const char* who, int status) { return {{"by", who}, {"status", status}}; }
};

TEST_F(RunTest, GivesTheStatusOfTheCommand) {
    const auto none = program_.run({"run", "--", "true"});
    EXPECT_EQ(none.status.code, 0);
    EXPECT_EQ(take_result(), by("command", 0));
    expect_nothing_left();

    EXPECT_EQ(program_.run({"run", "--", "sh", "-c", "exit 9"}).status.code, 9);
    EXPECT_EQ(take_result(), by("command", 9));

    EXPECT_EQ(program_.run({"run", "--", "sh", "-c", "kill -SEGV $$"}).status.code, 139);
    EXPECT_EQ(take_result(), by("command", 139));
}

TEST_F(RunTest, TheCommandKnowsWhereEverythingIs) {
    const auto result = program_.run({"run", "-q", "--", "sh", "-c",
                                      "echo $WEB_URL; echo http://$BERTH_WEB_HOST:$BERTH_WEB_PORT/; echo "
                                      "$BERTH_RUN_ID; \"$0\" ps --require-up && \"$0\" exec web -- cat "
                                      "/w/index.html",
                                      BERTH_PROGRAM});

    EXPECT_EQ(result.status.code, 0) << result.err;
    std::istringstream lines(result.out);
    std::string url;
    std::string built;
    std::string id;
    lines >> url >> built >> id;
    EXPECT_THAT(url, MatchesRegex("http://127.0.0.1:[0-9]+/"));
    EXPECT_EQ(url, built);
    EXPECT_EQ(id.substr(0, project_.size()), project_);
    EXPECT_THAT(result.out, HasSubstr("\nhi\n"));
    EXPECT_EQ(result.err, "");
}

TEST_F(RunTest, TheCommandOfTheSpecCountsWithoutOne) {
    const auto result = program_.run({"run", "-q"});

    EXPECT_EQ(result.status.code, 0) << result.err;
    EXPECT_THAT(steady(result.out), MatchesRegex("[0-9]+ on 127.0.0.1 FOLDER\n"));
}

TEST_F(RunTest, OurOwnStandardInputIsTheCommands) {
    EXPECT_EQ(program_.shell("echo words | \"$berth\" run -q -- cat").out, "words\n");
}

TEST_F(RunTest, SignalsArePassedOnAndTheCommandDecides) {
    const auto result =
        program_.run({"run", "-q", "--", "sh", "-c",
                      "trap 'echo got it; exit 5' TERM; kill -TERM $PPID; while :; do sleep 0.05; done"});

    EXPECT_EQ(result.status.code, 5);
    EXPECT_EQ(result.out, "got it\n");
    EXPECT_EQ(take_result(), by("command", 5));
    expect_nothing_left();

    EXPECT_EQ(program_.run({"run", "-q", "--", "sh", "-c", "kill -TERM $PPID; sleep 60"}).status.code, 143);
    EXPECT_EQ(take_result(), by("command", 143));
}

TEST_F(RunTest, TheThirdSignalKillsACommandThatDoesNotListen) {
    const auto result = program_.run(
        {"run", "-q", "--", "sh", "-c",
         "trap '' INT; for i in 1 2 3; do kill -INT $PPID; sleep 0.2; done; while :; do sleep 0.05; done"});

    EXPECT_EQ(result.status.code, 137);
    EXPECT_EQ(result.err, "note: 'sh' was asked to end twice and still runs; once more kills it\n");
    expect_nothing_left();
}

TEST_F(RunTest, ACommandThatTakesTooLongIsTerminated) {
    const auto flag = program_.run({"run", "-q", "--timeout", "5s", "--", "sleep", "60"});
    EXPECT_EQ(flag.status.code, 124);
    EXPECT_EQ(flag.err,
              "note: 'sleep' did not end in time (--timeout) and is terminated\n"
              "error: 'sleep' did not end within --timeout 5s\n");
    EXPECT_EQ(take_result(), by("berth", 124));
    expect_nothing_left();

    spec(std::string(k_spec) + "  timeout: 500ms\n");
    const auto written = program_.run({"run", "-q", "--", "sleep", "60"});
    EXPECT_EQ(written.status.code, 143);
    EXPECT_EQ(written.err, "note: 'sleep' did not end in time (run.timeout of the spec) and is terminated\n");
}

TEST_F(RunTest, WhatFailsMayBeKept) {
    EXPECT_EQ(program_.run({"run", "--keep", "on_failure", "--", "true"}).status.code, 0);
    expect_nothing_left();

    const auto failed = program_.run({"run", "-q", "--keep", "on_failure", "--", "false"});
    EXPECT_EQ(failed.status.code, 1);
    EXPECT_EQ(eyes_.containers(label()), 1U);
    EXPECT_THAT(steady(failed.err),
                MatchesRegex("kept: what is up of project 'PROJECT' \\(run 'PROJECT-[0-9a-f]+', files in '.*'\\)\n"
                             "  look:      BERTH_STATE=.*/state.json berth ps\n"
                             "  remove it: berth down --all --project PROJECT\n"));
    EXPECT_EQ(program_.run({"down"}).status.code, 0);
    EXPECT_EQ(eyes_.containers(label()), 1U);
    EXPECT_EQ(program_.run({"down", "--all"}).status.code, 0);
    expect_nothing_left();

    EXPECT_EQ(program_.run({"run", "-q", "--keep", "always", "--", "true"}).status.code, 0);
    EXPECT_EQ(eyes_.containers(label()), 1U);
    EXPECT_EQ(program_.run({"down"}).status.code, 0);
    expect_nothing_left();
}

TEST_F(RunTest, WhenNothingCameUpTheCodeIsOurs) {
    spec("services: { db: { image: IMAGE, command: [\"false\"], wait: { exit: 0 } } }\n");

    const auto result = program_.run({"run", "--", "true"});

    EXPECT_EQ(result.status.code, 75);
    EXPECT_EQ(take_result(), by("berth", 75));
    expect_nothing_left();
}

}  // namespace
}  // namespace berth::cli::tests

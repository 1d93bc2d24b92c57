// SPDX-License-Identifier: Apache-2.0
// The built program, where it needs no engine.
#include <tests/cli/program.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <chrono>
#include <cstring>
#include <regex>

namespace berth::cli::tests {
namespace {

using namespace std::chrono_literals;

constexpr const char* k_good = R"(name: shop
services:
  db:
    image: postgres:16-alpine
    ports: ["5432"]
    wait:
      log: { contains: ready to accept, times: 2 }
      port: 5432
  cache:
    image: redis:7.4-alpine
    ports: ["6379"]
    volumes: ["data:/data"]
    wait: { exec: [redis-cli, ping] }
  web:
    image: nginx:1.27-alpine
    ports: [{ target: 80, name: http }]
    depends_on: [db, cache]
    wait: { http: { path: /healthz, port: http } }
volumes: { data: {} }
exports:
  WEB_URL: http://${web.host}:${web.port.http}
)";

constexpr const char* k_bad = R"(name: shop
services:
  db:
    imge: postgres:16-alpine
    ports: ["70000"]
    depends_on: [datbase]
  database: { image: "x:1" }
)";

class ProgramTest : public testing::Test {
  protected:
    void SetUp() override {
        program_.set("DOCKER_HOST", "unix://" + folder_.file("none.sock"));
        folder_.write("berth.yaml", k_good);
        folder_.write("bad.yaml", k_bad);
    }
    const support::TempDir folder_;
    Program program_{folder_};
};

TEST_F(ProgramTest, ValidatesAGoodSpec) {
    const auto result = program_.run({"validate"});

    EXPECT_EQ(result.status.code, 0);
    EXPECT_EQ(result.out, "berth.yaml: no mistakes, 3 services\n");
    EXPECT_EQ(result.err, "");
}

TEST_F(ProgramTest, ShowsEveryMistakeAtItsPlaceAndExits65) {
    const auto result = program_.run({"-f", "bad.yaml", "validate"});

    EXPECT_EQ(result.status.code, 65);
    EXPECT_EQ(result.out, R"(error[BE0201]: unknown key 'imge' in service 'db'
 --> bad.yaml:4:5
  |
4 |     imge: postgres:16-alpine
  |     ^^^^ did you mean 'image'?

error[BE0307]: '70000' is not a port: the largest port is 65535
 --> bad.yaml:5:14
  |
5 |     ports: ["70000"]
  |              ^^^^^

error[BE0505]: 'datbase' is not a service; did you mean 'database'?
 --> bad.yaml:6:18
  |
6 |     depends_on: [datbase]
  |                  ^^^^^^^
  |
 ::: bad.yaml:7:3
  |
7 |   database: { image: "x:1" }
  |   -------- defined here

)" + std::string("3 errors in bad.yaml (explain one: 'berth explain BE0201')\n"));
}

TEST_F(ProgramTest, SaysTheSameInOtherForms) {
    const auto brief = program_.run({"-f", "bad.yaml", "validate", "--format", "short"});
    EXPECT_EQ(brief.status.code, 65);
    EXPECT_EQ(brief.out,
              "bad.yaml:4:5: error[BE0201]: unknown key 'imge' in service 'db'; did you mean 'image'?\n"
              "bad.yaml:5:14: error[BE0307]: '70000' is not a port: the largest port is 65535\n"
              "bad.yaml:6:18: error[BE0505]: 'datbase' is not a service; did you mean 'database'?\n");

    const auto github = program_.run({"-f", "bad.yaml", "validate", "--format", "github"});
    EXPECT_EQ(github.status.code, 65);
    EXPECT_EQ(
        github.out,
        "::error file=bad.yaml,line=4,col=5,title=BE0201::unknown key 'imge' in service 'db'; did you mean 'image'?\n"
        "::error file=bad.yaml,line=5,col=14,title=BE0307::'70000' is not a port: the largest port is 65535\n"
        "::error file=bad.yaml,line=6,col=18,title=BE0505::'datbase' is not a service; did you mean 'database'?\n");

    const auto json = program_.run({"-f", "bad.yaml", "validate", "--format", "json"});
    EXPECT_EQ(json.status.code, 65);
    EXPECT_EQ(json.out.substr(0, 30), "[\n  {\n    \"code\": \"BE0201\",\n  ");
}

TEST_F(ProgramTest, ASpecThatIsWrongStopsUpAndRunBeforeAnyEngineIsAsked) {
    for (const auto& words :
         {std::vector<std::string>{"-f", "bad.yaml", "up"}, {"-f", "bad.yaml", "run", "--", "true"}}) {
        const auto result = program_.run(words);
        EXPECT_EQ(result.status.code, 65);
        EXPECT_EQ(result.out, "");
        EXPECT_EQ(result.err, program_.run({"-f", "bad.yaml", "validate"}).out);
    }
}

TEST_F(ProgramTest, AFileThatIsNotThereIsASpecThatCannotBeRead) {
    const auto result = program_.run({"-f", "nope.yaml", "up"});

    EXPECT_EQ(result.status.code, 65);
    EXPECT_EQ(result.err,
              "error[BE0001]: cannot open 'nope.yaml': no such file or directory\n --> nope.yaml\n\n"
              "1 error in nope.yaml (explain one: 'berth explain BE0001')\n");
}

TEST_F(ProgramTest, SaysThatThereIsNoSpec) {
    const support::TempDir empty;
    Program program(empty);

    const auto result = program.run({"up"});

    EXPECT_EQ(result.status.code, 65);
    EXPECT_EQ(result.err,
              "error: no 'berth.yaml' in '" + empty.path().string() +
                  "' or a folder above\n  hint: name a spec with '-f FILE', or by the variable BERTH_FILE\n");
}

TEST_F(ProgramTest, WarningsCountAfterWerror) {
    folder_.write("floating.yaml", "name: x\nservices: { a: { image: busybox } }\n");

    EXPECT_EQ(program_.run({"-f", "floating.yaml", "validate"}).status.code, 0);
    EXPECT_EQ(program_.run({"-f", "floating.yaml", "validate", "--werror"}).status.code, 65);
    program_.set("BERTH_WERROR", "1");
    EXPECT_EQ(program_.run({"-f", "floating.yaml", "validate"}).status.code, 65);
}

TEST_F(ProgramTest, PlansWithoutAnEngine) {
    const auto result = program_.run({"-f", "berth.yaml", "plan"});

    EXPECT_EQ(result.status.code, 0);
    EXPECT_EQ(result.out, R"(project   shop, 3 services, from berth.yaml
engine    none answers ('berth doctor' tells why)

images
  postgres:16-alpine  not known without an engine
  redis:7.4-alpine    not known without an engine
  nginx:1.27-alpine   not known without an engine

networks
  default

volumes
  data

services, in the order in which they can start
  1  db     at once                            port 5432  ready: port 5432 and log 'ready to accept' 2 times, within 1m
  2  cache  at once                            port 6379  ready: exec 'redis-cli ping', within 1m
  3  web    after cache is ready, db is ready  port 80    ready: http /healthz of port http, within 1m

exports
  WEB_URL
)");
}

TEST_F(ProgramTest, WithoutAnEngineSaysWhereItLookedWithinASecond) {
    const auto begun = std::chrono::steady_clock::now();
    const auto result = program_.run({"up"});
    const auto took = std::chrono::steady_clock::now() - begun;

    EXPECT_EQ(result.status.code, 69);
    EXPECT_LT(took, 1s);
    EXPECT_EQ(result.out, "");
    EXPECT_EQ(replaced(result.err, folder_.path().string(), "FOLDER"),
              "error[BR0101]: no engine answers at unix://FOLDER/none.sock\n"
              "  tried: unix://FOLDER/none.sock (DOCKER_HOST): no such file\n"
              "  hint: start that engine, or name another with BERTH_ENGINE or DOCKER_HOST\n");
}

TEST_F(ProgramTest, AnEndpointThatIsNoneIsWrongUse) {
    const auto result = program_.run({"ps", "--project", "x", "--engine", "ftp://x"});

    EXPECT_EQ(result.status.code, 64);
    EXPECT_EQ(result.err.substr(0, 14), "error[BR0110]:");
}

// What root cannot see: a socket that is there and may not be opened.
TEST_F(ProgramTest, ASocketThatMayNotBeOpenedIsNoEngine) {
    if (::geteuid() != 0) {
        GTEST_SKIP() << "only root can give a file away";
    }
    const std::string path = folder_.file("private.sock");
    const int listening = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    ASSERT_LT(path.size(), sizeof address.sun_path);
    std::memcpy(address.sun_path, path.c_str(), path.size());
    ASSERT_EQ(::bind(listening, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    ASSERT_EQ(::listen(listening, 1), 0);
    ASSERT_EQ(::chmod(path.c_str(), 0600), 0);
    ASSERT_EQ(::chmod(folder_.path().c_str(), 0755), 0);

    process::Options options = program_.options({"up"});
    options.argv.insert(options.argv.begin(), {"setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"});
    options.additions = {{"DOCKER_HOST", "unix://" + path}, {"HOME", "/"}};
    const auto result = process::run_captured(options, within(30s));
    ::close(listening);

    if (result.status.code == 127) {
        GTEST_SKIP() << "an unprivileged user may not enter the build folder: " << result.err;
    }
    EXPECT_EQ(result.status.code, 69);
    EXPECT_EQ(
        replaced(result.err, folder_.path().string(), "FOLDER"),
        "error[BR0101]: no engine answers at unix://FOLDER/private.sock\n"
        "  tried: unix://FOLDER/private.sock (DOCKER_HOST): permission denied\n"
        "  hint: join the group that owns the socket ('sudo usermod -aG docker $USER', then log in again), or use a "
        "rootless engine\n");
}

TEST_F(ProgramTest, DoctorFailsWithoutAnEngineAndSaysWhereSettingsCameFrom) {
    program_.set("BERTH_TIMEOUT", "5m");

    const auto result = program_.run({"-f", "bad.yaml", "doctor", "--set", "PASSWORD=hunter22"});

    EXPECT_EQ(result.status.code, 1);
    EXPECT_EQ(replaced(result.out.substr(0, result.out.find("ok   run folder")), folder_.path().string(), "FOLDER"),
              "fail engine      no engine answers at unix://FOLDER/none.sock\n"
              "                 -> start that engine, or name another with BERTH_ENGINE or DOCKER_HOST\n"
              "                 unix://FOLDER/none.sock (DOCKER_HOST): no such file\n"
              "fail spec        bad.yaml: 3 mistakes\n"
              "                 -> 'berth validate' shows them\n");
    const std::string settings = result.out.substr(result.out.find("\nsettings"));
    EXPECT_EQ(replaced(std::regex_replace(settings, std::regex(" {2,}"), "  "), folder_.path().string(), "FOLDER"),
              "\nsettings (all others at their defaults)\n"
              "  file  bad.yaml  from --file\n"
              "  set  PASSWORD  from --set\n"
              "  timeout  5m  from BERTH_TIMEOUT\n"
              "  DOCKER_HOST  unix://FOLDER/none.sock  from the environment\n");
}

TEST_F(ProgramTest, ACommandThatDoesNotExistIsToldBeforeAnythingComesUp) {
    const auto missing = program_.run({"run", "--", "no-such-program"});
    EXPECT_EQ(missing.status.code, 127);
    EXPECT_EQ(missing.err, "error: cannot run 'no-such-program': there is no such program in PATH\n");

    const auto path = program_.run({"run", "--", "./no-such-program"});
    EXPECT_EQ(path.status.code, 127);
    EXPECT_EQ(path.err, "error: cannot run './no-such-program': there is no such file\n");

    const auto closed = program_.run({"run", "--", "./berth.yaml"});
    EXPECT_EQ(closed.status.code, 126);
    EXPECT_EQ(closed.err, "error: './berth.yaml' may not be run: permission denied\n");

    const auto none = program_.run({"run"});
    EXPECT_EQ(none.status.code, 64);
    EXPECT_EQ(none.err,
              "error: 'berth run' needs a command\n"
              "  hint: give it behind '--' (berth run -- ctest -j8), or as 'run.command' in the spec\n");
}

TEST_F(ProgramTest, SaysThatNothingIsUpHere) {
    const auto result = program_.run({"env"});

    EXPECT_EQ(result.status.code, 1);
    EXPECT_EQ(result.err, "error: nothing is known to be up here\n  hint: 'berth up' brings an environment up\n");
}

TEST_F(ProgramTest, AReaderThatGoesIsNobodysFault) {
    EXPECT_EQ(program_.shell("(\"$berth\" --help; echo $? >status) | true; cat status").out, "0\n");
    EXPECT_EQ(program_.shell("(\"$berth\" validate; echo $? >status) | true; cat status").out, "0\n");
}

TEST_F(ProgramTest, AResultThatCannotBeWrittenIsTold) {
    const auto full = program_.shell("\"$berth\" version >/dev/full");
    EXPECT_EQ(full.status.code, 1);
    EXPECT_EQ(full.err, "error: cannot write to standard output: No space left on device\n");

    const auto closed = program_.shell("\"$berth\" version >&-");
    EXPECT_EQ(closed.status.code, 1);
    EXPECT_EQ(closed.err, "error: cannot write to standard output: Bad file descriptor\n");

    EXPECT_EQ(program_.shell("\"$berth\" --help >/dev/full").status.code, 1);
}

TEST_F(ProgramTest, WorksWithAllStandardStreamsClosed) {
    EXPECT_EQ(program_.shell("\"$berth\" up <&- >&- 2>&-").status.code, 69);
}

TEST_F(ProgramTest, OptionsOfALaterVersionAreNotTakenSilently) {
    for (const char* option : {"--watch", "--offline", "--locked"}) {
        EXPECT_EQ(program_.run({"up", option}).status.code, 64) << option;
    }
}

}  // namespace
}  // namespace berth::cli::tests

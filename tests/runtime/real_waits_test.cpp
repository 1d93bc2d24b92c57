// SPDX-License-Identifier: Apache-2.0
#include <berth/engine/containers.hpp>
#include <tests/runtime/real_environment.hpp>

#include <gmock/gmock.h>

namespace berth::testing_runtime {
namespace {

using namespace std::chrono_literals;

class RealWaits : public RealEngine {
  protected:
    /// How long after its container's start the only service was ready.
    std::chrono::nanoseconds ready_after(const ServiceSpec& spec) {
        const Environment environment = up(environment_of({spec}), options_);
        std::chrono::nanoseconds started{0};
        std::chrono::nanoseconds ready{0};
        for (const auto& span : environment.timeline().spans()) {
            started = span.phase == "start" ? span.end : started;
            ready = span.phase == "ready" ? span.end : ready;
        }
        return ready - started;
    }
};

constexpr auto k_pause = 400ms;   // what the services below wait before they are ready (`sleep 0.4`)
constexpr auto k_notice = 300ms;  // within which it must be noticed, on a machine that may be busy

TEST_F(RealWaits, PortHoldsOnceSomethingListens) {
    const auto after =
        ready_after(shell("one", "sleep 0.4; exec nc -ll -p 7000 -e cat").with_port(7000).with_wait(wait::port(7000)));

    EXPECT_GT(after, k_pause - 100ms);
    EXPECT_LT(after, k_pause + k_notice);
}

TEST_F(RealWaits, LogHoldsOnTheWantedLineOfTheWantedStream) {
    WaitLog twice;
    twice.matches = "^ready [0-9]+$";
    twice.times = 2;
    twice.stream = WaitLog::Stream::err;
    const auto after = ready_after(
        shell("one", "echo ready 1; echo ready 1 >&2; echo ready 2; sleep 0.4; echo ready 2 >&2; exec sleep 600")
            .with_wait(wait::log(twice)));

    EXPECT_GT(after, k_pause - 100ms);
    EXPECT_LT(after, k_pause + k_notice);
}

TEST_F(RealWaits, HttpHoldsOnAWantedStatusAndBody) {
    WaitHttp more;
    more.body_contains = "hello";
    const auto after =
        ready_after(shell("one",
                          "mkdir /w; echo starting > /w/index.html; (sleep 0.4; echo hello > /w/index.html) & "
                          "exec httpd -f -p 8000 -h /w")
                        .with_port(8000)
                        .with_wait(wait::http("/index.html", more)));

    EXPECT_GT(after, k_pause - 100ms);
    EXPECT_LT(after, k_pause + k_notice);
}

TEST_F(RealWaits, HttpTakesAnUnusualStatusThatIsAskedFor) {
    WaitHttp more;
    more.status = CodeRanges(404);

    const auto after = ready_after(
        shell("one", "exec httpd -f -p 8000 -h /tmp").with_port(8000).with_wait(wait::http("/nothing", more)));

    EXPECT_LT(after, k_pause + k_notice);
}

TEST_F(RealWaits, ExecHoldsOnAWantedStatus) {
    WaitSpec wanted = wait::exec(ShellOrArgv("test -e /tmp/ok; exit $((7 * $? + 3))"));
    wanted.exec.edit().exit_code = CodeRanges(3);

    const auto after = ready_after(shell("one", "sleep 0.4; touch /tmp/ok; exec sleep 600").with_wait(wanted));

    EXPECT_GT(after, k_pause - 100ms);
}

TEST_F(RealWaits, HealthcheckHoldsOnTheEnginesWord) {
    HealthcheckSpec check;
    check.test = Words{"CMD-SHELL", "test -e /tmp/ok"};
    check.interval = Duration(200ms);

    const auto after = ready_after(shell("one", "sleep 0.4; touch /tmp/ok; exec sleep 600").with_healthcheck(check));

    EXPECT_GT(after, k_pause - 100ms);
    EXPECT_LT(after, k_pause + 5s);
}

TEST_F(RealWaits, ExitHoldsOnAWantedStatus) {
    const auto after = ready_after(shell("one", "sleep 0.4; exit 7").with_wait(wait::exit(CodeRanges(5, 9))));

    EXPECT_GT(after, k_pause - 100ms);
}

TEST_F(RealWaits, AutoWithNothingToLookAtRunsForASecond) {
    const auto after = ready_after(shell("one", "exec sleep 600"));

    EXPECT_GE(after, 900ms);
    EXPECT_LT(after, 1s + k_notice);
}

TEST_F(RealWaits, AllWaitsForEachAndAnyForTheFirst) {
    const auto after = ready_after(
        shell("one", "sleep 0.2; echo first; sleep 0.2; echo second; exec sleep 600")
            .with_wait(wait::all({wait::log("first"), wait::log("second"),
                                  wait::any({wait::log("never"), wait::exec({"false"}), wait::log("second")})})));

    EXPECT_GT(after, k_pause - 100ms);
    EXPECT_LT(after, k_pause + 2 * k_notice);
}

TEST_F(RealWaits, APortIsLookedForAtTheContainersOwnAddress) {
    const Environment environment =
        up(environment_of({shell("one", "exec nc -ll -p 7000 -e cat").with_port(7000)}), options_);

    // Behind a proxy a connection has to stay up for 100 ms; at the container itself it counts at once.
    for (const auto& span : environment.timeline().spans()) {
        if (span.phase == "ready") {
            EXPECT_LT(span.end - span.begin, 100ms);
        }
    }
}

TEST_F(RealWaits, OfficialLikePostgresIsReadyOnceItsSecondServerIs) {
    const auto db = service("db", image("postgres"))
                        .with_environment("POSTGRES_PASSWORD", "x")
                        .with_port(5432)
                        .with_wait(wait::exec(ShellOrArgv("psql -h 127.0.0.1 -U postgres -c 'select 1'")));

    const Environment environment = up(environment_of({db.with_environment("PGPASSWORD", "x")}), options_);

    EXPECT_EQ(environment.service("db")
                  .exec({"psql", "-h", "127.0.0.1", "-U", "postgres", "-Atc", "select 6*7"})
                  .standard_output,
              "42\n");
}

}  // namespace
}  // namespace berth::testing_runtime

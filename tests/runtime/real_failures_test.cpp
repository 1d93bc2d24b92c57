// SPDX-License-Identifier: Apache-2.0
#include <berth/core/log.hpp>
#include <berth/core/names.hpp>
#include <berth/engine/containers.hpp>
#include <berth/engine/networks.hpp>
#include <tests/runtime/real_environment.hpp>
#include <tests/support/registry.hpp>
#include <tests/support/sockets.hpp>

#include <gmock/gmock.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <iostream>
#include <optional>
#include <stop_token>

namespace berth::testing_runtime {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::SizeIs;

class RealFailures : public RealEngine {
  protected:
    [[nodiscard]] std::size_t calls_with(const std::string& part) const {
        const auto lines = proxy_.lines();
        return static_cast<std::size_t>(std::count_if(
            lines.begin(), lines.end(), [&](const std::string& line) { return line.find(part) != std::string::npos; }));
    }
};

TEST_F(RealFailures, OfAServiceThatExitsAtOnceTellsItsStatusAndItsLog) {
    const auto spec =
        environment_of({shell("db", "echo boom >&2; exit 3").with_port(5432).with_wait(wait::port(5432))});

    const std::string text = failure_of<NotReady>(spec);

    EXPECT_THAT(text, ::testing::MatchesRegex(
                          "FILE:LINE: error\\[BR0302\\]: service 'db' exited with status 3 before it was ready\n"
                          "(  last probe: port 5432: [a-z ]+( \\(N attempts in T\\))?\n)?"
                          "  log: boom\n"
                          "  hint: look inside after 'berth up --keep'; a service that is meant to end says "
                          "'wait: exit'"));
}

/// `2026-01-31T10:00:00.123456789Z` of the engine, which has the clock of this machine.
std::chrono::system_clock::time_point time_of(const std::string& text) {
    std::tm parts{};
    const char* rest = ::strptime(text.c_str(), "%Y-%m-%dT%H:%M:%S", &parts);
    const double fraction = rest == nullptr ? 0 : std::strtod(rest, nullptr);
    return std::chrono::system_clock::from_time_t(::timegm(&parts)) +
           std::chrono::microseconds(std::llround(fraction * 1e6));
}

TEST_F(RealFailures, OfAnExitAreHeardNotAskedFor) {
    // The log wait listens and does not try: all that can tell of the end is the engine's own event.
    const auto spec = environment_of({shell("db", "sleep 0.5; exit 3").with_wait(wait::log("never"))});
    std::chrono::system_clock::time_point noticed{};
    std::chrono::system_clock::time_point ended{};
    options_.on_progress = [&](const Progress& progress) {
        if (progress.phase == "ready" && progress.state == Progress::State::failed) {
            noticed = std::chrono::system_clock::now();
            const ListContainers ours{.all = true, .labels = {"berth.project=" + project_}, .name = {}};
            ended = time_of(engine_.containers().inspect(engine_.containers().list(ours).at(0).id).finished_at);
        }
    };

    EXPECT_THROW(up(spec, options_), NotReady);

    EXPECT_EQ(calls_with("/events"), 1U);
    EXPECT_EQ(calls_with("follow=1"), 1U);
    EXPECT_EQ(calls_with("/json"), 2U);    // after the start, and once the event had come
    EXPECT_EQ(calls_with("tail=20"), 1U);  // for the message
    EXPECT_EQ(calls_with("/exec"), 0U);
    const auto after = std::chrono::duration_cast<std::chrono::milliseconds>(noticed - ended);
    std::cout << "[ MEASURED ] from the container's end to its error: " << after.count() << " ms\n";
    EXPECT_LT(after, 1s);  // 100 ms on a machine that has nothing else to do
}

TEST_F(RealFailures, OfReadinessThatNeverComesTellWhatWasLookedFor) {
    const auto never =
        shell("db", "echo starting; exec sleep 600").with_wait(wait::log("ready").with_timeout(Duration(1s)));

    EXPECT_EQ(failure_of<NotReady>(environment_of({never})),
              "FILE:LINE: error[BR0301]: service 'db' was not ready within 1s\n"
              "  last probe: log /ready/: not seen in 1 line\n"
              "  log: starting\n"
              "  hint: allow more with 'wait.timeout', or look inside after 'berth up --keep'");
}

TEST_F(RealFailures, OfAPortThatNeverOpensTellTheLastAttempt) {
    const auto never =
        shell("db", "exec sleep 600").with_port(5432).with_wait(wait::port(5432).with_timeout(Duration(500ms)));

    EXPECT_EQ(failure_of<NotReady>(environment_of({never})),
              "FILE:LINE: error[BR0301]: service 'db' was not ready within 500ms\n"
              "  last probe: port 5432: connection refused (N attempts in T)\n"
              "  hint: allow more with 'wait.timeout', or look inside after 'berth up --keep'");
}

TEST_F(RealFailures, OfACommandThatNeverSucceedsTellWhatItSaid) {
    const auto never =
        shell("db", "exec sleep 600")
            .with_wait(wait::exec(ShellOrArgv("echo no response >&2; exit 2")).with_timeout(Duration(500ms)));

    EXPECT_EQ(failure_of<NotReady>(environment_of({never})),
              "FILE:LINE: error[BR0301]: service 'db' was not ready within 500ms\n"
              "  last probe: exec echo no response >&2; exit 2: exit 2: no response (N attempts in T)\n"
              "  hint: allow more with 'wait.timeout', or look inside after 'berth up --keep'");
}

TEST_F(RealFailures, OfARequestTellTheLastStatus) {
    const auto never = shell("web", "exec httpd -f -p 80 -h /tmp")
                           .with_port(80)
                           .with_wait(wait::http("/health").with_timeout(Duration(700ms)));

    EXPECT_EQ(failure_of<NotReady>(environment_of({never})),
              "FILE:LINE: error[BR0301]: service 'web' was not ready within 700ms\n"
              "  last probe: http :80/health: HTTP 404 (N attempts in T)\n"
              "  hint: allow more with 'wait.timeout', or look inside after 'berth up --keep'");
}

TEST_F(RealFailures, OfAHealthCheckTellItsOutput) {
    HealthcheckSpec check;
    check.test = Words{"CMD-SHELL", "echo no disk; exit 4"};
    check.interval = Duration(100ms);
    check.start_period = Duration(0);
    check.retries = 2;
    const auto sick = shell("db", "exec sleep 600").with_healthcheck(check).with_wait(wait::healthcheck());

    EXPECT_EQ(failure_of<NotReady>(environment_of({sick})),
              "FILE:LINE: error[BR0303]: service 'db' is unhealthy\n"
              "  last probe: healthcheck: unhealthy\n"
              "  health: exit 4: no disk\n"
              "  hint: allow more with 'healthcheck.start_period', or look inside after 'berth up --keep'");
}

TEST_F(RealFailures, OfAOneShotServiceTellTheWantedStatus) {
    EXPECT_EQ(failure_of<NotReady>(environment_of({shell("job", "echo bad input; exit 2").with_wait(wait::exit())})),
              "FILE:LINE: error[BR0302]: service 'job' exited with status 2, wanted 0\n"
              "  last probe: exit: status 2\n"
              "  log: bad input\n"
              "  hint: accept it with 'wait.exit', or look inside after 'berth up --keep'");
}

TEST_F(RealFailures, OfMemoryNameIt) {
    auto hungry = shell("eater", "x=a; while :; do x=$$x$$x; done").with_wait(wait::log("never"));
    hungry.mem_limit = Bytes{8U << 20U};

    EXPECT_EQ(failure_of<NotReady>(environment_of({hungry})),
              "FILE:LINE: error[BR0302]: service 'eater' ran out of memory and was ended with status 137 before it was "
              "ready\n"
              "  last probe: log /never/: not seen in 0 lines\n"
              "  hint: give it more with 'mem_limit'");
}

TEST_F(RealFailures, OfAStepTellItsOutput) {
    StepSpec step;
    step.name = "migrate";
    step.exec = ShellOrArgv("echo relation exists; exit 5");
    const auto db = shell("db", "exec sleep 600").with_wait(wait::none()).with_post_ready(step);

    EXPECT_EQ(failure_of<CommandFailed>(environment_of({db})),
              "FILE:LINE: error[BR0307]: migrate of service 'db' ended with status 5\n"
              "  output: relation exists\n"
              "  hint: try it by hand after 'berth up --keep': berth exec db -- …");
}

TEST_F(RealFailures, OfACommandThatIsNotThereNameTheService) {
    auto wrong = service("db", busybox_).with_command(Words{"postgrez"}).with_wait(wait::none());

    EXPECT_EQ(failure_of<EngineRefused>(environment_of({wrong})),
              "FILE:LINE: error[BR0306]: cannot start service 'db': there is no command 'postgrez' in it\n"
              "  engine: WORDS\n"
              "  call: POST /containers/ID/start answered HTTP N at ENDPOINT\n"
              "  hint: look at 'command' and 'entrypoint'; a list is taken word by word, and no shell is involved");
}

TEST_F(RealFailures, OfATakenPortNameIt) {
    const int holder = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    ASSERT_EQ(::bind(holder, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
    ASSERT_EQ(::listen(holder, 1), 0);
    ASSERT_EQ(::getsockname(holder, reinterpret_cast<sockaddr*>(&address), &size), 0);
    const int port = ntohs(address.sin_port);
    const auto web = shell("web", "exec sleep 600").with_port(PortSpec(80).with_published(PublishedPort(port)));

    const std::string text = failure_of<EngineRefused>(environment_of({web.with_wait(wait::none())}));
    ::close(holder);

    EXPECT_EQ(text,
              "FILE:LINE: error[BR0305]: cannot start service 'web': port 127.0.0.1:PORT is taken\n"
              "  engine: WORDS\n"
              "  call: POST /containers/ID/start answered HTTP N at ENDPOINT\n"
              "  hint: leave the host port out to be given a free one, or find out who has it with 'ss -ltnp'");
}

TEST_F(RealFailures, OfATakenNameNameItsHolder) {
    const auto spec = environment_of({shell("db", "exec sleep 600").with_wait(wait::none())});
    ContainerId foreign;
    options_.on_progress = [&](const Progress& progress) {
        if (progress.phase == "create" && progress.state == Progress::State::begun) {
            ContainerConfig config;
            config.image = busybox_;
            foreign = engine_.containers().create(progress.text, config).id;
        }
    };

    const std::string text = failure_of<Conflict>(spec);

    EXPECT_TRUE(engine_.containers().find(foreign).has_value()) << "what is not ours is left alone";
    engine_.containers().remove(foreign);
    EXPECT_EQ(text,
              "FILE:LINE: error[BR0107]: cannot create service 'db': container ID12 has that name\n"
              "  engine: WORDS\n"
              "  call: POST /containers/create answered HTTP N at ENDPOINT\n"
              "  hint: remove the other one if nobody needs it: docker rm -f berth-RUN-1-db");
}

TEST_F(RealFailures, OfAnImageThatDoesNotExistNameIt) {
    const support::Registry registry;
    const auto db = service("db", registry.address() + "/nothing:1").with_wait(wait::none());

    const std::string text = failure_of<PullFailed>(environment_of({db}));

    EXPECT_EQ(text,
              "FILE:LINE: error[BR0201]: cannot pull image '127.0.0.1:PORT/nothing:1': registry '127.0.0.1:PORT' has "
              "no such image or tag\n"
              "  engine: WORDS\n"
              "  call: POST /images/create answered HTTP N at ENDPOINT\n"
              "  service: db\n"
              "  hint: check its name and tag for typing errors");
}

TEST_F(RealFailures, OfARegistryThatIsDownNameIt) {
    std::string address;
    {
        const support::Registry registry;
        address = registry.address();
    }
    const auto db = service("db", address + "/nothing:1").with_wait(wait::none());

    const std::string text = failure_of<PullFailed>(environment_of({db}));

    EXPECT_EQ(text,
              "FILE:LINE: error[BR0201]: cannot pull image '127.0.0.1:PORT/nothing:1': registry '127.0.0.1:PORT' does "
              "not answer\n"
              "  engine: WORDS\n"
              "  call: POST /images/create answered HTTP N at ENDPOINT\n"
              "  service: db\n"
              "  hint: look whether registry '127.0.0.1:PORT' is up and can be reached from the engine");
}

TEST_F(RealFailures, OfAnImageThatMayNotBePulledSaySo) {
    const auto db = service("db", "berth.local/nothing:1").with_pull_policy(PullPolicy::never).with_wait(wait::none());

    EXPECT_EQ(failure_of<Error>(environment_of({db})),
              "FILE:LINE: error[BR0204]: image 'berth.local/nothing:1' of service 'db' is not on the engine, and its "
              "'pull_policy' is 'never'\n"
              "  hint: pull it first ('docker pull berth.local/nothing:1'), or say 'pull_policy: missing'");
}

TEST_F(RealFailures, OfOneServiceStopTheOthersAndRemoveEverything) {
    const auto slow = shell("slow", "exec sleep 600").with_wait(wait::log("never"));
    const auto broken = shell("broken", "exit 1").with_wait(wait::log("never"));
    const auto waiting = shell("waiting", "exec sleep 600").with_depends_on("slow");
    const auto begin = std::chrono::steady_clock::now();

    const std::string text = failure_of<NotReady>(environment_of({slow, broken, waiting}));

    EXPECT_THAT(text, HasSubstr("service 'broken' exited with status 1 before it was ready"));
    EXPECT_LT(std::chrono::steady_clock::now() - begin, 15s);
}

TEST_F(RealFailures, LeaveWhatCameUpWhenThatIsAskedFor) {
    options_.keep_on_failure = true;

    const std::string text = failure_of<NotReady>(environment_of({shell("job", "exit 2").with_wait(wait::exit())}));

    EXPECT_EQ(
        text,
        "FILE:LINE: error[BR0302]: service 'job' exited with status 2, wanted 0\n"
        "  last probe: exit: status 2\n"
        "  note: what came up is kept; 'berth down --all --project trial' removes it (label berth.run=trial-RUN)\n"
        "  hint: accept it with 'wait.exit', or look inside after 'berth up --keep'");
    const auto kept = engine_.containers().list({.all = true, .labels = {"berth.project=" + project_}, .name = {}});
    ASSERT_THAT(kept, SizeIs(1));
    engine_.containers().remove(kept[0].id);
}

TEST_F(RealFailures, OfTheWholeTimeSaySo) {
    auto spec = environment_of({shell("db", "exec sleep 600").with_wait(wait::log("never"))});
    Timeouts times;
    times.up = Duration(1500ms);
    spec.timeouts = times;

    EXPECT_EQ(failure_of<TimedOut>(spec),
              "FILE:LINE: error[BR0304]: the time for the environment was over before service 'db' was ready\n"
              "  last probe: log /never/: not seen in 0 lines\n"
              "  hint: allow more with 'timeouts.up' or '--timeout'");
}

TEST_F(RealFailures, RefuseWhatCanTakeOverTheMachine) {
    auto privileged = shell("one", "true");
    privileged.privileged = true;
    MountSpec bind;
    bind.type = MountSpec::Type::bind;
    bind.source = Text("/var/run");
    bind.target = "/x";
    MountSpec socket = bind;
    socket.source = Text(socket_of_engine());

    EXPECT_EQ(
        failure_of<Error>(environment_of({privileged})),
        "FILE:LINE: error[BR0601]: 'privileged' of service 'one' is refused: a privileged container can take over "
        "this machine\n"
        "  hint: name the single capabilities that it needs by 'cap_add'");
    EXPECT_THAT(
        failure_of<Error>(environment_of({shell("one", "true").with_volume(bind)})),
        HasSubstr("error[BR0601]: the bind of '/var/run' in service 'one' is refused: it is outside the project"));
    EXPECT_EQ(failure_of<Error>(environment_of({shell("one", "true").with_volume(socket)})),
              "FILE:LINE: error[BR0601]: the bind of '" + socket_of_engine() +
                  "' in service 'one' is refused: through the engine's socket a container can take over this machine\n"
                  "  hint: give the service what it needs of the engine in another way");
    EXPECT_TRUE(proxy_.lines().empty());
}

TEST_F(RealFailures, OfTheEngineDoNotHoldUpTheEndOfAnEnvironment) {
    auto spec = environment_of({shell("a", "exec sleep 600").with_wait(wait::none()),
                                shell("b", "exec sleep 600").with_wait(wait::none()),
                                shell("c", "exec sleep 600").with_wait(wait::none())});
    Timeouts times;
    times.down = Duration(1s);
    spec.timeouts = times;
    std::optional<support::RecordingProxy> way;
    way.emplace(socket_of_engine());
    options_.connected = Engine::connect(way->endpoint().text());
    std::optional<Environment> environment = up(spec, options_);
    const std::string run = environment->run().text();
    way.reset();
    std::string logged;
    log::set_sink([&](log::Level, std::string_view line) { logged += std::string(line) + '\n'; });
    const auto begin = std::chrono::steady_clock::now();

    environment.reset();

    const auto took = std::chrono::steady_clock::now() - begin;
    log::set_sink({});
    EXPECT_LT(took, 5s);
    EXPECT_THAT(logged, HasSubstr("error[BR0501]: 4 objects of environment '" + project_ + "' could not be removed\n"));
    const auto left = engine_.containers().list({.all = true, .labels = {"berth.run=" + run}, .name = {}});
    EXPECT_THAT(left, SizeIs(3));
    for (const auto& each : left) {
        engine_.containers().remove(each.id);
    }
    for (const auto& network : engine_.networks().list({"berth.run=" + run})) {
        engine_.networks().remove(network.id);
    }
}

/// At which phase the caller gives up.
class RealCancel : public RealEngine, public ::testing::WithParamInterface<const char*> {};

TEST_P(RealCancel, LeavesNothing) {
    std::stop_source stop;
    const std::string phase = GetParam();
    options_.on_progress = [&](const Progress& progress) {
        if (progress.phase == phase && progress.state == Progress::State::begun) {
            stop.request_stop();
        }
    };
    StepSpec step;
    step.exec = ShellOrArgv("sleep 600");
    CopySpec file;
    file.content = Text("x");
    file.to = "/x";
    const auto first =
        shell("first", "exec sleep 600").with_wait(wait::running()).with_copy(file).with_post_ready(step);
    const auto second = shell("second", "exec sleep 600").with_wait(wait::log("never"));
    const auto begin = std::chrono::steady_clock::now();

    EXPECT_THROW(up(environment_of({first, second}), options_, Deadline::never(stop.get_token())), Cancelled);

    EXPECT_LT(std::chrono::steady_clock::now() - begin, 7s);
}

INSTANTIATE_TEST_SUITE_P(AtEveryPhase, RealCancel,
                         ::testing::Values("up", "network", "create", "copy", "start", "ready", "post_ready"));

}  // namespace
}  // namespace berth::testing_runtime

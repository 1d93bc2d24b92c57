// SPDX-License-Identifier: Apache-2.0
#include <tests/engine/limits.hpp>
#include <tests/engine/real_engine.hpp>
#include <tests/support/eventually.hpp>
#include <tests/support/gate.hpp>

#include <thread>

namespace berth {
namespace {

using namespace std::chrono_literals;
using support::can;
using support::error_text;
using support::Feature;
using support::in_any_words;
using ::testing::AnyOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::UnorderedElementsAre;

class RealContainers : public support::RealEngine {};

TEST_F(RealContainers, LiveFromCreateToRemove) {
    ContainerConfig config = shell("sleep 60");
    config.environment = {"COLOUR=blue"};
    config.working_dir = "/etc";
    config.ports = {{"80/tcp", "127.0.0.1", ""}};

    const Created made = containers_.create(name("life"), config);

    EXPECT_THAT(inspected(made.id), HasSubstr("\"Name\":\"/" + name("life") + "\""));
    EXPECT_THAT(inspected(made.id), HasSubstr("\"COLOUR=blue\""));
    EXPECT_THAT(inspected(made.id), HasSubstr("\"WorkingDir\":\"/etc\""));
    EXPECT_EQ(containers_.inspect(made.id).status, Status::created);

    EXPECT_EQ(containers_.start(made.id), Started::now);
    EXPECT_EQ(containers_.start(made.id), Started::was_running);

    const ContainerFacts facts = containers_.inspect(made.id);
    EXPECT_TRUE(facts.running);
    EXPECT_EQ(facts.name, name("life"));
    EXPECT_EQ(facts.image, image());
    EXPECT_GT(facts.pid, 0);
    EXPECT_FALSE(facts.has_healthcheck);
    ASSERT_EQ(facts.ports.at("80/tcp").size(), 1U);
    EXPECT_EQ(facts.ports.at("80/tcp")[0].host_ip, "127.0.0.1");
    EXPECT_GT(facts.ports.at("80/tcp")[0].host_port, 0);
    EXPECT_FALSE(facts.networks.at(can(engine_.facts(), Feature::network_of_docker) ? "bridge" : "podman").ip.empty());

    EXPECT_EQ(containers_.stop(made.id, {.grace = 0s}), Stopped::now);
    EXPECT_EQ(containers_.stop(made.id), Stopped::was_not_running);
    EXPECT_THAT(inspected(made.id), HasSubstr("\"Status\":\"exited\""));

    EXPECT_EQ(containers_.remove(made.id), Removed::now);
    EXPECT_EQ(containers_.remove(made.id), Removed::was_not_there);
    EXPECT_FALSE(there("/containers/" + made.id.text + "/json"));
    EXPECT_FALSE(containers_.find(made.id).has_value());
}

TEST_F(RealContainers, AreListedByLabelAndName) {
    const ContainerId running = idle();
    const ContainerId created = containers_.create(name("x.y"), shell("true")).id;
    containers_.create(name("xzy"), shell("true"));

    EXPECT_EQ(containers_.list({.labels = {label()}}).size(), 1U);
    EXPECT_EQ(containers_.list({.all = true, .labels = {label()}}).size(), 3U);
    const auto named = containers_.list({.all = true, .name = name("x.y")});

    ASSERT_EQ(named.size(), 1U);
    EXPECT_EQ(named[0].id, created);
    EXPECT_THAT(named[0].names, ElementsAre(name("x.y")));
    EXPECT_EQ(named[0].status, "created");
    EXPECT_EQ(named[0].labels.at("berth.test"), session_);
}

TEST_F(RealContainers, SayWhatIsWrongWithACreate) {
    const ContainerId holder = idle();
    const std::string taken = name("c1");

    EXPECT_EQ(
        in_any_words(error_text<NotFound>([&] { containers_.create(name("x"), {.image = "berth.local/none:1"}); })),
        "error[BR0202]: cannot create container '" + name("x") +
            "': the engine has no image 'berth.local/none:1'\n"
            "  engine: *\n"
            "  call: POST /containers/create answered HTTP * at " +
            endpoint() +
            "\n"
            "  hint: pull it first: docker pull berth.local/none:1");
    const std::string text = error_text<Conflict>([&] { containers_.create(taken, shell("true")); });
    EXPECT_THAT(text, HasSubstr("error[BR0107]: cannot create container '" + taken + "': container " +
                                holder.text.substr(0, 12) + " has that name\n"));
    EXPECT_THAT(text, HasSubstr("\n  hint: remove the other one if nobody needs it: docker rm -f " + taken));
}

TEST_F(RealContainers, SayThatAPortIsTaken) {
    ContainerConfig config = shell("sleep 60");
    config.ports = {{"80/tcp", "127.0.0.1", ""}};
    const ContainerId holder = started(config);
    const auto port = std::to_string(containers_.inspect(holder).ports.at("80/tcp").at(0).host_port);
    config.ports = {{"80/tcp", "127.0.0.1", port}};
    const ContainerId second = containers_.create(name("second"), config).id;

    const std::string text = error_text<EngineRefused>([&] { containers_.start(second); });

    EXPECT_THAT(text, HasSubstr("error[BR0305]: cannot start container '" + second.text.substr(0, 12) +
                                "': port 127.0.0.1:" + port + " is taken\n  engine: "));
    EXPECT_THAT(
        text,
        HasSubstr("\n  call: POST /containers/" + second.text + "/start answered HTTP 500 at " + endpoint() +
                  "\n  hint: leave the host port out to be given a free one, or find out who has it with 'ss -ltnp'"));
}

TEST_F(RealContainers, SayThatACommandIsNotThere) {
    ContainerConfig config = shell("");
    config.command = std::vector<std::string>{"no-such-program"};
    const ContainerId id = containers_.create(name("x"), config).id;

    const std::string text = error_text<EngineRefused>([&] { containers_.start(id); });

    EXPECT_THAT(text, HasSubstr("error[BR0306]: cannot start container '" + id.text.substr(0, 12) +
                                "': there is no command 'no-such-program' in it\n  engine: "));
    EXPECT_THAT(
        text,
        HasSubstr(
            "\n  hint: look at 'command' and 'entrypoint'; a list is taken word by word, and no shell is involved"));
    if (can(engine_.facts(), Feature::failed_start_code)) {
        EXPECT_EQ(containers_.wait(id, within(support::k_patience)), 127);
    } else {
        EXPECT_THROW(containers_.wait(id, within(support::k_patience)), Conflict);
    }
}

TEST_F(RealContainers, AreUnknownByTheWrongId) {
    const ContainerId nobody{std::string(64, 'f')};

    EXPECT_EQ(in_any_words(error_text<NotFound>([&] { containers_.start(nobody); })),
              "error[BR0106]: cannot start container 'ffffffffffff'\n"
              "  engine: *\n"
              "  call: POST /containers/" +
                  nobody.text + "/start answered HTTP * at " + endpoint() +
                  "\n"
                  "  hint: it may have been removed meanwhile; list what is there with 'docker ps -a' and its kin");
    EXPECT_THROW(containers_.inspect(nobody), NotFound);
    EXPECT_THROW(containers_.kill(nobody), NotFound);
    EXPECT_THROW(containers_.logs(nobody), NotFound);
    EXPECT_THROW(containers_.exec(nobody, {.command = {"true"}}), NotFound);
    EXPECT_THROW(containers_.wait(nobody, within(5s)), NotFound);
}

TEST_F(RealContainers, TellTheirExitCode) {
    EXPECT_EQ(containers_.wait(started("sleep 0.2; exit 7"), within(support::k_patience)), 7);

    const ContainerId killed = idle();
    containers_.kill(killed);
    EXPECT_EQ(containers_.wait(killed, within(support::k_patience)), 137);
    EXPECT_THROW(containers_.kill(killed), Conflict);
}

TEST_F(RealContainers, AreWaitedForThroughTheirRestarts) {
    ContainerConfig config = shell("sleep 0.1; exit 3");
    config.restart_policy = "on-failure";
    config.restart_retries = 2;
    const ContainerId id = started(config);

    EXPECT_EQ(containers_.wait(id, within(support::k_patience)), 3);

    EXPECT_THAT(inspected(id), HasSubstr("\"RestartCount\":2"));
}

TEST_F(RealContainers, CannotBeWaitedForBeforeTheyStart) {
    const ContainerId id = containers_.create(name("x"), shell("true")).id;

    EXPECT_EQ(error_text<Conflict>([&] { containers_.wait(id, within(5s)); }),
              "error[BR0107]: cannot wait for container '" + id.text.substr(0, 12) +
                  "': it was never started\n"
                  "  call: POST /containers/" +
                  id.text + "/wait at " + endpoint() +
                  "\n"
                  "  hint: start it first");
}

TEST_F(RealContainers, AreNotWaitedForBeyondTheDeadline) {
    const ContainerId id = idle();
    const auto begin = Deadline::Clock::now();

    EXPECT_THROW(containers_.wait(id, within(300ms)), TimedOut);

    EXPECT_LT(Deadline::Clock::now() - begin, 3s);
}

TEST_F(RealContainers, WaitEndsWhenItIsCancelled) {
    const ContainerId id = idle();
    std::stop_source stop;
    std::jthread canceller([&] {
        std::mutex mutex;
        std::condition_variable never;
        std::unique_lock lock(mutex);
        never.wait_for(lock, 100ms);
        stop.request_stop();
    });

    EXPECT_THROW(containers_.wait(id, within(support::k_patience, stop.get_token())), Cancelled);
}

TEST_F(RealContainers, RestartGivesAnotherProcess) {
    const ContainerId id = idle();
    const auto before = containers_.inspect(id).pid;

    containers_.restart(id, {.grace = 0s});

    EXPECT_NE(containers_.inspect(id).pid, before);
}

TEST_F(RealContainers, AreRemovedByEightAtOnce) {
    const ContainerId id = idle();
    std::vector<Removed> results(8);
    {
        std::vector<std::jthread> removers;
        for (auto& result : results) {
            removers.emplace_back([&] { result = containers_.remove(id, {}, within(support::k_patience)); });
        }
    }

    EXPECT_FALSE(there("/containers/" + id.text + "/json"));
    EXPECT_THAT(results, ::testing::Contains(Removed::now));
}

TEST_F(RealContainers, AreNotRemovedWhileTheyRunUnlessByForce) {
    const ContainerId id = idle();

    EXPECT_THROW(containers_.remove(id, {.force = false}), Conflict);
    EXPECT_TRUE(there("/containers/" + id.text + "/json"));

    EXPECT_EQ(containers_.remove(id), Removed::now);
}

TEST_F(RealContainers, TakeTheirAnonymousVolumesWithThem) {
    ContainerConfig config = shell("sleep 60");
    config.mounts = {{.type = MountPoint::Type::volume, .target = "/data"}};
    const ContainerId id = started(config);
    const auto volumes = containers_.inspect(id).anonymous_volumes;
    ASSERT_EQ(volumes.size(), 1U);
    EXPECT_TRUE(there("/volumes/" + volumes[0]));

    containers_.remove(id);

    EXPECT_FALSE(there("/volumes/" + volumes[0]));
}

TEST_F(RealContainers, ReportTheirHealth) {
    ContainerConfig config = shell("sleep 60");
    config.healthcheck =
        HealthcheckConfig{.test = {"CMD", "sh", "-c", "echo feeling bad; exit 1"}, .interval = 100ms, .retries = 2};
    const ContainerId id = started(config);
    if (!can(engine_.facts(), Feature::health_checks)) {
        EXPECT_EQ(containers_.inspect(id).health.status, HealthState::Status::starting);
        return;
    }
    const auto unhealthy = [&] { return containers_.inspect(id).health.status == HealthState::Status::unhealthy; };

    ASSERT_TRUE(support::wait_until(unhealthy));

    const ContainerFacts facts = containers_.inspect(id);
    EXPECT_TRUE(facts.has_healthcheck);
    EXPECT_GE(facts.health.failing_streak, 2);
    EXPECT_EQ(facts.health.last_exit_code, 1);
    EXPECT_EQ(facts.health.last_output, "feeling bad\n");
}

TEST_F(RealContainers, TellOfOutOfMemory) {
    ContainerConfig config = shell("x=$(head -c 100000000 /dev/zero | tr '\\0' x); echo ${#x}");
    config.memory = 16 << 20;
    const ContainerId id = started(config);

    const int code = containers_.wait(id, within(support::k_patience));

    EXPECT_NE(code, 0);
    EXPECT_EQ(containers_.inspect(id).out_of_memory,
              second_.get("/containers/" + id.text + "/json").find("\"OOMKilled\":true") != std::string::npos);
}

// --- logs ------------------------------------------------------------------------------------------------------------

TEST_F(RealContainers, LogTheirTwoStreams) {
    const ContainerId id = started("echo one; echo two >&2; printf three");
    containers_.wait(id, within(support::k_patience));

    std::vector<std::string> out;
    std::vector<std::string> err;
    for (const auto& line : containers_.logs(id)) {
        (line.stream == LogLine::Stream::out ? out : err).push_back(line.text);
        EXPECT_TRUE(line.time.empty());
    }

    EXPECT_THAT(out, ElementsAre("one", "three"));
    EXPECT_THAT(err, ElementsAre("two"));
    EXPECT_EQ(containers_.logs(id, {.standard_output = false}).size(), 1U);
    EXPECT_EQ(containers_.logs(id, {.tail = 1}).size(), 1U);
}

TEST_F(RealContainers, LogLongLinesWholeAndWithOneTime) {
    const ContainerId id = started("head -c 100000 /dev/zero | tr '\\0' x; echo; echo end");
    containers_.wait(id, within(support::k_patience));

    const auto lines = containers_.logs(id, {.timestamps = true});

    ASSERT_EQ(lines.size(), 2U);
    EXPECT_EQ(lines[0].text, std::string(100'000, 'x'));
    EXPECT_EQ(lines[1].text, "end");
    EXPECT_EQ(lines[0].time.size(), can(engine_.facts(), Feature::fine_timestamps) ? 30U : 20U);
    EXPECT_LE(lines[0].time, lines[1].time);
}

TEST_F(RealContainers, LogRawOnATerminal) {
    ContainerConfig config = shell("echo one; echo two >&2");
    config.tty = true;
    const ContainerId id = started(config);
    containers_.wait(id, within(support::k_patience));

    const auto lines = containers_.logs(id, {.tty = containers_.inspect(id).tty});

    ASSERT_EQ(lines.size(), 2U);
    EXPECT_EQ(lines[0].text, "one");
    EXPECT_EQ(lines[1].text, "two");
}

TEST_F(RealContainers, AreFollowedToTheirEnd) {
    const ContainerId id = started("for i in 1 2 3; do echo $i; sleep 0.1; done");
    std::vector<std::string> seen;

    containers_.follow(
        id, {},
        [&](const LogLine& line) {
            seen.push_back(line.text);
            return true;
        },
        within(support::k_patience));

    EXPECT_THAT(seen, ElementsAre("1", "2", "3"));
    EXPECT_FALSE(containers_.inspect(id).running);
}

TEST_F(RealContainers, AreFollowedThroughAFloodAndLeftAtWill) {
    const ContainerId id = started("yes 0123456789012345678901234567890123456789");
    std::size_t lines = 0;

    containers_.follow(
        id, {}, [&](const LogLine&) { return ++lines < 50'000; }, within(support::k_patience));

    EXPECT_EQ(lines, 50'000U);
    EXPECT_EQ(containers_.remove(id), Removed::now);
}

// --- exec ------------------------------------------------------------------------------------------------------------

TEST_F(RealContainers, RunCommands) {
    const ContainerId id = idle();

    const CommandResult result =
        containers_.exec(id, {.command = {"sh", "-c", "echo $COLOUR; pwd; id -u; echo oops >&2; exit 5"},
                              .environment = {"COLOUR=blue"},
                              .user = "7",
                              .working_dir = "/etc",
                              .check = Check::no});

    EXPECT_EQ(result.exit_code, 5);
    EXPECT_EQ(result.standard_output, "blue\n/etc\n7\n");
    EXPECT_EQ(result.standard_error, "oops\n");
}

TEST_F(RealContainers, FeedCommandsTheirInput) {
    const ContainerId id = idle();
    const std::string input(3'000'000, 'x');

    EXPECT_EQ(containers_.exec(id, {.command = {"cat"}, .input = "a\nb"}).standard_output, "a\nb");
    EXPECT_EQ(containers_.exec(id, {.command = {"wc", "-c"}, .input = input}).standard_output, "3000000\n");
    EXPECT_EQ(containers_.exec(id, {.command = {"cat"}, .input = input, .keep_output = 4 << 20}).standard_output,
              input);
    EXPECT_EQ(containers_.exec(id, {.command = {"true"}, .input = input}).exit_code, 0);
    EXPECT_EQ(containers_.exec(id, {.command = {"cat"}, .attach_stdin = true}).standard_output, "");
}

TEST_F(RealContainers, AskForInputAsItComes) {
    const ContainerId id = idle();
    int asked = 0;

    const CommandResult result =
        containers_.exec(id, {.command = {"cat"}, .read_input = [&](const std::stop_token&) -> std::string {
                                  return ++asked <= 3 ? std::to_string(asked) + "\n" : "";
                              }});

    EXPECT_EQ(result.standard_output, "1\n2\n3\n");
}

TEST_F(RealContainers, KeepOnlyTheEndOfALargeOutput) {
    const ContainerId id = idle();

    const CommandResult result =
        containers_.exec(id, {.command = {"sh", "-c", "yes | head -c 20000000; echo end"}, .keep_output = 1000});

    EXPECT_EQ(result.standard_output.size(), 1000U);
    EXPECT_THAT(result.standard_output, ::testing::EndsWith("y\nend\n"));
}

TEST_F(RealContainers, HandOutputOnAsItComes) {
    const ContainerId id = idle();
    std::string seen;

    const CommandResult result = containers_.exec(
        id, {.command = {"sh", "-c", "echo a; echo b >&2"}, .on_output = [&](int stream, std::string_view bytes) {
                 seen += std::to_string(stream) + std::string(bytes);
             }});

    EXPECT_THAT(seen, AnyOf("1a\n2b\n", "2b\n1a\n"));
    EXPECT_EQ(result.standard_output, "");
}

TEST_F(RealContainers, GiveCommandsATerminal) {
    const ContainerId id = idle();

    EXPECT_EQ(containers_.exec(id, {.command = {"sh", "-c", "test -t 1 && echo yes"}, .tty = true}).standard_output,
              "yes\r\n");
    EXPECT_THROW(containers_.exec(id, {.command = {"sh", "-c", "test -t 1"}}), CommandFailed);
}

TEST_F(RealContainers, SayThatACommandIsNotInThem) {
    const ContainerId id = idle();
    const std::string short_id = id.text.substr(0, 12);

    const std::string text = error_text<CommandFailed>([&] { containers_.exec(id, {.command = {"no-such", "-x"}}); });

    EXPECT_THAT(text,
                HasSubstr("error[BR0307]: command 'no-such -x' in container '" + short_id + "' ended with status 12"));
    EXPECT_THAT(text, HasSubstr("exec failed: "));
    EXPECT_THAT(text, ::testing::EndsWith("\n  hint: the command is taken word by word, and no shell is involved"));
}

TEST_F(RealContainers, RefuseCommandsUnlessTheyRun) {
    const ContainerId id = containers_.create(name("x"), shell("true")).id;

    EXPECT_EQ(in_any_words(error_text<Conflict>([&] { containers_.exec(id, {.command = {"true"}}); })),
              "error[BR0107]: cannot run 'true' in container '" + id.text.substr(0, 12) +
                  "'\n"
                  "  engine: *\n"
                  "  call: POST /containers/" +
                  id.text + "/exec answered HTTP * at " + endpoint() +
                  "\n"
                  "  hint: its state does not allow this now; look at it with 'docker inspect'");
}

TEST_F(RealContainers, EndTheirCommandsWithThem) {
    const ContainerId id = idle();
    const support::Gate running;
    std::jthread killer([&] {
        if (running.wait(within(support::k_patience))) {
            containers_.kill(id);
        }
    });

    const CommandResult result = containers_.exec(id,
                                                  {.command = {"sh", "-c", "echo running; sleep 60"},
                                                   .check = Check::no,
                                                   .on_output = [&](int, std::string_view) { running.open(); }},
                                                  within(support::k_patience));

    EXPECT_EQ(result.exit_code, 137);
}

TEST_F(RealContainers, DoNotWaitForACommandsChildren) {
    const ContainerId id = idle();
    const auto begin = Deadline::Clock::now();

    EXPECT_EQ(containers_.exec(id, {.command = {"sh", "-c", "sleep 20 & echo started"}}).standard_output, "started\n");

    EXPECT_LT(Deadline::Clock::now() - begin, 10s);
}

}  // namespace
}  // namespace berth

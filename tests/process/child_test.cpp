// SPDX-License-Identifier: Apache-2.0
#include <berth/core/error.hpp>
#include <berth/process/child.hpp>
#include <tests/support/eventually.hpp>
#include <tests/support/sockets.hpp>
#include <tests/support/temp_dir.hpp>

#include <gtest/gtest.h>

#include <sys/wait.h>
#include <unistd.h>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <thread>

namespace berth::process {
namespace {

using namespace std::chrono_literals;
using support::k_patience;

Captured shell(const std::string& script) {
    return run_captured({.argv = {"sh", "-c", script}}, within(k_patience));
}

std::string read_all(Descriptor& from) {
    std::string all;
    char piece[256];
    for (ssize_t count = 0; (count = ::read(from.get(), piece, sizeof piece)) > 0;) {
        all.append(piece, static_cast<std::size_t>(count));
    }
    return all;
}

bool exists(int pid) {
    return ::kill(pid, 0) == 0 || errno != ESRCH;
}

std::string refusal_of(const Options& options) {
    try {
        const Child child(options);
        return "it ran";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), "BR0114");
        return error.what();
    }
}

TEST(Child, IsCapturedToItsEnd) {
    const auto captured = shell("echo out; echo err >&2; exit 3");

    EXPECT_EQ(captured.out, "out\n");
    EXPECT_EQ(captured.err, "err\n");
    EXPECT_EQ(captured.status, (ExitStatus{.code = 3}));
    EXPECT_FALSE(captured.cut);
    EXPECT_EQ(captured.status.text(), "exit 3");
    EXPECT_EQ(captured.status.as_shell_status(), 3);
}

TEST(Child, ThatASignalEndedSaysWhich) {
    const auto status = shell("kill -TERM $$").status;

    EXPECT_EQ(status, (ExitStatus{.signal = SIGTERM}));
    EXPECT_FALSE(status.success());
    EXPECT_EQ(status.text(), "signal 15");
    EXPECT_EQ(status.as_shell_status(), 143);
}

TEST(Child, ThatCannotBeRunSaysWhy) {
    const support::TempDir folder;
    const std::string not_executable = folder.write("text", "x");

    EXPECT_EQ(refusal_of({.argv = {"no-such-command"}}),
              "error[BR0114]: cannot run 'no-such-command': No such file or directory");
    EXPECT_EQ(refusal_of({.argv = {not_executable}}),
              "error[BR0114]: cannot run '" + not_executable + "': Permission denied");
    EXPECT_EQ(refusal_of({.argv = {"true"}, .working_dir = "/no/such/folder"}),
              "error[BR0114]: cannot run 'true' in '/no/such/folder': No such file or directory");
    EXPECT_EQ(refusal_of({.argv = {}}), "error[BR0114]: cannot run '': No such file or directory");
    EXPECT_EQ(refusal_of({.argv = {"true", std::string("a\0b", 3)}}),
              "error[BR0114]: cannot run 'true': Invalid argument");
    EXPECT_EQ(refusal_of({.argv = {"true"}, .standard_output = Standard::descriptor(9999)}),
              "error[BR0114]: cannot run 'true': Bad file descriptor");
}

TEST(Child, HasTheEnvironmentThatIsGiven) {
    ::setenv("BERTH_TEST_OURS", "ours", 1);
    const std::vector<std::string> print = {"/usr/bin/env"};

    const auto added = run_captured({.argv = print, .additions = {{"BERTH_TEST_OURS", "changed"}, {"NEW", "1 2"}}},
                                    within(k_patience));
    EXPECT_NE(added.out.find("BERTH_TEST_OURS=changed\n"), std::string::npos);
    EXPECT_EQ(added.out.find("BERTH_TEST_OURS=ours\n"), std::string::npos);
    EXPECT_NE(added.out.find("NEW=1 2\n"), std::string::npos);
    EXPECT_NE(added.out.find("PATH="), std::string::npos);

    const auto replaced =
        run_captured({.argv = print, .environment = Variables{{"A", "1"}, {"AB", "2"}}, .additions = {{"A", "3"}}},
                     within(k_patience));
    EXPECT_EQ(replaced.out, "A=3\nAB=2\n");
    ::unsetenv("BERTH_TEST_OURS");
}

TEST(Child, RunsInTheFolderThatIsGiven) {
    const support::TempDir folder;
    const auto captured =
        run_captured({.argv = {"pwd", "-P"}, .working_dir = folder.path().string()}, within(k_patience));

    EXPECT_EQ(captured.out, std::filesystem::canonical(folder.path()).string() + "\n");
}

TEST(Child, IsSpokenToThroughPipes) {
    Child child({.argv = {"cat"}, .standard_input = Standard::pipe(), .standard_output = Standard::pipe()});
    ASSERT_EQ(::write(child.standard_input().get(), "hello", 5), 5);
    EXPECT_FALSE(child.poll());
    child.standard_input().close();

    EXPECT_EQ(read_all(child.standard_output()), "hello");
    EXPECT_TRUE(child.wait(within(k_patience)).success());
    EXPECT_TRUE(child.wait(within(k_patience)).success()) << "asked again, it says the same";
    child.signal(SIGTERM);  // after its end: nothing happens
}

TEST(Child, HasItsStreamsWhereTheyAreMeantEvenCrosswise) {
    Pipe out = make_pipe();
    Pipe err = make_pipe();
    {
        Child child({.argv = {"sh", "-c", "echo out; echo err >&2; cat"},
                     .standard_input = Standard::null(),
                     .standard_output = Standard::descriptor(err.write.get()),
                     .standard_error = Standard::descriptor(out.write.get())});
        EXPECT_TRUE(child.wait(within(k_patience)).success());
    }
    out.write.close();
    err.write.close();
    EXPECT_EQ(read_all(out.read), "err\n");
    EXPECT_EQ(read_all(err.read), "out\n");
}

TEST(Child, StartsWithAnEmptySignalMaskAndDiesOfSigpipe) {
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    ASSERT_EQ(::pthread_sigmask(SIG_BLOCK, &all, &before), 0);
    const auto old = ::signal(SIGPIPE, SIG_IGN);

    const auto masks = run_captured({.argv = {"grep", "-E", "SigBlk|SigIgn", "/proc/self/status"}}, within(k_patience));
    const auto pipeline = shell("(while :; do echo x; done; echo $? >&2) | head -n 1");

    ::signal(SIGPIPE, old);
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    EXPECT_NE(masks.out.find("SigBlk:\t0000000000000000\n"), std::string::npos) << masks.out;
    const auto ignored = std::stoull(masks.out.substr(masks.out.find("SigIgn:") + 8), nullptr, 16);
    EXPECT_EQ(ignored & (1ULL << (SIGPIPE - 1)), 0U);
    EXPECT_EQ(pipeline.out, "x\n");
    EXPECT_EQ(pipeline.err, "") << "the writer was not ended by SIGPIPE";
}

TEST(Child, IsKilledAndReapedWhenItsOwnerGoes) {
    int pid = -1;
    {
        Child first({.argv = {"sleep", "1000"}});
        pid = first.pid();
        Child second(std::move(first));
        EXPECT_TRUE(exists(pid));
        EXPECT_EQ(second.pid(), pid);
    }
    EXPECT_FALSE(exists(pid));
}

TEST(Child, IsKilledWithItsGroup) {
    int grandchild = 0;
    {
        Child child({.argv = {"sh", "-c", "sleep 1000 & echo $!; wait"},
                     .standard_output = Standard::pipe(),
                     .own_group = true});
        char digits[16] = {};
        ASSERT_GT(::read(child.standard_output().get(), digits, sizeof digits - 1), 0);
        grandchild = std::atoi(digits);
        ASSERT_TRUE(exists(grandchild));
    }
    // Whoever adopted it may not have reaped it: dead is enough.
    EXPECT_TRUE(support::wait_until([&] {
        return !exists(grandchild) ||
               shell("grep -q 'State:.Z' /proc/" + std::to_string(grandchild) + "/status").status.success();
    }));
}

TEST(Child, ThatDoesNotEndInTimeIsAnErrorAndRunsOn) {
    Child child({.argv = {"sleep", "1000"}});
    try {
        child.wait(within(20ms));
        FAIL() << "it ended";
    } catch (const TimedOut& error) {
        EXPECT_STREQ(error.what(), "error[BR0103]: 'sleep' did not end in time");
    }
    EXPECT_FALSE(child.poll());
    child.signal(SIGINT);
    EXPECT_EQ(child.wait(within(k_patience)), (ExitStatus{.signal = SIGINT}));
}

TEST(Child, WaitEndsWithTheToken) {
    Child child({.argv = {"sleep", "1000"}});
    std::stop_source stop;
    std::thread asker([&stop] { stop.request_stop(); });

    EXPECT_THROW(child.wait(within(k_patience, stop.get_token())), Cancelled);
    asker.join();
}

TEST(Child, ThatIsCapturedEndsWithTheDeadlineEvenWhenItPrintsWithoutEnd) {
    const std::vector<std::string> scripts[] = {{"sleep", "1000"}, {"yes"}};
    for (const auto& argv : scripts) {
        try {
            run_captured({.argv = argv}, within(50ms), {.out = 1000});
            FAIL() << "it ended";
        } catch (const TimedOut& error) {
            EXPECT_EQ(error.what(), "error[BR0103]: '" + argv.front() + "' did not end in time");
        }
    }
}

TEST(Child, IsCapturedUpToALimitAndReadToItsEnd) {
    const auto captured = run_captured({.argv = {"sh", "-c", "head -c 300000 /dev/zero | tr '\\0' x; echo end >&2"}},
                                       within(k_patience), {.out = 1000});

    EXPECT_EQ(captured.out, std::string(1000, 'x'));
    EXPECT_EQ(captured.err, "end\n");
    EXPECT_TRUE(captured.cut);
    EXPECT_TRUE(captured.status.success());
}

TEST(Child, IsNotWaitedForLongerBecauseAGrandchildHoldsItsOutput) {
    const auto begin = Deadline::Clock::now();
    const auto captured = shell("sleep 20 & echo $!");

    EXPECT_LT(Deadline::Clock::now() - begin, 10s);
    ASSERT_EQ(::kill(std::atoi(captured.out.c_str()), SIGKILL), 0);
}

TEST(Child, LeavesNoDescriptorBehind) {
    const auto before = support::open_descriptors();
    for (int i = 0; i < 3; ++i) {
        shell("echo x");
        EXPECT_EQ(refusal_of({.argv = {"no-such-command"}, .standard_input = Standard::pipe()}),
                  "error[BR0114]: cannot run 'no-such-command': No such file or directory");
    }
    EXPECT_EQ(support::open_descriptors(), before);
}

TEST(Child, IsLeftAloneByAProcessThatWasForkedOff) {
    auto child = std::make_unique<Child>(Options{.argv = {"sleep", "600"}, .own_group = true});
    const pid_t forked = ::fork();
    if (forked == 0) {
        child.reset();
        ::_exit(0);
    }
    int status = -1;
    ASSERT_EQ(::waitpid(forked, &status, 0), forked);

    EXPECT_EQ(status, 0);
    EXPECT_FALSE(child->poll().has_value());
}

}  // namespace
}  // namespace berth::process

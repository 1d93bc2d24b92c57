// SPDX-License-Identifier: Apache-2.0
// Ctrl-C at any moment: everything is removed. Counted by a client that is not ours.
#include <tests/cli/engine_program.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <random>

namespace berth::cli::tests {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

constexpr const char* k_spec = R"(
services:
  one: { image: IMAGE, command: [sleep, "600"], wait: running, volumes: [data:/data, /anonymous] }
  two: { image: IMAGE, command: [sh, -c, "httpd -p 80; sleep 600"], ports: ["80"], wait: { port: 80 } }
  three: { image: IMAGE, command: [sleep, "600"], wait: running, depends_on: [two] }
volumes: { data: {} }
)";

class InterruptTest : public EngineProgramTest {
  protected:
    void SetUp() override {
        EngineProgramTest::SetUp();
        spec(k_spec);
    }
    process::Options quietly(const std::vector<std::string>& words) const {
        process::Options options = program_.options(words);
        options.standard_input = process::Standard::null();
        options.standard_output = process::Standard::null();
        options.standard_error = process::Standard::pipe();
        return options;
    }
    static std::string rest_of(process::Child& child) {
        std::string text;
        std::array<char, 4096> piece{};
        for (ssize_t size = 0; (size = ::read(child.standard_error().get(), piece.data(), piece.size())) > 0;) {
            text.append(piece.data(), static_cast<std::size_t>(size));
        }
        return text;
    }
    /// Until the deadline or the child's end, whichever is first.
    static void wait_for_end_or(process::Child& child, std::chrono::milliseconds time) {
        try {
            child.wait(within(time));
        } catch (const TimedOut&) {
            return;  // it still runs: that is what most rounds want
        }
    }
};

// The moments are spread over the whole life of such a run, and a little beyond.
TEST_F(InterruptTest, AtAnyMomentOfARunLeavesNothing) {
    std::mt19937 random(20260131);  // the same moments each time
    std::uniform_int_distribution<int> milliseconds(0, 2400);
    for (int round = 0; round < 16; ++round) {
        const int signal = round % 3 == 2 ? SIGTERM : SIGINT;
        const std::chrono::milliseconds moment(milliseconds(random));
        process::Child child(quietly({"run", "--", "sleep", "0.5"}));

        wait_for_end_or(child, moment);
        child.signal(signal);
        const std::string said = rest_of(child);
        const process::ExitStatus status = child.wait(within(60s));

        // A signal that comes before main() or after the last line finds nothing that is ours.
        if (!status.success()) {
            EXPECT_EQ(status.as_shell_status(), 128 + signal) << "round " << round << " at " << moment.count() << "ms\n"
                                                              << said;
        } else {
            EXPECT_THAT(said, HasSubstr("is down after")) << "round " << round << " at " << moment.count() << "ms";
        }
        expect_nothing_left();
        if (HasFailure()) {
            return;
        }
    }
}

TEST_F(InterruptTest, WhileComingUpLeavesNothingOfUpEither) {
    for (const auto moment : {100ms, 500ms, 900ms}) {
        process::Child child(quietly({"up"}));

        wait_for_end_or(child, moment);
        child.signal(SIGINT);
        const std::string said = rest_of(child);
        const process::ExitStatus status = child.wait(within(60s));

        if (status.success()) {
            EXPECT_EQ(program_.run({"down"}).status.code, 0);
        } else {
            EXPECT_EQ(status.as_shell_status(), 130) << said;
        }
        expect_nothing_left();
    }
}

TEST_F(InterruptTest, ASecondSignalLeavesAtOnceAndSaysHowToCleanUp) {
    process::Child child(quietly({"up"}));
    // As soon as the first container is there it is certain that the signals are watched for and something is left.
    ASSERT_TRUE(support::wait_until([&] { return eyes_.containers(label()) > 0; }));

    child.signal(SIGINT);
    child.signal(SIGTERM);
    const std::string said = rest_of(child);

    const process::ExitStatus status = child.wait(within(60s));
    // Both may be read in either order: two signals that wait are delivered lowest number first.
    EXPECT_EQ(status.code, 143) << said;
    EXPECT_THAT(steady(said), HasSubstr("\nleaving at once, without a clean-up; what is left of project 'PROJECT':\n"
                                        "  see it:    docker ps -a --filter label=berth.project=PROJECT\n"
                                        "  remove it: berth down --all --project PROJECT\n"));
    // A request may still be under way in the engine.
    EXPECT_TRUE(support::wait_until([&] {
        return program_.run({"down", "--all"}).status.code == 0 &&
               eyes_.containers(label()) + eyes_.networks(label()) == 0;
    }));
}

TEST_F(InterruptTest, SignalsThatWereIgnoredStayIgnored) {
    const auto result = program_.shell("trap '' HUP; \"$berth\" run -q -- sh -c 'kill -HUP $PPID; sleep 0.2; exit 4'");

    EXPECT_EQ(result.status.code, 4);
}

}  // namespace
}  // namespace berth::cli::tests

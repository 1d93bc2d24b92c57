// SPDX-License-Identifier: Apache-2.0
#include <berth/cli/exit.hpp>
#include <berth/core/error.hpp>

#include <gtest/gtest.h>

namespace berth::cli {
namespace {

template <class Failure>
Outcome told(const Failure& failure, const Telling& telling = {}) {
    return outcome_of(std::make_exception_ptr(failure), telling);
}

ErrorFacts facts(const char* code) {
    return {.code = code, .summary = "it failed"};
}

TEST(ExitCodes, FollowFromWhatWasThrown) {
    EXPECT_EQ(told(InvalidSpec({}, {})).code, 65);
    EXPECT_EQ(told(Error(facts("BE0410"))).code, 65);
    EXPECT_EQ(told(EngineUnreachable({}, facts("BR0101"))).code, 69);
    EXPECT_EQ(told(ExchangeFailed(facts("BR0102"))).code, 69);
    EXPECT_EQ(told(TimedOut(facts("BR0103"))).code, 69);
    EXPECT_EQ(told(Error(facts("BR0110"))).code, 64);
    EXPECT_EQ(told(Error(facts("BR0115"))).code, 64);
    EXPECT_EQ(told(EngineRefused(facts("BR0115"))).code, 75);
    EXPECT_EQ(told(Error(facts("BR0122"))).code, 69);
    EXPECT_EQ(told(Error(facts("BR0123"))).code, 77);
    EXPECT_EQ(told(Error(facts("BR0124"))).code, 64);
    EXPECT_EQ(told(Error(facts("BR0125"))).code, 69);
    EXPECT_EQ(told(Error(facts("BR0126"))).code, 75);
    EXPECT_EQ(told(EngineRefused(facts("BR0105"))).code, 75);
    EXPECT_EQ(told(NotFound(facts("BR0106"))).code, 75);
    EXPECT_EQ(told(Conflict(facts("BR0107"))).code, 75);
    EXPECT_EQ(told(PullFailed(facts("BR0201"))).code, 75);
    EXPECT_EQ(told(NotReady({}, facts("BR0301"))).code, 75);
    EXPECT_EQ(told(CommandFailed(3, "", "", facts("BR0307"))).code, 75);
    EXPECT_EQ(told(TimedOut(facts("BR0305"))).code, 75);
    EXPECT_EQ(told(TimedOut(facts("BR0304"))).code, 124);
    EXPECT_EQ(told(TimedOut(facts("BR0103")), {.time_is_up = true}).code, 124);
    EXPECT_EQ(told(NotReady({}, facts("BR0301")), {.time_is_up = true}).code, 75);
    EXPECT_EQ(told(Error(facts("BR0501"))).code, 1);
    EXPECT_EQ(told(Error(facts("BR0601"))).code, 77);
    EXPECT_EQ(told(Error(facts("BR0801"))).code, 75);
    EXPECT_EQ(told(Error(facts("BR0803"))).code, 1);
    EXPECT_EQ(told(Exit(127, "no")).code, 127);
    EXPECT_EQ(told(std::runtime_error("x")).code, 70);
}

TEST(ExitCodes, ASignalGoesBeforeAllButAFaultOfOurs) {
    const Telling interrupted{.signal = 2};
    const Telling terminated{.signal = 15};

    EXPECT_EQ(told(Cancelled(), interrupted).code, 130);
    EXPECT_EQ(told(Cancelled(), interrupted).text, "");
    EXPECT_EQ(told(Cancelled(), terminated).code, 143);
    EXPECT_EQ(told(ExchangeFailed(facts("BR0102")), interrupted).code, 130);
    EXPECT_EQ(told(std::runtime_error("x"), interrupted).code, 70);
}

TEST(ExitTexts, AreTheErrorsOwn) {
    EXPECT_EQ(told(Exit(64, "what\n  hint: how")).text, "error: what\n  hint: how\n");
    EXPECT_EQ(told(Error(facts("BR0801"))).text, "error[BR0801]: it failed\n");
}

TEST(ExitTexts, AFaultOfOursAsksForAReport) {
    EXPECT_EQ(
        told(std::runtime_error("map::at\x1b[2J")).text,
        "error: a fault of Berth: map::at\\x1b[2J\n"
        "  hint: please report it; run it again with '--log-level trace --log-file berth.log' and send that file\n");
    EXPECT_EQ(told(std::runtime_error("map::at"), {.log_file = "berth.log"}).text,
              "error: a fault of Berth: map::at\n  hint: please report it; send the log with it: berth.log\n");
}

TEST(ExitTexts, ASpecIsShownWithItsLinesAndNotMoreThanAskedFor) {
    SourceTexts sources;
    sources.add("a.yaml", "x: 1\ny: 2\n");
    const InvalidSpec wrong({{.code = "BE0201", .message = "unknown key 'x'", .where = {"a.yaml", 1, 1, 1, 2}},
                             {.code = "BE0201", .message = "unknown key 'y'", .where = {"a.yaml", 2, 1, 2, 2}}},
                            sources);

    const std::string text = told(wrong, {.max_errors = 1}).text;

    EXPECT_EQ(text, render_text(wrong.diagnostics(), sources, Colour::never, 1));
    EXPECT_NE(text.find("unknown key 'x'"), std::string::npos);
    EXPECT_EQ(text.find("unknown key 'y'"), std::string::npos);
    EXPECT_NE(told(wrong, {.colour = Colour::always}).text.find('\x1b'), std::string::npos);
}

}  // namespace
}  // namespace berth::cli

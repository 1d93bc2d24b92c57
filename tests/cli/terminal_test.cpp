// SPDX-License-Identifier: Apache-2.0
#include <berth/cli/terminal.hpp>

#include <gtest/gtest.h>

#include <map>

namespace berth::cli {
namespace {

VariableSource with(std::map<std::string, std::string> variables) {
    return [variables = std::move(variables)](const std::string& name) -> std::optional<std::string> {
        const auto found = variables.find(name);
        return found == variables.end() ? std::nullopt : std::optional(found->second);
    };
}

constexpr Screen k_terminal{.terminal = true, .columns = 80, .rows = 24};
constexpr Screen k_pipe{};

TEST(Terminal, ColoursFollowFlagThenTerminalAndVariables) {
    EXPECT_EQ(colour_for(When::automatic, k_terminal, with({{"TERM", "xterm"}})), Colour::always);
    EXPECT_EQ(colour_for(When::automatic, k_pipe, with({})), Colour::never);
    EXPECT_EQ(colour_for(When::automatic, k_terminal, with({{"NO_COLOR", "1"}})), Colour::never);
    EXPECT_EQ(colour_for(When::automatic, k_terminal, with({{"NO_COLOR", ""}})), Colour::always);
    EXPECT_EQ(colour_for(When::automatic, k_terminal, with({{"TERM", "dumb"}})), Colour::never);
    EXPECT_EQ(colour_for(When::automatic, k_terminal, with({{"CI", "true"}})), Colour::never);
    EXPECT_EQ(colour_for(When::always, k_pipe, with({{"NO_COLOR", "1"}})), Colour::always);
    EXPECT_EQ(colour_for(When::never, k_terminal, with({})), Colour::never);
}

TEST(Terminal, CiIsAVariableThatIsNotFalse) {
    EXPECT_TRUE(in_ci(with({{"CI", "1"}})));
    EXPECT_FALSE(in_ci(with({{"CI", "false"}})));
    EXPECT_FALSE(in_ci(with({{"CI", ""}})));
    EXPECT_FALSE(in_ci(with({})));
}

TEST(Terminal, ProgressIsBarsOnlyWhereTheyCanBeRedrawn) {
    const GlobalOptions automatic;
    EXPECT_EQ(progress_for(automatic, k_terminal, with({{"TERM", "xterm"}})), ProgressStyle::bars);
    EXPECT_EQ(progress_for(automatic, k_pipe, with({})), ProgressStyle::lines);
    EXPECT_EQ(progress_for(automatic, k_terminal, with({{"TERM", "dumb"}})), ProgressStyle::lines);
    EXPECT_EQ(progress_for(automatic, k_terminal, with({{"CI", "true"}})), ProgressStyle::lines);
    EXPECT_EQ(progress_for({.progress = ProgressStyle::json}, k_terminal, with({})), ProgressStyle::json);
    EXPECT_EQ(progress_for({.progress = ProgressStyle::json, .quiet = true}, k_terminal, with({})),
              ProgressStyle::none);
}

TEST(Terminal, WidthsAreCellsNotBytes) {
    EXPECT_EQ(display_width("abc"), 3U);
    EXPECT_EQ(display_width("\u00e4\u00f6"), 2U);
    EXPECT_EQ(display_width("\u6e2f\u53e3"), 4U);
    EXPECT_EQ(display_width("e\u0301"), 1U);
    EXPECT_EQ(display_width("\xff\xfe"), 2U);
}

TEST(Terminal, TextIsCutBetweenCharacters) {
    EXPECT_EQ(cut_to("abcdef", 6), "abcdef");
    EXPECT_EQ(cut_to("abcdef", 4), "abc~");
    EXPECT_EQ(cut_to("\u6e2f\u53e3\u6e2f", 5), "\u6e2f\u53e3~");
    EXPECT_EQ(cut_to("\u6e2f\u53e3\u6e2f", 4), "\u6e2f~");
    EXPECT_EQ(cut_to("abc", 1), "~");
    EXPECT_EQ(cut_to("abc", 0), "");
}

}  // namespace
}  // namespace berth::cli

// SPDX-License-Identifier: Apache-2.0
#include <berth/spec/env_file.hpp>

#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <string>

namespace berth {
namespace {

std::optional<VariableValue> nothing(std::string_view) {
    return std::nullopt;
}

std::map<std::string, std::string> values_of(std::string_view text, const VariableLookup& lookup = nothing) {
    const auto contents = parse_env_file(text, "test.env", lookup);
    EXPECT_TRUE(contents.diagnostics.empty()) << render_short(contents.diagnostics);
    std::map<std::string, std::string> values;
    for (const auto& variable : contents.variables) {
        values[variable.name] = variable.value.value_or("(not given)");
    }
    return values;
}

using Values = std::map<std::string, std::string>;

TEST(EnvFile, TakesTheFormsThatComposeTakes) {
    EXPECT_EQ(values_of("A=1\nB = two words \nexport C=3\nD: 4\n\n# E=5\nF=\nG\n  H=8 # why\nI=a#b\nJ=#all of it\n"),
              (Values{{"A", "1"},
                      {"B", "two words"},
                      {"C", "3"},
                      {"D", "4"},
                      {"F", ""},
                      {"G", "(not given)"},
                      {"H", "8"},
                      {"I", "a#b"},
                      {"J", ""}}));
}

TEST(EnvFile, ReadsQuotes) {
    EXPECT_EQ(values_of("A='it is $B # \\n'\nC=\"a\\tb\\n\\\"q\\\" \\\\ \\$D\"  # why\nE=\"over\ntwo "
                        "lines\"\nF='also\nthis'\nG=\"\\q\"\n"),
              (Values{{"A", "it is $B # \\n"},
                      {"C", "a\tb\n\"q\" \\ $D"},
                      {"E", "over\ntwo lines"},
                      {"F", "also\nthis"},
                      {"G", "\\q"}}));
}

TEST(EnvFile, ReplacesVariablesByEarlierLinesFirst) {
    const VariableLookup lookup = [](std::string_view name) -> std::optional<VariableValue> {
        return name == "A" || name == "HOME" ? std::optional(VariableValue{"outside", "test"}) : std::nullopt;
    };

    EXPECT_EQ(values_of("A=1\nB=${A}2\nC=\"$B $HOME ${NOWHERE:-d} $NOWHERE\"\nD=$$A\nE=${a.b}\n", lookup),
              (Values{{"A", "1"}, {"B", "12"}, {"C", "12 outside d "}, {"D", "$A"}, {"E", "${a.b}"}}));
}

TEST(EnvFile, KnowsWhereEachVariableStands) {
    const auto contents = parse_env_file(
        "\xef\xbb\xbf"
        "A=\"1\n2\"\r\nB=3\r\n",
        "test.env", nothing);

    ASSERT_EQ(contents.variables.size(), 2U);
    EXPECT_EQ(contents.variables[0].line, 1);
    EXPECT_EQ(contents.variables[1].line, 3);
    EXPECT_EQ(contents.variables[1].value, "3");
}

TEST(EnvFile, SaysWhatIsWrongAndReadsOn) {
    const auto contents = parse_env_file("=1\nA B\n1C=2\nD='x' y\nE=${\nF=fine\nG='open\nH=1\n", "test.env", nothing);

    EXPECT_EQ(render_short(contents.diagnostics),
              "test.env:1: error[BE0416]: test.env:1: a name is missing before '='\n"
              "test.env:2: error[BE0416]: test.env:2: 'A' needs a '=' behind it\n"
              "test.env:3: error[BE0416]: test.env:3: '1C' is not a name of a variable\n"
              "test.env:4: error[BE0416]: test.env:4: nothing may stand behind the quote that closes\n"
              "test.env:5: error[BE0416]: test.env:5: '${': the '{' is never closed; write '$$' for a literal dollar\n"
              "test.env:7: error[BE0416]: test.env:7: the quote ' is never closed\n");
    ASSERT_FALSE(contents.variables.empty());
    EXPECT_EQ(contents.variables.back().name, "F");
}

}  // namespace
}  // namespace berth

// SPDX-License-Identifier: Apache-2.0
#include <berth/cli/arguments.hpp>
#include <berth/cli/flags.hpp>
#include <berth/cli/version.hpp>

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <sstream>

namespace berth::cli {
namespace {

std::string golden(const std::string& name) {
    std::ifstream file(std::string(BERTH_GOLDEN) + "/" + name + ".txt");
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

std::string out_of(const std::vector<std::string>& words) {
    const Parsed parsed = parse_arguments(words, [](const std::string&) { return std::nullopt; });
    EXPECT_EQ(parsed.exit_code, 0);
    EXPECT_EQ(parsed.err, "");
    return parsed.out;
}

TEST(Help, OfTheProgramIsAsPinned) {
    EXPECT_EQ(out_of({"--help"}), golden("help"));
    EXPECT_EQ(out_of({"help"}), golden("help"));
    EXPECT_EQ(out_of({"-f", "x", "-h"}), golden("help"));
}

TEST(Help, OfEachVerbIsAsPinned) {
    for (const auto& verb : verbs()) {
        const std::string name(verb.name);
        EXPECT_EQ(out_of({name, "--help"}), golden("help-" + name));
        EXPECT_EQ(out_of({name, "-h", "and", "more"}), golden("help-" + name));
        EXPECT_EQ(out_of({"help", name}), golden("help-" + name));
    }
}

TEST(Help, IsAtMostAHundredColumnsWideButForItsProse) {
    for (const auto& verb : verbs()) {
        std::istringstream lines(verb_help(verb));
        for (std::string line; std::getline(lines, line);) {
            EXPECT_LE(line.size(), 110U) << line;
        }
    }
}

TEST(Help, OfNothingAtAllGoesToStandardErrorAndExits64) {
    const Parsed parsed = parse_arguments({}, [](const std::string&) { return std::nullopt; });

    EXPECT_EQ(parsed.exit_code, 64);
    EXPECT_EQ(parsed.out, "");
    EXPECT_EQ(parsed.err, golden("help"));
}

TEST(Help, VersionIsAnOptionToo) {
    EXPECT_EQ(out_of({"--version"}), version_text());
    EXPECT_EQ(version_text(), "berth 0.1.0\n");
}

}  // namespace
}  // namespace berth::cli

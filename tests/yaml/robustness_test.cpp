// SPDX-License-Identifier: Apache-2.0
#include "examples.hpp"

#include <berth/yaml/reader.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <string_view>

namespace berth {
namespace {

const ReadOptions k_alone{.use_process_environment = false};

bool has_code(const std::vector<Diagnostic>& found, std::string_view code) {
    return std::any_of(found.begin(), found.end(), [code](const Diagnostic& one) { return one.code == code; });
}

/// The only finding's code; all of them in words when there is not just one.
std::string only_code(const std::string& text) {
    const auto found = try_read_spec_text(text, "spec.yaml", k_alone).diagnostics;
    return found.size() == 1 ? found.front().code : render_short(found);
}

std::string repeated(std::string_view piece, std::size_t times) {
    std::string text;
    text.reserve(piece.size() * times);
    for (std::size_t i = 0; i < times; ++i) {
        text += piece;
    }
    return text;
}

std::vector<std::string> lines_of(std::string_view text) {
    std::vector<std::string> lines;
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size());
        lines.emplace_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return lines;
}

/// Each finding points into the text, and what is quoted of it exists.
void expect_inside(const std::vector<Diagnostic>& found, const std::string& text) {
    const auto lines = lines_of(text);
    for (const auto& one : found) {
        if (one.where.line == 0) {
            continue;
        }
        const auto line = static_cast<std::size_t>(one.where.line);
        ASSERT_LE(line, lines.size() + 1) << one.message;
        const std::size_t width = line <= lines.size() ? lines[line - 1].size() : 0;
        EXPECT_GE(one.where.column, 1) << one.message;
        EXPECT_LE(static_cast<std::size_t>(one.where.column), width + 1) << one.message << '\n' << text;
        EXPECT_GE(one.where.end_line, one.where.line) << one.message;
    }
}

// A file whose values are all quoted or in brackets has no prefix that is another spec.
TEST(TruncatedSpecs, AreNoticedAtEveryByte) {
    const std::string text =
        R"({"services": {"db": {"image": "postgres:16", "ports": ["5432"], "environment": {"A": "b", "C": "d"}, )"
        R"("wait": {"log": {"contains": "ready", "times": "2"}}}, "app": {"image": "nginx:1", "depends_on": ["db"], )"
        R"("command": ["a", "b"], "wait": "none"}}})";
    const EnvironmentSpec whole = read_spec_text(text, "spec.json", k_alone);

    for (std::size_t length = 0; length < text.size(); ++length) {
        const auto result = try_read_spec_text(text.substr(0, length), "spec.json", k_alone);

        EXPECT_TRUE(has_errors(result.diagnostics)) << length << ": " << text.substr(0, length);
    }
    EXPECT_EQ(try_read_spec_text(text + "\n", "spec.json", k_alone).spec, whole);
}

class TruncatedExamples : public ::testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(All, TruncatedExamples, ::testing::ValuesIn(examples::k_all));

// Where a file in block style ends between two lines, nothing tells that there were more; inside a line it is told.
TEST_P(TruncatedExamples, AreNoticedInsideEveryLine) {
    const std::string text = GetParam();
    const EnvironmentSpec whole = read_spec_text(text, "spec.yaml", k_alone);
    for (std::size_t length = 0; length < text.size(); ++length) {
        const std::string prefix = text.substr(0, length);
        const auto result = try_read_spec_text(prefix, "spec.yaml", k_alone);
        if (has_errors(result.diagnostics) || result.spec == whole || has_code(result.diagnostics, "BW0120")) {
            expect_inside(result.diagnostics, prefix);
            continue;
        }

        const std::string last = prefix.substr(prefix.rfind('\n') + 1);
        const std::string rest = text.substr(length, text.find('\n', length) - length);
        const std::size_t next = rest.find_first_not_of(' ');
        const bool line_begins = last.find_first_not_of(' ') == std::string::npos;
        const bool line_is_said = next == std::string::npos || rest[next] == '#' || last.find('#') != std::string::npos;
        EXPECT_TRUE(line_begins || line_is_said) << prefix;
    }
}

TEST(MangledSpecs, NeverCrashAndAreToldInsideTheFile) {
    std::mt19937 random(20'260'131);  // always the same: a failure can be looked at again
    const std::string_view alphabet = "{}[]:,-?&*!|>'\"%@`#$~ \n\tax01${}.\xc3\xa9\xff";
    for (const std::string original : examples::k_all) {
        for (int round = 0; round < 300; ++round) {
            std::string text = original;
            const int changes = 1 + static_cast<int>(random() % 4);
            for (int i = 0; i < changes; ++i) {
                const std::size_t at = random() % text.size();
                switch (random() % 4) {
                    case 0:
                        text[at] = alphabet[random() % alphabet.size()];
                        break;
                    case 1:
                        text.insert(at, 1, alphabet[random() % alphabet.size()]);
                        break;
                    case 2:
                        text.erase(at, 1 + random() % 8);
                        break;
                    default:
                        text.insert(at, text.substr(random() % text.size(), random() % 40));
                }
                if (text.empty()) {
                    text = "a";
                }
            }

            const auto result = try_read_spec_text(text, "spec.yaml", k_alone);

            expect_inside(result.diagnostics, text);
            expect_inside(result.not_yet, text);
            const auto all = check_spec(result, {.check_files = false});
            EXPECT_EQ(render_text(all, result.sources, Colour::never, 0).empty(), all.empty());
        }
    }
}

struct Hostile {
    const char* name;
    std::string text;
    const char* code;
};

class HostileSpecs : public ::testing::TestWithParam<Hostile> {};

TEST_P(HostileSpecs, AreRefusedForWhatTheyAre) {
    EXPECT_EQ(only_code(GetParam().text), GetParam().code);
}

std::string bomb() {
    std::string text = "x-a: &a [x, x, x, x, x, x, x, x, x]\n";
    for (char c = 'b'; c < 'j'; ++c) {
        const std::string before(1, static_cast<char>(c - 1));
        text += std::string("x-") + c + ": &" + c + " [" + repeated('*' + before + ", ", 9) + "]\n";
    }
    return text;
}

constexpr std::size_t k_mib = 1024UL * 1024;

INSTANTIATE_TEST_SUITE_P(
    All, HostileSpecs,
    ::testing::Values(Hostile{"AliasBomb", bomb(), "BE0106"},
                      Hostile{"MergeBomb",
                              "x-a: &a {" + repeated("a: 1, ", 1) + "}\nx-b:\n" + repeated("  - {<<: *a}\n", 300),
                              "BE0106"},
                      Hostile{"ManyKeys",
                              "x-a:\n" +
                                  [] {
                                      std::string keys;
                                      for (int i = 0; i < 60'000; ++i) {
                                          keys += "  k" + std::to_string(i) + ": 1\n";
                                      }
                                      return keys;
                                  }(),
                              "BE0106"},
                      Hostile{"ManyItems", "x-a: [" + repeated("1,", 60'000) + "]\n", "BE0106"},
                      Hostile{"DeepBrackets", repeated("[", 100'000), "BE0110"},
                      Hostile{"DeepBraces", repeated("{a: ", 100'000), "BE0110"},
                      Hostile{"DeepLists", repeated("- ", 100'000) + "a\n", "BE0110"},
                      Hostile{"DeepKeys", repeated("? ", 100'000) + "a\n", "BE0110"},
                      Hostile{"DeepByAliases",
                              "x-a: &a " + repeated("[", 40) + repeated("]", 40) + "\nx-b: " + repeated("[", 40) +
                                  "*a" + repeated("]", 40) + "\n",
                              "BE0110"},
                      Hostile{"TooBig", repeated("#", k_mib + 1), "BE0003"}, Hostile{"OnlyAComma", ",", "BE0101"},
                      Hostile{"NulByte", std::string("services: {a\0b: {}}\n", 20), "BE0101"},
                      Hostile{"EndOfTransmission", "services: {}\x04\nfoo", "BE0101"},
                      Hostile{"Utf16", std::string("\xff\xfes\0e\0r\0", 8), "BE0002"},
                      Hostile{"OverlongUtf8", "a: \xc0\xaf\n", "BE0002"},
                      Hostile{"Surrogate", "a: \xed\xa0\x80\n", "BE0002"}, Hostile{"CutUtf8", "a: \xc3", "BE0002"},
                      Hostile{"CyclicAlias", "a: &a [*a]\n", "BE0104"},
                      Hostile{"CyclicMerge", "a: &a {<<: *a}\n", "BE0104"},
                      Hostile{"EndlessQuote", "a: \"" + repeated("x", k_mib - 10), "BE0101"},
                      Hostile{"Directives", "%YAML 1.2\n%YAML 1.2\n---\na: b\n", "BE0101"}),
    [](const auto& parameter) { return std::string(parameter.param.name); });

TEST(LargeValues, AreReadAsTheyAre) {
    const std::string dollars = repeated("$$", 400'000);
    const auto result = try_read_spec_text(
        "services: {a: {image: \"x:1\", wait: none, command: [\"" + dollars + "\"]}}\n", "spec.yaml", k_alone);

    ASSERT_TRUE(result.diagnostics.empty()) << render_short(result.diagnostics);
    EXPECT_EQ(result.spec.services.at(0).command->at(0).text, dollars);
}

TEST(LargeValues, OfManyWordsAndVariablesAreSplit) {
    ReadOptions options = k_alone;
    options.set = {{"W", "word"}};
    const auto result = try_read_spec_text(
        "services: {a: {image: \"x:1\", wait: none, command: \"" + repeated("${W} ", 100'000) + "\"}}\n", "spec.yaml",
        options);

    ASSERT_TRUE(result.diagnostics.empty()) << render_short(result.diagnostics);
    EXPECT_EQ(result.spec.services.at(0).command->size(), 100'000U);
}

}  // namespace
}  // namespace berth

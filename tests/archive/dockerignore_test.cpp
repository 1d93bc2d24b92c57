// SPDX-License-Identifier: Apache-2.0
#include <berth/archive/dockerignore.hpp>
#include <berth/core/error.hpp>

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace berth::archive {
namespace {

struct Row {
    const char* rules;
    const char* path;
    bool excluded;
};

std::ostream& operator<<(std::ostream& out, const Row& row) {
    return out << '\'' << row.rules << "' on '" << row.path << '\'';
}

class DockerIgnoreTable : public ::testing::TestWithParam<Row> {};

TEST_P(DockerIgnoreTable, Decides) {
    EXPECT_EQ(DockerIgnore::parse(GetParam().rules, ".dockerignore").excludes(GetParam().path), GetParam().excluded);
}

constexpr Row k_rows[] = {
    // Names and the folders above them.
    {"", "a", false},
    {"a", "a", true},
    {"a", "b", false},
    {"a", "ab", false},
    {"a", "a/b", true},
    {"a", "a/b/c", true},
    {"a", "b/a", false},
    {"a/b", "a/b", true},
    {"a/b", "a/b/c", true},
    {"a/b", "a", false},
    {"a/b", "x/a/b", false},
    {"a/b", "a/bc", false},
    {"A", "a", false},
    // How a line is written.
    {"/a", "a", true},
    {"/a", "b/a", false},
    {"a/", "a", true},
    {"a/", "a/b", true},
    {"./a", "a", true},
    {"a/./b", "a/b", true},
    {"a//b", "a/b", true},
    {"a//x/../b", "a/b", true},
    {"../a", "a", false},
    {"/../a", "a", true},
    {"  a  ", "a", true},
    {"a\r\n", "a", true},
    {"\ta\n\n\nb\n", "b", true},
    {"# a", "a", false},
    {"#a", "#a", false},
    {" #a", "#a", true},
    {"\\#a", "#a", true},
    {"\xEF\xBB\xBF"
     "a",
     "a", true},
    {"\xEF\xBB\xBF# a", "a", false},
    {".", "a", false},
    {"/", "a", false},
    {"a b", "a b", true},
    // One name at a time.
    {"*", "a", true},
    {"*", ".hidden", true},
    {"*", "a/b", true},
    {"*.md", "a.md", true},
    {"*.md", "d/a.md", false},
    {"*/a", "d/a", true},
    {"*/a", "a", false},
    {"*/a", "d/e/a", false},
    {"*/*/a", "d/e/a", true},
    {"a*", "a", true},
    {"a*b", "axxb", true},
    {"a*b", "ax/b", false},
    {"a*c*e", "abcde", true},
    {"temp?", "temp1", true},
    {"temp?", "temp", false},
    {"temp?", "temp/", false},
    {"temp?", "tempé", true},
    {"??", "日本", true},
    // Any number of folders.
    {"**", "a", true},
    {"**", "a/b/c", true},
    {"**/a", "a", true},
    {"**/a", "x/a", true},
    {"**/a", "x/y/a", true},
    {"**/a", "xa", false},
    {"**/a", "x/ya", false},
    {"**/a", "x/a/z", true},
    {"**a", "x/a", true},
    {"a/**", "a/b", true},
    {"a/**", "a/b/c", true},
    {"a/**", "a", false},
    {"a/**/b", "a/b", true},
    {"a/**/b", "a/x/b", true},
    {"a/**/b", "a/x/y/b", true},
    {"a/**/b", "x/a/b", false},
    {"**/*.o", "a.o", true},
    {"**/*.o", "x/y/a.o", true},
    {"**/*.o", "x/y/a.os", false},
    {"**/x/**", "x/a", true},
    {"**/x/**", "p/x/a/b", true},
    {"**/x/**", "p/x", false},
    {"**/**/a", "q/a", true},
    {"a/***/b", "a/x/b", true},
    // Classes and escapes.
    {"[ab]", "a", true},
    {"[ab]", "c", false},
    {"[a-c]x", "bx", true},
    {"[a-c]x", "dx", false},
    {"[^a-c]x", "dx", true},
    {"[^a-c]x", "bx", false},
    {"[!a]", "!", true},
    {"[а-я]", "ж", true},
    {"[\\]]", "]", true},
    {"[\\-]", "-", true},
    {"\\*", "*", true},
    {"\\*", "a", false},
    {"a\\?", "a?", true},
    {"a.b", "axb", false},
    {"a+(b)|c", "a+(b)|c", true},
    {"^a$", "^a$", true},
    // Exceptions: the last rule that matches decides.
    {"*\n!a", "a", false},
    {"*\n!a", "b", true},
    {"!a\n*", "a", true},
    {"*.md\n!README.md", "README.md", false},
    {"*.md\n!README*.md\nREADME-secret.md", "README-secret.md", true},
    {"*.md\n!README*.md\nREADME-secret.md", "README-1.md", false},
    {"*.md\nREADME-secret.md\n!README*.md", "README-secret.md", false},
    {"a\n!a/b", "a/b", false},
    {"a\n!a/b", "a/b/c", false},
    {"a\n!a/b", "a/c", true},
    {"a\n! a/b ", "a/b", false},
    {"a/b\n!a", "a/b", false},
    {"**\n!**/*.txt", "x/a.txt", false},
    {"**\n!**/*.txt", "x/a.bin", true},
    {"*\n!*/keep", "d/keep", false},
    {"\\!a", "!a", true},
};

INSTANTIATE_TEST_SUITE_P(Rows, DockerIgnoreTable, ::testing::ValuesIn(k_rows));

TEST(DockerIgnore, LooksIntoAFolderOnlyWhereSomethingCouldBeTakenBackIn) {
    const auto rules = DockerIgnore::parse("*\n!src/*.cpp\n!a/**/keep\n!README", "f");

    EXPECT_TRUE(rules.may_include_below("src"));
    EXPECT_FALSE(rules.may_include_below("src/deep"));
    EXPECT_TRUE(rules.may_include_below("a"));
    EXPECT_TRUE(rules.may_include_below("a/b/c"));
    EXPECT_FALSE(rules.may_include_below("README"));
    EXPECT_FALSE(rules.may_include_below("node_modules"));
    EXPECT_TRUE(DockerIgnore::parse("*\n!**/x", "f").may_include_below("any/where"));
    EXPECT_FALSE(DockerIgnore::parse("*", "f").may_include_below("any"));
}

std::string error_of(const std::string& rules) {
    try {
        (void)DockerIgnore::parse(rules, "app/.dockerignore");
    } catch (const Error& error) {
        return error.what();
    }
    return "no error";
}

TEST(DockerIgnore, NamesTheLineOfARuleThatIsNone) {
    const std::string hint = "\n  hint: put '\\' before a character that is meant as it is";

    EXPECT_EQ(error_of("a\n\n[b"), "error[BR0252]: app/.dockerignore:3: '[b' is no rule: its '[' is not closed" + hint);
    EXPECT_EQ(error_of("[]"), "error[BR0252]: app/.dockerignore:1: '[]' is no rule: its '[]' is empty" + hint);
    EXPECT_EQ(error_of("[a-]"),
              "error[BR0252]: app/.dockerignore:1: '[a-]' is no rule: a '-' in it has one end only" + hint);
    EXPECT_EQ(error_of("[-a]"),
              "error[BR0252]: app/.dockerignore:1: '[-a]' is no rule: a '-' in it has one end only" + hint);
    EXPECT_EQ(error_of("[b-a]"),
              "error[BR0252]: app/.dockerignore:1: '[b-a]' is no rule: a range in it runs backwards" + hint);
    EXPECT_EQ(error_of("a\\"),
              "error[BR0252]: app/.dockerignore:1: 'a\\' is no rule: nothing follows its last '\\'" + hint);
    EXPECT_EQ(error_of("# x\n!"), "error[BR0252]: app/.dockerignore:2: '!' is no rule: nothing follows its '!'" + hint);
    EXPECT_EQ(error_of("[\\"),
              "error[BR0252]: app/.dockerignore:1: '[\\' is no rule: nothing follows its last '\\'" + hint);
}

TEST(DockerIgnore, TakesNoLongerForRulesMadeToBeSlow) {
    std::string rule;
    for (int i = 0; i < 200; ++i) {
        rule += "*a**/";
    }
    const auto rules = DockerIgnore::parse(rule + "b", "f");

    EXPECT_FALSE(rules.excludes(std::string(4000, 'a')));  // backtracking would not end
}

TEST(DockerIgnore, TakesAnyBytesForRulesOrRefusesThem) {
    std::mt19937 random(20);  // NOLINT: the same every time
    const std::string letters = "ab/*?[]^-\\!#. \n\xC3\xA9\xFF";
    std::size_t refused = 0;
    std::size_t excluded = 0;
    for (int round = 0; round < 20'000; ++round) {
        std::string text;
        for (auto left = random() % 24; left != 0; --left) {
            text += letters[random() % letters.size()];
        }
        try {
            const auto rules = DockerIgnore::parse(text, "f");
            excluded += static_cast<std::size_t>(rules.excludes("a/b/\xFF"));
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), "BR0252");
            ++refused;
        }
    }
    EXPECT_GT(refused, 1000U);
    EXPECT_GT(excluded, 100U);
}

}  // namespace
}  // namespace berth::archive

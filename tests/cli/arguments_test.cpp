// SPDX-License-Identifier: Apache-2.0
#include <berth/cli/arguments.hpp>
#include <berth/cli/flags.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <ostream>
#include <set>

namespace berth::cli {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

using Words = std::vector<std::string>;

Parsed parse(const Words& words, const std::map<std::string, std::string>& variables = {}) {
    return parse_arguments(words, [&](const std::string& name) -> std::optional<std::string> {
        const auto found = variables.find(name);
        return found == variables.end() ? std::nullopt : std::optional(found->second);
    });
}

/// Of a line that is right.
Arguments read(const Words& words, const std::map<std::string, std::string>& variables = {}) {
    Parsed parsed = parse(words, variables);
    EXPECT_EQ(parsed.err, "");
    return parsed.arguments.value_or(Arguments{});
}

TEST(CommandLine, KnowsEachVerb) {
    const std::map<Verb, Words> lines{{Verb::up, {"up"}},
                                      {Verb::down, {"down"}},
                                      {Verb::run, {"run"}},
                                      {Verb::ps, {"ps"}},
                                      {Verb::port, {"port", "db"}},
                                      {Verb::env, {"env"}},
                                      {Verb::logs, {"logs"}},
                                      {Verb::exec, {"exec", "db", "--", "ls"}},
                                      {Verb::validate, {"validate"}},
                                      {Verb::plan, {"plan"}},
                                      {Verb::import_compose, {"import"}},
                                      {Verb::doctor, {"doctor"}},
                                      {Verb::version, {"version"}}};
    ASSERT_EQ(lines.size(), verbs().size());
    for (const auto& [verb, words] : lines) {
        EXPECT_EQ(read(words).verb, verb);
        EXPECT_EQ(entry_of(verb).verb, verb);
    }
}

TEST(CommandLine, TakesGlobalOptionsBeforeAndBehindTheVerb) {
    const Arguments arguments = read({"-f", "a.yaml", "--project=shop", "up", "--timeout", "90s", "db", "-q", "--set",
                                      "A=1", "--set", "B=x=y", "cache"});

    EXPECT_EQ(arguments.verb, Verb::up);
    EXPECT_THAT(arguments.global.files, ElementsAre("a.yaml"));
    EXPECT_EQ(arguments.global.project, "shop");
    EXPECT_EQ(arguments.global.timeout, 90s);
    EXPECT_TRUE(arguments.global.quiet);
    EXPECT_THAT(arguments.global.set, ElementsAre("A=1", "B=x=y"));
    EXPECT_THAT(arguments.own.services, ElementsAre("db", "cache"));
}

TEST(CommandLine, ReadsEveryGlobalOption) {
    const Arguments arguments = read({"--engine",     "unix:///e.sock",
                                      "--env-file",   "a.env",
                                      "--profile",    "x",
                                      "--profile",    "y",
                                      "--parallel",   "3",
                                      "--publish",    "never",
                                      "--log-level",  "debug",
                                      "--log-file",   "l",
                                      "--color",      "always",
                                      "--progress",   "json",
                                      "--max-errors", "0",
                                      "--werror",     "plan"});

    EXPECT_EQ(arguments.global.engine, "unix:///e.sock");
    EXPECT_THAT(arguments.global.env_files, ElementsAre("a.env"));
    EXPECT_THAT(arguments.global.profiles, ElementsAre("x", "y"));
    EXPECT_EQ(arguments.global.parallel, 3);
    EXPECT_EQ(arguments.global.publish, When::never);
    EXPECT_EQ(arguments.global.log_level, "debug");
    EXPECT_EQ(arguments.global.log_file, "l");
    EXPECT_EQ(arguments.global.color, When::always);
    EXPECT_EQ(arguments.global.progress, ProgressStyle::json);
    EXPECT_EQ(arguments.global.max_errors, 0U);
    EXPECT_TRUE(arguments.global.werror);
}

TEST(CommandLine, ReadsTheOptionsOfVerbs) {
    EXPECT_TRUE(read({"up", "--keep"}).own.keep);
    EXPECT_EQ(read({"up", "--print", "json"}).own.print, Print::json);
    EXPECT_TRUE(read({"down", "--all"}).own.all);
    EXPECT_EQ(read({"run", "--keep", "on_failure"}).own.keep_when, KeepWhat::on_failure);
    EXPECT_TRUE(read({"ps", "--require-up"}).own.require_up);
    EXPECT_EQ(read({"ps", "--format", "json"}).own.format, Format::json);
    EXPECT_EQ(read({"port", "dns", "53/udp"}).own.container_port, "53/udp");
    EXPECT_EQ(read({"env", "--format", "json"}).own.format, Format::json);
    EXPECT_EQ(read({"validate", "--format", "short"}).own.format, Format::brief);
    EXPECT_EQ(read({"version", "--format", "json"}).own.format, Format::json);

    const Arguments logs = read({"logs", "-f", "--tail", "7", "--since", "10m", "db"});
    EXPECT_TRUE(logs.own.follow);
    EXPECT_THAT(logs.global.files, IsEmpty());
    EXPECT_EQ(logs.own.tail, 7);
    EXPECT_EQ(logs.own.since, "10m");
    EXPECT_THAT(logs.own.services, ElementsAre("db"));

    const Arguments exec =
        read({"exec", "-it", "-u", "postgres", "-e", "A=b", "-w", "/tmp", "db", "--", "psql", "-c", "x"});
    EXPECT_TRUE(exec.own.interactive);
    EXPECT_TRUE(exec.own.tty);
    EXPECT_EQ(exec.own.user, "postgres");
    EXPECT_THAT(exec.own.environment, ElementsAre("A=b"));
    EXPECT_EQ(exec.own.working_dir, "/tmp");
    EXPECT_THAT(exec.own.services, ElementsAre("db"));
    EXPECT_THAT(exec.own.command, ElementsAre("psql", "-c", "x"));
}

TEST(CommandLine, HandsTheCommandOnWordByWord) {
    const Arguments arguments = read({"run", "--keep=never", "--", "sh", "-c", "echo --keep", "--", "[a,b]", ""});

    EXPECT_THAT(arguments.own.command, ElementsAre("sh", "-c", "echo --keep", "--", "[a,b]", ""));
    EXPECT_EQ(arguments.own.keep_when, KeepWhat::never);
}

TEST(CommandLine, AServiceMayBeCalledLikeAVerb) {
    EXPECT_THAT(read({"logs", "up", "run"}).own.services, ElementsAre("up", "run"));
}

TEST(CommandLine, FlagsGoBeforeVariablesAndSayWhereTheyCameFrom) {
    const std::map<std::string, std::string> variables{{"BERTH_PROJECT", "from-variable"},
                                                       {"BERTH_FILE", "a.yaml:b.yaml"},
                                                       {"BERTH_PROFILE", "x,y"},
                                                       {"BERTH_SET", "A=1,2\nB=3"},
                                                       {"BERTH_QUIET", "1"},
                                                       {"BERTH_WERROR", "false"},
                                                       {"BERTH_ENGINE", ""}};

    const Arguments arguments = read({"up", "--project", "from-flag"}, variables);

    EXPECT_EQ(arguments.global.project, "from-flag");
    EXPECT_THAT(arguments.global.files, ElementsAre("a.yaml", "b.yaml"));
    EXPECT_THAT(arguments.global.profiles, ElementsAre("x", "y"));
    EXPECT_THAT(arguments.global.set, ElementsAre("A=1,2", "B=3"));
    EXPECT_TRUE(arguments.global.quiet);
    EXPECT_FALSE(arguments.global.werror);
    EXPECT_EQ(arguments.global.sources.at("project").from, "--project");
    EXPECT_EQ(arguments.global.sources.at("file").value, "a.yaml, b.yaml");
    EXPECT_EQ(arguments.global.sources.at("file").from, "BERTH_FILE");
    EXPECT_EQ(arguments.global.sources.at("set").value, "A, B");
    EXPECT_FALSE(arguments.global.sources.contains("engine"));
}

TEST(CommandLine, EachGlobalOptionHasAVariableOfItsName) {
    for (const auto& flag : global_flags()) {
        std::string expected = "BERTH_";
        for (const char c : flag.name.substr(2)) {
            expected += c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
        }
        EXPECT_EQ(flag.variable, expected);
    }
}

TEST(CommandLine, NoVerbHasAnOptionTwice) {
    for (const auto& verb : verbs()) {
        std::set<std::string_view> names;
        for (const auto& flag : global_flags()) {
            names.insert(flag.name);
        }
        for (const auto& flag : verb.flags) {
            EXPECT_TRUE(names.insert(flag.name).second) << verb.name << ' ' << flag.name;
        }
        EXPECT_FALSE(verb.examples.empty()) << verb.name;
    }
}

struct Wrong {
    Words words{};
    std::string text{};

    // The test's name, where GoogleTest would print the bytes of the struct.
    friend std::ostream& operator<<(std::ostream& out, const Wrong& wrong) {
        for (const auto& word : wrong.words) {
            out << word << ' ';
        }
        return out;
    }
};

class WrongUse : public testing::TestWithParam<Wrong> {};

TEST_P(WrongUse, IsToldWithAGuessAndExits64) {
    const Parsed parsed = parse(GetParam().words);

    EXPECT_EQ(parsed.exit_code, 64);
    EXPECT_EQ(parsed.err, GetParam().text);
    EXPECT_EQ(parsed.out, "");
    EXPECT_FALSE(parsed.arguments);
}

INSTANTIATE_TEST_SUITE_P(
    Texts, WrongUse,
    testing::Values(
        Wrong{{"upp"}, "error: unknown verb 'upp'; did you mean 'up'?\n  hint: 'berth --help' lists the verbs\n"},
        Wrong{{"frobnicate"}, "error: unknown verb 'frobnicate'\n  hint: 'berth --help' lists the verbs\n"},
        Wrong{{"help", "lgos"},
              "error: unknown verb 'lgos'; did you mean 'logs'?\n  hint: 'berth --help' lists the verbs\n"},
        Wrong{
            {"--fiel", "x", "up"},
            "error: unknown option '--fiel'; did you mean '--file'?\n  hint: 'berth --help' lists verbs and options\n"},
        Wrong{{"-f"}, "error: option '-f' needs a value\n  hint: 'berth --help' lists verbs and options\n"},
        Wrong{{"up", "--kep"},
              "error: unknown option '--kep' of 'berth up'; did you mean '--keep'?\n"
              "  hint: 'berth up --help' tells what it takes\n"},
        Wrong{{"up", "--watch"},
              "error: unknown option '--watch' of 'berth up'\n  hint: 'berth up --help' tells what it takes\n"},
        Wrong{{"up", "--profle=x"},
              "error: unknown option '--profle' of 'berth up'; did you mean '--profile'?\n"
              "  hint: 'berth up --help' tells what it takes\n"},
        Wrong{{"up", "--timeout"},
              "error: option '--timeout' needs a value\n  hint: 'berth up --help' tells what it takes\n"},
        Wrong{{"up", "--timeout="},
              "error: '' is no value for --timeout: it takes a time like 500ms, 90s or 5m\n"
              "  hint: 'berth up --help' tells what it takes\n"},
        Wrong{{"up", "--parallel", "many"},
              "error: 'many' is no value for --parallel: it takes a whole number from 0 on\n"
              "  hint: 'berth up --help' tells what it takes\n"},
        Wrong{{"up", "--publish", "allways"},
              "error: 'allways' is no value for --publish: it takes auto, always, never; did you mean 'always'?\n"
              "  hint: 'berth up --help' tells what it takes\n"},
        Wrong{
            {"up", "--project", "Shop!"},
            "error: 'Shop!' is no value for --project: it takes lower-case letters, digits, '-' and '_', at most 40 of "
            "them\n  hint: 'berth up --help' tells what it takes\n"},
        Wrong{
            {"up", "--set", "1=2"},
            "error: '1=2' is no value for --set: it takes NAME=VALUE\n  hint: 'berth up --help' tells what it takes\n"},
        Wrong{{"ps", "--format", "yaml"},
              "error: 'yaml' is no value for --format: it takes table, json\n  hint: 'berth ps --help' tells what it "
              "takes\n"},
        Wrong{{"logs", "--tail", "-3"},
              "error: '-3' is no value for --tail: it takes a whole number from 0 on\n"
              "  hint: 'berth logs --help' tells what it takes\n"},
        Wrong{{"down", "db"},
              "error: 'db' is one word too many for 'berth down'\n  hint: 'berth down --help' tells what it takes\n"},
        Wrong{{"run", "ctest"},
              "error: 'ctest' is one word too many for 'berth run'\n"
              "  hint: a command stands behind '--': berth run -- ctest -j8\n"},
        Wrong{{"run", "ctest", "-j2"},
              "error: unknown option '-j2' of 'berth run'\n"
              "  hint: a command and its options stand behind '--': berth run -- ctest -j8\n"},
        Wrong{{"exec", "db"},
              "error: 'berth exec' needs a command\n  hint: for example: berth exec db -- pg_isready\n"},
        Wrong{{"exec", "--", "ls"},
              "error: 'berth exec' needs the name of a service\n  hint: for example: berth exec db -- pg_isready\n"},
        Wrong{{"port"}, "error: 'berth port' needs the name of a service\n  hint: for example: berth port db\n"},
        Wrong{{"\x1b[31mup"}, "error: unknown verb '\\x1b[31mup'\n  hint: 'berth --help' lists the verbs\n"}));

TEST(CommandLine, AMistakeInAVariableIsToldByItsName) {
    const Parsed parsed = parse({"up"}, {{"BERTH_TIMEOUT", "soon"}});

    EXPECT_EQ(parsed.exit_code, 64);
    EXPECT_EQ(parsed.err,
              "error: 'soon' is no value for BERTH_TIMEOUT: it takes a time like 500ms, 90s or 5m\n"
              "  hint: 'berth up --help' tells what it takes\n");
}

TEST(CommandLine, AMistakeInAVariableDoesNotKeepHelpFromShowing) {
    EXPECT_EQ(parse({"up", "--help"}, {{"BERTH_TIMEOUT", "soon"}}).exit_code, 0);
}

}  // namespace
}  // namespace berth::cli

// SPDX-License-Identifier: Apache-2.0
#include <berth/cli/flags.hpp>
#include <berth/core/log.hpp>
#include <berth/core/names.hpp>
#include <berth/core/text_distance.hpp>
#include <berth/core/units.hpp>

#include <fmt/format.h>

#include <initializer_list>
#include <limits>
#include <utility>

namespace berth::cli {
namespace {

template <class T>
std::string choose(T& into, const std::string& value, std::initializer_list<std::pair<const char*, T>> choices) {
    std::vector<std::string> names;
    for (const auto& [name, meaning] : choices) {
        if (value == name) {
            into = meaning;
            return {};
        }
        names.emplace_back(name);
    }
    const std::string guess = did_you_mean(near_matches(value, names));
    return fmt::format("it takes {}{}{}", fmt::join(names, ", "), guess.empty() ? "" : "; ", guess);
}

template <class T>
std::string choose_optional(std::optional<T>& into, const std::string& value,
                            std::initializer_list<std::pair<const char*, T>> choices) {
    T chosen{};
    std::string wrong = choose(chosen, value, choices);
    if (wrong.empty()) {
        into = chosen;
    }
    return wrong;
}

std::string number(int& into, const std::string& value, int least) {
    const auto read = parse_integer(value);
    if (!read || *read < least || *read > std::numeric_limits<int>::max()) {
        return fmt::format("it takes a whole number from {} on", least);
    }
    into = static_cast<int>(*read);
    return {};
}

std::string not_empty(std::string& into, const std::string& value) {
    into = value;
    return value.empty() ? "it may not be empty" : "";
}

std::string switched(bool& into, const std::string& value) {
    // A variable may also say no; on the command line the value is always `true`.
    return choose(into, value, {{"true", true}, {"1", true}, {"false", false}, {"0", false}});
}

std::string pair_of(std::vector<std::string>& into, const std::string& value) {
    const auto equals = value.find('=');
    if (equals == std::string::npos || !is_variable_name(std::string_view(value).substr(0, equals))) {
        return "it takes NAME=VALUE";
    }
    into.push_back(value);
    return {};
}

std::string set_when(When& into, const std::string& value) {
    return choose(into, value, {{"auto", When::automatic}, {"always", When::always}, {"never", When::never}});
}

}  // namespace

std::span<const Flag> global_flags() {
    static const std::vector<Flag> table{
        {"--file", "-f", "FILE", "the spec ('berth.yaml' here or above); again: goes over those before", "BERTH_FILE",
         ':',
         [](Arguments& a, const std::string& v) {
             a.global.files.push_back(v);
             return std::string(v.empty() ? "it may not be empty" : "");
         }},
        {"--compose", "", "FILE", "a compose file, or a folder with one, taken in below the spec", "BERTH_COMPOSE", ':',
         [](Arguments& a, const std::string& v) {
             a.global.compose.push_back(v);
             return std::string(v.empty() ? "it may not be empty" : "");
         }},
        {"--keep-restart", "", "", "'restart' of compose files is applied", "BERTH_KEEP_RESTART", 0,
         [](Arguments& a, const std::string& v) { return switched(a.global.keep_restart, v); }},
        {"--project", "", "NAME", "the project's name instead of the spec's", "BERTH_PROJECT", 0,
         [](Arguments& a, const std::string& v) {
             a.global.project = v;
             return std::string(
                 is_project_name(v) ? "" : "it takes lower-case letters, digits, '-' and '_', at most 40 of them");
         }},
        {"--engine", "", "ENDPOINT", "a URL, a Docker context, 'docker', 'podman' or 'embedded'", "BERTH_ENGINE", 0,
         [](Arguments& a, const std::string& v) { return not_empty(a.global.engine, v); }},
        {"--insecure", "", "", "plain tcp, and TLS that verifies nobody, to other machines too", "BERTH_INSECURE", 0,
         [](Arguments& a, const std::string& v) { return switched(a.global.insecure, v); }},
        {"--set", "", "K=V", "a variable of the spec; goes before every other source of it", "BERTH_SET", '\n',
         [](Arguments& a, const std::string& v) { return pair_of(a.global.set, v); }},
        {"--env-file", "", "FILE", "variables of the spec, a line each", "BERTH_ENV_FILE", ':',
         [](Arguments& a, const std::string& v) {
             a.global.env_files.push_back(v);
             return std::string(v.empty() ? "it may not be empty" : "");
         }},
        {"--profile", "", "NAME", "turns on services that name this profile", "BERTH_PROFILE", ',',
         [](Arguments& a, const std::string& v) {
             a.global.profiles.push_back(v);
             return std::string(v.empty() ? "it may not be empty" : "");
         }},
        {"--overlay", "", "NAME", "merges an overlay of the spec over it", "BERTH_OVERLAY", ',',
         [](Arguments& a, const std::string& v) {
             a.global.overlays.push_back(v);
             return std::string(v.empty() ? "it may not be empty" : "");
         }},
        {"--timeout", "", "TIME", "how long the whole may take, like 90s or 5m; then exit 124", "BERTH_TIMEOUT", 0,
         [](Arguments& a, const std::string& v) {
             a.global.timeout = parse_duration(v);
             const bool good = a.global.timeout && a.global.timeout->count() > 0;
             return std::string(good ? "" : "it takes a time like 500ms, 90s or 5m");
         }},
        {"--parallel", "", "N", "how many steps load the engine at once; 0: as many as it takes", "BERTH_PARALLEL", 0,
         [](Arguments& a, const std::string& v) { return number(a.global.parallel, v, 0); }},
        {"--publish", "", "auto|always|never", "whether ports are published on this host", "BERTH_PUBLISH", 0,
         [](Arguments& a, const std::string& v) { return set_when(a.global.publish, v); }},
        {"--log-level", "", "error|warn|info|debug|trace", "what is logged", "BERTH_LOG_LEVEL", 0,
         [](Arguments& a, const std::string& v) {
             return choose(a.global.log_level, v,
                           {{"error", std::string("error")},
                            {"warn", "warn"},
                            {"info", "info"},
                            {"debug", "debug"},
                            {"trace", "trace"}});
         }},
        {"--log-file", "", "FILE", "the log is also appended to this file", "BERTH_LOG_FILE", 0,
         [](Arguments& a, const std::string& v) { return not_empty(a.global.log_file, v); }},
        {"--color", "", "auto|always|never", "auto: on a terminal, without NO_COLOR", "BERTH_COLOR", 0,
         [](Arguments& a, const std::string& v) { return set_when(a.global.color, v); }},
        {"--progress", "", "auto|bars|lines|json|none", "auto: bars on a terminal, lines elsewhere and in CI",
         "BERTH_PROGRESS", 0,
         [](Arguments& a, const std::string& v) {
             return choose(a.global.progress, v,
                           {{"auto", ProgressStyle::automatic},
                            {"bars", ProgressStyle::bars},
                            {"lines", ProgressStyle::lines},
                            {"json", ProgressStyle::json},
                            {"none", ProgressStyle::none}});
         }},
        {"--quiet", "-q", "", "neither progress nor timeline; errors still show", "BERTH_QUIET", 0,
         [](Arguments& a, const std::string& v) { return switched(a.global.quiet, v); }},
        {"--max-errors", "", "N", "how many findings about a spec are shown; 0: all", "BERTH_MAX_ERRORS", 0,
         [](Arguments& a, const std::string& v) {
             int most = 0;
             std::string wrong = number(most, v, 0);
             a.global.max_errors = static_cast<std::size_t>(most);
             return wrong;
         }},
        {"--werror", "", "", "warnings about the spec count as errors", "BERTH_WERROR", 0,
         [](Arguments& a, const std::string& v) { return switched(a.global.werror, v); }},
    };
    return table;
}

std::span<const VerbEntry> verbs() {
    static const std::vector<VerbEntry> table{
        {Verb::up,
         "up",
         "[SERVICE...]",
         "bring the environment up, and leave it up",
         "Brings the environment up and leaves it up until 'berth down'. With SERVICE, only those and what they need.\n"
         "The exports are printed as dotenv lines on standard output and written to .berth/env; .berth/state.json\n"
         "tells other programs what is up and where. Up already and unchanged: nothing is started, exit 0.",
         0,
         1000,
         false,
         {{"--keep", "", "", "what came up stays when something fails", "", 0,
           [](Arguments& a, const std::string& v) { return switched(a.own.keep, v); }},
          {"--print", "", "none|env|json", "how the exports are printed; env: dotenv lines", "", 0,
           [](Arguments& a, const std::string& v) {
               return choose(a.own.print, v, {{"none", Print::none}, {"env", Print::env}, {"json", Print::json}});
           }}},
         {{"berth up", "everything in ./berth.yaml"},
          {"berth -f specs/shop.yaml up db", "one service and what it needs"},
          {"set -a; eval \"$(berth up)\"; set +a", "the exports as variables of this shell"}}},
        {Verb::down,
         "down",
         "",
         "remove what 'berth up' made",
         "Removes the containers, networks and volumes that 'berth up' made for this project, found by their labels:\n"
         "it needs neither the state file nor the spec when --project is given. Nothing there: exit 0.",
         0,
         0,
         false,
         {{"--all", "", "", "everything of the project, also what 'berth run' and tests made, those at work included",
           "", 0, [](Arguments& a, const std::string& v) { return switched(a.own.all, v); }}},
         {{"berth down", "the project of ./berth.yaml"}, {"berth down --project shop", "by name, from anywhere"}}},
        {Verb::run,
         "run",
         "[-- COMMAND...]",
         "up, run a command against it, down",
         "Brings the environment up, runs COMMAND with the exports and BERTH_... variables in its environment, and\n"
         "removes everything. Exits with the command's status, 128+n when a signal ended it, 127 when it does not\n"
         "exist and 126 when it may not be run. Signals are passed on to the command; the third one kills it.\n"
         "Without COMMAND, 'run.command' of the spec counts.",
         0,
         0,
         true,
         {{"--keep", "", "never|on_failure|always",
           "whether the environment stays; default: isolation.keep of the spec", "", 0,
           [](Arguments& a, const std::string& v) {
               return choose_optional(
                   a.own.keep_when, v,
                   {{"never", KeepWhat::never}, {"on_failure", KeepWhat::on_failure}, {"always", KeepWhat::always}});
           }}},
         {{"berth run -- ctest -j8", "tests against ./berth.yaml"},
          {"berth run --keep on_failure -- ./orders_test", "look around afterwards when it fails"}}},
        {Verb::ps,
         "ps",
         "",
         "what is up, where it listens",
         "Lists the services that are up, the state of each and where it is reached.",
         0,
         0,
         false,
         {{"--format", "", "table|json", "", "", 0,
           [](Arguments& a, const std::string& v) {
               return choose_optional(a.own.format, v, {{"table", Format::table}, {"json", Format::json}});
           }},
          {"--require-up", "", "", "exit 1 unless something is up and all of it runs (or has ended with 0)", "", 0,
           [](Arguments& a, const std::string& v) { return switched(a.own.require_up, v); }}},
         {{"berth ps", "a table"}, {"berth ps --require-up -q", "only the exit code"}}},
        {Verb::port,
         "port",
         "SERVICE [PORT]",
         "where a service's port is reached",
         "Prints host:port of a service that is up. PORT is the container's, like 5432 or 53/udp; it may be left out\n"
         "when there is only one.",
         1,
         2,
         false,
         {},
         {{"berth port db", "127.0.0.1:32771"}, {"berth port web 8080", "one of several"}}},
        {Verb::env,
         "env",
         "",
         "the exports again",
         "Prints the exports of what is up, as 'berth up' did.",
         0,
         0,
         false,
         {{"--format", "", "dotenv|json", "", "", 0,
           [](Arguments& a, const std::string& v) {
               return choose_optional(a.own.format, v, {{"dotenv", Format::dotenv}, {"json", Format::json}});
           }}},
         {{"berth env > .env", "for a program that reads one"}}},
        {Verb::logs,
         "logs",
         "[SERVICE...]",
         "what the services have logged",
         "Prints the logs of what is up, each line with its service in front; with one SERVICE named, without it.",
         0,
         1000,
         false,
         {{"--follow", "-f", "", "go on with what comes, until Ctrl-C or the end of all services", "", 0,
           [](Arguments& a, const std::string& v) { return switched(a.own.follow, v); }},
          {"--since", "", "TIME", "a duration before now (10m) or a time (2026-01-31T10:00:00Z)", "", 0,
           [](Arguments& a, const std::string& v) {
               a.own.since = v;
               return std::string();
           }},
          {"--tail", "", "N", "only the last N lines of each service", "", 0,
           [](Arguments& a, const std::string& v) {
               int lines = 0;
               std::string wrong = number(lines, v, 0);
               a.own.tail = lines;
               return wrong;
           }}},
         {{"berth logs -f", "all services as they speak"}, {"berth logs --tail 20 db", "the end of one"}}},
        {Verb::exec,
         "exec",
         "SERVICE -- COMMAND...",
         "run a command inside a service",
         "Runs COMMAND in the container of a service that is up, and exits with its status.",
         1,
         1,
         true,
         {{"--interactive", "-i", "", "hand our standard input to the command", "", 0,
           [](Arguments& a, const std::string& v) { return switched(a.own.interactive, v); }},
          {"--tty", "-t", "", "give the command a terminal; with -i, ours is its keyboard", "", 0,
           [](Arguments& a, const std::string& v) { return switched(a.own.tty, v); }},
          {"--user", "-u", "USER", "as this user", "", 0,
           [](Arguments& a, const std::string& v) { return not_empty(a.own.user, v); }},
          {"--env", "-e", "K=V", "a variable for the command; may be given again", "", '\n',
           [](Arguments& a, const std::string& v) { return pair_of(a.own.environment, v); }},
          {"--workdir", "-w", "DIR", "where it runs", "", 0,
           [](Arguments& a, const std::string& v) { return not_empty(a.own.working_dir, v); }}},
         {{"berth exec db -- pg_isready", "a check"},
          {"berth exec -it db -- sh", "a shell"},
          {"berth exec -i db -- psql -U shop < seed.sql", "a file as its input"}}},
        {Verb::validate,
         "validate",
         "",
         "check the spec, without an engine",
         "Reads and checks the spec and says everything that is wrong with it, each at its place. Exit 65 when there\n"
         "are errors; warnings alone are 0, unless --werror.",
         0,
         0,
         false,
         {{"--format", "", "text|short|json|github", "short: one line a finding; github: annotations", "", 0,
           [](Arguments& a, const std::string& v) {
               return choose_optional(a.own.format, v,
                                      {{"text", Format::text},
                                       {"short", Format::brief},
                                       {"json", Format::json},
                                       {"github", Format::github}});
           }}},
         {{"berth validate", "./berth.yaml"}, {"berth -f specs/shop.yaml validate --format short", "for an editor"}}},
        {Verb::plan,
         "plan",
         "[SERVICE...]",
         "what 'berth up' would do",
         "Says which images would be pulled, what would be made, in which order, and what each service waits for.\n"
         "Works without an engine too; then it is not known which images are there.",
         0,
         1000,
         false,
         {},
         {{"berth plan", "all of ./berth.yaml"}, {"berth plan web", "one service and what it needs"}}},
        {Verb::import_compose,
         "import",
         "[COMPOSE-FILE...]",
         "a spec made of compose files",
         "Prints the environment of compose files as a spec, later files over earlier ones, and says on standard\n"
         "error what means something else here than in compose. A folder stands for the compose file in it, and its\n"
         "override file; without COMPOSE-FILE, this folder. Relative paths in the spec start at the folder of\n"
         "--output, else of the first file. Exit 65 when a file is wrong.",
         0,
         1000,
         false,
         {{"--output", "-o", "FILE", "write the spec there instead; what is there already stays", "", 0,
           [](Arguments& a, const std::string& v) { return not_empty(a.own.output, v); }},
          {"--service", "", "NAME", "only this service and what it depends on; may be given again", "", ',',
           [](Arguments& a, const std::string& v) {
               a.own.only.push_back(v);
               return std::string(v.empty() ? "it may not be empty" : "");
           }},
          {"--ports", "", "ephemeral|as_written", "who picks the host ports; ephemeral: the engine", "", 0,
           [](Arguments& a, const std::string& v) {
               return choose(a.own.ports_as_written, v, {{"ephemeral", false}, {"as_written", true}});
           }},
          {"--depends-on", "", "as_written|ready", "ready: a plain dependency waits for readiness", "", 0,
           [](Arguments& a, const std::string& v) {
               return choose(a.own.depend_on_ready, v, {{"as_written", false}, {"ready", true}});
           }},
          {"--strict", "", "", "keys without effect are errors", "", 0,
           [](Arguments& a, const std::string& v) { return switched(a.own.strict, v); }}},
         {{"berth import compose.yaml > berth.yaml", "one file"},
          {"berth import -o berth.yaml compose.yaml compose.ci.yaml", "two, the second over the first"}}},
        {Verb::doctor,
         "doctor",
         "",
         "whether 'berth up' could work here",
         "Says which engine was found, where and how, and which settings count. Each line is ok, warn or fail, with\n"
         "what to do; exit 1 when 'berth up' would fail.",
         0,
         0,
         false,
         {},
         {{"berth doctor", "on this machine"}, {"berth doctor --engine podman", "about another engine"}}},
        {Verb::version,
         "version",
         "",
         "which Berth this is",
         "Prints the version of Berth.",
         0,
         0,
         false,
         {{"--format", "", "text|json", "", "", 0,
           [](Arguments& a, const std::string& v) {
               return choose_optional(a.own.format, v, {{"text", Format::text}, {"json", Format::json}});
           }}},
         {{"berth version", "the number"}}},
    };
    return table;
}

const VerbEntry& entry_of(Verb verb) {
    for (const auto& entry : verbs()) {
        if (entry.verb == verb) {
            return entry;
        }
    }
    return verbs().front();  // every Verb has its row; a test says so
}

}  // namespace berth::cli

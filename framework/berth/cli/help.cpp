// SPDX-License-Identifier: Apache-2.0
#include <berth/cli/flags.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace berth::cli {
namespace {

constexpr std::size_t k_widest = 100;

std::string left_side(const Flag& flag) {
    return fmt::format("  {:3} {}{}{}", flag.letter.empty() ? "" : fmt::format("{},", flag.letter), flag.name,
                       flag.takes_value() ? " " : "", flag.placeholder);
}

/// `left`, then `right` in a column of its own, broken between words.
std::string in_columns(const std::string& left, std::size_t column, std::string right) {
    std::string text = left;
    if (right.empty()) {
        return text + '\n';
    }
    if (left.size() + 2 > column) {
        text += '\n' + std::string(column, ' ');
    } else {
        text += std::string(column - left.size(), ' ');
    }
    const std::size_t room = k_widest - column;
    while (right.size() > room) {
        const auto space = right.rfind(' ', room);
        if (space == std::string::npos || space == 0) {
            break;
        }
        text += right.substr(0, space) + '\n' + std::string(column, ' ');
        right.erase(0, space + 1);
    }
    return text + right + '\n';
}

std::string table_of(std::span<const Flag> flags, bool with_variables) {
    constexpr std::size_t k_column = 36;
    std::string text;
    for (const auto& flag : flags) {
        std::string help(flag.help);
        if (with_variables && !flag.variable.empty()) {
            help += fmt::format(" [{}]", flag.variable);
        }
        text += in_columns(left_side(flag), k_column, help);
    }
    return text;
}

}  // namespace

std::string main_help() {
    std::string text =
        "usage: berth [OPTIONS] VERB [ARGUMENTS]\n"
        "\n"
        "Brings up the real services that tests need, from a YAML spec, on any Docker-compatible engine, and leaves\n"
        "nothing behind.\n"
        "\n"
        "verbs ('berth VERB --help' tells more):\n";
    for (const auto& verb : verbs()) {
        text += fmt::format("  {:10} {}\n", verb.name, verb.summary);
    }
    text += "\noptions (before or behind the verb; each has a variable):\n";
    text += table_of(global_flags(), true);
    text += in_columns("  -h, --help", 36, "this, or the help of a verb");
    text += in_columns("      --version", 36, "as 'berth version'");
    text +=
        "\n"
        "In a variable several files are separated by ':', profiles and overlays by ',', values of --set by line "
        "ends.\n"
        "Results go to standard output, everything else to standard error.\n"
        "\n"
        "exit codes:\n"
        "  0         done\n"
        "  1         what was asked for is not so (ps --require-up, doctor), or is not up\n"
        "  64        wrong use of the command line\n"
        "  65        the spec, or a file it names, is wrong or cannot be read\n"
        "  69        no engine (one whose socket may not be opened counts as none), or it went away\n"
        "  70        a fault of Berth\n"
        "  75        the environment did not come up: pull, create, start or readiness failed\n"
        "  77        refused for safety\n"
        "  124       --timeout or timeouts.up passed\n"
        "  130, 143  interrupted, terminated (after the clean-up; a second signal leaves at once)\n"
        "  other     the status of the command under 'run' and 'exec'\n"
        "\n"
        "examples:\n"
        "  berth up                   # ./berth.yaml, until 'berth down'\n"
        "  berth run -- ctest -j8     # up, the tests, down\n";
    return text;
}

std::string verb_help(const VerbEntry& verb) {
    std::string text = fmt::format("usage: berth {} [OPTIONS]{}{}\n\n{}\n", verb.name, verb.usage.empty() ? "" : " ",
                                   verb.usage, verb.text);
    if (!verb.flags.empty()) {
        text += "\noptions:\n" + table_of(verb.flags, false);
    }
    text += "\noptions of every verb:\n";
    std::vector<Flag> shared;
    for (const auto& flag : global_flags()) {
        // A letter that the verb uses itself is not the global option's here.
        Flag shown = flag;
        for (const auto& own : verb.flags) {
            if (!flag.letter.empty() && own.letter == flag.letter) {
                shown.letter = {};
            }
        }
        shared.push_back(shown);
    }
    text += table_of(shared, true);
    text += in_columns("  -h, --help", 36, "this");
    text += "\nexamples:\n";
    std::size_t widest = 0;
    for (const auto& example : verb.examples) {
        widest = std::max(widest, example.line.size());
    }
    for (const auto& example : verb.examples) {
        text += fmt::format("  {:{}}  # {}\n", example.line, widest, example.says);
    }
    return text;
}

}  // namespace berth::cli

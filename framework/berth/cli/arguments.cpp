// SPDX-License-Identifier: Apache-2.0
#include <berth/cli/arguments.hpp>
#include <berth/cli/exit.hpp>
#include <berth/cli/flags.hpp>
#include <berth/cli/version.hpp>
#include <berth/core/redaction.hpp>
#include <berth/core/text_distance.hpp>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace berth::cli {
namespace {

/// A mistake on the command line, on its way to exit code 64.
struct Mistake {
    std::string text{};
    std::string hint{};
};

Parsed refused(const Mistake& mistake) {
    return {.exit_code = k_wrong_use,
            .err = escape_controls(fmt::format("error: {}\n  hint: {}\n", mistake.text, mistake.hint))};
}

std::string with_guess(std::string text, const std::string& written, const std::vector<std::string>& known) {
    const std::string guess = did_you_mean(near_matches(written, known));
    return guess.empty() ? text : text + "; " + guess;
}

const Flag* find_flag(std::span<const Flag> flags, std::string_view word) {
    const auto found = std::find_if(flags.begin(), flags.end(), [&](const Flag& flag) {
        return flag.name == word || (!flag.letter.empty() && flag.letter == word);
    });
    return found == flags.end() ? nullptr : &*found;
}

/// `--name` of `--name=value`.
std::string_view name_part(std::string_view word) {
    return word.rfind("--", 0) == 0 ? word.substr(0, word.find('=')) : word;
}

/// Where the verb stands: the first word that is neither an option nor the value of one.
std::size_t position_of_verb(const std::vector<std::string>& words) {
    for (std::size_t i = 0; i < words.size(); ++i) {
        const std::string& word = words[i];
        if (word == "--" || word.empty() || word.front() != '-' || word == "-") {
            return i;
        }
        const Flag* flag = find_flag(global_flags(), word);
        if (flag != nullptr && flag->takes_value()) {
            ++i;
        }
    }
    return words.size();
}

std::vector<std::string> option_names(const VerbEntry& verb) {
    std::vector<std::string> names{"--help"};
    for (const auto& flag : verb.flags) {
        names.emplace_back(flag.name);
    }
    for (const auto& flag : global_flags()) {
        names.emplace_back(flag.name);
    }
    return names;
}

std::string help_hint(const VerbEntry& verb) {
    return fmt::format("'berth {} --help' tells what it takes", verb.name);
}

/// The flags of a verb and those of every verb, without what the verb has itself under the same name or letter.
std::vector<Flag> all_flags(const VerbEntry& verb) {
    std::vector<Flag> flags = verb.flags;
    for (Flag flag : global_flags()) {
        if (!flag.letter.empty() && find_flag(verb.flags, flag.letter) != nullptr) {
            flag.letter = {};
        }
        flags.push_back(flag);
    }
    return flags;
}

struct Collected {
    std::vector<std::pair<const Flag*, std::string>> values{};
    std::vector<std::string> words{};
    bool help{false};
};

/// CLI11 takes the words apart; what they mean is decided by our table.
Collected take_apart(const VerbEntry& verb, const std::vector<Flag>& flags, const std::vector<std::string>& words) {
    // CLI11 2.1 takes `--name=` for `--name` and eats the next word; given as two words an empty value stays one.
    std::vector<std::string> apart;
    for (const auto& word : words) {
        const std::string_view name = name_part(word);
        const Flag* flag = name.size() < word.size() ? find_flag(flags, name) : nullptr;
        if (flag != nullptr && flag->takes_value()) {
            apart.emplace_back(name);
            apart.push_back(word.substr(name.size() + 1));
        } else {
            apart.push_back(word);
        }
    }
    std::reverse(apart.begin(), apart.end());  // the order in which CLI11 wants a vector

    Collected collected;
    CLI::App app;
    app.set_help_flag("");
    app.add_flag_function("-h,--help", [&](std::int64_t) { collected.help = true; });
    for (const auto& flag : flags) {
        const std::string spelling =
            flag.letter.empty() ? std::string(flag.name) : fmt::format("{},{}", flag.letter, flag.name);
        if (flag.takes_value()) {
            app.add_option_function<std::vector<std::string>>(
                   spelling,
                   [&collected, &flag](const std::vector<std::string>& values) {
                       for (const auto& value : values) {
                           collected.values.emplace_back(&flag, value);
                       }
                   })
                ->expected(1)
                ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
                ->allow_extra_args(false);
        } else {
            app.add_flag_function(spelling, [&collected, &flag](std::int64_t count) {
                collected.values.emplace_back(&flag, count < 0 ? "false" : "true");
            });
        }
    }
    app.allow_extras();
    try {
        app.parse(apart);
    } catch (const CLI::ArgumentMismatch&) {
        const auto last = words.empty() ? std::string() : words.back();
        throw Mistake{fmt::format("option '{}' needs a value", last), help_hint(verb)};
    } catch (const CLI::ParseError& error) {
        throw Mistake{error.what(), help_hint(verb)};
    }
    for (const auto& extra : app.remaining()) {
        if (extra.size() > 1 && extra.front() == '-' && extra != "--") {
            std::string hint = help_hint(verb);
            if (verb.takes_command) {
                hint = fmt::format("a command and its options stand behind '--': berth {}",
                                   verb.examples.front().line.substr(6));
            }
            throw Mistake{with_guess(fmt::format("unknown option '{}' of 'berth {}'", name_part(extra), verb.name),
                                     std::string(name_part(extra)), option_names(verb)),
                          hint};
        }
        if (extra != "--") {
            collected.words.push_back(extra);
        }
    }
    return collected;
}

void store(Arguments& arguments, const Flag& flag, const std::string& value, const std::string& from,
           const VerbEntry& verb) {
    if (const std::string wrong = flag.store(arguments, value); !wrong.empty()) {
        throw Mistake{fmt::format("'{}' is no value for {}: {}", value, from, wrong), help_hint(verb)};
    }
}

void store_global(Arguments& arguments, const Flag& flag, const std::string& value, const std::string& from,
                  const VerbEntry& verb) {
    store(arguments, flag, value, from, verb);
    auto& source = arguments.global.sources[std::string(flag.name.substr(2))];
    // The values of several --set may be secrets, so only their names are told.
    const std::string told = flag.name == "--set" ? value.substr(0, value.find('=')) : value;
    source.value = source.value.empty() ? told : source.value + ", " + told;
    source.from = from;
}

void take_variables(Arguments& arguments, const VariableSource& variables, const VerbEntry& verb) {
    for (const auto& flag : global_flags()) {
        if (arguments.global.sources.contains(std::string(flag.name.substr(2)))) {
            continue;
        }
        const std::string name(flag.variable);
        const auto value = variables(name);
        if (!value || value->empty()) {
            continue;
        }
        std::size_t begin = 0;
        while (begin <= value->size()) {
            const auto end = flag.separator == 0 ? std::string::npos : value->find(flag.separator, begin);
            const std::string piece = value->substr(begin, end == std::string::npos ? end : end - begin);
            if (!piece.empty()) {
                store_global(arguments, flag, piece, name, verb);
            }
            if (end == std::string::npos) {
                break;
            }
            begin = end + 1;
        }
    }
}

/// Hands the words that are no options to the verb.
void take_words(Arguments& arguments, const VerbEntry& verb, std::vector<std::string> words) {
    if (words.size() < verb.least) {
        throw Mistake{fmt::format("'berth {}' needs the name of a service", verb.name),
                      fmt::format("for example: {}", verb.examples.front().line)};
    }
    if (words.size() > verb.most) {
        if (verb.takes_command) {
            throw Mistake{fmt::format("'{}' is one word too many for 'berth {}'", words[verb.most], verb.name),
                          fmt::format("a command stands behind '--': {}", verb.examples.front().line)};
        }
        throw Mistake{fmt::format("'{}' is one word too many for 'berth {}'", words[verb.most], verb.name),
                      help_hint(verb)};
    }
    if (verb.verb == Verb::port && words.size() == 2) {
        arguments.own.container_port = words.back();
        words.pop_back();
    }
    arguments.own.services = std::move(words);
}

Arguments read(const VerbEntry& verb, std::vector<std::string> words, const VariableSource& variables, bool& help) {
    Arguments arguments{.verb = verb.verb};
    if (verb.takes_command) {
        const auto mark = std::find(words.begin(), words.end(), "--");
        if (mark != words.end()) {
            arguments.own.command.assign(mark + 1, words.end());
            words.erase(mark, words.end());
        }
    }
    const std::vector<Flag> flags = all_flags(verb);
    Collected collected = take_apart(verb, flags, words);
    help = collected.help;
    if (help) {
        return arguments;
    }
    for (const auto& [flag, value] : collected.values) {
        if (find_flag(verb.flags, flag->name) != nullptr) {
            store(arguments, *flag, value, std::string(flag->name), verb);
        } else {
            store_global(arguments, *flag, value, std::string(flag->name), verb);
        }
    }
    take_variables(arguments, variables, verb);
    take_words(arguments, verb, std::move(collected.words));
    if (verb.verb == Verb::exec && arguments.own.command.empty()) {
        throw Mistake{"'berth exec' needs a command", fmt::format("for example: {}", verb.examples.front().line)};
    }
    return arguments;
}

/// What is wrong with the options in front of the verb.
std::optional<Mistake> wrong_option_before(const std::vector<std::string>& words, std::size_t verb) {
    std::vector<std::string> names{"--help", "--version"};
    for (const auto& flag : global_flags()) {
        names.emplace_back(flag.name);
    }
    for (std::size_t i = 0; i < verb; ++i) {
        const std::string name(name_part(words[i]));
        const Flag* flag = find_flag(global_flags(), name);
        const bool known = flag != nullptr || name == "-h" || name == "--help" || name == "--version";
        if (!known) {
            return Mistake{with_guess(fmt::format("unknown option '{}'", name), name, names),
                           "'berth --help' lists verbs and options"};
        }
        if (flag != nullptr && flag->takes_value() && name.size() == words[i].size()) {
            if (++i == words.size()) {
                return Mistake{fmt::format("option '{}' needs a value", name),
                               "'berth --help' lists verbs and options"};
            }
        }
    }
    return std::nullopt;
}

}  // namespace

Parsed parse_arguments(const std::vector<std::string>& words, const VariableSource& variables) {
    const std::size_t at = position_of_verb(words);
    const auto named_before = [&](std::string_view one, std::string_view other) {
        return std::any_of(words.begin(), words.begin() + static_cast<std::ptrdiff_t>(at),
                           [&](const std::string& word) { return word == one || word == other; });
    };
    if (at == words.size() && named_before("-h", "--help")) {
        return {.out = main_help()};
    }
    if (at == words.size() && named_before("--version", "--version")) {
        return {.out = version_text()};
    }
    std::vector<std::string> names;
    const VerbEntry* verb = nullptr;
    for (const auto& entry : verbs()) {
        names.emplace_back(entry.name);
        if (at < words.size() && words[at] == entry.name) {
            verb = &entry;
        }
    }
    // An option that is none may have been meant to take the word behind it, so it is told before the verb is judged.
    if (verb == nullptr) {
        if (const auto mistake = wrong_option_before(words, at)) {
            return refused(*mistake);
        }
    }
    if (at == words.size()) {
        return {.exit_code = k_wrong_use, .err = main_help()};
    }
    if (verb == nullptr && words[at] == "help") {
        if (at + 1 == words.size()) {
            return {.out = main_help()};
        }
        return parse_arguments({words[at + 1], "--help"}, variables);
    }
    if (verb == nullptr) {
        return refused({with_guess(fmt::format("unknown verb '{}'", words[at]), words[at], names),
                        "'berth --help' lists the verbs"});
    }
    std::vector<std::string> rest = words;
    rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(at));
    try {
        bool help = false;
        Arguments arguments = read(*verb, std::move(rest), variables, help);
        if (help) {
            return {.out = verb_help(*verb)};
        }
        return {.arguments = std::move(arguments)};
    } catch (const Mistake& mistake) {
        return refused(mistake);
    }
}

}  // namespace berth::cli

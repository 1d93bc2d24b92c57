// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/cli/options.hpp>

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace berth::cli {

/// One option: how it is written, what it takes, what it says in `--help`, and where its value goes. Parser, help,
/// variables and did-you-mean all read this table.
struct Flag {
    std::string_view name{};         ///< `--file`.
    std::string_view letter{};       ///< `-f`, or empty.
    std::string_view placeholder{};  ///< `FILE`; empty: a switch that takes no value.
    std::string_view help{};
    std::string_view variable{};  ///< `BERTH_FILE`; empty: has none.
    char separator{0};            ///< Between several values in the variable; 0: takes one value.
    /// Stores a value (`true` for a switch); what is wrong with it, or empty.
    std::string (*store)(Arguments& arguments, const std::string& value);

    [[nodiscard]] bool takes_value() const noexcept { return !placeholder.empty(); }
};

struct Example {
    std::string_view line{};
    std::string_view says{};
};

/// One verb: its word, what follows it, its help and its own options.
struct VerbEntry {
    Verb verb{};
    std::string_view name{};
    std::string_view usage{};    ///< `[--keep] [SERVICE…]`: what follows the options.
    std::string_view summary{};  ///< One line in `berth --help`.
    std::string_view text{};     ///< The paragraphs of its own help.
    std::size_t least{0};        ///< Words that are needed beside options.
    std::size_t most{0};         ///< Words that are taken.
    bool takes_command{false};   ///< Behind `--`.
    std::vector<Flag> flags{};
    std::vector<Example> examples{};
};

std::span<const Flag> global_flags();
std::span<const VerbEntry> verbs();
const VerbEntry& entry_of(Verb verb);

/// `berth --help`.
std::string main_help();
/// `berth VERB --help`.
std::string verb_help(const VerbEntry& verb);

}  // namespace berth::cli

// SPDX-License-Identifier: Apache-2.0
// Words out of a list, some with a number or a time behind them.
#include <berth/core/text_distance.hpp>
#include <berth/core/units.hpp>
#include <berth/yaml/internal/values.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>

namespace berth::yaml {
namespace {

constexpr auto k_nowhere = std::string_view::npos;

}  // namespace

bool read_value(Binder& binder, const FieldRow& row, const Node& node, RestartPolicy& out) {
    static_cast<void>(row);
    const auto scalar = binder.plain_text(node);
    if (!scalar) {
        return false;
    }
    const std::string_view text = scalar->text;
    const auto colon = text.find(':');
    std::vector<std::string> known;
    for (const auto& [name, kind] : EnumNames<RestartPolicy::Kind>::k_names) {
        known.emplace_back(name);
        if (name != text.substr(0, colon)) {
            continue;
        }
        out.kind = kind;
        if (colon == k_nowhere) {
            return true;
        }
        const auto times = parse_integer(text.substr(colon + 1));
        if (kind == RestartPolicy::Kind::on_failure && times && *times >= 0 &&
            *times <= std::numeric_limits<int>::max()) {
            out.most_retries = static_cast<int>(*times);
            return true;
        }
    }
    known.back() += "[:N]";
    binder.report("BE0306", *scalar,
                  fmt::format("'{}' is not one of 'no', 'always', 'unless-stopped', 'on-failure[:N]'", text),
                  did_you_mean(near_matches(text, known)));
    return false;
}

std::optional<std::size_t> read_word(Binder& binder, const FieldRow& row, const Node& node,
                                     std::span<const std::string_view> names) {
    const auto scalar = binder.plain_text(node);
    if (!scalar) {
        return std::nullopt;
    }
    const auto found = std::find(names.begin(), names.end(), scalar->text);
    if (found != names.end()) {
        return static_cast<std::size_t>(found - names.begin());
    }
    std::vector<std::string> words;
    std::string list;
    for (std::string_view rest = enum_words(row.type); !rest.empty();) {
        const auto bar = rest.find(" | ");
        const std::string_view word = rest.substr(0, bar);
        rest = bar == k_nowhere ? std::string_view{} : rest.substr(bar + 3);
        words.emplace_back(word);
        list += (list.empty() ? "'" : ", '") + std::string(word) + '\'';
    }
    const auto matches = near_matches(scalar->text, words);
    auto& report = binder.report("BE0306", *scalar, fmt::format("'{}' is not one of {}", scalar->text, list),
                                 did_you_mean(matches));
    if (matches.size() == 1) {
        report.fix = Fix{node.where, matches.front()};
    }
    return std::nullopt;
}

bool read_value(Binder& binder, const FieldRow& row, const Node& node, PullPolicy& out) {
    constexpr auto& k_table = EnumNames<PullPolicy>::k_names;
    std::array<std::string_view, k_table.size()> names{};
    std::transform(k_table.begin(), k_table.end(), names.begin(), [](const auto& entry) { return entry.first; });
    if (node.kind == Kind::scalar) {
        const auto scalar = binder.plain_text(node);
        if (!scalar) {
            return false;
        }
        if (pull_interval_of(scalar->text) > Duration::zero()) {
            out = PullPolicy::every;
            return true;
        }
    }
    const auto position = read_word(binder, row, node, names);
    out = position ? k_table[*position].second : out;
    return position.has_value();
}

Duration pull_interval_of(std::string_view text) {
    constexpr std::string_view k_every = "every_";
    if (text == "daily" || text == "weekly") {
        return std::chrono::hours(text == "daily" ? 24 : 7 * 24);
    }
    return text.substr(0, k_every.size()) == k_every
               ? parse_duration(text.substr(k_every.size())).value_or(Duration::zero())
               : Duration::zero();
}

}  // namespace berth::yaml

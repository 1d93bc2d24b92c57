// SPDX-License-Identifier: Apache-2.0
#include <berth/core/redaction.hpp>
#include <berth/core/units.hpp>
#include <berth/report/timeline.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace berth {
namespace {

using Time = std::chrono::nanoseconds;

constexpr std::size_t k_duration_columns = 7;
constexpr std::size_t k_gap = 2;
constexpr std::size_t k_fewest_bar_columns = 10;
constexpr char k_failed_mark = '!';

struct Phase {
    const char* name;
    char mark;
};
constexpr std::array k_phases{
    Phase{"network", 'n'}, Phase{"resolve", 'q'}, Phase{"pull", 'p'},  Phase{"build", 'b'},      Phase{"create", 'c'},
    Phase{"copy", 'f'},    Phase{"start", 's'},   Phase{"ready", 'r'}, Phase{"post_ready", 'o'}, Phase{"remove", 'd'},
};
constexpr char k_other_mark = '#';

char mark_of(const std::string& phase) {
    const auto* const found =
        std::find_if(k_phases.begin(), k_phases.end(), [&](const Phase& each) { return phase == each.name; });
    return found == k_phases.end() ? k_other_mark : found->mark;
}

struct Row {
    std::string name{};
    std::vector<Span> spans{};
    Time begin{Time::max()};
    Time end{0};
};

std::string row_name(const Span& span) {
    return span.service.empty() ? "environment" : escape_controls(span.service);
}

std::vector<Row> rows_of(const std::vector<Span>& spans) {
    std::vector<Row> rows;
    for (const auto& span : spans) {
        const std::string name = row_name(span);
        auto row = std::find_if(rows.begin(), rows.end(), [&](const Row& each) { return each.name == name; });
        if (row == rows.end()) {
            row = rows.insert(rows.end(), Row{name});
        }
        row->spans.push_back(span);
        row->begin = std::min(row->begin, span.begin);
        row->end = std::max(row->end, span.end);
    }
    const auto earlier = [](const auto& left, const auto& right) { return left.begin < right.begin; };
    for (auto& row : rows) {
        std::stable_sort(row.spans.begin(), row.spans.end(), earlier);
    }
    std::stable_sort(rows.begin(), rows.end(), earlier);
    return rows;
}

bool continues_a_character(char byte) noexcept {
    return (static_cast<unsigned char>(byte) & 0xc0U) == 0x80U;
}

std::size_t columns(std::string_view text) {
    return static_cast<std::size_t>(
        std::count_if(text.begin(), text.end(), [](char byte) { return !continues_a_character(byte); }));
}

// At most `wanted` columns, cut at a character, the cut shown by a dot.
std::string fit(const std::string& text, std::size_t wanted) {
    if (columns(text) <= wanted) {
        return text + std::string(wanted - columns(text), ' ');
    }
    std::string cut;
    std::size_t taken = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (!continues_a_character(text[i]) && taken++ + 1 == wanted) {
            break;
        }
        cut += text[i];
    }
    return cut + '.';
}

std::string bar(const Row& row, Time begin, Time total, std::size_t width) {
    const auto column = [&](Time at) {
        const auto share =
            static_cast<double>((at - begin).count()) / static_cast<double>(std::max<Time::rep>(total.count(), 1));
        return std::min(static_cast<std::size_t>(share * static_cast<double>(width) + 0.5), width - 1);
    };
    std::string cells(width, ' ');
    std::size_t drawn = 0;  // first column behind the phase before
    Time previous_end{0};
    for (const auto& span : row.spans) {
        std::size_t from = column(span.begin);
        if (span.begin >= previous_end && from < drawn) {
            from = std::min(drawn, width - 1);  // a short phase is not painted over by the next
        }
        const std::size_t to = std::max(from + 1, span.end >= begin + total ? width : column(span.end));
        std::fill(cells.begin() + static_cast<std::ptrdiff_t>(from), cells.begin() + static_cast<std::ptrdiff_t>(to),
                  mark_of(span.phase));
        if (span.failed) {
            cells[to - 1] = k_failed_mark;
        }
        drawn = to;
        previous_end = span.end;
    }
    return cells;
}

std::string legend(const std::vector<Span>& spans, std::size_t width) {
    std::vector<std::string> entries;
    for (const auto& phase : k_phases) {
        if (std::any_of(spans.begin(), spans.end(), [&](const Span& span) { return span.phase == phase.name; })) {
            entries.push_back(fmt::format("{} {}", phase.mark, phase.name));
        }
    }
    if (std::any_of(spans.begin(), spans.end(), [](const Span& span) { return mark_of(span.phase) == k_other_mark; })) {
        entries.push_back(fmt::format("{} other", k_other_mark));
    }
    if (std::any_of(spans.begin(), spans.end(), [](const Span& span) { return span.failed; })) {
        entries.push_back(fmt::format("{} failed", k_failed_mark));
    }
    std::string text;
    std::string line;
    for (const auto& entry : entries) {
        if (!line.empty() && line.size() + k_gap + entry.size() > width) {
            text += line + '\n';
            line.clear();
        }
        line += (line.empty() ? "" : "  ") + entry;
    }
    return text + line + '\n';
}

std::string closing_line(const std::vector<Span>& spans, Time total) {
    const auto longest = std::max_element(spans.begin(), spans.end(), [](const Span& left, const Span& right) {
        return left.end - left.begin < right.end - right.begin;
    });
    std::string text = fmt::format("total {}, longest: {} {} {}", readable_duration(total), row_name(*longest),
                                   longest->phase, readable_duration(longest->end - longest->begin));
    if (!longest->detail.empty()) {
        text += fmt::format(" ({})", redact(escape_controls(longest->detail)));
    }
    return text;
}

}  // namespace

std::string render_timeline(const std::vector<Span>& spans, std::size_t width) {
    if (spans.empty()) {
        return {};
    }
    const auto rows = rows_of(spans);
    const Time begin = rows.front().begin;
    Time end{0};
    std::size_t names = 0;
    for (const auto& row : rows) {
        end = std::max(end, row.end);
        names = std::max(names, columns(row.name));
    }
    const std::size_t least = 1 + k_gap + k_duration_columns;
    width = std::max(width, least);
    names = std::min({names, std::max<std::size_t>(width / 4, 8), width - k_gap - k_duration_columns});
    const std::size_t taken = names + k_gap + k_gap + k_duration_columns;
    const bool has_bars = width >= taken + k_fewest_bar_columns;

    std::string text;
    for (const auto& row : rows) {
        text += fit(row.name, names);
        if (has_bars) {
            text += "  " + bar(row, begin, end - begin, width - taken);
        }
        text += fmt::format("  {:>{}}\n", readable_duration(row.end - row.begin), k_duration_columns);
    }
    std::string closing = closing_line(spans, end - begin);
    if (columns(closing) > width) {
        closing = fit(closing, width);
    }
    text += closing + '\n';
    return has_bars ? text + legend(spans, width) : text;
}

}  // namespace berth

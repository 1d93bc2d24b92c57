// SPDX-License-Identifier: Apache-2.0
#include <berth/core/diagnostic.hpp>
#include <berth/core/redaction.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cwchar>
#include <set>
#include <tuple>

namespace berth {
namespace {

constexpr std::size_t k_widest_line = 120;

/// One character of UTF-8 at `at`, and where the next one starts.
char32_t character_at(std::string_view text, std::size_t& at) noexcept {
    const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
    const unsigned first = byte(at);
    const std::size_t length = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    char32_t code = length == 1 ? first : first & (0xffU >> (length + 1));
    for (std::size_t i = 1; i < length; ++i) {
        code = (code << 6U) | (byte(at + i) & 0x3fU);
    }
    at = std::min(at + length, text.size());
    return code;
}

/// Cells a terminal gives it: wide for East Asian scripts and emoji, none for combining marks.
std::size_t width_of(char32_t c) noexcept {
    const auto within = [c](char32_t first, char32_t last) { return c >= first && c <= last; };
    if (within(0x300, 0x36f) || within(0x200b, 0x200f) || within(0xfe00, 0xfe0f)) {
        return 0;
    }
    const bool wide = within(0x1100, 0x115f) || within(0x2e80, 0xa4cf) || within(0xac00, 0xd7a3) ||
                      within(0xf900, 0xfaff) || within(0xfe30, 0xfe6f) || within(0xff00, 0xff60) ||
                      within(0xffe0, 0xffe6) || within(0x1f300, 0x1faff) || within(0x20000, 0x3fffd);
    return wide ? 2 : 1;
}

/// A source line cut to what fits, with the cells before and under a range of its columns.
struct Excerpt {
    std::string text;
    std::size_t before{0};
    std::size_t under{1};
};

/// Keeps of a very long line only what an excerpt can show, before each of its characters is looked at.
void cut_long_line(std::string_view& line, int& column, int& end_column) noexcept {
    constexpr std::size_t k_long = 4096;
    constexpr int k_kept_before = 100;
    constexpr int k_kept = 1000;
    if (line.size() <= k_long) {
        return;
    }
    const auto bytes_of = [&line](int characters) {
        std::size_t at = 0;
        for (int i = 0; i < characters && at < line.size(); ++i) {
            static_cast<void>(character_at(line, at));
        }
        return at;
    };
    if (column > k_kept_before) {
        const int skipped = column - k_kept_before;
        line.remove_prefix(bytes_of(skipped));
        column -= skipped;
        end_column -= skipped;
    }
    line = line.substr(0, bytes_of(k_kept));
}

Excerpt excerpt_of(std::string_view line, int column, int end_column) {
    struct Character {
        std::string bytes;
        std::size_t width;
    };
    cut_long_line(line, column, end_column);
    std::vector<Character> characters;
    for (std::size_t at = 0; at < line.size();) {
        const std::size_t from = at;
        const char32_t code = character_at(line, at);
        if (code == U'\t') {
            characters.push_back({" ", 1});
        } else {
            std::string shown = escape_controls(line.substr(from, at - from));
            const std::size_t width = shown.size() == at - from ? width_of(code) : shown.size();
            characters.push_back({std::move(shown), width});
        }
    }
    const auto first = std::min(static_cast<std::size_t>(std::max(column, 1) - 1), characters.size());
    const auto last = std::clamp(static_cast<std::size_t>(std::max(end_column, 1) - 1), first, characters.size());
    std::size_t from = 0;
    std::size_t to = characters.size();
    if (characters.size() > k_widest_line) {
        constexpr std::size_t k_context = 40;
        from = first > k_context ? first - k_context : 0;
        to = std::min(characters.size(), from + k_widest_line);
    }
    Excerpt excerpt;
    if (from > 0) {
        excerpt.text = "…";
        excerpt.before = 1;
    }
    std::size_t under = 0;
    for (std::size_t i = from; i < to; ++i) {
        excerpt.text += characters[i].bytes;
        excerpt.before += i < first ? characters[i].width : 0;
        under += i >= first && i < last ? characters[i].width : 0;
    }
    if (to < characters.size()) {
        excerpt.text += "…";
    }
    excerpt.under = std::max<std::size_t>(under, 1);
    return excerpt;
}

/// Without line breaks, which would make one finding look like several.
std::string on_one_line(std::string_view text) {
    std::string line;
    for (const char c : escape_controls(text)) {
        if (c == '\n') {
            line += "\\n";
        } else {
            line += c == '\t' ? ' ' : c;
        }
    }
    return line;
}

class Painter {
  public:
    explicit Painter(Colour colour) : on_(colour == Colour::always) {}
    [[nodiscard]] std::string bold(std::string_view text) const { return paint("1", text); }
    [[nodiscard]] std::string frame(std::string_view text) const { return paint("34", text); }
    [[nodiscard]] std::string severity(Severity severity, std::string_view text) const {
        return paint(severity == Severity::error ? "1;31" : severity == Severity::warning ? "1;33" : "1;36", text);
    }

  private:
    [[nodiscard]] std::string paint(const char* code, std::string_view text) const {
        return on_ ? fmt::format("\x1b[{}m{}\x1b[0m", code, text) : std::string(text);
    }
    bool on_;
};

int end_column_of(const Origin& where, std::string_view line) {
    // A range over several lines is marked to the end of its first one.
    return where.end_line > where.line ? static_cast<int>(line.size()) + 1 : where.end_column;
}

std::string snippet(const Painter& paint, const SourceTexts& sources, const Origin& where, std::string_view arrow,
                    char mark, const std::string& behind, Severity severity, std::size_t gutter) {
    std::string text = fmt::format("{}{} {}\n", std::string(gutter, ' '), paint.frame(arrow), to_string(where));
    const auto line = where.line > 0 ? sources.line(where.file, where.line) : std::nullopt;
    if (!line) {
        if (!behind.empty()) {
            text.insert(text.size() - 1, ": " + on_one_line(behind));
        }
        return text;
    }
    const Excerpt excerpt = excerpt_of(*line, where.column, end_column_of(where, *line));
    const std::string bar = paint.frame("|");
    std::string marks = paint.severity(severity, std::string(excerpt.under, mark));
    if (!behind.empty()) {
        marks += ' ' + paint.severity(severity, on_one_line(behind));
    }
    text += fmt::format("{} {}\n", std::string(gutter, ' '), bar);
    text += fmt::format("{} {} {}\n", paint.frame(fmt::format("{:>{}}", where.line, gutter)), bar, excerpt.text);
    text += fmt::format("{} {} {}{}\n", std::string(gutter, ' '), bar, std::string(excerpt.before, ' '), marks);
    return text;
}

std::string one(const Painter& paint, const SourceTexts& sources, const Diagnostic& diagnostic) {
    std::string text = fmt::format(
        "{}: {}\n",
        paint.severity(diagnostic.severity, fmt::format("{}[{}]", to_string(diagnostic.severity), diagnostic.code)),
        paint.bold(on_one_line(diagnostic.message)));
    int last_line = diagnostic.where.line;
    for (const auto& label : diagnostic.labels) {
        last_line = std::max(last_line, label.where.line);
    }
    const std::size_t gutter = std::to_string(std::max(last_line, 1)).size();
    if (diagnostic.where.known()) {
        text += snippet(paint, sources, diagnostic.where, "-->", '^', diagnostic.caret, diagnostic.severity, gutter);
    } else if (!diagnostic.caret.empty()) {
        text += fmt::format("{}{} {}\n", std::string(gutter, ' '), paint.frame("="), on_one_line(diagnostic.caret));
    }
    for (const auto& label : diagnostic.labels) {
        text += fmt::format("{} {}\n", std::string(gutter, ' '), paint.frame("|"));
        text += snippet(paint, sources, label.where, ":::", '-', label.text, Severity::note, gutter);
    }
    if (!diagnostic.help.empty()) {
        text += fmt::format("{} {} help: {}\n", std::string(gutter, ' '), paint.frame("="),
                            escape_controls(diagnostic.help));
    }
    return text;
}

std::string counted(std::size_t number, std::string_view thing) {
    return fmt::format("{} {}{}", number, thing, number == 1 ? "" : "s");
}

std::string closing_line(const std::vector<Diagnostic>& diagnostics, std::size_t shown) {
    std::size_t errors = 0;
    std::size_t warnings = 0;
    std::string code = diagnostics.front().code;
    std::set<std::string> files;
    for (const auto& diagnostic : diagnostics) {
        if (diagnostic.severity == Severity::error && ++errors == 1) {
            code = diagnostic.code;
        }
        warnings += diagnostic.severity == Severity::warning ? 1 : 0;
        if (diagnostic.where.known()) {
            files.emplace(diagnostic.where.file);
        }
    }
    std::string text;
    if (errors > 0) {
        text = counted(errors, "error");
    }
    if (warnings > 0) {
        text += (text.empty() ? "" : ", ") + counted(warnings, "warning");
    }
    if (text.empty()) {
        text = counted(diagnostics.size(), "note");
    }
    if (files.size() == 1) {
        text += " in " + *files.begin();
    } else if (files.size() > 1) {
        text += fmt::format(" in {} files", files.size());
    }
    if (shown < diagnostics.size()) {
        text += fmt::format(", {} not shown ('--max-errors 0' shows all)", diagnostics.size() - shown);
    }
    return fmt::format("{} (explain one: 'berth explain {}')\n", text, code);
}

}  // namespace

void SourceTexts::add(std::string_view file, std::string text) {
    Text entry{std::move(text), {0}};
    for (std::size_t i = 0; i < entry.content.size(); ++i) {
        if (entry.content[i] == '\n') {
            entry.line_starts.push_back(i + 1);
        }
    }
    texts_.insert_or_assign(std::string(file), std::move(entry));
}

std::optional<std::string_view> SourceTexts::line(std::string_view file, int number) const {
    const auto found = texts_.find(file);
    if (found == texts_.end() || number < 1 || static_cast<std::size_t>(number) > found->second.line_starts.size()) {
        return std::nullopt;
    }
    const std::string_view content = found->second.content;
    const std::size_t from = found->second.line_starts[static_cast<std::size_t>(number) - 1];
    std::string_view line = content.substr(from, content.find('\n', from) - from);
    if (!line.empty() && line.back() == '\r') {
        line.remove_suffix(1);
    }
    if (number == 1 && line.substr(0, 3) == "\xef\xbb\xbf") {
        line.remove_prefix(3);  // a byte order mark is no column
    }
    return line;
}

void sort_diagnostics(std::vector<Diagnostic>& diagnostics) {
    std::stable_sort(diagnostics.begin(), diagnostics.end(),
                     [](const Diagnostic& a, const Diagnostic& b) { return stands_before(a.where, b.where); });
    std::set<std::tuple<std::string_view, int, int, std::string, std::string>> seen;
    const auto twice = [&](const Diagnostic& diagnostic) {
        const Origin& where = diagnostic.where;
        return !seen.emplace(where.file, where.line, where.column, diagnostic.code, diagnostic.message).second;
    };
    diagnostics.erase(std::remove_if(diagnostics.begin(), diagnostics.end(), twice), diagnostics.end());
}

bool has_errors(const std::vector<Diagnostic>& diagnostics) noexcept {
    return std::any_of(diagnostics.begin(), diagnostics.end(),
                       [](const Diagnostic& diagnostic) { return diagnostic.severity == Severity::error; });
}

std::string render_text(const std::vector<Diagnostic>& diagnostics, const SourceTexts& sources, Colour colour,
                        std::size_t max_shown) {
    if (diagnostics.empty()) {
        return {};
    }
    const Painter paint(colour);
    const std::size_t shown = max_shown == 0 ? diagnostics.size() : std::min(max_shown, diagnostics.size());
    std::string text;
    for (std::size_t i = 0; i < shown; ++i) {
        text += one(paint, sources, diagnostics[i]) + '\n';
    }
    return redact(text + closing_line(diagnostics, shown));
}

std::string render_short(const std::vector<Diagnostic>& diagnostics) {
    std::string text;
    for (const auto& diagnostic : diagnostics) {
        std::string line = to_string(diagnostic.where);
        line += fmt::format("{}{}[{}]: {}", line.empty() ? "" : ": ", to_string(diagnostic.severity), diagnostic.code,
                            diagnostic.message);
        if (!diagnostic.caret.empty()) {
            line += "; " + diagnostic.caret;
        }
        text += on_one_line(line) + '\n';
    }
    return redact(text);
}

std::string_view to_string(Severity severity) noexcept {
    switch (severity) {
        case Severity::error:
            return "error";
        case Severity::warning:
            return "warning";
        case Severity::note:
            break;
    }
    return "note";
}

}  // namespace berth

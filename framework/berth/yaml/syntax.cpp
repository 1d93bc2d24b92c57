// SPDX-License-Identifier: Apache-2.0
#include <berth/yaml/internal/syntax.hpp>

#include <fmt/format.h>
#include <yaml-cpp/exceptions.h>

#include <algorithm>
#include <vector>

namespace berth::yaml {
namespace {

constexpr auto k_nowhere = std::string_view::npos;

Diagnostic syntax(const Origin& where, std::string message, std::string_view code = "BE0101") {
    Diagnostic found;
    found.code = code;
    found.message = std::move(message);
    found.where = where;
    return found;
}

std::string line_and_column(const Origin& where) {
    return fmt::format("{}:{}", where.line, where.column);
}

std::size_t indentation_of(std::string_view line) noexcept {
    return std::min(line.find_first_not_of(' '), line.size());
}

bool ends_word(std::string_view text, std::size_t at) noexcept {
    return at >= text.size() || text[at] == ' ' || text[at] == '\n' || text[at] == '\t' || text[at] == '\r';
}

/// Brackets and quotes up to where the parser gave up: rough, but it has to be right only where something is unclosed.
class Outline {
  public:
    Outline(std::string_view text, std::size_t limit) : text_(text), limit_(std::min(limit, text.size())) { scan(); }

    std::vector<std::size_t> brackets{};                           ///< Still open.
    std::size_t open_quote{k_nowhere};                             ///< Never closed.
    std::pair<std::size_t, std::size_t> long_quote{k_nowhere, 0};  ///< The last one that ends on a later line.

  private:
    void scan() {
        while (at_ < limit_ && open_quote == k_nowhere) {
            const char c = text_[at_];
            if (c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '#') {
                at_ = skip_gap(text_, at_);
            } else if (c == '[' || c == '{') {
                brackets.push_back(at_++);
            } else if (c == ']' || c == '}') {
                if (!brackets.empty()) {
                    brackets.pop_back();
                }
                ++at_;
            } else if (c == ',' || ((c == '-' || c == '?' || c == ':') && ends_word(text_, at_ + 1))) {
                ++at_;
            } else if (c == '\'' || c == '"') {
                quote();
            } else if ((c == '|' || c == '>') && brackets.empty()) {
                block();
            } else if (c == '&' || c == '*' || c == '!') {
                while (!ends_word(text_, at_)) {
                    ++at_;
                }
            } else {
                plain();
            }
        }
    }

    void quote() {
        const std::size_t close = closing_quote(text_, at_);
        if (close == k_nowhere) {
            open_quote = at_;
            return;
        }
        if (text_.substr(at_, close - at_).find('\n') != k_nowhere) {
            long_quote = {at_, close};
        }
        at_ = close + 1;
        if (at_ < text_.size() && text_[at_] == ':') {
            ++at_;
        }
    }

    void block() {
        const std::size_t line = text_.rfind('\n', at_) + 1;
        const std::size_t indent = indentation_of(text_.substr(line, at_ - line));
        at_ = std::min(text_.find('\n', at_), text_.size());
        while (at_ < limit_) {
            const std::size_t next = at_ + 1;
            const std::string_view rest = text_.substr(next, text_.find('\n', next) - std::min(next, text_.size()));
            if (rest.find_first_not_of(" \r") != k_nowhere && indentation_of(rest) <= indent) {
                return;
            }
            at_ = std::min(next + rest.size(), text_.size());
            if (next >= text_.size()) {
                return;
            }
        }
    }

    void plain() {
        while (at_ < text_.size() && text_[at_] != '\n') {
            const char c = text_[at_];
            if (c == ':' && ends_word(text_, at_ + 1)) {
                ++at_;
                return;
            }
            if (c == '#' && at_ > 0 && ends_word(text_, at_ - 1)) {
                return;
            }
            if (!brackets.empty() && (c == ',' || c == '[' || c == ']' || c == '{' || c == '}')) {
                return;
            }
            ++at_;
        }
    }

    std::string_view text_;
    std::size_t limit_;
    std::size_t at_{0};
};

std::optional<Diagnostic> tab(const Source& source, int line) {
    const std::string_view text = source.line_text(line);
    const std::size_t tab = text.find('\t');
    if (tab == k_nowhere || text.find_first_not_of(" \t") < tab || text.find_first_not_of(" \t") == k_nowhere) {
        return std::nullopt;
    }
    const std::size_t at = source.line_start(line) + tab;
    return syntax(source.origin(at, at + 1), "a tab cannot indent YAML; use spaces", "BE0102");
}

std::optional<Diagnostic> bad_start(const Source& source, std::size_t offset) {
    const char c = offset < source.text().size() ? source.text()[offset] : '\0';
    if (c != '@' && c != '`' && c != '%') {
        return std::nullopt;
    }
    return syntax(source.origin(offset, offset + 1),
                  fmt::format("a value cannot start with '{}'; put it in quotes", c));
}

std::optional<Diagnostic> template_text(const Source& source, int line) {
    const std::size_t at = source.line_text(line).find("{{");
    return at == k_nowhere ? std::nullopt : std::optional(template_braces(source, source.line_start(line) + at));
}

std::optional<Diagnostic> unclosed(const Source& source, std::size_t offset) {
    const Outline outline(source.text(), offset);
    if (outline.open_quote != k_nowhere) {
        return unclosed_quote(source, outline.open_quote);
    }
    const int line = source.line_of(offset);
    if (outline.long_quote.first != k_nowhere && source.line_of(outline.long_quote.second) == line) {
        const Origin opened = source.origin(outline.long_quote.first, outline.long_quote.first + 1);
        const Origin closed = source.origin(outline.long_quote.second, outline.long_quote.second + 1);
        return syntax(opened, fmt::format("the quote opened at {} is closed only at {}, by what looks like another one",
                                          line_and_column(opened), line_and_column(closed)));
    }
    // A bracket may well go on over lines; that the parser stumbles on a later one means that it should not have.
    if (!outline.brackets.empty() &&
        (offset >= source.text().size() || source.line_of(outline.brackets.back()) < line ||
         source.text().find_first_not_of(" \t\r\n", offset) == k_nowhere)) {
        const std::size_t at = outline.brackets.back();
        const Origin opened = source.origin(at, at + 1);
        return syntax(opened,
                      fmt::format("the '{}' opened at {} is not closed", source.text()[at], line_and_column(opened)));
    }
    return std::nullopt;
}

/// The value behind the first `: ` of the line, when another `: ` stands in it.
std::optional<Diagnostic> second_colon(const Source& source, int line) {
    const std::string_view text = source.line_text(line);
    const std::size_t first = text.find(": ");
    const std::size_t value = first == k_nowhere ? k_nowhere : text.find_first_not_of(' ', first + 1);
    if (value == k_nowhere || text.find_first_of("'\"[{|>&*", value) == value) {
        return std::nullopt;
    }
    const std::size_t second = std::min(text.find(": ", value), text.find(":\t", value));
    const bool at_the_end = second == k_nowhere && text.back() == ':' && value < text.size() - 1;
    if ((second == k_nowhere && !at_the_end) || text.substr(value, second - value).find(" #") != k_nowhere) {
        return std::nullopt;
    }
    const std::size_t from = source.line_start(line);
    return syntax(source.origin(from + value, from + text.size()),
                  "quote the value that contains ': ', or the colon starts a new key on its own line");
}

std::string_view key_of(std::string_view line) noexcept {
    const std::string_view text = line.substr(indentation_of(line));
    const std::size_t colon = text.find(':');
    return colon == k_nowhere || !ends_word(text, colon + 1) ? std::string_view{} : text.substr(0, colon);
}

Diagnostic unknown_alias(const Source& source, std::size_t offset) {
    const std::string_view text = source.text();
    const std::size_t star = std::min(text.rfind('*', offset), text.size());
    const std::size_t end = std::min(text.find_first_of(" \t\r\n,]}", star), text.size());
    const std::string_view name = text.substr(star, end - star);
    return syntax(source.origin(star, end),
                  fmt::format("alias '{}' has no anchor '&{}' before it", name, name.empty() ? name : name.substr(1)),
                  "BE0104");
}

/// The nearest line above that says something; 0 when there is none.
int line_above(const Source& source, int line) noexcept {
    for (--line; line > 0; --line) {
        const std::string_view text = source.line_text(line);
        const std::size_t at = text.find_first_not_of(" \t");
        if (at != k_nowhere && text[at] != '#') {
            break;
        }
    }
    return std::max(line, 0);
}

/// A line of a mapping without a colon: the parser takes it for more of the value above, and stumbles on the next line.
std::optional<Diagnostic> lone_word(const Source& source, int line) {
    for (const int candidate : {line, line_above(source, line)}) {
        const std::string_view text = source.line_text(candidate);
        const std::size_t from = indentation_of(text);
        const std::string_view content = text.substr(from, text.find(" #", from) - from);
        const std::string_view word = content.substr(0, content.find(' '));
        const bool is_word = !word.empty() && std::all_of(word.begin(), word.end(), [](char c) {
            return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
                   c == '.';
        });
        if (is_word && word.front() != '-' && word.front() != '.' && content.find(": ") == k_nowhere &&
            content.back() != ':') {
            const std::size_t at = source.line_start(candidate) + from;
            return syntax(source.origin(at, at + word.size()), fmt::format("'{}' needs a ':' to be a key", word));
        }
    }
    return std::nullopt;
}

std::optional<Diagnostic> odd_indentation(const Source& source, int line) {
    const std::string_view text = source.line_text(line);
    const std::size_t indent = indentation_of(text);
    const std::string_view key = key_of(text);
    if (key.empty()) {
        return std::nullopt;
    }
    std::size_t siblings = k_nowhere;
    std::size_t lowest = k_nowhere;  // of the lines passed so far: only lines that enclose them count
    for (int above = line_above(source, line); above > 0; above = line_above(source, above)) {
        const std::size_t other = indentation_of(source.line_text(above));
        if (other >= lowest) {
            continue;
        }
        lowest = other;
        const bool opens = !source.line_text(above).empty() && source.line_text(above).back() == ':';
        if (other == indent || (other < indent && opens && siblings == k_nowhere)) {
            return std::nullopt;
        }
        if (other > indent) {
            siblings = other;
            continue;
        }
        siblings = siblings == k_nowhere ? other : siblings;
        break;
    }
    if (siblings == k_nowhere) {
        return std::nullopt;
    }
    const std::size_t at = source.line_start(line) + indent;
    return syntax(source.origin(at, at + key.size()),
                  fmt::format("'{}' is indented by {}, its siblings by {}", key, indent, siblings));
}

}  // namespace

std::size_t closing_quote(std::string_view text, std::size_t quote) noexcept {
    const char mark = text[quote];
    for (std::size_t i = quote + 1; i < text.size(); ++i) {
        if (mark == '"' && text[i] == '\\') {
            ++i;
        } else if (text[i] == mark) {
            if (mark == '\'' && i + 1 < text.size() && text[i + 1] == mark) {
                ++i;
                continue;
            }
            return i;
        }
    }
    return k_nowhere;
}

std::size_t skip_gap(std::string_view text, std::size_t at) noexcept {
    while (at < text.size()) {
        const char c = text[at];
        if (c == '#' && (at == 0 || ends_word(text, at - 1))) {
            at = std::min(text.find('\n', at), text.size());
        } else if (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
            ++at;
        } else if (c == '#') {
            return at + 1;  // inside a word; whoever scans goes on behind it
        } else {
            break;
        }
    }
    return at;
}

Diagnostic template_braces(const Source& source, std::size_t offset) {
    const std::string_view line = source.text().substr(offset, source.text().find('\n', offset) - offset);
    const std::size_t close = line.find("}}");
    return syntax(source.origin(offset, offset + (close == k_nowhere ? 2 : close + 2)),
                  "this looks like a template ('{{ … }}'); render it first");
}

Diagnostic unclosed_quote(const Source& source, std::size_t quote) {
    const Origin where = source.origin(quote, quote + 1);
    return syntax(where, fmt::format("the quote opened at {} is never closed", line_and_column(where)));
}

std::optional<Diagnostic> forbidden_character(const Source& source) {
    const std::string_view text = source.text();
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto c = static_cast<unsigned char>(text[i]);
        if ((c >= 0x20U && c != 0x7fU) || c == '\n' || c == '\t') {
            continue;
        }
        if (c == '\r' && i + 1 < text.size() && text[i + 1] == '\n') {
            continue;
        }
        return syntax(source.origin(i, i + 1),
                      c == '\r'
                          ? "a carriage return without a line feed ends no line here; use line feeds"
                          : fmt::format("the control character 0x{:02x} cannot stand in YAML; in double quotes write "
                                        "'\\x{:02x}'",
                                        c, c));
    }
    return std::nullopt;
}

Diagnostic second_document(const Source& source, std::size_t offset) {
    const std::string_view text = source.text();
    const std::size_t at = std::min(offset, text.size());
    const std::string_view before = text.substr(0, at);
    const std::size_t marker = text.substr(at, 3) == "---" ? at : before.rfind("\n---");
    const std::size_t begin = marker == k_nowhere || marker == at ? at : marker + 1;
    const bool marked = text.substr(begin, 3) == "---" && skip_gap(text, begin + 3) >= at;
    if (marked && begin != 0) {
        return syntax(source.origin(begin, begin + 3), "one document per file; the second starts here", "BE0105");
    }
    const std::size_t end = std::min(text.find('\n', at), text.size());
    if (auto found = tab(source, source.line_of(at))) {
        return *found;
    }
    return syntax(source.origin(at, end), "the document ends before this; it belongs to nothing");
}

Diagnostic reworded(const Source& source, std::size_t offset, const std::string& words) {
    if (words == YAML::ErrorMsg::UNKNOWN_ANCHOR) {
        return unknown_alias(source, offset);
    }
    const int line = source.line_of(std::min(offset, source.text().size()));
    for (const int candidate : {line, line_above(source, line), line + 1}) {
        if (auto found = tab(source, candidate)) {
            return *found;
        }
    }
    if (auto found = bad_start(source, offset)) {
        return *found;
    }
    for (const int candidate : {line, line_above(source, line)}) {
        if (auto found = template_text(source, candidate)) {
            return *found;
        }
    }
    if (auto found = unclosed(source, offset)) {
        return *found;
    }
    if (auto found = second_colon(source, line)) {
        return *found;
    }
    if (auto found = lone_word(source, line)) {
        return *found;
    }
    if (auto found = odd_indentation(source, line)) {
        return *found;
    }
    const std::size_t at = std::min(offset, source.text().size());
    return syntax(source.origin(at, std::min(source.text().find('\n', at), at + 1)),
                  fmt::format("this cannot be read as YAML here ({})", words));
}

}  // namespace berth::yaml

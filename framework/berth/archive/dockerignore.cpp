// SPDX-License-Identifier: Apache-2.0
#include <berth/archive/dockerignore.hpp>
#include <berth/archive/internal/library.hpp>
#include <berth/core/error.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace berth::archive {
namespace {

constexpr std::string_view k_blanks = " \t\r\n\v\f";

std::string_view trimmed(std::string_view text) {
    const auto first = text.find_first_not_of(k_blanks);
    if (first == std::string_view::npos) {
        return {};
    }
    return text.substr(first, text.find_last_not_of(k_blanks) - first + 1);
}

/// `a//b/./../c` becomes `a/c`; `/a` becomes `a`; nothing is `.`.
std::string cleaned(std::string_view path) {
    std::vector<std::string_view> parts;
    const bool rooted = path.substr(0, 1) == "/";
    for (std::string_view rest = path; !rest.empty();) {
        const auto slash = rest.find('/');
        const auto part = rest.substr(0, slash);
        rest = slash == std::string_view::npos ? std::string_view{} : rest.substr(slash + 1);
        if (part == ".." && !parts.empty() && parts.back() != "..") {
            parts.pop_back();
        } else if (part == ".." && rooted) {
            continue;  // nothing is above the root
        } else if (!part.empty() && part != ".") {
            parts.push_back(part);
        }
    }
    return parts.empty() ? "." : fmt::format("{}", fmt::join(parts, "/"));
}

/// The next character of UTF-8; a byte that is none of it stands for itself, beyond all characters.
char32_t take_character(std::string_view& text) {
    constexpr char32_t k_no_character = 0x110000;
    const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(text[at]); };
    const unsigned first = byte(0);
    const std::size_t length = first < 0x80 ? 1 : first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : first >= 0xC0 ? 2 : 0;
    bool whole = length != 0 && length <= text.size() && first < 0xF8;
    for (std::size_t at = 1; whole && at < length; ++at) {
        whole = (byte(at) & 0xC0U) == 0x80U;
    }
    if (!whole) {
        text.remove_prefix(1);
        return k_no_character + first;
    }
    constexpr unsigned k_six_bits = 0x3F;
    char32_t result = length == 1 ? first : first & (0x7FU >> length);
    for (std::size_t at = 1; at < length; ++at) {
        result = (result << 6U) | (byte(at) & k_six_bits);
    }
    text.remove_prefix(length);
    return result;
}

[[noreturn]] void bad_rule(std::string_view rule, const std::string& place, std::string_view why) {
    throw Error({.code = "BR0252",
                 .summary = fmt::format("{}: '{}' is no rule: {}", place, shown(rule), why),
                 .hints = {"put '\\' before a character that is meant as it is"}});
}

}  // namespace

/// Goes through a path character by character, in all ways at once: time grows with path times rule, never more.
class DockerIgnore::Walk {
  public:
    explicit Walk(const std::vector<Token>& tokens)
        : tokens_(tokens), here_(tokens.size() + 1), next_(tokens.size() + 1) {
        enter(here_, 0);
    }

    void step(char32_t c) {
        std::fill(next_.begin(), next_.end(), char{0});
        for (std::size_t at = 0; at < tokens_.size(); ++at) {
            if (here_[at] != 0) {
                advance(at, c);
            }
        }
        here_.swap(next_);
    }
    void step(std::string_view text) {
        while (!text.empty()) {
            step(take_character(text));
        }
    }
    [[nodiscard]] bool matched() const { return here_.back() != 0; }
    /// More characters could still match; an end that is reached takes none.
    [[nodiscard]] bool alive() const { return std::find(here_.begin(), here_.end() - 1, char{1}) != here_.end() - 1; }

  private:
    /// Stands before token `at`, and before those behind it when it may match nothing.
    void enter(std::vector<char>& places, std::size_t at) const {
        places[at] = 1;
        while (at < tokens_.size() && may_be_nothing(tokens_[at])) {
            places[++at] = 1;
        }
    }
    static bool may_be_nothing(const Token& token) {
        return token.kind == Token::Kind::star || token.kind == Token::Kind::directories ||
               token.kind == Token::Kind::everything;
    }
    void advance(std::size_t at, char32_t c) {
        const Token& token = tokens_[at];
        switch (token.kind) {
            case Token::Kind::character:
                if (c == token.character) {
                    enter(next_, at + 1);
                }
                break;
            case Token::Kind::any:
                if (c != U'/') {
                    enter(next_, at + 1);
                }
                break;
            case Token::Kind::star:
                if (c != U'/') {
                    enter(next_, at);
                }
                break;
            case Token::Kind::set: {
                const bool in = std::any_of(token.ranges.begin(), token.ranges.end(),
                                            [c](const auto& range) { return range.first <= c && c <= range.second; });
                if (in != token.negated) {
                    enter(next_, at + 1);
                }
                break;
            }
            case Token::Kind::directories:
                next_[at] = 1;  // inside a name, which only a `/` may leave
                if (c == U'/') {
                    enter(next_, at + 1);
                }
                break;
            case Token::Kind::everything:
                enter(next_, at);
                break;
        }
    }

    const std::vector<Token>& tokens_;
    std::vector<char> here_;
    std::vector<char> next_;
};

std::vector<DockerIgnore::Token> DockerIgnore::compile(std::string_view pattern, const std::string& place) {
    const std::string_view whole = pattern;
    std::vector<Token> tokens;
    const auto add_once = [&](Token::Kind kind) {  // twice is the same as once
        if (tokens.empty() || tokens.back().kind != kind) {
            tokens.push_back({kind, 0, false, {}});
        }
    };
    const auto escaped = [&] {
        if (pattern.empty()) {
            bad_rule(whole, place, "nothing follows its last '\\'");
        }
        return take_character(pattern);
    };
    const auto set_character = [&] {
        if (pattern.empty()) {
            bad_rule(whole, place, "its '[' is not closed");
        }
        const char32_t c = take_character(pattern);
        return c == U'\\' ? escaped() : c;
    };
    while (!pattern.empty()) {
        const char32_t c = take_character(pattern);
        if (c == U'*' && pattern.substr(0, 1) == "*") {
            pattern.remove_prefix(1);
            if (pattern.substr(0, 1) == "/") {
                pattern.remove_prefix(1);
            }
            add_once(pattern.empty() ? Token::Kind::everything : Token::Kind::directories);
        } else if (c == U'*') {
            add_once(Token::Kind::star);
        } else if (c == U'?') {
            tokens.push_back({Token::Kind::any, 0, false, {}});
        } else if (c == U'[') {
            Token set{Token::Kind::set, 0, pattern.substr(0, 1) == "^", {}};
            if (set.negated) {
                pattern.remove_prefix(1);
            }
            do {
                if (pattern.substr(0, 1) == "]" || pattern.substr(0, 1) == "-") {
                    bad_rule(whole, place,
                             set.ranges.empty() && pattern.substr(0, 1) == "]" ? "its '[]' is empty"
                                                                               : "a '-' in it has one end only");
                }
                const char32_t first = set_character();
                char32_t last = first;
                if (pattern.substr(0, 1) == "-") {
                    pattern.remove_prefix(1);
                    if (pattern.substr(0, 1) == "]" || pattern.substr(0, 1) == "-") {
                        bad_rule(whole, place, "a '-' in it has one end only");
                    }
                    last = set_character();
                }
                if (last < first) {
                    bad_rule(whole, place, "a range in it runs backwards");
                }
                set.ranges.emplace_back(first, last);
            } while (pattern.substr(0, 1) != "]");
            pattern.remove_prefix(1);
            tokens.push_back(std::move(set));
        } else {
            tokens.push_back({Token::Kind::character, c == U'\\' ? escaped() : c, false, {}});
        }
    }
    return tokens;
}

DockerIgnore DockerIgnore::parse(std::string_view text, const std::string& file) {
    constexpr std::string_view k_byte_order_mark = "\xEF\xBB\xBF";
    if (text.substr(0, k_byte_order_mark.size()) == k_byte_order_mark) {
        text.remove_prefix(k_byte_order_mark.size());
    }
    DockerIgnore result;
    for (std::size_t number = 1; !text.empty(); ++number) {
        const auto end = text.find('\n');
        const std::string_view line = text.substr(0, end);
        text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
        std::string_view written = trimmed(line);
        if (written.empty() || line.front() == '#') {
            continue;
        }
        const std::string place = fmt::format("{}:{}", file, number);
        const bool exception = written.front() == '!';
        if (exception) {
            written = trimmed(written.substr(1));
            if (written.empty()) {
                bad_rule("!", place, "nothing follows its '!'");
            }
        }
        result.rules_.push_back({exception, compile(cleaned(written), place)});
    }
    return result;
}

bool DockerIgnore::excludes(std::string_view path) const {
    bool excluded = false;
    for (const auto& rule : rules_) {
        if (rule.exception != excluded) {  // would change nothing
            continue;
        }
        Walk walk(rule.tokens);
        bool matched = false;
        for (std::string_view rest = path; !rest.empty() && !matched && (walk.alive() || walk.matched());) {
            if (rest.front() == '/') {
                matched = walk.matched();  // a directory above
            }
            if (!matched) {
                walk.step(take_character(rest));
            }
        }
        if (matched || walk.matched()) {
            excluded = !rule.exception;
        }
    }
    return excluded;
}

bool DockerIgnore::may_include_below(std::string_view directory) const {
    return std::any_of(rules_.begin(), rules_.end(), [&](const Rule& rule) {
        if (!rule.exception) {
            return false;
        }
        Walk walk(rule.tokens);
        walk.step(directory);
        walk.step(U'/');
        return walk.alive();
    });
}

}  // namespace berth::archive

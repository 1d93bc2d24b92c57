// SPDX-License-Identifier: Apache-2.0
#include <berth/engine/internal/dockerfile_text.hpp>

#include <algorithm>
#include <cctype>

namespace berth::engine {
namespace {

constexpr std::string_view k_blanks = " \t\r\v\f";

std::string_view trimmed(std::string_view text) {
    const auto first = text.find_first_not_of(k_blanks);
    return first == std::string_view::npos ? std::string_view{}
                                           : text.substr(first, text.find_last_not_of(k_blanks) - first + 1);
}

bool is_name(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

/// Words between blanks; quoted blanks belong to a word.
std::vector<std::string> words_of(std::string_view text, char escape) {
    std::vector<std::string> words;
    std::string word;
    char quote = 0;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const char c = text[at];
        if (c == escape && quote != '\'' && at + 1 < text.size()) {
            word += c;
            word += text[++at];
        } else if (quote != 0) {
            word += c;
            quote = c == quote ? char{0} : quote;
        } else if (k_blanks.find(c) != std::string_view::npos) {
            if (!word.empty()) {
                words.push_back(std::move(word));
                word.clear();
            }
        } else {
            quote = c == '"' || c == '\'' ? c : char{0};
            word += c;
        }
    }
    if (!word.empty()) {
        words.push_back(std::move(word));
    }
    return words;
}

/// `EOF` of `<<EOF`, `3<<-"EOF"`; empty when the word begins no heredoc.
std::string heredoc_name(std::string_view word, bool& tabs_stripped) {
    while (!word.empty() && std::isdigit(static_cast<unsigned char>(word.front())) != 0) {
        word.remove_prefix(1);
    }
    if (word.substr(0, 2) != "<<") {
        return {};
    }
    word.remove_prefix(2);
    tabs_stripped = word.substr(0, 1) == "-";
    if (tabs_stripped) {
        word.remove_prefix(1);
    }
    std::string name;
    for (const char c : word) {
        if (c == '<') {
            return {};
        }
        if (c != '"' && c != '\'') {
            name += c;
        }
    }
    return name;
}

/// The end of `${…` that begins behind its brace; npos when it has none.
std::size_t closing_brace(std::string_view text, std::size_t from) {
    int depth = 1;
    for (std::size_t at = from; at < text.size(); ++at) {
        if (text[at] == '\\') {
            ++at;
        } else if (text[at] == '{') {
            ++depth;
        } else if (text[at] == '}' && --depth == 0) {
            return at;
        }
    }
    return std::string_view::npos;
}

using Variables = std::map<std::string, std::string>;
constexpr int k_deepest = 16;

std::optional<std::string> substituted(std::string_view text, const Variables& variables, int depth);

/// What stands in `${…}`.
std::optional<std::string> expanded(std::string_view inside, const Variables& variables, int depth) {
    const auto end = std::find_if_not(inside.begin(), inside.end(), is_name) - inside.begin();
    const std::string name(inside.substr(0, static_cast<std::size_t>(end)));
    std::string_view rest = inside.substr(static_cast<std::size_t>(end));
    const auto found = variables.find(name);
    bool set = found != variables.end();
    if (name.empty()) {
        return std::nullopt;
    }
    if (rest.empty()) {
        return set ? found->second : std::string{};
    }
    if (rest.front() == ':') {
        rest.remove_prefix(1);
        set = set && !found->second.empty();
    }
    if (rest.substr(0, 1) == "-") {
        return set ? std::optional(found->second) : substituted(rest.substr(1), variables, depth + 1);
    }
    if (rest.substr(0, 1) == "+") {
        return set ? substituted(rest.substr(1), variables, depth + 1) : std::optional(std::string{});
    }
    return std::nullopt;
}

std::optional<std::string> substituted(std::string_view text, const Variables& variables, int depth) {
    if (depth > k_deepest) {
        return std::nullopt;
    }
    std::string result;
    char quote = 0;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const char c = text[at];
        if (c == '\\' && quote != '\'' && at + 1 < text.size()) {
            result += text[++at];
        } else if (quote != 0 && c == quote) {
            quote = 0;
        } else if (quote == 0 && (c == '"' || c == '\'')) {
            quote = c;
        } else if (c != '$' || quote == '\'') {
            result += c;
        } else if (text.substr(at + 1, 1) == "{") {
            const auto end = closing_brace(text, at + 2);
            if (end == std::string_view::npos) {
                return std::nullopt;
            }
            const auto value = expanded(text.substr(at + 2, end - at - 2), variables, depth);
            if (!value) {
                return std::nullopt;
            }
            result += *value;
            at = end;
        } else {
            std::size_t end = at + 1;
            while (end < text.size() && is_name(text[end])) {
                ++end;
            }
            const auto value = expanded(text.substr(at + 1, end - at - 1), variables, depth);
            if (!value) {
                return std::nullopt;
            }
            result += *value;
            at = end - 1;
        }
    }
    return result;
}

}  // namespace

std::optional<std::string> substitute(std::string_view text, const Variables& variables) {
    return substituted(text, variables, 0);
}

std::string lower_case(std::string_view text) {
    std::string result(text);
    std::transform(result.begin(), result.end(), result.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return result;
}

DockerfileText::DockerfileText(std::string_view text) : rest_(text) {
    constexpr std::string_view k_byte_order_mark = "\xEF\xBB\xBF";
    if (rest_.substr(0, k_byte_order_mark.size()) == k_byte_order_mark) {
        rest_.remove_prefix(k_byte_order_mark.size());
    }
    // Directives stand before everything else; the first comment that is none ends them.
    std::string_view here;
    for (std::string_view before = rest_; line(here); before = rest_) {
        const auto equals = here.find('=');
        const auto name = here.substr(0, 1) == "#" && equals != std::string_view::npos
                              ? lower_case(trimmed(here.substr(1, equals - 1)))
                              : std::string{};
        const auto value = equals == std::string_view::npos ? std::string_view{} : trimmed(here.substr(equals + 1));
        if (name == "escape" && value.size() == 1) {
            escape_ = value.front();
        } else if (name == "syntax") {
            frontend_ = std::string(value);
        } else if (name != "check") {
            rest_ = before;
            --number_;
            return;
        }
    }
}

bool DockerfileText::line(std::string_view& line) {
    if (rest_.empty()) {
        return false;
    }
    const auto end = rest_.find('\n');
    line = rest_.substr(0, end);
    rest_ = end == std::string_view::npos ? std::string_view{} : rest_.substr(end + 1);
    ++number_;
    return true;
}

bool DockerfileText::next(Instruction& instruction) {
    std::string joined;
    bool continued = false;
    std::string_view here;
    while (line(here)) {
        const std::string_view content = trimmed(here);
        if (content.empty() || content.front() == '#') {
            continue;  // also in the middle of an instruction
        }
        if (!continued) {
            instruction = {};
            instruction.line = number_;
        }
        continued = content.back() == escape_;
        joined += continued ? content.substr(0, content.size() - 1) : content;
        if (!continued) {
            break;
        }
        joined += ' ';
    }
    if (joined.empty()) {
        return false;
    }
    instruction.words = words_of(joined, escape_);
    if (instruction.words.empty()) {
        return next(instruction);  // nothing but a continuation
    }
    instruction.keyword = lower_case(instruction.words.front());
    std::transform(instruction.keyword.begin(), instruction.keyword.end(), instruction.keyword.begin(),
                   [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    instruction.words.erase(instruction.words.begin());
    if (instruction.keyword == "RUN" || instruction.keyword == "COPY" || instruction.keyword == "ADD") {
        skip_heredocs(instruction);
    }
    return true;
}

void DockerfileText::skip_heredocs(Instruction& instruction) {
    for (const auto& word : instruction.words) {
        bool tabs_stripped = false;
        const std::string name = heredoc_name(word, tabs_stripped);
        if (name.empty()) {
            continue;
        }
        if (!instruction.heredoc) {
            instruction.heredoc = true;
            instruction.heredoc_name = name;
        }
        std::string_view here;
        while (line(here)) {
            if (here.substr(here.empty() ? 0 : here.size() - 1) == "\r") {
                here.remove_suffix(1);
            }
            if (tabs_stripped) {
                here.remove_prefix(std::min(here.find_first_not_of('\t'), here.size()));
            }
            if (here == name) {
                break;
            }
        }
    }
}

}  // namespace berth::engine

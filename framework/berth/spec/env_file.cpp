// SPDX-License-Identifier: Apache-2.0
#include <berth/core/names.hpp>
#include <berth/spec/env_file.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace berth {
namespace {

bool is_blank(char c) noexcept {
    return c == ' ' || c == '\t' || c == '\r';
}

class EnvFileParser {
  public:
    EnvFileParser(std::string_view text, std::string_view file, const VariableLookup& lookup)
        : text_(text), file_(intern_file_name(file)), lookup_(lookup) {
        if (text_.substr(0, 3) == "\xef\xbb\xbf") {
            text_.remove_prefix(3);
        }
    }

    EnvFileContents parse_raw() {
        while (!at_end()) {
            const std::size_t end = std::min(text_.find('\n', at_), text_.size());
            std::string_view line = text_.substr(at_, end - at_);
            if (!line.empty() && line.back() == '\r') {
                line.remove_suffix(1);
            }
            if (line.find_first_not_of(" \t") != std::string_view::npos && line.front() != '#') {
                const auto equals = line.find('=');
                EnvFileVariable found;
                found.name = line.substr(0, equals);
                found.line = line_;
                if (equals != std::string_view::npos) {
                    found.value = line.substr(equals + 1);
                }
                if (is_variable_name(found.name)) {
                    contents_.variables.push_back(std::move(found));
                } else {
                    fail(line_, found.name.empty() ? "a name is missing before '='"
                                                   : fmt::format("'{}' is not a name of a variable", found.name));
                }
            }
            at_ = end;
            if (!at_end()) {
                next_line();
            }
        }
        return std::move(contents_);
    }

    EnvFileContents parse() {
        while (!at_end()) {
            skip_blanks();
            if (here() == '\n') {
                next_line();
            } else if (here() == '#') {
                skip_line();
            } else if (!at_end()) {
                variable();
            }
        }
        return std::move(contents_);
    }

  private:
    [[nodiscard]] bool at_end() const noexcept { return at_ >= text_.size(); }
    [[nodiscard]] char here() const noexcept { return at_end() ? '\0' : text_[at_]; }

    void next_line() {
        ++at_;
        ++line_;
    }
    void skip_blanks() {
        while (!at_end() && is_blank(here())) {
            ++at_;
        }
    }
    void skip_line() {
        while (!at_end() && here() != '\n') {
            ++at_;
        }
        if (!at_end()) {
            next_line();
        }
    }

    void fail(int line, std::string_view why) {
        Diagnostic found;
        found.code = "BE0416";
        found.message = fmt::format("{}:{}: {}", file_, line, why);
        found.where = {file_, line, 0, 0, 0};
        contents_.diagnostics.push_back(std::move(found));
    }

    void variable() {
        constexpr std::string_view k_export = "export";
        if (text_.substr(at_, k_export.size()) == k_export && at_ + k_export.size() < text_.size() &&
            is_blank(text_[at_ + k_export.size()])) {
            at_ += k_export.size();
            skip_blanks();
        }
        const std::size_t from = at_;
        while (!at_end() && here() != '=' && here() != ':' && here() != '\n' && !is_blank(here())) {
            ++at_;
        }
        EnvFileVariable found;
        found.name = text_.substr(from, at_ - from);
        found.line = line_;
        if (!is_variable_name(found.name)) {
            fail(line_, found.name.empty() ? "a name is missing before '='"
                                           : fmt::format("'{}' is not a name of a variable", found.name));
            skip_line();
            return;
        }
        skip_blanks();
        if (at_end() || here() == '\n' || here() == '#') {
            skip_line();
            contents_.variables.push_back(std::move(found));
            return;
        }
        if (here() != '=' && here() != ':') {
            fail(line_, fmt::format("'{}' needs a '=' behind it", found.name));
            skip_line();
            return;
        }
        ++at_;
        skip_blanks();
        std::optional<std::string> value = here() == '\'' || here() == '"' ? quoted(here()) : unquoted();
        if (value) {
            found.value = std::move(*value);
            contents_.variables.push_back(std::move(found));
        }
    }

    std::string unquoted() {
        const std::size_t from = at_;
        while (!at_end() && here() != '\n' && !(here() == '#' && (at_ == from || is_blank(text_[at_ - 1])))) {
            ++at_;
        }
        std::string_view raw = text_.substr(from, at_ - from);
        while (!raw.empty() && is_blank(raw.back())) {
            raw.remove_suffix(1);
        }
        const int line = line_;
        skip_line();
        return expanded(raw, line);
    }

    std::optional<std::string> quoted(char quote) {
        const int line = line_;
        ++at_;
        std::string raw;
        while (!at_end() && here() != quote) {
            if (quote == '"' && here() == '\\' && at_ + 1 < text_.size()) {
                ++at_;
                escape(raw);
                continue;
            }
            raw += here();
            line_ += here() == '\n' ? 1 : 0;
            ++at_;
        }
        if (at_end()) {
            fail(line, fmt::format("the quote {} is never closed", quote));
            return std::nullopt;
        }
        ++at_;
        skip_blanks();
        if (!at_end() && here() != '\n' && here() != '#') {
            fail(line_, "nothing may stand behind the quote that closes");
            skip_line();
            return std::nullopt;
        }
        skip_line();
        return quote == '\'' ? raw : expanded(raw, line);
    }

    void escape(std::string& raw) {
        const char c = here();
        line_ += c == '\n' ? 1 : 0;
        ++at_;
        switch (c) {
            case 'n':
                raw += '\n';
                break;
            case 'r':
                raw += '\r';
                break;
            case 't':
                raw += '\t';
                break;
            case '$':
                raw += "$$";
                break;
            case '\\':
            case '"':
                raw += c;
                break;
            default:
                raw += '\\';
                raw += c;
        }
    }

    std::string expanded(std::string_view raw, int line) {
        if (raw.find('$') == std::string_view::npos) {
            return std::string(raw);
        }
        const auto known = [this](std::string_view name) -> std::optional<VariableValue> {
            const auto& all = contents_.variables;
            const auto found =
                std::find_if(all.rbegin(), all.rend(), [name](const auto& one) { return one.name == name; });
            if (found != all.rend() && found->value) {
                return VariableValue{*found->value, fmt::format("{}:{}", file_, found->line)};
            }
            return lookup_(name);
        };
        const Interpolation result = interpolate(raw, known, true);
        for (const auto& mistake : result.mistakes) {
            fail(line, mistake.message);
        }
        return unescape_dollars(result.text);
    }

    std::string_view text_;
    const char* file_;
    const VariableLookup& lookup_;
    std::size_t at_{0};
    int line_{1};
    EnvFileContents contents_;
};

}  // namespace

EnvFileContents parse_env_file(std::string_view text, std::string_view file, const VariableLookup& lookup) {
    return EnvFileParser(text, file, lookup).parse();
}

EnvFileContents parse_raw_env_file(std::string_view text, std::string_view file) {
    const VariableLookup nothing = [](std::string_view) { return std::nullopt; };
    return EnvFileParser(text, file, nothing).parse_raw();
}

}  // namespace berth

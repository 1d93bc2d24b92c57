// SPDX-License-Identifier: Apache-2.0
#include <berth/core/pattern.hpp>

#include <re2/re2.h>

namespace berth {

struct Pattern::Compiled {
    Compiled(const std::string& text, const RE2::Options& options) : expression(text, options) {}
    RE2 expression;
};

Pattern::Pattern(std::string text)
    : text_(std::move(text)), compiled_(std::make_shared<const Compiled>(text_, RE2::Quiet)) {
    const RE2& expression = compiled_->expression;
    if (!expression.ok()) {
        const std::string argument(expression.error_arg());
        const auto found = text_.find(argument);
        std::string why = expression.error();
        if (const auto colon = why.rfind(": " + argument); colon != std::string::npos && !argument.empty()) {
            why.resize(colon);
        }
        throw BadPattern(std::move(why), (found == std::string::npos ? 0 : found) + 1);
    }
}

bool Pattern::found_in(std::string_view line) const {
    return RE2::PartialMatch(re2::StringPiece(line.data(), line.size()), compiled_->expression);
}

Pattern Pattern::of_literal(std::string_view literal) {
    // Byte by byte: a log may be of any encoding, and as UTF-8 a literal that is none would be no expression.
    RE2::Options bytes(RE2::Latin1);
    bytes.set_log_errors(false);
    Pattern result{std::string{}};
    result.text_ = RE2::QuoteMeta(re2::StringPiece(literal.data(), literal.size()));
    result.compiled_ = std::make_shared<const Compiled>(result.text_, bytes);
    return result;
}

}  // namespace berth

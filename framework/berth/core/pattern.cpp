// SPDX-License-Identifier: Apache-2.0
#include <berth/core/pattern.hpp>

#include <re2/re2.h>

namespace berth {

struct Pattern::Compiled {
    explicit Compiled(const std::string& text) : expression(text, RE2::Quiet) {}
    RE2 expression;
};

Pattern::Pattern(std::string text) : text_(std::move(text)), compiled_(std::make_shared<const Compiled>(text_)) {
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
    return Pattern(RE2::QuoteMeta(re2::StringPiece(literal.data(), literal.size())));
}

}  // namespace berth

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/yaml/internal/source.hpp>

#include <berth/core/diagnostic.hpp>

#include <optional>
#include <string>
#include <string_view>

// What is wrong with a text that is no YAML, in words of our own: the parser's say where it gave up, and seldom why.

namespace berth::yaml {

/// What the parser's `words` at `offset` mean for a person.
Diagnostic reworded(const Source& source, std::size_t offset, const std::string& words);

/// A further document, or what stands behind the only one.
Diagnostic second_document(const Source& source, std::size_t offset);

/// `{{ … }}` where a mapping would start.
Diagnostic template_braces(const Source& source, std::size_t offset);

Diagnostic unclosed_quote(const Source& source, std::size_t quote);

/// A control character, or a line end that YAML readers do not agree on.
std::optional<Diagnostic> forbidden_character(const Source& source);

/// Where the quote at `quote` is closed; npos when it never is.
std::size_t closing_quote(std::string_view text, std::size_t quote) noexcept;

/// Behind white space, line ends and comments.
std::size_t skip_gap(std::string_view text, std::size_t at) noexcept;

}  // namespace berth::yaml

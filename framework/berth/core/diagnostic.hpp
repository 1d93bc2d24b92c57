// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/core/origin.hpp>

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace berth {

enum class Severity { error, warning, note };

/// A further place that explains a diagnostic ("defined here", "included from here").
struct Label {
    Origin where{};
    std::string text{};
};

/// An edit that mends the file: replace `where` by `text`.
struct Fix {
    Origin where{};
    std::string text{};
};

/// One finding about a spec, at its place.
struct Diagnostic {
    std::string code{};  ///< Stable: `BE0201`; never changes meaning.
    Severity severity{Severity::error};
    std::string message{};  ///< A lower-case clause without full stop, user's values in 'single quotes'.
    Origin where{};
    std::string caret{};          ///< What stands behind the carets: a guess, a value's origin. May be empty.
    std::vector<Label> labels{};  ///< Shown after the snippet, each with its own.
    std::string help{};           ///< One next step, when `caret` does not say it already.
    std::optional<Fix> fix{};
    std::string path{};  ///< Where in the document: `/services/app/ports/0`.
};

/// The texts that diagnostics point into, so that they can be quoted. Files that are not here are named, not quoted.
class SourceTexts {
  public:
    void add(std::string_view file, std::string text);
    /// Line `number` (from 1) without its end; nothing when file or line is not known.
    [[nodiscard]] std::optional<std::string_view> line(std::string_view file, int number) const;

  private:
    struct Text {
        std::string content;
        std::vector<std::size_t> line_starts;
    };
    std::map<std::string, Text, std::less<>> texts_;
};

enum class Colour { never, always };

/// Sorts by place and drops what is there twice (same code at the same place).
void sort_diagnostics(std::vector<Diagnostic>& diagnostics);

[[nodiscard]] bool has_errors(const std::vector<Diagnostic>& diagnostics) noexcept;

/// The form with source lines and carets, one blank line between, and a closing line that counts.
/// @param max_shown at most so many; 0 is all. The closing line says how many are not shown.
std::string render_text(const std::vector<Diagnostic>& diagnostics, const SourceTexts& sources,
                        Colour colour = Colour::never, std::size_t max_shown = 50);

/// One line a finding: `file:line:column: error[BE0201]: message; caret`.
std::string render_short(const std::vector<Diagnostic>& diagnostics);

/// `error`, `warning`, `note`.
std::string_view to_string(Severity severity) noexcept;

}  // namespace berth

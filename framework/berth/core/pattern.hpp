// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace berth {

/// A regular expression in RE2's syntax (no look-around, no back-references; linear time), searched unanchored.
/// Cheap to copy; may be used from many threads.
class Pattern {
  public:
    /// @throws BadPattern
    explicit Pattern(std::string text);

    /// Whether it occurs anywhere in `line`.
    [[nodiscard]] bool found_in(std::string_view line) const;
    [[nodiscard]] const std::string& text() const noexcept { return text_; }

    /// A pattern that finds `literal` as it is written, whatever its bytes.
    static Pattern of_literal(std::string_view literal);

  private:
    struct Compiled;
    std::string text_;
    std::shared_ptr<const Compiled> compiled_;
};

/// The text is no regular expression.
class BadPattern : public std::exception {
  public:
    BadPattern(std::string why, std::size_t position) : why_(std::move(why)), position_(position) {}
    [[nodiscard]] const char* what() const noexcept override { return why_.c_str(); }
    /// Character, from 1, of the part that is wrong.
    [[nodiscard]] std::size_t position() const noexcept { return position_; }

  private:
    std::string why_;
    std::size_t position_;
};

}  // namespace berth

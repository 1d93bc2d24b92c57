// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/core/origin.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace berth::yaml {

/// The text of one file, and what is needed to say where in it something stands. Offsets are bytes, behind the byte
/// order mark if there is one.
class Source {
  public:
    Source(std::string_view file, std::string text);

    [[nodiscard]] const char* file() const noexcept { return file_; }
    [[nodiscard]] std::string_view text() const noexcept { return text_; }

    /// The place of the bytes [begin, end).
    [[nodiscard]] Origin origin(std::size_t begin, std::size_t end) const;
    [[nodiscard]] int line_of(std::size_t offset) const noexcept;
    [[nodiscard]] std::size_t line_start(int line) const noexcept;
    /// Without its end; empty for a line that is not there.
    [[nodiscard]] std::string_view line_text(int line) const noexcept;
    [[nodiscard]] int line_count() const noexcept { return static_cast<int>(line_starts_.size()); }

  private:
    [[nodiscard]] std::size_t characters_before(std::size_t offset) const noexcept;
    [[nodiscard]] int column_of(std::size_t offset, int line) const noexcept;

    const char* file_;
    std::string text_;
    std::vector<std::size_t> line_starts_;
    std::vector<std::size_t> checkpoints_;  ///< Characters before each k_step bytes, so that long lines stay cheap.
};

/// Offset of the first byte that is not UTF-8; npos when all is.
std::size_t bad_utf8(std::string_view text) noexcept;

}  // namespace berth::yaml

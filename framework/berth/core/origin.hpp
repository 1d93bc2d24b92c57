// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace berth {

/// Where something was written: a range of a YAML file, or a line of a C++ source.
///
/// Lines and columns count from 1; 0 is "not known". Columns are characters. `end_column` is one past the last
/// character. Takes no part in comparisons: two equal specs stay equal wherever they were written.
struct Origin {
    /// Lives as long as the program: a literal, or from intern_file_name().
    const char* file{""};
    int line{0};
    int column{0};
    int end_line{0};
    int end_column{0};

    [[nodiscard]] bool known() const noexcept { return *file != '\0'; }

    friend bool operator==(const Origin&, const Origin&) noexcept { return true; }
};

/// The C++ line that calls, as a last parameter: `Caller caller = BERTH_CALLER`. A type of its own, so that no text in
/// a braced list is ever taken for a file name.
class Caller {
  public:
    explicit constexpr Caller(const char* file, int line) noexcept : file_(file), line_(line) {}
    [[nodiscard]] constexpr Origin origin() const noexcept { return {file_, line_, 0, 0, 0}; }

  private:
    const char* file_;
    int line_;
};

// The builtins stand for the caller only inside a default argument, so this cannot be a function. (std::source_location
// is not parsed by clang 14.)
#define BERTH_CALLER ::berth::Caller(__builtin_FILE(), __builtin_LINE())

/// A copy of `name` that lives as long as the program; the same pointer for the same name. Safe from any thread.
const char* intern_file_name(std::string_view name);

/// `file:line:column`, without the parts that are not known; empty when nothing is.
std::string to_string(const Origin& origin);

/// Whether both are the same place (operator== is always true).
bool same_place(const Origin& left, const Origin& right) noexcept;

/// Orders by file name, line, column.
bool stands_before(const Origin& left, const Origin& right) noexcept;

}  // namespace berth

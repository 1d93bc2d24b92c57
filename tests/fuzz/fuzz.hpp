// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/core/error.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace berth::fuzz {

/// What one execution is made of: a few choices from the front, the rest as it is.
class Input {
  public:
    Input(const std::uint8_t* data, std::size_t size) noexcept : left_(reinterpret_cast<const char*>(data), size) {}

    /// The next byte; 0 when there is none.
    std::uint8_t byte() noexcept;
    /// From 0 to `count` - 1.
    std::size_t choice(std::size_t count) noexcept { return byte() % count; }
    [[nodiscard]] std::string_view rest() const noexcept { return left_; }
    /// The rest up to the next line feed, which is dropped.
    std::string_view line() noexcept;

  private:
    std::string_view left_;
};

/// Ends the program: a promise was broken.
[[noreturn]] void finding(const std::string& what);
inline void check(bool holds, const char* what) {
    if (!holds) {
        finding(what);
    }
}
/// `what` and both texts, when they differ.
void check_equal(std::string_view left, std::string_view right, const char* what);

/// Text that is to be printed has no character that drives a terminal.
void check_printable(std::string_view text);

/// The error that `action` ends with: its code, or empty. Errors of ours are what bad input is answered with, and their
/// text has to be fit for a terminal. Any other exception is a finding.
std::string code_of(const std::function<void()>& action);

/// `text` cut into pieces of `size` bytes, in order; then an empty one for ever.
class Pieces {
  public:
    Pieces(std::string_view text, std::size_t size) noexcept : left_(text), size_(size) {}
    std::string_view operator()() noexcept {
        const auto piece = left_.substr(0, size_);
        left_.remove_prefix(piece.size());
        return piece;
    }

  private:
    std::string_view left_;
    std::size_t size_;
};

}  // namespace berth::fuzz

/// Defined once a program: one execution. Returns when the input was taken or refused as it has to be.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

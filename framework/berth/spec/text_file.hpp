// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

namespace berth {

/// A whole file in memory, or why it cannot be had.
struct TextFile {
    enum class Outcome { read, missing, unreadable, too_big };
    Outcome outcome{Outcome::read};
    std::string text{};
    std::string why{};      ///< `no such file or directory`, `it is a folder`; empty when read.
    std::uint64_t size{0};  ///< Bytes, when it is too big.
};

constexpr std::uint64_t k_largest_text_file = 1024 * 1024;

/// Reads a regular file of at most 1 MiB. Folders, devices, pipes and sockets are refused and never waited for.
TextFile read_text_file(const std::string& path);

}  // namespace berth

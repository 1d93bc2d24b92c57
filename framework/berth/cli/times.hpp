// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace berth::cli {

/// What `--since` means, as Unix seconds: a duration before `now` (`10m`), a time with its zone
/// (`2026-01-31T10:00:00Z`, `…+01:00`), a date (`2026-01-31`, UTC), or Unix seconds of at least nine digits. Nothing
/// when it is none of them.
std::optional<std::int64_t> parse_since(const std::string& text, std::chrono::system_clock::time_point now);

}  // namespace berth::cli

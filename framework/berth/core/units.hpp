// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace berth {

/// `(<n><us|ms|s|m|h>)+` or `0`, fractions allowed (`1.5s`), at most 24h. Nothing when the text is anything else.
std::optional<std::chrono::nanoseconds> parse_duration(std::string_view text);

/// As parse_duration() reads it: `1m30s`, `500ms`, `0s`.
std::string format_duration(std::chrono::nanoseconds duration);

/// For people: `1.2s`, `812ms`, `3m05s`; one significant step below seconds.
std::string readable_duration(std::chrono::nanoseconds duration);

/// A size in bytes.
enum class Bytes : std::uint64_t {};
constexpr std::uint64_t count(Bytes size) noexcept {
    return static_cast<std::uint64_t>(size);
}

/// `<n>[b|k|kb|ki|kib|m|…|t|tib]` in any case, powers of 1024, fractions allowed; a bare number is bytes.
std::optional<Bytes> parse_size(std::string_view text);

/// The shortest exact form that parse_size() reads: `512mb`, `1000`.
std::string format_size(Bytes size);

/// A decimal whole number with nothing around it. Nothing on overflow, signs other than a leading `-`, hex, `_`.
std::optional<std::int64_t> parse_integer(std::string_view text);

/// A decimal number, fraction allowed, no exponent.
std::optional<double> parse_number(std::string_view text);

/// `0644`, `644`, `0o644`; at most 07777.
std::optional<unsigned> parse_mode(std::string_view text);

/// `2026-01-31T10:00:00.000Z`.
std::string format_time(std::chrono::system_clock::time_point time);

}  // namespace berth

// SPDX-License-Identifier: Apache-2.0
#include <berth/core/units.hpp>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>

namespace berth {
namespace {

using namespace std::chrono_literals;
using std::chrono::nanoseconds;

constexpr nanoseconds k_longest_duration = 24h;

/// Digits with at most one point between them; takes what it read off `text`.
std::optional<double> take_number(std::string_view& text) {
    std::size_t end = 0;
    bool point = false;
    while (end < text.size() && ((text[end] >= '0' && text[end] <= '9') || (text[end] == '.' && !point && end > 0))) {
        point = point || text[end] == '.';
        ++end;
    }
    if (end == 0 || text[end - 1] == '.') {
        return std::nullopt;
    }
    double value = 0;
    const auto [stop, error] = std::from_chars(text.data(), text.data() + end, value, std::chars_format::fixed);
    if (error != std::errc{} || stop != text.data() + end) {
        return std::nullopt;
    }
    text.remove_prefix(end);
    return value;
}

struct Unit {
    std::string_view name;
    nanoseconds length;
};
constexpr std::array k_units = {Unit{"us", 1us}, Unit{"ms", 1ms}, Unit{"s", 1s}, Unit{"m", 1min}, Unit{"h", 1h}};

std::string_view take_letters(std::string_view& text) {
    std::size_t end = 0;
    while (end < text.size() && ((text[end] >= 'a' && text[end] <= 'z') || (text[end] >= 'A' && text[end] <= 'Z'))) {
        ++end;
    }
    const auto letters = text.substr(0, end);
    text.remove_prefix(end);
    return letters;
}

std::optional<unsigned> power_of_1024(std::string_view suffix) {
    std::string lower(suffix);
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    if (lower.empty() || lower == "b") {
        return 0U;
    }
    const std::size_t power = std::string_view("kmgt").find(lower.front());
    const std::string_view rest = std::string_view(lower).substr(1);
    if (power == std::string_view::npos || !(rest.empty() || rest == "b" || rest == "i" || rest == "ib")) {
        return std::nullopt;
    }
    return static_cast<unsigned>(power) + 1U;
}

}  // namespace

std::optional<nanoseconds> parse_duration(std::string_view text) {
    if (text == "0") {
        return 0ns;
    }
    if (text.empty()) {
        return std::nullopt;
    }
    double total = 0;
    while (!text.empty()) {
        const auto value = take_number(text);
        const auto name = take_letters(text);
        const auto* unit =
            std::find_if(k_units.begin(), k_units.end(), [&](const Unit& known) { return known.name == name; });
        if (!value || unit == k_units.end()) {
            return std::nullopt;
        }
        total += *value * static_cast<double>(unit->length.count());
        if (total > static_cast<double>(k_longest_duration.count())) {
            return std::nullopt;
        }
    }
    return nanoseconds(std::llround(total));
}

std::string format_duration(nanoseconds duration) {
    if (duration <= 0ns) {
        return "0s";
    }
    std::string text;
    const auto take = [&](auto unit, const char* name) {
        const auto whole = duration / nanoseconds(unit);
        if (whole > 0) {
            text += fmt::format("{}{}", whole, name);
            duration -= whole * nanoseconds(unit);
        }
    };
    take(1h, "h");
    take(1min, "m");
    take(1s, "s");
    take(1ms, "ms");
    if (duration > 0ns) {
        const auto micros = static_cast<double>(duration.count()) / 1000.0;
        text += fmt::format("{}us", micros);
    }
    return text;
}

std::string readable_duration(nanoseconds duration) {
    const auto ms = static_cast<double>(duration.count()) / 1e6;
    if (ms < 9.95) {
        return fmt::format("{:.1f}ms", ms);
    }
    if (ms < 999.5) {
        return fmt::format("{:.0f}ms", ms);
    }
    if (ms < 59'950) {
        return fmt::format("{:.1f}s", ms / 1000);
    }
    const auto seconds = std::chrono::round<std::chrono::seconds>(duration).count();
    return fmt::format("{}m{:02}s", seconds / 60, seconds % 60);
}

std::optional<Bytes> parse_size(std::string_view text) {
    const std::string_view written = text;
    const auto value = take_number(text);
    if (!value) {
        return std::nullopt;
    }
    const auto power = power_of_1024(text);
    if (!power) {
        return std::nullopt;
    }
    // Whole numbers by themselves: a double is exact up to 2^53 only.
    const auto digits = written.substr(0, written.size() - text.size());
    if (const auto whole = parse_integer(digits)) {
        const std::int64_t unit = std::int64_t{1} << (10U * *power);
        return *whole > std::numeric_limits<std::int64_t>::max() / unit
                   ? std::nullopt
                   : std::optional(Bytes{static_cast<std::uint64_t>(*whole * unit)});
    }
    const double bytes = *value * std::pow(1024.0, *power);
    if (bytes > 9.0e18) {
        return std::nullopt;
    }
    return Bytes{static_cast<std::uint64_t>(std::llround(bytes))};
}

std::string format_size(Bytes size) {
    std::uint64_t value = count(size);
    std::size_t power = 0;
    constexpr std::array k_names = {"", "kb", "mb", "gb", "tb"};
    while (value != 0 && value % 1024 == 0 && power + 1 < k_names.size()) {
        value /= 1024;
        ++power;
    }
    return fmt::format("{}{}", value, k_names[power]);
}

std::optional<std::int64_t> parse_integer(std::string_view text) {
    std::int64_t value = 0;
    const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || stop != text.data() + text.size() || text.empty()) {
        return std::nullopt;
    }
    return value;
}

std::optional<double> parse_number(std::string_view text) {
    const bool negative = !text.empty() && text.front() == '-';
    if (negative) {
        text.remove_prefix(1);
    }
    const auto value = take_number(text);
    if (!value || !text.empty()) {
        return std::nullopt;
    }
    return negative ? -*value : *value;
}

std::optional<unsigned> parse_mode(std::string_view text) {
    if (text.substr(0, 2) == "0o") {
        text.remove_prefix(2);
    }
    unsigned value = 0;
    const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value, 8);
    if (error != std::errc{} || stop != text.data() + text.size() || text.empty() || value > 07777U) {
        return std::nullopt;
    }
    return value;
}

std::string format_time(std::chrono::system_clock::time_point time) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
    const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(time - seconds).count();
    return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", fmt::gmtime(std::chrono::system_clock::to_time_t(seconds)), ms);
}

}  // namespace berth

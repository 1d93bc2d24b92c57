// SPDX-License-Identifier: Apache-2.0
#include <berth/cli/times.hpp>
#include <berth/core/units.hpp>

#include <ctime>

namespace berth::cli {
namespace {

constexpr std::size_t k_fewest_unix_digits = 9;

/// Minutes east of UTC of `Z`, `+01:00`, `-0530`.
std::optional<int> zone_of(const std::string& text) {
    if (text.empty()) {
        return std::nullopt;
    }
    if (text == "Z" || text == "z") {
        return 0;
    }
    std::string digits;
    for (std::size_t i = 1; i < text.size(); ++i) {
        if (text[i] >= '0' && text[i] <= '9') {
            digits += text[i];
        } else if (text[i] != ':' || i != 3) {
            return std::nullopt;
        }
    }
    if (digits.size() != 4 || (text.front() != '+' && text.front() != '-')) {
        return std::nullopt;
    }
    const int minutes = std::stoi(digits.substr(0, 2)) * 60 + std::stoi(digits.substr(2));
    return text.front() == '-' ? -minutes : minutes;
}

}  // namespace

std::optional<std::int64_t> parse_since(const std::string& text, std::chrono::system_clock::time_point now) {
    if (const auto whole = parse_integer(text); whole && *whole >= 0 && text.size() >= k_fewest_unix_digits) {
        return whole;
    }
    if (const auto before = parse_duration(text)) {
        return std::chrono::duration_cast<std::chrono::seconds>((now - *before).time_since_epoch()).count();
    }
    std::tm parts{};
    const char* rest = ::strptime(text.c_str(), "%Y-%m-%d", &parts);
    if (rest == nullptr) {
        return std::nullopt;
    }
    int zone = 0;
    if (*rest != '\0') {
        rest = *rest == 'T' || *rest == 't' || *rest == ' ' ? ::strptime(rest + 1, "%H:%M:%S", &parts) : nullptr;
        if (rest == nullptr) {
            return std::nullopt;
        }
        if (*rest == '.') {
            ++rest;
            while (*rest >= '0' && *rest <= '9') {
                ++rest;
            }
        }
        const auto minutes = zone_of(rest);
        if (!minutes) {
            return std::nullopt;
        }
        zone = *minutes;
    }
    return static_cast<std::int64_t>(::timegm(&parts)) - std::int64_t{zone} * 60;
}

}  // namespace berth::cli

// SPDX-License-Identifier: Apache-2.0
#include <berth/engine/internal/log_memory.hpp>

#include <algorithm>
#include <ctime>
#include <functional>

namespace berth::engine {
namespace {

/// Unix seconds of `2026-11-24T14:41:00.123456789Z`, or with `+01:00` in place of the Z (Podman).
std::optional<std::int64_t> seconds_of(const std::string& time) {
    std::tm parts{};
    const char* end = strptime(time.c_str(), "%Y-%m-%dT%H:%M:%S", &parts);
    if (end == nullptr) {
        return std::nullopt;
    }
    const auto local = static_cast<std::int64_t>(timegm(&parts));
    const std::string rest = end;
    const auto zone = rest.find_first_of("+-");
    int hours = 0;
    int minutes = 0;
    constexpr std::size_t k_zone = 6;
    if (zone == std::string::npos || rest.size() - zone != k_zone) {
        return local;
    }
    const auto digits = [&](std::size_t at) { return (rest[at] - '0') * 10 + (rest[at + 1] - '0'); };
    hours = digits(zone + 1);
    minutes = digits(zone + 4);
    const std::int64_t offset = (hours * 60 + minutes) * 60;
    return rest[zone] == '-' ? local + offset : local - offset;
}

/// Whether a time is one that no second line shares: with nanoseconds that were measured.
bool is_unique(const std::string& time) {
    constexpr std::size_t k_fraction = 19;  // `2026-11-24T14:41:00`
    constexpr std::size_t k_digits = 9;
    if (time.size() <= k_fraction + k_digits || time[k_fraction] != '.') {
        return false;
    }
    const auto digits = time.substr(k_fraction + 1, k_digits);
    return digits.find_first_not_of("0123456789") == std::string::npos && digits.substr(6) != "000";
}

}  // namespace

bool LogMemory::is_new(const LogLine& line) {
    Newest& newest = newest_[line.stream == LogLine::Stream::err ? 1 : 0];
    if (line.time < newest.time) {
        return false;
    }
    if (line.time > newest.time) {
        newest.time = line.time;
        newest.given.clear();
        newest.again.clear();
        newest.repeated = false;
    }
    const std::size_t digest = std::hash<std::string>{}(line.text);
    if (const auto before = newest.again.find(digest); before != newest.again.end() && before->second > 0) {
        --before->second;
        return false;
    }
    if (!line.continues) {
        newest.repeated = is_unique(line.time) && newest.given.find(digest) != newest.given.end();
    }
    if (newest.repeated) {
        return false;
    }
    ++newest.given[digest];
    return true;
}

void LogMemory::begin_again() {
    for (auto& newest : newest_) {
        newest.again = newest.given;
    }
}

std::optional<std::int64_t> LogMemory::since() const {
    std::optional<std::int64_t> result;
    for (const auto& newest : newest_) {
        if (const auto seconds = seconds_of(newest.time)) {
            result = result ? std::max(*result, *seconds) : *seconds;
        }
    }
    if (result) {  // the other stream may lag behind by a moment, over the turn of a second
        --*result;
    }
    return result;
}

}  // namespace berth::engine

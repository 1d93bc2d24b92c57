// SPDX-License-Identifier: Apache-2.0
#include <berth/engine/internal/clock.hpp>

#include <ctime>

namespace berth::engine {

std::optional<std::int64_t> time_of_date(const std::string& date) {
    std::tm parts{};
    const char* end = strptime(date.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
    if (end == nullptr || *end != '\0') {
        return std::nullopt;
    }
    return static_cast<std::int64_t>(timegm(&parts));
}

}  // namespace berth::engine

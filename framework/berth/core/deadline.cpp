// SPDX-License-Identifier: Apache-2.0
#include <berth/core/deadline.hpp>

#include <algorithm>

namespace berth {

Deadline Deadline::never(std::stop_token stop) noexcept {
    return Deadline(Clock::time_point::max(), std::move(stop));
}

std::chrono::milliseconds Deadline::left() const noexcept {
    if (is_never()) {
        return std::chrono::milliseconds::max();
    }
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(at_ - Clock::now());
    return std::max(left, std::chrono::milliseconds{0});
}

Deadline Deadline::sooner(std::chrono::nanoseconds from_now) const noexcept {
    return Deadline(std::min(at_, within(from_now).at()), stop_);
}

void Deadline::throw_if_cancelled() const {
    if (stop_.stop_requested()) {
        throw Cancelled();
    }
}

Deadline within(std::chrono::nanoseconds from_now, std::stop_token stop) noexcept {
    const auto now = Deadline::Clock::now();
    if (from_now >= Deadline::Clock::time_point::max() - now) {
        return Deadline::never(std::move(stop));
    }
    return Deadline(now + std::chrono::duration_cast<Deadline::Clock::duration>(from_now), std::move(stop));
}

}  // namespace berth

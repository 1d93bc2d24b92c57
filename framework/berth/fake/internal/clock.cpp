// SPDX-License-Identifier: Apache-2.0
#include <berth/fake/internal/clock.hpp>

#include <fmt/format.h>

#include <ctime>
#include <utility>

namespace berth::fake {

Clock::~Clock() {
    stop();
}

void Clock::after(std::chrono::nanoseconds time, std::function<void()> what) {
    due_.emplace(std::chrono::steady_clock::now() + time, std::move(what));
    changed_.notify_all();
}

void Clock::run() {
    thread_ = std::thread([this] {
        std::unique_lock lock(world_);
        while (!stopped_) {
            if (due_.empty()) {
                changed_.wait(lock);
            } else if (const auto next = due_.begin()->first; std::chrono::steady_clock::now() < next) {
                changed_.wait_until(lock, next);
            } else {
                const auto what = std::move(due_.begin()->second);
                due_.erase(due_.begin());
                what();
            }
        }
    });
}

void Clock::stop() {
    {
        const std::lock_guard lock(world_);
        stopped_ = true;
        changed_.notify_all();
    }
    if (thread_.joinable()) {
        thread_.join();
    }
}

std::int64_t now_nano() {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now().time_since_epoch())
        .count();
}

std::string time_text(std::int64_t nano) {
    constexpr std::int64_t k_second = 1'000'000'000;
    if (nano == 0) {
        return "0001-01-01T00:00:00Z";
    }
    const auto seconds = static_cast<std::time_t>(nano / k_second);
    std::tm parts{};
    ::gmtime_r(&seconds, &parts);
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:09}Z", parts.tm_year + 1900, parts.tm_mon + 1,
                       parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec, nano % k_second);
}

}  // namespace berth::fake

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>

namespace berth::fake {

/// Does things later, each with the world locked.
class Clock {
  public:
    using Time = std::chrono::steady_clock::time_point;

    explicit Clock(std::mutex& world) : world_(world) {}
    Clock(const Clock&) = delete;
    Clock& operator=(const Clock&) = delete;
    ~Clock();

    /// The world is locked by the caller.
    void after(std::chrono::nanoseconds time, std::function<void()> what);
    void run();
    void stop();

  private:
    std::mutex& world_;
    std::condition_variable changed_{};
    std::multimap<Time, std::function<void()>> due_{};
    bool stopped_{false};
    std::thread thread_{};
};

/// Nanoseconds since 1970.
std::int64_t now_nano();
/// RFC 3339 with nine digits.
std::string time_text(std::int64_t nano);

}  // namespace berth::fake

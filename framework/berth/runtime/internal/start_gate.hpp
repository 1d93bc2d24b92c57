// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/core/deadline.hpp>
#include <berth/core/error.hpp>

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace berth::runtime {

/// Lets so many containers start at once: many at a time slow a small engine down. The one place that says how many.
class StartGate {
  public:
    /// @param most 0: as many as this machine has processors, at least four
    explicit StartGate(int most) noexcept
        : free_(most > 0 ? most : std::max(k_fewest, static_cast<int>(std::thread::hardware_concurrency()))) {}

    /// Leaves when it goes.
    class Slot {
      public:
        explicit Slot(StartGate& gate) noexcept : gate_(gate) {}
        Slot(const Slot&) = delete;
        Slot& operator=(const Slot&) = delete;
        ~Slot() { gate_.leave(); }

      private:
        StartGate& gate_;
    };

    /// @throws TimedOut (BR0304), Cancelled
    [[nodiscard]] Slot enter(const Deadline& deadline) {
        std::unique_lock lock(mutex_);
        if (!deadline.wait(changed_, lock, [this] { return free_ > 0; })) {
            throw TimedOut({.code = "BR0304", .summary = "the time for the environment was over"});
        }
        --free_;
        return Slot(*this);
    }

  private:
    static constexpr int k_fewest = 4;

    void leave() noexcept {
        const std::lock_guard lock(mutex_);
        ++free_;
        changed_.notify_one();
    }

    std::mutex mutex_;
    std::condition_variable_any changed_;
    int free_;
};

}  // namespace berth::runtime

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <stop_token>

namespace berth {

/// Until when a blocking call may take, and the token that ends it sooner. Passed by value, last, to every such call.
///
/// A point on the steady clock, not a duration: three steps in a row cannot take three times as long as promised.
class Deadline {
  public:
    using Clock = std::chrono::steady_clock;

    explicit Deadline(Clock::time_point at, std::stop_token stop = {}) noexcept : at_(at), stop_(std::move(stop)) {}

    /// Ends only by `stop`.
    static Deadline never(std::stop_token stop = {}) noexcept;

    [[nodiscard]] Clock::time_point at() const noexcept { return at_; }
    [[nodiscard]] const std::stop_token& stop() const noexcept { return stop_; }
    [[nodiscard]] bool is_never() const noexcept { return at_ == Clock::time_point::max(); }
    [[nodiscard]] bool passed() const noexcept { return Clock::now() >= at_; }
    [[nodiscard]] bool cancelled() const noexcept { return stop_.stop_requested(); }

    /// What is left, rounded up to whole milliseconds; zero once it has passed.
    [[nodiscard]] std::chrono::milliseconds left() const noexcept;

    /// The same token, and the nearer of this point and `from_now`.
    [[nodiscard]] Deadline sooner(std::chrono::nanoseconds from_now) const noexcept;

    /// The same point with another token.
    [[nodiscard]] Deadline with_stop(std::stop_token stop) const noexcept { return Deadline(at_, std::move(stop)); }

    /// @throws Cancelled when the token was asked to stop
    void throw_if_cancelled() const;

    /// Waits on `condition` until `ready()` holds.
    /// @returns false when the deadline passed first
    /// @throws Cancelled when the token was asked to stop
    template <class Ready>
    bool wait(std::condition_variable_any& condition, std::unique_lock<std::mutex>& lock, Ready ready) const {
        bool held = false;
        if (is_never()) {  // wait_until overflows on time_point::max() in some libraries
            held = condition.wait(lock, stop_, ready);
        } else {
            held = condition.wait_until(lock, stop_, at_, ready);
        }
        if (!held) {
            throw_if_cancelled();
        }
        return held;
    }

  private:
    Clock::time_point at_;
    std::stop_token stop_;
};

/// From now on.
Deadline within(std::chrono::nanoseconds from_now, std::stop_token stop = {}) noexcept;

/// Somebody asked to stop (Ctrl-C, a sibling that failed). Not an Error, so that no `catch (const Error&)` swallows it.
class Cancelled : public std::exception {
  public:
    [[nodiscard]] const char* what() const noexcept override { return "cancelled"; }
};

}  // namespace berth

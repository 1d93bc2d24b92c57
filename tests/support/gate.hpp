// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/core/deadline.hpp>

#include <condition_variable>
#include <memory>
#include <mutex>

namespace berth::support {

/// Shut until somebody opens it; then open for good. Copies are the same gate.
class Gate {
  public:
    void open() const {
        const std::lock_guard lock(state_->mutex);
        state_->is_open = true;
        state_->changed.notify_all();
    }
    /// @returns false when the deadline passed first; throws Cancelled
    [[nodiscard]] bool wait(const Deadline& deadline) const {
        std::unique_lock lock(state_->mutex);
        return deadline.wait(state_->changed, lock, [&] { return state_->is_open; });
    }

  private:
    struct State {
        std::mutex mutex{};
        std::condition_variable_any changed{};
        bool is_open{false};
    };
    std::shared_ptr<State> state_ = std::make_shared<State>();
};

}  // namespace berth::support

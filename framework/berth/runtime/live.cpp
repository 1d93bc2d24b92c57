// SPDX-License-Identifier: Apache-2.0
#include <berth/runtime/internal/live.hpp>

#include <utility>

namespace berth {

std::shared_ptr<const runtime::Live> Service::State::live() const {
    const std::lock_guard lock(mutex_);
    return live_;
}

void Service::State::came_alive(runtime::Live facts) {
    auto shared = std::make_shared<const runtime::Live>(std::move(facts));
    const std::lock_guard lock(mutex_);
    live_ = std::move(shared);
}

void Service::State::created(const ContainerId& made) {
    const std::lock_guard lock(mutex_);
    id_ = made;
}

ContainerId Service::State::id() const {
    const std::lock_guard lock(mutex_);
    return id_;
}

void Service::State::ended(int exit_code) {
    const std::lock_guard lock(mutex_);
    exit_code_ = exit_code;
}

std::optional<int> Service::State::exit_code() const {
    const std::lock_guard lock(mutex_);
    return exit_code_;
}

void Service::State::became_ready() {
    const std::lock_guard lock(mutex_);
    ready_after_ = live_ ? Deadline::Clock::now() - live_->started : Deadline::Clock::duration{0};
}

std::optional<std::chrono::nanoseconds> Service::State::ready_after() const {
    const std::lock_guard lock(mutex_);
    return ready_after_;
}

}  // namespace berth

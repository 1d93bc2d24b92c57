// SPDX-License-Identifier: Apache-2.0
#include <berth/fake/internal/faults.hpp>

#include <chrono>

namespace berth::fake {

void Held::release() const {
    const std::lock_guard lock(state_->mutex);
    state_->released = true;
    state_->changed.notify_all();
}

bool Held::wait_until_reached(std::chrono::nanoseconds patience) const {
    std::unique_lock lock(state_->mutex);
    return state_->changed.wait_for(lock, patience, [&] { return state_->reached; });
}

void Held::State::reach() {
    const std::lock_guard lock(mutex);
    reached = true;
    changed.notify_all();
}

bool Held::State::wait() {
    std::unique_lock lock(mutex);
    const auto over = [&] { return released || ended; };
    if (fault.released_after) {
        changed.wait_for(lock, *fault.released_after, over);
    } else {
        changed.wait(lock, over);
    }
    return !ended;
}

void Held::State::end() {
    const std::lock_guard lock(mutex);
    ended = true;
    changed.notify_all();
}

bool fits(std::string_view pattern, std::string_view text) {
    std::size_t at = 0;
    std::size_t in = 0;
    std::size_t star = std::string_view::npos;
    std::size_t tried = 0;
    while (in < text.size()) {
        if (at < pattern.size() && pattern[at] == '*') {
            star = at++;
            tried = in;
        } else if (at < pattern.size() && pattern[at] == text[in]) {
            ++at;
            ++in;
        } else if (star != std::string_view::npos) {
            at = star + 1;
            in = ++tried;
        } else {
            return false;
        }
    }
    while (at < pattern.size() && pattern[at] == '*') {
        ++at;
    }
    return at == pattern.size();
}

Held FaultBook::add(const Call& call, const Fault& fault) {
    auto state = std::make_shared<Held::State>();
    state->call = call;
    state->fault = fault;
    const std::lock_guard lock(mutex_);
    faults_.push_back(state);
    return Held(std::move(state));
}

std::shared_ptr<Held::State> FaultBook::take(const std::string& method, const std::string& path) {
    const std::lock_guard lock(mutex_);
    std::shared_ptr<Held::State> acting;
    for (const auto& each : faults_) {
        const bool is_meant = (each->call.method.empty() || each->call.method == method) &&
                              (each->call.path.empty() || fits(each->call.path, path));
        if (!is_meant || each->taken) {
            continue;
        }
        ++each->seen;
        if (!acting && each->seen >= each->call.nth) {
            each->taken = true;
            acting = each;
        }
    }
    return acting;
}

void FaultBook::end() {
    const std::lock_guard lock(mutex_);
    for (const auto& each : faults_) {
        each->end();
    }
}

}  // namespace berth::fake

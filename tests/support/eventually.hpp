// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>

namespace berth::support {

/// Long: a time that passes only when something is broken.
constexpr std::chrono::seconds k_patience{30};

/// Whether `holds()` becomes true in time. For conditions that nobody tells of (a process's descriptors, an engine's
/// state): the only place of the tests that asks again and again, after 1 ms at first and 20 ms later.
template <class Predicate>
bool wait_until(Predicate holds, std::chrono::nanoseconds patience = k_patience) {
    using namespace std::chrono_literals;
    const auto end = std::chrono::steady_clock::now() + patience;
    std::mutex mutex;
    std::condition_variable nobody_tells;
    auto pause = 1ms;
    while (!holds()) {
        if (std::chrono::steady_clock::now() >= end) {
            return false;
        }
        std::unique_lock lock(mutex);
        nobody_tells.wait_for(lock, pause);
        pause = std::min(pause * 2, 20ms);
    }
    return true;
}

}  // namespace berth::support

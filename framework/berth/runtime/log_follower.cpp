// SPDX-License-Identifier: Apache-2.0
#include <berth/runtime/internal/log_follower.hpp>

#include <algorithm>
#include <chrono>
#include <utility>

namespace berth::runtime {
namespace {

constexpr std::chrono::milliseconds k_restart_pause{100};  // before a restarted container's log is followed again

}  // namespace

LogFollower::LogFollower(Engine engine, std::vector<Wanted> wanted) : engine_(std::move(engine)) {
    for (auto& each : wanted) {
        entries_.push_back({std::move(each)});
    }
}

void LogFollower::open(const ContainerId& id, bool tty, bool again) {
    thread_ = std::jthread([this, id, tty, again](const std::stop_token& stop) { follow(id, tty, again, stop); });
}

void LogFollower::follow(const ContainerId& id, bool tty, bool again, const std::stop_token& stop) {
    try {
        while (true) {
            LogOptions options;
            options.tty = tty;
            engine_.containers().follow(
                id, options, [this](const LogLine& line) { return take(line); }, Deadline::never(stop));
            std::unique_lock lock(mutex_);
            if (content() || !again) {
                over_ = true;
                changed_.notify_all();
                return;
            }
            // The engine starts it again: its log then begins with what was there before, which is counted anew.
            changed_.wait_for(lock, stop, k_restart_pause, [] { return false; });
            if (stop.stop_requested()) {
                return;
            }
            lines_ = 0;
            for (auto& entry : entries_) {
                entry.matches = 0;
            }
        }
    } catch (const Cancelled&) {
        return;  // nobody waits any more
    } catch (const std::exception&) {
        const std::lock_guard lock(mutex_);
        broken_ = std::current_exception();
        changed_.notify_all();
    }
}

bool LogFollower::take(const LogLine& line) {
    const std::lock_guard lock(mutex_);
    ++lines_;
    for (auto& entry : entries_) {
        const bool its_stream = entry.wanted.stream == WaitLog::Stream::both ||
                                (entry.wanted.stream == WaitLog::Stream::out) == (line.stream == LogLine::Stream::out);
        if (its_stream && entry.wanted.pattern.found_in(line.text)) {
            ++entry.matches;
            changed_.notify_all();
        }
    }
    return !content();
}

bool LogFollower::content() const {
    return std::all_of(entries_.begin(), entries_.end(),
                       [](const Entry& entry) { return entry.matches >= entry.wanted.times; });
}

bool LogFollower::wait(std::size_t which, const Deadline& deadline) const {
    std::unique_lock lock(mutex_);
    const Entry& entry = entries_[which];
    const auto seen = [&] { return entry.matches >= entry.wanted.times; };
    const bool in_time = deadline.wait(changed_, lock, [&] { return seen() || over_ || broken_; });
    if (in_time && !seen() && broken_) {
        std::rethrow_exception(broken_);
    }
    return in_time && seen();
}

LogFollower::Found LogFollower::found(std::size_t which) const {
    const std::lock_guard lock(mutex_);
    return {entries_[which].matches, lines_, over_};
}

}  // namespace berth::runtime

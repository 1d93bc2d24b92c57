// SPDX-License-Identifier: Apache-2.0
#include <berth/core/log.hpp>
#include <berth/core/units.hpp>
#include <berth/runtime/internal/event_hub.hpp>

#include <fmt/format.h>

#include <chrono>
#include <utility>
#include <vector>

namespace berth::runtime {
namespace {

using namespace std::chrono_literals;

constexpr int k_most_reopenings = 5;  // in one run; an engine that goes on breaking the stream is no help
constexpr std::chrono::milliseconds k_reopen_pause{20};  // doubles with each
constexpr std::string_view k_health = "health_status";

}  // namespace

EventHub::EventHub(Engine engine, std::string run) : engine_(std::move(engine)), run_(std::move(run)) {}

EventHub::~EventHub() = default;

void EventHub::open(const Deadline& deadline) {
    thread_ = std::jthread([this](const std::stop_token& stop) { listen(stop); });
    std::unique_lock lock(mutex_);
    if (!deadline.wait(changed_, lock, [this] { return open_ || broken_; })) {
        throw TimedOut({.code = "BR0103", .summary = "the engine did not begin to tell its events in time"});
    }
    if (broken_) {
        std::rethrow_exception(broken_);
    }
}

void EventHub::listen(const std::stop_token& stop) {
    const EventOptions options{.types = {"container"},
                               .actions = {"start", "die", "oom", std::string(k_health)},
                               .labels = {"berth.run=" + run_}};
    auto pause = k_reopen_pause;
    for (int opened = 0; !stop.stop_requested(); ++opened) {
        std::exception_ptr why;
        try {
            engine_.events().follow(
                options,
                [&] {
                    if (opened > 0) {
                        catch_up(stop);
                    }
                    const std::lock_guard lock(mutex_);
                    open_ = true;
                    changed_.notify_all();
                },
                [this](const Event& event) {
                    take(event);
                    return true;
                },
                Deadline::never(stop));
            why = std::make_exception_ptr(
                ExchangeFailed({.code = "BR0102", .summary = "the engine ended its stream of events"}));
        } catch (const Cancelled&) {
            return;
        } catch (const std::exception&) {
            why = std::current_exception();
        }
        if (stop.stop_requested()) {
            return;
        }
        {
            const std::lock_guard lock(mutex_);
            if (!open_ || opened >= k_most_reopenings) {
                broken_ = why;
            }
        }
        if (broken()) {
            give_up(why);
            return;
        }
        log::warn("the engine's events broke off; listening again");
        std::unique_lock lock(mutex_);
        changed_.wait_for(lock, stop, pause, [] { return false; });
        pause *= 2;
    }
}

// What happened while nobody listened.
void EventHub::catch_up(const std::stop_token& stop) {
    std::vector<std::string> ids;
    {
        const std::lock_guard lock(mutex_);
        for (const auto& [id, seen] : containers_) {
            if (!seen.ended) {
                ids.push_back(id);
            }
        }
    }
    for (const auto& id : ids) {
        const auto facts = engine_.containers().find(ContainerId{id}, within(k_call_patience, stop));
        const std::lock_guard lock(mutex_);
        Seen& seen = containers_[id];
        if (!facts || (!facts->running && facts->status != Status::created)) {
            seen.ended = true;
            seen.exit_code = facts ? std::optional(facts->exit_code) : std::nullopt;
            seen.out_of_memory = facts && facts->out_of_memory;
            tell_watchers(id);
        } else {
            seen.health = facts->health.status;
        }
        changed_.notify_all();
    }
}

bool EventHub::take(const Event& event) {
    const std::lock_guard lock(mutex_);
    Seen& seen = containers_[event.id];
    if (event.action == "start") {
        seen.ended = false;
        seen.exit_code.reset();
        seen.health = HealthState::Status::starting;
    } else if (event.action == "die") {
        seen.ended = true;
        const auto code = event.attributes.find("exitCode");
        if (code != event.attributes.end()) {
            if (const auto number = parse_integer(code->second)) {
                seen.exit_code = static_cast<int>(*number);
            }
        }
        tell_watchers(event.id);
    } else if (event.action == "oom") {
        seen.out_of_memory = true;
    } else if (event.action.rfind(k_health, 0) == 0) {
        const bool healthy =
            event.action.find("unhealthy") == std::string::npos && event.action.find("healthy") != std::string::npos;
        const bool unhealthy = event.action.find("unhealthy") != std::string::npos;
        seen.health = healthy     ? HealthState::Status::healthy
                      : unhealthy ? HealthState::Status::unhealthy
                                  : HealthState::Status::starting;
    } else {
        return false;
    }
    changed_.notify_all();
    return true;
}

void EventHub::tell_watchers(const std::string& id) {
    for (const auto& [number, watched] : watched_) {
        if (watched.id == id) {
            watched.then();
        }
    }
}

void EventHub::give_up(std::exception_ptr why) {
    const std::lock_guard lock(mutex_);
    broken_ = std::move(why);
    for (const auto& [number, watched] : watched_) {
        watched.then();
    }
    changed_.notify_all();
}

EventHub::Seen EventHub::seen(const ContainerId& id) const {
    const std::lock_guard lock(mutex_);
    const auto found = containers_.find(id.text);
    return found == containers_.end() ? Seen{} : found->second;
}

std::exception_ptr EventHub::broken() const {
    const std::lock_guard lock(mutex_);
    return broken_;
}

bool EventHub::wait(const ContainerId& id, const std::function<bool(const Seen&)>& holds,
                    const Deadline& deadline) const {
    std::unique_lock lock(mutex_);
    const auto now = [&] {
        const auto found = containers_.find(id.text);
        return holds(found == containers_.end() ? Seen{} : found->second);
    };
    const bool in_time = deadline.wait(changed_, lock, [&] { return now() || broken_; });
    if (in_time && !now()) {
        std::rethrow_exception(broken_);
    }
    return in_time;
}

EventHub::Watch::Watch(EventHub& hub, ContainerId id, std::function<void()> then) : hub_(hub) {
    const std::lock_guard lock(hub_.mutex_);
    number_ = hub_.next_watch_++;
    Seen& seen = hub_.containers_[id.text];
    if (seen.ended || hub_.broken_) {
        then();
    }
    hub_.watched_.emplace(number_, Watched{std::move(id.text), std::move(then)});
}

EventHub::Watch::~Watch() {
    const std::lock_guard lock(hub_.mutex_);
    hub_.watched_.erase(number_);
}

}  // namespace berth::runtime

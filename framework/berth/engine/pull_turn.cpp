// SPDX-License-Identifier: Apache-2.0
#include <berth/core/digest.hpp>
#include <berth/core/error.hpp>
#include <berth/core/units.hpp>
#include <berth/engine/internal/pull_turn.hpp>
#include <berth/engine/internal/wire.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <random>

namespace berth::engine {
namespace {

// A clock may jump, and nobody sets a time further ahead than this.
constexpr std::chrono::minutes k_longest_hold_off{2};

std::chrono::milliseconds now() {
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch());
}

std::optional<std::chrono::milliseconds> time_in(const std::string& text) {
    const auto value = parse_integer(text.substr(0, text.find(' ')));
    return value ? std::optional(std::chrono::milliseconds(*value)) : std::nullopt;
}

}  // namespace

PullTurn::PullTurn(const process::Descriptor& folder, std::string what)
    : slots_(folder, "pulls"), what_(std::move(what)), before_(slots_.read(what_)) {}

bool PullTurn::wait(const Deadline& deadline, const std::function<void()>& on_wait) {
    if (!slots_.usable()) {
        return false;
    }
    Backoff backoff(std::chrono::milliseconds(10), std::chrono::milliseconds(100));
    for (bool first = true;; first = false) {
        if ((lock_ = slots_.try_lock(what_))) {
            return !first && slots_.read(what_) != before_;
        }
        if (first) {
            on_wait();
        }
        if (deadline.passed()) {
            throw TimedOut({.code = "BR0103",
                            .summary = "another pull of the same image took too long",
                            .hints = {"allow more time, or look what the other process waits for"}});
        }
        backoff.pause(deadline);
    }
}

void PullTurn::done() const {
    constexpr std::size_t k_random_digits = 16;  // two pulls within a millisecond are two
    slots_.write(what_, fmt::format("{} {}", now().count(), random_hex(k_random_digits)));
}

std::optional<std::chrono::system_clock::time_point> PullTurn::last_done() const {
    const auto time = time_in(slots_.read(what_));
    if (!time || *time > now()) {
        return std::nullopt;
    }
    return std::chrono::system_clock::time_point(*time);
}

std::chrono::milliseconds RegistryBackoff::left() const {
    const auto until = time_in(slots_.read(what_));
    const auto left = until ? *until - now() : std::chrono::milliseconds(0);
    return left > k_longest_hold_off ? std::chrono::milliseconds(0) : std::max(left, std::chrono::milliseconds(0));
}

void RegistryBackoff::hold_off(std::chrono::milliseconds duration) const {
    slots_.write(what_, fmt::format("{}", (now() + duration).count()));
}

void RegistryBackoff::forget() const {
    if (!slots_.read(what_).empty()) {
        slots_.write(what_, "");
    }
}

std::chrono::milliseconds with_jitter(std::chrono::milliseconds base) {
    thread_local std::minstd_rand random{std::random_device{}()};
    std::uniform_int_distribution<std::int64_t> more(0, std::max<std::int64_t>(base.count() / 2, 0));
    return base + std::chrono::milliseconds(more(random));
}

}  // namespace berth::engine

// SPDX-License-Identifier: Apache-2.0
#include <berth/core/error.hpp>
#include <berth/process/wake.hpp>

#include <fmt/format.h>

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstdint>
#include <optional>
#include <system_error>

namespace berth::process {
namespace {

constexpr std::size_t k_most_watches = 4;

struct Notify {
    int event;
    void operator()() const noexcept {
        const std::uint64_t one = 1;
        // Cannot fail: the counter holds far more than the one request that a stop source makes.
        [[maybe_unused]] const auto written = ::write(event, &one, sizeof one);
    }
};

[[noreturn]] void fail(const char* what) {
    throw Error(
        {.code = "BR0116", .summary = fmt::format("cannot {}: {}", what, std::generic_category().message(errno))});
}

int milliseconds_for_poll(const Deadline& deadline) {
    if (deadline.is_never()) {
        return -1;
    }
    return static_cast<int>(std::min<std::chrono::milliseconds::rep>(deadline.left().count(), INT_MAX));
}

short events_of(const Watch& watch) {
    return static_cast<short>((watch.for_reading ? POLLIN : 0) | (watch.for_writing ? POLLOUT : 0));
}

}  // namespace

bool Wake::wait(std::initializer_list<Watch*> watches, const Deadline& deadline) {
    deadline.throw_if_cancelled();
    std::array<pollfd, k_most_watches + 1> polled{};
    std::size_t count = 0;
    for (const Watch* watch : watches) {
        polled.at(count++) = {watch->descriptor, events_of(*watch), 0};
    }

    std::optional<std::stop_callback<Notify>> notify;
    if (deadline.stop().stop_possible()) {
        if (!event_) {
            event_ = Descriptor(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
            if (!event_) {
                fail("make an event descriptor");
            }
        }
        polled.at(count) = {event_.get(), POLLIN, 0};
        notify.emplace(deadline.stop(), Notify{event_.get()});
    }
    const nfds_t size = count + (notify ? 1 : 0);
    int ready = 0;
    do {
        ready = ::poll(polled.data(), size, milliseconds_for_poll(deadline));
        if (ready < 0 && errno != EINTR) {
            fail("wait for a descriptor");
        }
        // 0 before its time: the deadline is further away than one poll can reach.
    } while (ready < 0 || (ready == 0 && !deadline.passed()));

    // The callback is gone before the event is read, so that a late request cannot wake the next wait.
    notify.reset();
    if (deadline.cancelled()) {
        std::uint64_t value = 0;
        [[maybe_unused]] const auto taken = ::read(event_.get(), &value, sizeof value);
        throw Cancelled();
    }
    std::size_t index = 0;
    for (Watch* watch : watches) {
        const short seen = polled.at(index++).revents;
        constexpr short k_broken = POLLHUP | POLLERR | POLLNVAL;
        watch->readable = watch->for_reading && (seen & (POLLIN | k_broken)) != 0;
        watch->writable = watch->for_writing && (seen & (POLLOUT | k_broken)) != 0;
    }
    return ready > 0;
}

}  // namespace berth::process

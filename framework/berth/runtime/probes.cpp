// SPDX-License-Identifier: Apache-2.0
#include <berth/process/wake.hpp>
#include <berth/runtime/internal/probes.hpp>

#include <fmt/format.h>
#include <netdb.h>
#include <sys/socket.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <memory>
#include <system_error>
#include <utility>

namespace berth::runtime {
namespace {

using namespace std::chrono_literals;

constexpr Duration k_first_connect = 1ms;
// A connect costs microseconds, and readiness is to be noticed within 10 ms: at 100 ms between attempts it took 32.
constexpr Duration k_longest_connect = 8ms;
constexpr Duration k_first_command = 25ms;
constexpr Duration k_longest_command = 1s;
constexpr Duration k_connect_patience = 1s;     // for one attempt
constexpr Duration k_proxied_stays_up = 100ms;  // a proxy hangs up within that time when nobody listens behind it
constexpr Duration k_request_patience = 5s;
constexpr int k_first_good_status = 200;
constexpr int k_last_good_status = 399;

std::string words_of(int system_error) {
    std::string text = std::generic_category().message(system_error);
    if (!text.empty()) {
        text[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(text[0])));
    }
    return text;
}

struct FreeAddresses {
    void operator()(addrinfo* list) const noexcept { ::freeaddrinfo(list); }
};

Look failed(int system_error) {
    return {.held = false,
            .unreachable = system_error == EHOSTUNREACH || system_error == ENETUNREACH,
            .seen = words_of(system_error)};
}

// Whether the other side is still there after the time that a proxy needs to find out that nobody listens.
Look stays_up(int descriptor, process::Wake& wake, const Deadline& deadline) {
    process::Watch watch{.descriptor = descriptor, .for_reading = true};
    if (!wake.wait({&watch}, deadline.sooner(k_proxied_stays_up))) {
        return {.held = true, .unreachable = false, .seen = "connected"};
    }
    char byte = 0;
    const ssize_t got = ::recv(descriptor, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    if (got > 0) {
        return {.held = true, .unreachable = false, .seen = "connected"};  // it spoke first
    }
    return {.held = false,
            .unreachable = false,
            .seen = got == 0 ? "connected, then closed" : fmt::format("connected, then {}", words_of(errno))};
}

}  // namespace

void Journal::tried(const std::string& probe, std::string seen) {
    const std::lock_guard lock(mutex_);
    last_.attempts = last_.probe == probe ? last_.attempts + 1 : 1;
    last_.probe = probe;
    last_.seen = std::move(seen);
}

void Journal::heard(const std::string& probe, std::string seen) {
    const std::lock_guard lock(mutex_);
    last_ = {probe, 0, std::move(seen)};
}

Journal::Entry Journal::last() const {
    const std::lock_guard lock(mutex_);
    return last_;
}

Pace Pace::of_connects(const Given<Duration>& interval) {
    return interval.given() ? Pace(*interval, *interval) : Pace(k_first_connect, k_longest_connect);
}

Pace Pace::of_commands(const Given<Duration>& interval) {
    return interval.given() ? Pace(*interval, *interval) : Pace(k_first_command, k_longest_command);
}

bool Pace::pause(const Deadline& deadline) {
    rest_until(Deadline::Clock::now() + next_, deadline);
    next_ = std::min(next_ * 2, longest_);
    return !deadline.passed();
}

void rest_until(Deadline::Clock::time_point at, const Deadline& deadline) {
    std::mutex mutex;
    std::condition_variable_any never_notified;
    std::unique_lock lock(mutex);
    Deadline(std::min(at, deadline.at()), deadline.stop()).wait(never_notified, lock, [] { return false; });
}

Look look_at_port(const ProbeTarget& target, const Deadline& deadline) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    if (const int error = ::getaddrinfo(target.host.c_str(), fmt::format("{}", target.port).c_str(), &hints, &found);
        error != 0) {
        return {.held = false, .unreachable = false, .seen = ::gai_strerror(error)};
    }
    const std::unique_ptr<addrinfo, FreeAddresses> address(found);
    const process::Descriptor connection(
        ::socket(address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, address->ai_protocol));
    if (!connection) {
        return failed(errno);
    }
    process::Wake wake;
    if (::connect(connection.get(), address->ai_addr, address->ai_addrlen) != 0) {
        if (errno != EINPROGRESS) {
            return failed(errno);
        }
        process::Watch watch{.descriptor = connection.get(), .for_writing = true};
        if (!wake.wait({&watch}, deadline.sooner(k_connect_patience))) {
            return {.held = false, .unreachable = false, .seen = "no answer to the connect"};
        }
        int error = 0;
        socklen_t size = sizeof(error);
        if (::getsockopt(connection.get(), SOL_SOCKET, SO_ERROR, &error, &size) != 0) {
            error = errno;
        }
        if (error != 0) {
            return failed(error);
        }
    }
    if (target.proxied) {
        return stays_up(connection.get(), wake, deadline);
    }
    return {.held = true, .unreachable = false, .seen = "connected"};
}

Look look_at_http(http::Client& client, const WaitHttp& wanted, const http::Request& request,
                  const Deadline& deadline) {
    http::Response response;
    try {
        response = client.send(request, deadline.sooner(wanted.request_timeout.value_or(k_request_patience)));
    } catch (const http::BrokenExchange& broken) {
        if (broken.system_error() != 0) {
            return failed(broken.system_error());
        }
        return {.held = false, .unreachable = false, .seen = broken.summary()};
    } catch (const TimedOut&) {
        return {.held = false, .unreachable = false, .seen = "no answer to the request"};
    }
    const int status = response.head.status;
    Look look{.held = false, .unreachable = false, .seen = fmt::format("HTTP {}", status)};
    const bool good = wanted.status.given() ? wanted.status->contains(status)
                                            : k_first_good_status <= status && status <= k_last_good_status;
    if (good && wanted.body_contains.given() && response.body.find(*wanted.body_contains) == std::string::npos) {
        look.seen += fmt::format(", and its body does not contain '{}'", *wanted.body_contains);
        return look;
    }
    look.held = good;
    return look;
}

const char* to_string(WaitHttp::Method method) noexcept {
    switch (method) {
        case WaitHttp::Method::get:
            return "GET";
        case WaitHttp::Method::head:
            return "HEAD";
        case WaitHttp::Method::post:
            return "POST";
        case WaitHttp::Method::put:
            return "PUT";
        case WaitHttp::Method::options:
            return "OPTIONS";
    }
    return "GET";
}

}  // namespace berth::runtime

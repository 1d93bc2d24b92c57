// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/core/deadline.hpp>
#include <berth/http/client.hpp>
#include <berth/runtime/internal/address.hpp>
#include <berth/spec/wait.hpp>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>

// Single looks at a service, and the pauses between them. Each says what it saw in a few words.

namespace berth::runtime {

/// What waits have seen so far, for the message when nothing comes of it. Thread-safe.
class Journal {
  public:
    struct Entry {
        std::string probe{};  ///< `port 5432`.
        int attempts{0};      ///< 0: it does not try, it listens.
        std::string seen{};   ///< `connection refused`.
    };
    /// One attempt more of `probe`.
    void tried(const std::string& probe, std::string seen);
    /// What a listening wait has come to.
    void heard(const std::string& probe, std::string seen);
    [[nodiscard]] Entry last() const;

  private:
    mutable std::mutex mutex_;
    Entry last_{};
};

/// The pauses between attempts: growing, unless an interval is given.
class Pace {
  public:
    static Pace of_connects(const Given<Duration>& interval);  ///< 1 ms doubling to 100 ms.
    static Pace of_commands(const Given<Duration>& interval);  ///< 25 ms doubling to 1 s.

    /// @returns false when the deadline has passed. @throws Cancelled
    bool pause(const Deadline& deadline);

  private:
    Pace(Duration next, Duration longest) noexcept : next_(next), longest_(longest) {}
    Duration next_;
    Duration longest_;
};

/// Waits until `at`, or the deadline. @throws Cancelled
void rest_until(Deadline::Clock::time_point at, const Deadline& deadline);

/// One attempt to connect.
struct Look {
    bool held{false};
    bool unreachable{false};  ///< No route there at all: it is of no use to ask again.
    std::string seen{};
};
/// Where a proxy stands in between, the connection must also stay up 100 ms. @throws Cancelled
Look look_at_port(const ProbeTarget& target, const Deadline& deadline);

/// One request. @throws Cancelled
Look look_at_http(http::Client& client, const WaitHttp& wanted, const http::Request& request, const Deadline& deadline);

/// The method as it is sent.
const char* to_string(WaitHttp::Method method) noexcept;

}  // namespace berth::runtime

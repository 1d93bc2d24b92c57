// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/core/deadline.hpp>
#include <berth/core/pattern.hpp>
#include <berth/engine/containers.hpp>
#include <berth/spec/wait.hpp>

#include <condition_variable>
#include <cstddef>
#include <exception>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace berth::runtime {

/// One follow stream of a container's log that all its log waits share; each line is looked at once. The stream ends
/// when everything wanted was seen. Engine API: GET /containers/{id}/logs?follow=1. Thread-safe.
class LogFollower {
  public:
    /// What a wait is for.
    struct Wanted {
        Pattern pattern;
        int times{1};
        WaitLog::Stream stream{WaitLog::Stream::both};
    };
    /// How far a wait has come.
    struct Found {
        int matches{0};
        std::size_t lines{0};  ///< Read so far.
        bool over{false};      ///< The container's log has ended.
    };

    LogFollower(Engine engine, std::vector<Wanted> wanted);

    /// Follows from the container's start on. Once, after the start.
    /// @param again the container is started again by the engine when it ends, so an end of the stream is not its end
    void open(const ContainerId& id, bool tty, bool again);

    /// Until wait number `which` has what it wants, or the log is over.
    /// @returns false when the deadline passed first, or the log was over without it
    /// @throws Cancelled; what the stream broke with
    bool wait(std::size_t which, const Deadline& deadline) const;
    [[nodiscard]] Found found(std::size_t which) const;

    /// Looks at one line (also for tests). @returns whether anything is still wanted
    bool take(const LogLine& line);

  private:
    struct Entry {
        Wanted wanted;
        int matches{0};
    };
    void follow(const ContainerId& id, bool tty, bool again, const std::stop_token& stop);
    [[nodiscard]] bool content() const;  // with the lock held

    Engine engine_;
    mutable std::mutex mutex_;
    mutable std::condition_variable_any changed_;
    std::vector<Entry> entries_{};
    std::size_t lines_{0};
    bool over_{false};
    std::exception_ptr broken_{};
    std::jthread thread_{};  // last: it ends before the rest goes
};

}  // namespace berth::runtime

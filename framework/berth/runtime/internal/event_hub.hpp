// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/core/deadline.hpp>
#include <berth/engine/containers.hpp>
#include <berth/engine/engine.hpp>
#include <berth/engine/events.hpp>

#include <condition_variable>
#include <cstdint>
#include <exception>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

namespace berth::runtime {

/// Listens to the engine's events of one run, on one stream and one thread, and wakes whoever waits for a container.
///
/// Must be open before the first container starts: then no end of one is missed. When the stream breaks it is opened
/// again, and what was missed meanwhile is inspected. Engine API: GET /events. Thread-safe.
class EventHub {
  public:
    /// What is known of a container.
    struct Seen {
        bool ended{false};
        std::optional<int> exit_code{};  ///< Nothing where the event did not tell.
        bool out_of_memory{false};
        HealthState::Status health{HealthState::Status::none};
    };

    /// @param run the text of the run's id, as in the label `berth.run`
    EventHub(Engine engine, std::string run);
    ~EventHub();
    EventHub(const EventHub&) = delete;
    EventHub& operator=(const EventHub&) = delete;

    /// Subscribes, and returns once the engine has answered. Once. @throws what the subscription fails with
    void open(const Deadline& deadline);

    [[nodiscard]] Seen seen(const ContainerId& id) const;

    /// Until `holds` is true of the container.
    /// @returns false when the deadline passed first
    /// @throws Cancelled; what the stream broke with, when it could not be opened again
    bool wait(const ContainerId& id, const std::function<bool(const Seen&)>& holds, const Deadline& deadline) const;

    /// Calls `then` once the container ends, or when nothing more is heard of it; at once when that has happened
    /// already. From the hub's thread. Keep what is returned as long as `then` may be called.
    class Watch {
      public:
        Watch(EventHub& hub, ContainerId id, std::function<void()> then);
        ~Watch();
        Watch(const Watch&) = delete;
        Watch& operator=(const Watch&) = delete;

      private:
        EventHub& hub_;
        std::uint64_t number_{0};
    };

    /// Why nothing more is heard; null while all is well.
    [[nodiscard]] std::exception_ptr broken() const;

    /// What an event tells (also for tests). @returns whether anything changed
    bool take(const Event& event);

  private:
    struct Watched {
        std::string id;
        std::function<void()> then;
    };

    void listen(const std::stop_token& stop);
    void catch_up(const std::stop_token& stop);
    void tell_watchers(const std::string& id);  // with the lock held
    void give_up(std::exception_ptr why);

    Engine engine_;
    std::string run_;
    mutable std::mutex mutex_;
    mutable std::condition_variable_any changed_;
    bool open_{false};
    std::exception_ptr broken_{};
    std::map<std::string, Seen> containers_{};
    std::map<std::uint64_t, Watched> watched_{};
    std::uint64_t next_watch_{0};
    std::jthread thread_{};  // last: it ends before the rest goes
};

}  // namespace berth::runtime

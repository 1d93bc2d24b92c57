// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/engine/engine.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace berth {

struct Event {
    std::string type{};    ///< `container`, `network`, …
    std::string action{};  ///< `start`, `die`, `health_status: healthy`.
    std::string id{};
    Labels attributes{};
    std::int64_t time_nano{0};  ///< The engine's clock.
};

struct EventOptions {
    std::vector<std::string> types{};
    std::vector<std::string> actions{};  ///< In Docker's words; Podman's own for the same are asked for too.
    std::vector<std::string> labels{};
    std::vector<std::string> containers{};  ///< Ids, names, or beginnings of them: compare Event::id.
    std::vector<std::string> images{};
    std::vector<std::string> networks{};
    std::vector<std::string> volumes{};
    std::optional<std::int64_t> since{};  ///< Unix seconds, the engine's clock: what happened since comes first.
    std::optional<std::int64_t> until{};  ///< The proper end, without which the stream has none.
    /// Of watch(): for so long the engine may be away.
    std::chrono::milliseconds reconnect_patience{30'000};
};

/// Engine API: GET /events.
class Events {
  public:
    explicit Events(std::shared_ptr<Engine::Wire> wire) noexcept : wire_(std::move(wire)) {}

    /// Hands each event to `on_event` until it returns false or the token stops. `on_open` is called once the engine
    /// has answered: from then on nothing is missed. Events are a wake-up: confirm by inspect what they say. With
    /// EventOptions::until it returns at that time.
    /// @throws http::BrokenExchange when the stream breaks; Cancelled
    void follow(const EventOptions& options, const std::function<void()>& on_open,
                const std::function<bool(const Event&)>& on_event, Deadline deadline) const;

    /// The same through cuts: a stream that breaks is taken up again from a second before the last event on (by the
    /// engine's clock), and what was handed on already is left out. An engine remembers only its last events, and none
    /// over a restart: so `relist` is called on the first opening and after every cut, for the caller to look (list,
    /// inspect) at what events may not tell. All on the calling thread.
    /// @throws http::BrokenExchange when the engine stays away for `reconnect_patience`; Cancelled; TimedOut
    void watch(const EventOptions& options, const std::function<void()>& relist,
               const std::function<bool(const Event&)>& on_event, Deadline deadline) const;

  private:
    std::shared_ptr<Engine::Wire> wire_;
};

}  // namespace berth

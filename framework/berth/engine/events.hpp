// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/engine/engine.hpp>

#include <cstdint>
#include <functional>
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
    std::vector<std::string> actions{};
    std::vector<std::string> labels{};
};

/// Engine API: GET /events.
class Events {
  public:
    explicit Events(std::shared_ptr<Engine::Wire> wire) noexcept : wire_(std::move(wire)) {}

    /// Hands each event to `on_event` until it returns false or the token stops. `on_open` is called once the engine
    /// has answered: from then on nothing is missed. Events are a wake-up: confirm by inspect what they say.
    /// @throws http::BrokenExchange when the stream breaks; Cancelled
    void follow(const EventOptions& options, const std::function<void()>& on_open,
                const std::function<bool(const Event&)>& on_event, Deadline deadline) const;

  private:
    std::shared_ptr<Engine::Wire> wire_;
};

}  // namespace berth

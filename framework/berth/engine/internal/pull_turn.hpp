// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/core/deadline.hpp>
#include <berth/engine/internal/shared_slots.hpp>

#include <chrono>
#include <functional>
#include <optional>
#include <string>

namespace berth::engine {

/// Whose turn it is to pull an image, among all threads and processes of this user. Without a place to share, it is
/// always ours.
class PullTurn {
  public:
    /// @param what engine, image and platform, as one text
    PullTurn(const process::Descriptor& folder, std::string what);

    /// Until nobody else pulls it. `on_wait` is called once when somebody does.
    /// @returns whether somebody else has pulled it since the turn was made
    /// @throws TimedOut, Cancelled
    bool wait(const Deadline& deadline, const std::function<void()>& on_wait);
    /// It was pulled just now.
    void done() const;
    /// When it was last, as far as anybody remembers.
    [[nodiscard]] std::optional<std::chrono::system_clock::time_point> last_done() const;

  private:
    SharedSlots slots_;
    std::string what_;
    std::string before_;
    SharedSlots::Lock lock_;  // goes before the slots
};

/// When a registry that has had enough may be asked again; all processes of this user keep to it.
class RegistryBackoff {
  public:
    RegistryBackoff(const process::Descriptor& folder, std::string what)
        : slots_(folder, "registries"), what_(std::move(what)) {}

    /// How long nobody is to ask; zero when it may be asked now.
    [[nodiscard]] std::chrono::milliseconds left() const;
    void hold_off(std::chrono::milliseconds duration) const;
    /// It answers as it should.
    void forget() const;

  private:
    SharedSlots slots_;
    std::string what_;
};

/// Between `base` and one and a half times that, by chance: callers that were turned away together do not come back
/// together.
std::chrono::milliseconds with_jitter(std::chrono::milliseconds base);

}  // namespace berth::engine

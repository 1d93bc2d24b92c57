// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/fake/fault.hpp>

#include <condition_variable>
#include <mutex>
#include <string>
#include <vector>

namespace berth::fake {

/// Whether it acts, and how far it has come.
struct Held::State {
    Call call{};
    Fault fault{};
    std::size_t seen{0};  // guarded by the book
    bool taken{false};    // guarded by the book

    void reach();
    /// Until released. @returns false when the engine goes instead
    bool wait();
    void end();

    std::mutex mutex{};
    std::condition_variable changed{};
    bool reached{false};
    bool released{false};
    bool ended{false};
};

/// All faults that were asked for.
class FaultBook {
  public:
    Held add(const Call& call, const Fault& fault);
    /// The fault that acts on this call, if any.
    std::shared_ptr<Held::State> take(const std::string& method, const std::string& path);
    /// The engine goes: what is held is let go.
    void end();

  private:
    std::mutex mutex_{};
    std::vector<std::shared_ptr<Held::State>> faults_{};
};

/// Whether `text` is what `pattern` says, where `*` stands for any characters.
bool fits(std::string_view pattern, std::string_view text);

}  // namespace berth::fake

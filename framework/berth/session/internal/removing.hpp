// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/core/error.hpp>
#include <berth/session/session.hpp>

#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace berth::removing {

/// How long a name must be absent, while the engine answers, before a create in doubt is taken for one that never was.
/// A create whose client has gone was seen to take effect up to 1.7 s late.
constexpr std::chrono::milliseconds k_settle{2'000};

/// What one attempt may take: a call that stalls does not eat the whole deadline.
constexpr std::chrono::seconds k_attempt{15};

/// The pause between attempts: 50 ms, doubling up to `longest`.
class Backoff {
  public:
    explicit Backoff(std::chrono::milliseconds longest = std::chrono::milliseconds{2'000}) noexcept
        : longest_(longest) {}
    /// @returns false when the deadline passed. @throws Cancelled
    bool wait(const Deadline& deadline);

  private:
    std::chrono::milliseconds longest_;
    std::chrono::milliseconds next_{50};
};

/// Whether the same request may succeed later: in use, busy, engine away, answer lost.
bool worth_retrying(const Error& error) noexcept;

/// One attempt. Absence is success. A network that is still in use loses what is attached to it first.
void remove_once(const Engine& engine, const LedgerEntry& entry, Deadline deadline);

/// Attempts until it is gone. @throws the last attempt's error
void remove(const Engine& engine, const LedgerEntry& entry, Deadline deadline);

/// Looks a name up until what carries it is removed, or until it has been absent for k_settle. Only what carries the
/// session's own label is touched. @throws InDoubt (BR0502) when that cannot be found out in time
void settle(const Session& session, const LedgerEntry& entry, Deadline deadline);

/// Calls `work` with 0 … count - 1, at most eight at once. Returns when all are done. `work` does not throw.
void at_most_eight(std::size_t count, const std::function<void(std::size_t)>& work);

/// `container`, `network`, `volume`.
std::string_view word(ObjectKind kind) noexcept;

}  // namespace berth::removing

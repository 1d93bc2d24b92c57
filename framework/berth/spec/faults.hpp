// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/spec/text.hpp>
#include <berth/spec/wait.hpp>

#include <string>

namespace berth {

/// Something that goes wrong on purpose, and heals again.
struct FaultSpec {
    enum class Kind { pause, stop, kill, restart, disconnect, latency, loss, bandwidth, exec };
    Given<Kind> kind{};
    Given<std::string> service{};
    Given<std::string> network{};
    Given<std::string> signal{};  ///< Default SIGKILL.
    Given<Duration> delay{};
    Given<Duration> jitter{};
    Given<double> percent{};
    Given<std::string> rate{};  ///< `1mbit`.
    Given<ShellOrArgv> command{};
    Given<ShellOrArgv> heal_command{};
    Given<Duration> after{};     ///< From the moment the environment is ready; not given: only by hand.
    Given<Duration> duration{};  ///< Not given: until healed, or the end.
    Given<bool> wait_after_heal{};
    Presence presence{Presence::given};  ///< What it is in a merge: `reset` takes it away, `overridden` replaces it.
    Origin origin{};

    friend bool operator==(const FaultSpec&, const FaultSpec&) = default;
};

}  // namespace berth

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/runtime/internal/event_hub.hpp>
#include <berth/runtime/internal/live.hpp>
#include <berth/runtime/internal/probes.hpp>

#include <string>

namespace berth::runtime {

/// Thrown within a wait: waiting longer is of no use.
struct Hopeless {
    enum class Why { ended, wrong_exit, unhealthy, no_healthcheck };
    Why why{Why::ended};
    std::string wanted{};  ///< The exit codes that were asked for.
};

/// Makes errors of what a wait has come to: with the last observation, the container's state and the end of its log.
class ReadinessErrors {
  public:
    /// @param hub for what the engine says a moment after a container's end; may be null
    ReadinessErrors(const Service::State& service, const Journal& journal, const EventHub* hub)
        : service_(service), journal_(journal), hub_(hub) {}

    /// @throws NotReady (BR0301)
    [[noreturn]] void late(std::chrono::nanoseconds timeout) const;
    /// @throws TimedOut (BR0304)
    [[noreturn]] void environment_late() const;
    /// @throws NotReady (BR0302, BR0303), or Error (BE0703)
    [[noreturn]] void hopeless(const Hopeless& hopeless) const;

  private:
    [[nodiscard]] ErrorFacts facts(std::string code, std::string summary) const;
    [[nodiscard]] Readiness readiness() const;
    [[nodiscard]] std::string last_probe() const;
    [[nodiscard]] bool ran_out_of_memory(const ContainerFacts& left) const;

    const Service::State& service_;
    const Journal& journal_;
    const EventHub* hub_;
};

/// `log /ready/`, `log 'ready'`.
std::string describe_log(const WaitLog& wanted);

}  // namespace berth::runtime

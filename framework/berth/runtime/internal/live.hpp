// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/engine/containers.hpp>
#include <berth/engine/engine.hpp>
#include <berth/runtime/internal/plan.hpp>
#include <berth/runtime/service.hpp>
#include <berth/spec/template.hpp>

#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace berth::runtime {

/// What one inspect after the start told of a service. Does not change any more.
struct Live {
    ContainerId id{};
    std::string image_id{};
    std::map<std::string, ReachedAt> ports{};  ///< By `6379/tcp`; from this process.
    std::string ip{};                          ///< On its first network.
    std::optional<std::string> direct{};       ///< Its own address, where it is reached from here without a proxy.
    bool has_healthcheck{false};
    bool running{false};
    bool tty{false};
    Deadline::Clock::time_point started{};
    std::string inspect{};  ///< The engine's JSON.
};

}  // namespace berth::runtime

namespace berth {

/// What a Service handle and the phases that bring it up share. Thread-safe.
struct Service::State {
    State(Engine its_engine, const runtime::Plan& whole, const runtime::ServicePlan& its_plan)
        : engine(std::move(its_engine)), environment(whole), plan(its_plan) {}

    const Engine engine;
    const runtime::Plan& environment;
    const runtime::ServicePlan& plan;

    /// Null before it was started.
    [[nodiscard]] std::shared_ptr<const runtime::Live> live() const;
    void came_alive(runtime::Live facts);
    /// As soon as the container is made.
    void created(const ContainerId& made);
    [[nodiscard]] ContainerId id() const;

    void ended(int exit_code);
    [[nodiscard]] std::optional<int> exit_code() const;

    void became_ready();
    /// From the start of its container; nothing before it was ready.
    [[nodiscard]] std::optional<std::chrono::nanoseconds> ready_after() const;

    const ContainerId& stable_id() const noexcept { return id_; }  ///< Once it is up and changes no more.

  private:
    mutable std::mutex mutex_;
    ContainerId id_{};
    std::shared_ptr<const runtime::Live> live_;
    std::optional<int> exit_code_;
    std::optional<std::chrono::nanoseconds> ready_after_;
};

namespace runtime {

using Services = std::vector<std::shared_ptr<Service::State>>;

/// Everything that references may ask for. Borrows.
struct World {
    const Plan& plan;
    const Services& services;
    std::string run_directory{};
};

/// Resolves `${db.port}` and its like, as seen by `self` (empty: by the environment itself).
ReferenceLookup references_of(const World& world, std::string self = {});

}  // namespace runtime
}  // namespace berth

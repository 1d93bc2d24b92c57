// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/engine/engine.hpp>
#include <berth/engine/internal/wire.hpp>
#include <berth/http/client.hpp>
#include <berth/runtime/internal/live.hpp>
#include <berth/runtime/internal/plan.hpp>

#include <memory>
#include <string>
#include <vector>

namespace berth::testing_runtime {

/// A plan whose services have nothing behind them: an engine that nobody asks.
class PlanOf {
  public:
    explicit PlanOf(const EnvironmentSpec& spec, const UpOptions& options = {},
                    const EngineFacts& facts = local_docker())
        : engine_(std::make_shared<Engine::Wire>(
              http::Client(http::Endpoint{.scheme = http::Endpoint::Scheme::unix_socket, .path = "/nowhere"}), facts)),
          plan_(runtime::make_plan(spec, options)) {
        for (const auto& service : plan_.services) {
            states_.push_back(std::make_shared<Service::State>(engine_, plan_, service));
        }
    }

    static EngineFacts local_docker() {
        EngineFacts facts;
        facts.endpoint = "unix:///var/run/docker.sock";
        facts.api = {1, 44};
        return facts;
    }

    [[nodiscard]] const runtime::Plan& plan() const noexcept { return plan_; }
    [[nodiscard]] const Engine& engine() const noexcept { return engine_; }
    [[nodiscard]] Service::State& state(std::size_t i) const { return *states_.at(i); }
    [[nodiscard]] ReferenceLookup lookup(std::string self = {}) const {
        return runtime::references_of({plan_, states_, "/runs/one"}, std::move(self));
    }

  private:
    Engine engine_;
    runtime::Plan plan_;
    runtime::Services states_{};
};

inline EnvironmentSpec spec_of(std::vector<ServiceSpec> services) {
    EnvironmentSpec spec;
    spec.name = "shop";
    spec.services = std::move(services);
    return spec;
}

}  // namespace berth::testing_runtime

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/engine/containers.hpp>
#include <berth/runtime/internal/plan.hpp>
#include <berth/spec/template.hpp>

#include <map>
#include <string>

namespace berth::runtime {

/// What a container's configuration is made from, beside its plan. Borrows.
struct ConfigInput {
    const Plan& plan;
    const ServicePlan& service;
    const EngineFacts& engine;
    const ReferenceLookup& lookup;
    Labels session_labels{};
    std::map<std::string, std::string> network_ids{};   ///< By key.
    std::map<std::string, std::string> volume_names{};  ///< By key.
    Labels volume_labels{};                             ///< Of volumes that the engine makes for the container.
};

/// The container that a service becomes. Asks no engine; the caller's own environment is looked at only where the spec
/// passes a variable on.
ContainerConfig container_config(const ConfigInput& input);

/// The health check to send: the service's own, with its start interval where the service waits for it; nothing where
/// the image's is to be left alone. `engine` decides whether a start interval can be sent.
std::optional<HealthcheckConfig> healthcheck_config(const ServicePlan& service, const EngineFacts& engine,
                                                    const ReferenceLookup& lookup);

}  // namespace berth::runtime

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/engine/container_config.hpp>
#include <berth/engine/engine.hpp>

namespace berth::engine {

/// What `config` asks for has to be known to the engine: an older one would leave it out and say nothing.
/// HealthcheckConfig::start_interval is the exception: without it a container is ready later, and no other one.
/// @throws Error (BR0126), before anything is sent
void require_features(const EngineFacts& engine, const ContainerConfig& config);

}  // namespace berth::engine

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/engine/containers.hpp>
#include <berth/engine/internal/json.hpp>

namespace berth::engine {

/// The answer of GET /containers/{id}/json. `raw` is left to the caller.
ContainerFacts container_facts(const Json& answer);

/// One item of GET /containers/json.
ContainerSummary container_summary(const Json& item);

/// Engines give names with a leading `/`.
std::string without_slash(std::string name);

}  // namespace berth::engine

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/cli/context.hpp>
#include <berth/core/image_reference.hpp>
#include <berth/engine/engine.hpp>
#include <berth/spec/environment.hpp>

#include <map>
#include <string>
#include <vector>

namespace berth::cli {

// Parts of a spec and of an engine in a few words, for `plan` and `doctor`.

/// `docker 28.5.2, API 1.51`.
std::string engine_text(const EngineFacts& facts);

/// `port 5432 and log 'ready' twice`.
std::string wait_text(const WaitSpec& wait);

/// `is ready`, `has started`.
std::string condition_text(DependsCondition condition);

/// The image of a service as it is written, variables of the spec replaced.
std::string image_of(const EnvironmentSpec& spec, const ServiceSpec& service);

/// What replaces images: the spec's `images.substitute`, then BERTH_SUBSTITUTE.
std::map<std::string, std::string> substitutions_of(const Context& context, const EnvironmentSpec& spec);

/// Named volumes that services mount, each once.
std::vector<std::string> volumes_in_use(const EnvironmentSpec& spec);

}  // namespace berth::cli

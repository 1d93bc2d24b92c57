// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/core/error.hpp>

#include <string>

namespace berth::engine {

// What an engine means by its words: engines answer the same thing with different statuses, so the text decides.

/// A create was refused. @throws NotFound BR0202 the image, BR0106 a network; Conflict BR0107 the name is taken
[[noreturn]] void explain_create(const EngineRefused& refused, const std::string& name, const std::string& image);

/// A start was refused. @throws EngineRefused BR0305 a port is taken, BR0306 the command cannot be run; NotFound a
/// network
[[noreturn]] void explain_start(const EngineRefused& refused, const std::string& container);

}  // namespace berth::engine

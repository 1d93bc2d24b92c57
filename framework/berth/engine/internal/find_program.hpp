// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/engine/internal/contexts.hpp>

#include <string>

namespace berth::engine {

/// The program of that name that PATH finds; empty when there is none.
std::string find_program(const std::string& name, const Variables& variable);

}  // namespace berth::engine

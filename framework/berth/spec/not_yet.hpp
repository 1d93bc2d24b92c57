// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/core/diagnostic.hpp>
#include <berth/spec/environment.hpp>

#include <vector>

namespace berth {

/// BE0906 for each member that is given and whose row does not act yet, in the order of the field table. What starts an
/// environment refuses them; nothing that a spec says is ever ignored.
std::vector<Diagnostic> not_yet(const EnvironmentSpec& spec);

}  // namespace berth

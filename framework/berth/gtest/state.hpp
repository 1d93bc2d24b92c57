// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/runtime/state_file.hpp>

namespace berth::testing {

/// The environment that `berth run` (or `berth up`) brought up around this process: the file that BERTH_STATE names,
/// else
/// `.berth/state.json` of the working directory. Hosts, ports and URLs of its services, and its exports.
/// @throws Error (BR0803)
StateFile state();

/// One of its services. @throws Error (BE0505) with a did-you-mean when there is none; as state()
StateFile::ServiceState state_of(const std::string& service);

}  // namespace berth::testing

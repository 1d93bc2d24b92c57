// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/core/deadline.hpp>
#include <berth/runtime/internal/live.hpp>
#include <berth/spec/template.hpp>

namespace berth::runtime {

/// Runs the service's `post_ready` steps, one after the other, each with its own time, retries and wanted exit codes.
/// @throws CommandFailed (BR0307) with the step's place and the end of its output
void run_post_ready(const Service::State& service, const EnvironmentSpec& spec, const ReferenceLookup& lookup,
                    const Deadline& deadline);

}  // namespace berth::runtime

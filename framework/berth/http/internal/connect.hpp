// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/http/internal/progress.hpp>
#include <berth/process/descriptor.hpp>

namespace berth::http::internal {

/// Connects: a unix socket, or each address of a host in turn. The descriptor is close-on-exec and does not block.
/// @throws BrokenExchange (BR0102) saying why; ExchangeTimedOut, Cancelled
process::Descriptor connect_to(const Endpoint& endpoint, const Progress& progress, const Deadline& deadline);

}  // namespace berth::http::internal

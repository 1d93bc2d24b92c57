// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/http/internal/tls.hpp>

namespace berth::http::internal {

/// Connects: a unix socket, each address of a host in turn (and TLS on top of it), or a child that carries the bytes.
/// @param tls of the endpoint, when it has that scheme
/// @throws BrokenExchange (BR0102, BR0120 TLS, BR0121 ssh) saying why; ExchangeTimedOut, Cancelled
Poco::AutoPtr<WireSocket> connect_to(const Endpoint& endpoint, const TlsContext* tls, const Progress& progress,
                                     const Deadline& deadline);

}  // namespace berth::http::internal

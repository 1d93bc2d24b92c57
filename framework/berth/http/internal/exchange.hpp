// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/http/internal/body.hpp>

#include <memory>

namespace berth::http::internal {

/// An answer whose body has not been read yet.
struct Answer {
    Head head;
    BodyReader body;
    /// Another request may follow on the connection once the body has come to its proper end.
    bool reusable{false};
};

/// Sends `request` on a connection that carries nothing else, and reads the answer's head. An exception, also one out
/// of the body's source, leaves the connection in no state to be used: the caller lets it go, and so closes it.
/// @throws Error (BR0111) before anything is sent; BrokenExchange, ExchangeTimedOut, Cancelled
Answer exchange(Connection& connection, const Request& request, const std::string& request_head, const Limits& limits,
                Progress& progress, const Deadline& deadline);

/// `GET /v1.41/containers/json -> 200 in 1.2ms`, if debug lines are wanted.
void log_exchange(const Progress& progress, int status, Deadline::Clock::time_point begin);

}  // namespace berth::http::internal

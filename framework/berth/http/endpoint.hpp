// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace berth::http {

/// Where a peer listens.
struct Endpoint {
    enum class Scheme { unix_socket, tcp };
    Scheme scheme{Scheme::unix_socket};
    std::string path{};  ///< Of the socket.
    std::string host{};  ///< Name or address, without brackets.
    std::uint16_t port{0};

    /// `unix:///var/run/docker.sock`, `tcp://127.0.0.1:2375`.
    [[nodiscard]] std::string text() const;
    /// On this machine: a socket, or a loopback address.
    [[nodiscard]] bool local() const noexcept;
    friend bool operator==(const Endpoint&, const Endpoint&) = default;
};

/// Reads `unix:///path`, `unix://` (the usual path), `tcp://host[:port]`, `host:port`.
/// @throws Error (BR0110) for another scheme, a path too long for a socket, a port that is none
Endpoint parse_endpoint(std::string_view text);

}  // namespace berth::http

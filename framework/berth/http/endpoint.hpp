// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace berth::http {

/// What a TLS connection is made with. Paths of PEM files; TLS 1.2 or newer is spoken.
struct Tls {
    std::string authorities{};  ///< Who may have signed the peer's certificate; empty: those the system trusts.
    std::string certificate{};  ///< Ours, with the key below; empty: we show none.
    std::string key{};
    /// Whether the peer has to prove that it is who it was called: trusted, in date, of that name or address.
    enum class Verify { peer, nobody };
    Verify verify{Verify::peer};
    friend bool operator==(const Tls&, const Tls&) = default;
};

/// Where a peer listens.
struct Endpoint {
    enum class Scheme {
        unix_socket,
        tcp,
        tls,
        ssh,  ///< A child `ssh … docker system dial-stdio` for each connection.
    };
    Scheme scheme{Scheme::unix_socket};
    /// Of the socket; for tcp and tls, what every target begins with; for ssh, of the socket over there. May be empty
    /// but for the first.
    std::string path{};
    std::string host{};     ///< Name or address, without brackets.
    std::uint16_t port{0};  ///< For ssh, 0 is whatever ssh is configured for.
    std::string user{};     ///< For ssh; empty: whoever ssh is configured for.
    Tls tls{};

    /// `unix:///var/run/docker.sock`, `tcp://127.0.0.1:2375` (TLS too), `ssh://me@host`.
    [[nodiscard]] std::string text() const;
    /// On this machine: a socket, or a loopback address.
    [[nodiscard]] bool local() const noexcept;
    friend bool operator==(const Endpoint&, const Endpoint&) = default;
};

/// Reads `unix:///path`, `unix://` (the usual path), `tcp://host[:port][/base]`, `host:port`, `http://…` (the same),
/// `https://…` (TLS), `ssh://[user@]host[:port][/path/of/socket]`.
/// @param tls given: `tcp://` is spoken to over it, on port 2376 unless the text names one; `https://` uses it too
/// @throws Error (BR0110) for another scheme, a path too long for a socket, a port that is none, and whatever could
/// mean something else to ssh or the shell over there
Endpoint parse_endpoint(std::string_view text, const std::optional<Tls>& tls = std::nullopt);

}  // namespace berth::http

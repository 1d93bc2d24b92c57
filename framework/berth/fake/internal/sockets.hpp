// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

namespace berth::fake {

/// Owns a socket. Blocking; close-on-exec.
class Socket {
  public:
    Socket() noexcept = default;
    explicit Socket(int number) noexcept : number_(number) {}
    Socket(Socket&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
    Socket& operator=(Socket other) noexcept {
        std::swap(number_, other.number_);
        return *this;
    }
    ~Socket();

    [[nodiscard]] int get() const noexcept { return number_; }
    explicit operator bool() const noexcept { return number_ >= 0; }

    /// The next bytes; empty at the end, also when the connection broke or was shut.
    [[nodiscard]] std::string receive() const;
    /// @returns false when the other side has gone
    [[nodiscard]] bool send(std::string_view bytes) const;
    /// The next caller; an empty socket once this one was shut.
    [[nodiscard]] Socket accept() const;
    /// Both directions; whoever blocks on it, on any thread, returns.
    void shut() const noexcept;

  private:
    int number_{-1};
};

/// @throws Error (BR0116) when the system refuses
Socket listen_unix(const std::string& path);

/// Bound to 127.0.0.1, not listening: connections are refused. Port 0 lets the system choose.
/// @returns an empty socket when the port is taken
Socket bind_loopback(std::uint16_t port);
std::uint16_t port_of(const Socket& bound);
/// From now on connections are taken.
void start_listening(const Socket& bound);

/// Calls `gone` once when the other side closes or half-closes its connection, or the connection breaks.
class HangupWatch {
  public:
    HangupWatch(const Socket& socket, std::function<void()> gone);
    HangupWatch(const HangupWatch&) = delete;
    HangupWatch& operator=(const HangupWatch&) = delete;
    ~HangupWatch();

  private:
    Socket wake_;  // an event descriptor
    std::thread thread_;
};

}  // namespace berth::fake

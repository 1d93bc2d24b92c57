// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/fake/internal/sockets.hpp>

#include <atomic>
#include <list>
#include <string>
#include <thread>

namespace berth::fake {

/// One published port: bound on 127.0.0.1 from the start, so that it is nobody else's, and open once told.
class Port {
  public:
    Port(std::string container_port, std::string host_ip, Socket bound);
    Port(const Port&) = delete;
    Port& operator=(const Port&) = delete;
    ~Port();

    /// Takes connections and keeps them open; each HTTP request gets `answer`, unless that is empty.
    void open(std::string answer);

    [[nodiscard]] const std::string& container_port() const noexcept { return container_port_; }
    [[nodiscard]] const std::string& host_ip() const noexcept { return host_ip_; }
    [[nodiscard]] std::uint16_t number() const noexcept { return number_; }

  private:
    struct Caller {
        Socket socket{};
        std::thread thread{};
        std::atomic<bool> over{false};
    };
    void accept_all();
    void serve(const Socket& socket) const;

    std::string container_port_;
    std::string host_ip_;
    Socket bound_;
    std::uint16_t number_;
    std::string answer_{};
    std::list<Caller> callers_{};  // of the thread that accepts
    std::thread accepting_{};
};

}  // namespace berth::fake

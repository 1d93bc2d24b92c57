// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/fake/internal/connection.hpp>
#include <berth/fake/internal/world.hpp>

#include <filesystem>
#include <list>
#include <mutex>
#include <thread>

namespace berth::fake {

/// The socket: one thread a connection.
class Server {
  public:
    explicit Server(World& world);
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;
    ~Server();

    [[nodiscard]] std::string path() const { return (folder_ / "engine.sock").string(); }
    [[nodiscard]] FaultBook& faults() noexcept { return faults_; }

  private:
    struct Client {
        Socket socket{};
        std::thread thread{};
        bool over{false};
    };
    void accept_all();
    void reap();
    void serve(const Socket& socket, std::size_t number);
    /// @returns whether the connection stays open
    bool serve_one(const Socket& socket, RequestReader& reader, std::size_t number);

    World& world_;
    FaultBook faults_{};
    std::filesystem::path folder_;
    Socket listener_{};
    std::mutex mutex_{};
    std::list<Client> clients_{};
    std::thread accepting_{};
};

}  // namespace berth::fake

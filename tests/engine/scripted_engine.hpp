// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/engine/containers.hpp>
#include <berth/engine/engine.hpp>
#include <berth/engine/events.hpp>
#include <berth/engine/images.hpp>
#include <berth/engine/networks.hpp>
#include <berth/engine/volumes.hpp>
#include <tests/support/scripted_server.hpp>

#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace berth::support {

/// An engine that answers what a test tells it, and Berth connected to it.
class ScriptedEngine {
  public:
    explicit ScriptedEngine(const std::string& api = "1.41")
        : server_([this, api](const Received& request, Peer& peer) {
              if (request.target == "/_ping" || request.target == "/v" + api + "/_ping") {
                  peer.answer(200, "",
                              "Api-Version: " + api + "\r\nServer: Docker/20.10.24 (linux)\r\nOstype: linux\r\n");
              } else {
                  next()(request, peer);
              }
          }) {
        engine_.emplace(Engine::connect(endpoint()));
    }

    ScriptedEngine& answers(int status, const std::string& body, const std::string& fields = "") {
        return then([=](const Received&, Peer& peer) { peer.answer(status, body, fields); });
    }
    /// The next step; the last one is done again and again.
    ScriptedEngine& then(ScriptedServer::Handler handler) {
        const std::lock_guard lock(mutex_);
        script_.push_back(std::move(handler));
        return *this;
    }
    /// The request is read, and the connection closed without a word.
    ScriptedEngine& loses_the_answer() {
        return then([](const Received&, Peer& peer) { peer.close(); });
    }

    [[nodiscard]] Engine& engine() { return *engine_; }
    [[nodiscard]] Containers containers() const { return engine_->containers(); }
    [[nodiscard]] std::string endpoint() const { return server_.endpoint().text(); }
    [[nodiscard]] const ScriptedServer& server() const { return server_; }

    /// Without the ping.
    [[nodiscard]] std::vector<Received> requests() const {
        auto all = server_.requests();
        all.erase(all.begin());
        return all;
    }
    [[nodiscard]] std::vector<std::string> lines() const {
        std::vector<std::string> result;
        for (const auto& request : requests()) {
            result.push_back(request.line());
        }
        return result;
    }

  private:
    ScriptedServer::Handler next() {
        const std::lock_guard lock(mutex_);
        ScriptedServer::Handler handler = script_.at(0);
        if (script_.size() > 1) {
            script_.pop_front();
        }
        return handler;
    }

    std::mutex mutex_;
    std::deque<ScriptedServer::Handler> script_;
    ScriptedServer server_;
    std::optional<Engine> engine_;
};

/// The whole text of what `action` throws.
inline std::string text_of_error(const std::function<void()>& action) {
    try {
        action();
    } catch (const std::exception& error) {
        return error.what();
    }
    return "no error";
}

/// The bytes of one frame of a stream that is not a terminal's.
inline std::string frame(int stream, const std::string& bytes) {
    std::string head(8, '\0');
    head[0] = static_cast<char>(stream);
    const auto size = static_cast<std::uint32_t>(bytes.size());
    for (unsigned i = 0; i < 4; ++i) {
        head[4 + i] = static_cast<char>((size >> (24 - 8 * i)) & 0xFFU);
    }
    return head + bytes;
}

/// An answer without a length, as an upgraded stream has it; what follows the head is raw.
inline std::string upgraded() {
    return "HTTP/1.1 101 UPGRADED\r\nContent-Type: application/vnd.docker.raw-stream\r\nConnection: Upgrade\r\n"
           "Upgrade: tcp\r\n\r\n";
}

inline const std::string& long_id() {
    static const std::string id(64, 'a');
    return id;
}

}  // namespace berth::support

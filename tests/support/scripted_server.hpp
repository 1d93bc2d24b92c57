// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/http/endpoint.hpp>
#include <tests/support/gate.hpp>
#include <tests/support/request_parser.hpp>
#include <tests/support/sockets.hpp>
#include <tests/support/temp_dir.hpp>

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace berth::support {

/// The server's end of one connection, in the hands of a handler.
class Peer {
  public:
    Peer(const process::Descriptor& socket, RequestParser& parser, std::stop_token stop)
        : socket_(socket), parser_(parser), stop_(std::move(stop)) {}

    /// Bytes as they are.
    void send(std::string_view bytes);
    /// A proper answer with its length.
    void answer(int status, std::string_view body, std::string_view more_fields = "");
    /// Leaves the connection open and does nothing more, until the client closes it or the server goes.
    void stall();
    /// Until somebody opens the gate, or the server goes.
    void wait(const Gate& gate);
    /// The next bytes of a raw stream; empty at its end.
    std::string receive();
    /// Half-close: the client reads an end, and we read on.
    void finish_sending();
    /// Both directions, now.
    void close();
    [[nodiscard]] bool closed() const noexcept { return closed_; }

  private:
    const process::Descriptor& socket_;
    RequestParser& parser_;
    std::stop_token stop_;
    bool closed_{false};
};

/// An HTTP server on a unix socket that does what a test tells it, right or wrong. One thread a connection. Each
/// request takes the next step of the script, in the order of arrival; when the script is over, the last step is done
/// again.
class ScriptedServer {
  public:
    /// After it, the connection is kept for the next request unless the handler closed it.
    using Handler = std::function<void(const Received&, Peer&)>;

    ScriptedServer();
    explicit ScriptedServer(Handler handler) : ScriptedServer() { then(std::move(handler)); }
    ScriptedServer(const ScriptedServer&) = delete;
    ScriptedServer& operator=(const ScriptedServer&) = delete;
    ~ScriptedServer();

    /// The next step: called once the whole request has come.
    ScriptedServer& then(Handler handler);
    /// The next step: called with the head alone; the body is left unread.
    ScriptedServer& then_at_head(Handler handler);
    /// The next step: these bytes as they are; the connection stays open, or ends after them.
    ScriptedServer& then_send(std::string bytes);
    ScriptedServer& then_send_and_close(std::string bytes);

    [[nodiscard]] http::Endpoint endpoint() const;
    [[nodiscard]] std::string path() const { return folder_.file("server.sock"); }

    /// All requests so far; a body that is still coming is not in.
    [[nodiscard]] std::vector<Received> requests() const;
    [[nodiscard]] std::size_t connections() const;
    /// @returns false when fewer came within k_patience
    [[nodiscard]] bool wait_for_requests(std::size_t count) const;

  private:
    struct Step {
        Handler handler{};
        bool at_head{false};
    };
    void accept_all(const std::stop_token& stop);
    void serve(const process::Descriptor& socket, std::size_t number, const std::stop_token& stop);
    Step next_step();
    void record(const Received& request);

    TempDir folder_;
    process::Descriptor listener_;
    mutable std::mutex mutex_;
    mutable std::condition_variable_any arrived_;
    std::deque<Step> script_;
    std::vector<Received> requests_;
    std::size_t connections_{0};
    std::stop_source stop_;
    std::vector<std::thread> serving_;
    std::thread accepting_;
};

}  // namespace berth::support

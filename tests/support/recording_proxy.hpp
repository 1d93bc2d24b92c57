// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/http/endpoint.hpp>
#include <tests/support/gate.hpp>
#include <tests/support/request_parser.hpp>
#include <tests/support/sockets.hpp>
#include <tests/support/temp_dir.hpp>

#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

namespace berth::support {

/// What is to go wrong with one call on its way through a RecordingProxy.
struct Fault {
    enum class Kind {
        cut_request,  ///< Only the first `bytes` of the request reach the engine; then both sides are closed.
        cut_answer,   ///< Only the first `bytes` of the answer reach the client; then both sides are closed.
        drop_answer,  ///< The engine did its work and answered; the client reads an end instead.
        hold_answer,  ///< The answer waits until `release` is opened; `reached` is opened when it is there.
    };
    Kind kind{Kind::drop_answer};
    std::string method{};  ///< Empty: any.
    std::string target{};  ///< A regular expression that is found in the path and query; empty: any.
    std::size_t nth{1};    ///< The first, second … call that fits, counted from now on.
    std::size_t bytes{0};  ///< Of cut_request (head and body, as sent) or cut_answer.
    Gate reached{};        ///< Opened when the fault is at work.
    Gate release{};        ///< For hold_answer.
};

/// Stands between a client and an engine, both on unix sockets: writes down every request line, and makes single calls
/// fail. Passes all bytes on, also those of upgraded connections.
class RecordingProxy {
  public:
    explicit RecordingProxy(std::string engine_socket);
    RecordingProxy(const RecordingProxy&) = delete;
    RecordingProxy& operator=(const RecordingProxy&) = delete;
    ~RecordingProxy();

    struct Call {
        std::size_t connection{0};  ///< 1 for the first one made.
        std::string line{};         ///< `POST /v1.41/containers/create?name=x`.
    };
    [[nodiscard]] std::vector<Call> calls() const;
    [[nodiscard]] std::vector<std::string> lines() const;  ///< In the order in which they came.
    void forget();                                         ///< Begins a new record.

    /// A fault acts once.
    void inject(Fault fault);

    [[nodiscard]] http::Endpoint endpoint() const;
    [[nodiscard]] std::string path() const { return folder_.file("proxy.sock"); }

  private:
    struct Link;
    void accept_all();
    void pump_up(Link& link);
    void pump_down(Link& link);
    bool pass_up(Link& link, std::string_view bytes);
    bool pass_down(Link& link, std::string_view bytes);
    void note(Link& link, const Received& request);

    std::string engine_socket_;
    TempDir folder_;
    process::Descriptor listener_;
    mutable std::mutex mutex_;
    std::vector<Call> calls_;
    std::vector<Fault> faults_;
    std::list<Link> links_;
    std::stop_source stop_;
    std::thread accepting_;
};

}  // namespace berth::support

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/http/endpoint.hpp>
#include <tests/support/answer_parser.hpp>
#include <tests/support/gate.hpp>
#include <tests/support/request_parser.hpp>
#include <tests/support/sockets.hpp>
#include <tests/support/temp_dir.hpp>

#include <chrono>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

namespace berth::support {

/// What is to go wrong with a call on its way through a RecordingProxy.
struct Fault {
    enum class Kind {
        cut_request,     ///< Only the first `bytes` of the request reach the engine; then both sides are closed.
        stall_request,   ///< The first `bytes` of the request reach the engine, the rest once `release` is opened.
        refuse,          ///< Nothing reaches the engine; the client reads `text`.
        cut_answer,      ///< Only the first `bytes` of the answer reach the client; then both sides are closed.
        cut_last_chunk,  ///< All of the answer but `0` and its line ends; then both sides are closed.
        drop_answer,     ///< The engine did its work and answered; the client reads an end instead.
        hold_answer,     ///< After the first `bytes` the answer waits until `release` is opened.
        delay_answer,    ///< The answer begins `time` later.
        replace_answer,  ///< The engine did its work; the client reads `text` instead of its answer.
        rewrite_answer,  ///< The same with what `rewrite` makes of the whole answer.
        garbage,         ///< The engine did its work; the client reads `text`, then an end.
        slow,            ///< Both ways in pieces of `bytes`, with `time` between two of them.
    };
    Kind kind{Kind::drop_answer};
    std::string method{};  ///< Empty: any.
    std::string target{};  ///< A regular expression that is found in the path and query; empty: any.
    std::size_t nth{1};    ///< The first, second … call that fits, counted from now on.
    std::size_t times{1};  ///< It acts on so many calls that fit, one after the other.
    std::size_t bytes{0};  ///< Head and body, as sent.
    std::string text{};    ///< As it is sent: answer_text() makes a proper answer.
    std::chrono::milliseconds time{0};
    std::function<std::string(const Answered&)> rewrite{};
    Gate reached{};  ///< Opened when the fault is at work.
    Gate release{};
};

/// Stands between a client and an engine, both on unix sockets: writes down every exchange, and makes single calls go
/// wrong. Passes all bytes on, also those of upgraded connections.
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

    /// A call and what the engine answered, before any fault of the answer.
    struct Exchange {
        Received request{};
        Answered answer{};
    };
    /// In the order of the calls; what is still to come of an answer is not in it.
    [[nodiscard]] std::vector<Exchange> exchanges() const;

    void forget();  ///< Begins a new record.

    /// The first fault that fits a call acts on it.
    void inject(Fault fault);
    /// What has not acted yet does not act any more.
    void heal();

    [[nodiscard]] http::Endpoint endpoint() const;
    [[nodiscard]] std::string path() const { return folder_.file("proxy.sock"); }

  private:
    struct Link;
    struct Record;
    void accept_all();
    void pump_up(Link& link);
    void pump_down(Link& link);
    bool take_request(Link& link, const std::string& bytes, std::string& held);
    bool pass_up(Link& link, std::string_view bytes);
    bool pass_down(Link& link, std::string_view bytes);
    bool send_slowly(const process::Descriptor& to, std::string_view bytes, const Fault& fault);
    void note(Link& link, const Received& request);
    void note_body(Link& link, const Received& request);
    std::optional<Answered> note_answer(Link& link, std::string_view bytes);

    std::string engine_socket_;
    TempDir folder_;
    process::Descriptor listener_;
    mutable std::mutex mutex_;
    std::vector<std::shared_ptr<Record>> records_;
    std::vector<Fault> faults_;
    std::list<Link> links_;
    std::stop_source stop_;
    std::thread accepting_;
};

}  // namespace berth::support

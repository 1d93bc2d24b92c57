// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/core/deadline.hpp>
#include <berth/core/error.hpp>
#include <berth/http/endpoint.hpp>
#include <berth/http/message.hpp>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace berth::http {

/// How far an exchange had come when it broke. Whoever sent a create needs to know.
enum class Stage {
    connecting,  ///< Nothing was sent.
    sending,     ///< The request was sent in part or whole, and not a byte came back.
    answering,   ///< An answer began.
};

/// The exchange broke: no connection, closed, cut short, nonsense.
///
/// Codes: BR0102 connection lost, BR0104 answer incomplete or no HTTP, BR0112 answer larger than its limit, BR0120 TLS
/// failed (not trusted, expired, another name, we were refused), BR0121 the ssh that carries the bytes failed.
class BrokenExchange : public ExchangeFailed {
  public:
    BrokenExchange(Stage stage, int system_error, ErrorFacts facts);
    [[nodiscard]] Stage stage() const noexcept { return stage_; }
    /// errno of a failed connect, send or receive; 0 when the peer closed or spoke nonsense.
    [[nodiscard]] int system_error() const noexcept { return system_error_; }

  private:
    Stage stage_;
    int system_error_;
};

/// TimedOut (BR0103) that remembers the stage; what a deadline in the middle of an exchange throws.
class ExchangeTimedOut : public TimedOut {
  public:
    ExchangeTimedOut(Stage stage, ErrorFacts facts);
    [[nodiscard]] Stage stage() const noexcept { return stage_; }

  private:
    Stage stage_;
};

struct Limits {
    std::size_t head{64 * 1024};          ///< Bytes of status line and header fields.
    std::size_t buffered_body{16 << 20};  ///< Bytes that send() keeps; a stream has no limit.
    std::size_t idle_connections{8};      ///< Kept open between calls.
};

/// An answer whose body is read as it comes, on a connection of its own that is closed afterwards. For one reader
/// thread and, after an upgrade, one writer thread at a time. Every read has its own deadline.
class Stream {
  public:
    Stream(Stream&&) noexcept;
    Stream& operator=(Stream&&) noexcept;
    ~Stream();

    [[nodiscard]] const Head& head() const noexcept;

    /// The next bytes, as soon as any are there: at most `size`, at least one; 0 at the proper end only.
    /// @throws BrokenExchange when the body is cut short or its framing is nonsense, ExchangeTimedOut, Cancelled
    std::size_t read(char* into, std::size_t size, Deadline deadline);

    /// The rest, as text. @throws as read(); BR0112 past `limit` bytes
    std::string read_all(Deadline deadline, std::size_t limit = 16 << 20);

    /// After an upgrade: bytes to the peer. @throws BrokenExchange, ExchangeTimedOut, Cancelled; Error (BR0111) when
    /// the peer answered without upgrading
    void write(std::string_view bytes, Deadline deadline);
    /// After an upgrade: no more bytes to the peer (half-close); reading goes on.
    void finish_writing();

    /// Ends both directions now, from any thread; a blocked read() ends with BrokenExchange.
    void close() noexcept;

  private:
    friend class Client;
    struct State;
    explicit Stream(std::unique_ptr<State> state) noexcept;
    std::unique_ptr<State> state_;
};

/// Speaks HTTP/1.1 to one endpoint. Cheap to copy; all copies share one pool of connections; safe from any thread.
class Client {
  public:
    /// Connects when it is first needed. The files of a TLS endpoint are read here.
    /// @throws Error (BR0122) for one that cannot be read, or a certificate and a key that do not belong together
    explicit Client(Endpoint endpoint, Limits limits = {});

    [[nodiscard]] const Endpoint& endpoint() const noexcept;

    /// Sends and reads the whole answer, whatever its status, on a pooled connection. A connection that turns out to be
    /// closed before a byte came back is replaced once, for GET and HEAD only.
    /// @throws Error (BR0111) before anything is sent, for a target or header that would not arrive as it is meant;
    /// BrokenExchange, ExchangeTimedOut, Cancelled, and whatever the body's source throws
    Response send(const Request& request, Deadline deadline);

    /// Sends and returns once the head is there. Bodies from `source` are sent whole first, unless the peer answers
    /// early: then the answer counts. @throws as send()
    Stream open(const Request& request, Deadline deadline);

    /// Connections kept open now (for tests).
    [[nodiscard]] std::size_t idle_connections() const;

  private:
    struct Shared;
    std::shared_ptr<Shared> shared_;
};

}  // namespace berth::http

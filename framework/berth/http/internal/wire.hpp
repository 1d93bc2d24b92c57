// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/core/deadline.hpp>
#include <berth/http/internal/progress.hpp>
#include <berth/process/wake.hpp>

#include <Poco/AutoPtr.h>
#include <Poco/Exception.h>
#include <Poco/Net/StreamSocketImpl.h>

#include <atomic>
#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>

namespace berth::http::internal {

/// What is below the exchange failed, and knows more than an errno tells: TLS, or the ssh that carries the bytes.
class TransportFailure : public Poco::IOException {
  public:
    TransportFailure(const char* code, const std::string& summary, ErrorFacts more = {})
        : Poco::IOException(summary), facts_(std::move(more)) {
        facts_.code = code;
        facts_.summary = summary;
    }
    /// Code, summary, details and hints.
    [[nodiscard]] const ErrorFacts& facts() const noexcept { return facts_; }

  private:
    ErrorFacts facts_;
};

/// Poco's socket with our manners: every wait ends with the deadline or the stop token of the call, writing never
/// raises SIGPIPE, and the kernel is asked to wait only after it has said that it would block. One reader and one
/// writer at a time. Its errors are Poco's (that is what Poco code expects of a socket); Wire turns them into ours.
class WireSocket : public Poco::Net::StreamSocketImpl {
  public:
    explicit WireSocket(int descriptor) : StreamSocketImpl(descriptor) {}

    /// While it lives, this is the deadline of receiving or sending.
    class Until {
      public:
        Until(const Deadline*& place, const Deadline& deadline) : place_(place) { place_ = &deadline; }
        Until(const Until&) = delete;
        Until& operator=(const Until&) = delete;
        ~Until() { place_ = nullptr; }

      private:
        const Deadline*& place_;
    };
    [[nodiscard]] Until receive_until(const Deadline& deadline) { return {receive_deadline_, deadline}; }
    [[nodiscard]] Until send_until(const Deadline& deadline) { return {send_deadline_, deadline}; }

    int receiveBytes(void* buffer, int length, int flags = 0) override;
    int sendBytes(const void* buffer, int length, int flags = 0) override;
    int sendBytes(const Poco::Net::SocketBufVec& buffers, int flags = 0) override;
    using StreamSocketImpl::receiveBytes;

    /// Sending gives up with 0 as soon as there is something to read (the peer answers while we still send).
    void heed_answers(bool on) noexcept { heed_answers_ = on; }

    /// Bytes of the peer, or an end, wait to be read.
    [[nodiscard]] virtual bool readable() noexcept;
    /// No more bytes to the peer.
    virtual void finish_sending() { shutdownSend(); }

  protected:
    ~WireSocket() override = default;

    enum class Side { receiving, sending };
    /// Waits as `side` may wait until the descriptor can be read or written.
    /// @returns false when sending is to be given up, since there is something to read
    bool wait(Side side, bool for_writing);

  private:
    const Deadline* receive_deadline_{nullptr};
    const Deadline* send_deadline_{nullptr};
    bool heed_answers_{false};
    process::Wake receive_wake_;
    process::Wake send_wake_;
};

/// A connected stream of bytes. Throws only our errors, with the stage that `progress` has.
class Wire {
  public:
    explicit Wire(Poco::AutoPtr<WireSocket> socket) : socket_(std::move(socket)) {}
    Wire(const Wire&) = delete;
    Wire& operator=(const Wire&) = delete;
    ~Wire() = default;

    /// The next bytes; 0 at the end.
    std::size_t receive(char* into, std::size_t size, const Progress& progress, const Deadline& deadline);

    enum class Sent { all, answered, failed };
    /// All of the parts, in order. With `heed_answers`: `answered` when the peer began to answer first, and `failed`
    /// (see send_error) instead of an exception when the connection is gone, since an answer may still be there to be
    /// read.
    Sent send(std::initializer_list<std::string_view> parts, bool heed_answers, const Progress& progress,
              const Deadline& deadline);
    [[nodiscard]] int send_error() const noexcept { return send_error_; }

    /// Bytes or an end wait to be read.
    [[nodiscard]] bool readable() noexcept;
    /// No more bytes to the peer.
    void finish_sending(const Progress& progress);
    /// Ends both directions, from any thread; blocked calls return.
    void shut_down() noexcept;
    [[nodiscard]] bool was_shut_down() const noexcept { return shut_down_.load(); }

  private:
    Poco::AutoPtr<WireSocket> socket_;
    int send_error_{0};
    std::atomic<bool> shut_down_{false};
};

}  // namespace berth::http::internal

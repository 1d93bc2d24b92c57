// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/http/internal/wire.hpp>
#include <berth/process/descriptor.hpp>

#include <memory>
#include <mutex>
#include <optional>
#include <string>

// OpenSSL's own names for SSL_CTX and SSL, so that its headers stay in the sources.
struct ssl_ctx_st;
struct ssl_st;
struct x509_store_ctx_st;

namespace berth::http::internal {

/// Certificates and rules, read once for all connections of a client.
class TlsContext {
  public:
    /// @throws Error (BR0122) for a file that cannot be read, and a certificate and a key that do not belong together
    explicit TlsContext(const Tls& files);

    [[nodiscard]] ssl_ctx_st* get() const noexcept { return context_.get(); }

  private:
    struct Free {
        void operator()(ssl_ctx_st* context) const noexcept;
    };
    std::unique_ptr<ssl_ctx_st, Free> context_;
};

/// Why the peer's certificate is not taken. OpenSSL forgets the certificate that it refuses, so that this is made while
/// it looks at it.
struct Verdict {
    std::string host{};
    std::optional<ErrorFacts> refused{};
};
/// OpenSSL's verify callback; the connection's first extra datum is its Verdict.
int judge(int accepted, x509_store_ctx_st* looking);

/// TLS on a connected socket. OpenSSL lets one thread at a time into a connection, so a lock is held while it works,
/// and never while we wait: a reader and a writer do not hold each other up.
class TlsSocket final : public WireSocket {
  public:
    /// Takes the descriptor over.
    TlsSocket(int descriptor, const TlsContext& context, const Endpoint& endpoint);

    /// @throws TransportFailure (BR0120) saying what is wrong with the peer's certificate or ours
    void handshake();

    int receiveBytes(void* buffer, int length, int flags = 0) override;
    int sendBytes(const void* buffer, int length, int flags = 0) override;
    int sendBytes(const Poco::Net::SocketBufVec& buffers, int flags = 0) override;
    using StreamSocketImpl::receiveBytes;

    /// What came may be no bytes of the peer's but TLS talking to itself; that is looked into.
    [[nodiscard]] bool readable() noexcept override;
    /// TLS's own end (close_notify); bytes still come in.
    void finish_sending() override;

  protected:
    ~TlsSocket() override;

  private:
    /// One step of OpenSSL's. @returns its result when that is above 0; 0 at the peer's proper end; k_again after
    /// `want` was set to what has to be waited for
    template <class Step>
    int attempt(Step step, bool& want_write);
    int write_some(const void* buffer, int length, bool& want_write);
    [[noreturn]] void fail(int kind, int system_error);

    struct Free {
        void operator()(ssl_st* connection) const noexcept;
    };
    int owner_;
    Verdict verdict_;
    bool verified_;
    std::mutex mutex_;
    std::unique_ptr<ssl_st, Free> ssl_;
    bool connected_{false};
    bool broken_{false};
};

/// @throws BrokenExchange (BR0120), ExchangeTimedOut, Cancelled
Poco::AutoPtr<WireSocket> connect_tls(process::Descriptor connected, const Endpoint& endpoint,
                                      const TlsContext& context, const Progress& progress, const Deadline& deadline);

/// What a person needs to know of a failed step, from OpenSSL's queue of errors and the verdict.
TransportFailure tls_failure(const Verdict& verdict, bool connected);

}  // namespace berth::http::internal

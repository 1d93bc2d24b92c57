// SPDX-License-Identifier: Apache-2.0
#include <berth/http/internal/tls.hpp>

#include <Poco/Net/IPAddress.h>
#include <Poco/Net/NetException.h>
#include <fmt/format.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <sys/socket.h>
#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>

namespace berth::http::internal {
namespace {

constexpr int k_again = -1;
constexpr std::size_t k_record = 16 * 1024;
/// For the few bytes that say we end, when the peer takes none.
constexpr std::chrono::seconds k_farewell{5};

// OpenSSL's own socket BIO writes without MSG_NOSIGNAL, and a closed peer would raise SIGPIPE.
int descriptor_of(BIO* bio) {
    return static_cast<WireSocket*>(BIO_get_data(bio))->sockfd();
}

int bio_write(BIO* bio, const char* bytes, int size) {
    BIO_clear_retry_flags(bio);
    const auto count = ::send(descriptor_of(bio), bytes, static_cast<std::size_t>(size), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) {
        BIO_set_retry_write(bio);
    }
    return static_cast<int>(count);
}

int bio_read(BIO* bio, char* into, int size) {
    BIO_clear_retry_flags(bio);
    const auto count = ::recv(descriptor_of(bio), into, static_cast<std::size_t>(size), MSG_DONTWAIT);
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) {
        BIO_set_retry_read(bio);
    }
    return static_cast<int>(count);
}

long bio_control(BIO*, int command, long, void*) {
    return command == BIO_CTRL_FLUSH ? 1 : 0;
}

BIO_METHOD* bio_method() {
    static BIO_METHOD* const method = [] {
        BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "berth socket");
        BIO_meth_set_write(made, bio_write);
        BIO_meth_set_read(made, bio_read);
        BIO_meth_set_ctrl(made, bio_control);
        return made;
    }();
    return method;
}

[[noreturn]] void bad_file(std::string summary, std::string hint) {
    const unsigned long code = ERR_peek_error();
    const char* reason = ERR_reason_error_string(code);
    ErrorFacts facts{.code = k_bad_tls_file, .summary = std::move(summary)};
    if (ERR_SYSTEM_ERROR(code)) {
        facts.details.emplace_back("reason", std::generic_category().message(ERR_GET_REASON(code)));
    } else if (reason != nullptr) {
        facts.details.emplace_back("reason", reason);
    }
    facts.hints.push_back(std::move(hint));
    ERR_clear_error();
    throw Error(std::move(facts));
}

/// OpenSSL says "No such file" a few errors before the last one, so the file is tried first.
void must_open(const std::string& path, const char* what) {
    FILE* file = std::fopen(path.c_str(), "re");
    if (file == nullptr) {
        const int error = errno;
        throw Error(
            {.code = k_bad_tls_file,
             .summary = fmt::format("cannot read {} '{}': {}", what, path, std::generic_category().message(error)),
             .hints = {"DOCKER_CERT_PATH or the Docker context says where TLS files are"}});
    }
    (void)std::fclose(file);
}

}  // namespace

void TlsContext::Free::operator()(ssl_ctx_st* context) const noexcept {
    SSL_CTX_free(context);
}

TlsContext::TlsContext(const Tls& files) : context_(SSL_CTX_new(TLS_client_method())) {
    SSL_CTX* context = context_.get();
    if (context == nullptr) {
        bad_file("TLS cannot be set up", "look at the configuration of OpenSSL");
    }
    ERR_clear_error();
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_verify(context, files.verify == Tls::Verify::peer ? SSL_VERIFY_PEER : SSL_VERIFY_NONE,
                       files.verify == Tls::Verify::peer ? judge : nullptr);
    if (files.authorities.empty()) {
        SSL_CTX_set_default_verify_paths(context);
    } else {
        must_open(files.authorities, "the certificates of authorities");
        if (SSL_CTX_load_verify_locations(context, files.authorities.c_str(), nullptr) != 1) {
            bad_file(fmt::format("'{}' has no certificate of an authority", files.authorities),
                     "it is a text file that begins with '-----BEGIN CERTIFICATE-----'");
        }
    }
    if (files.certificate.empty() != files.key.empty()) {
        throw Error({.code = k_bad_tls_file,
                     .summary = fmt::format(
                         "the {} '{}' comes without its {}", files.key.empty() ? "certificate" : "key",
                         files.key.empty() ? files.certificate : files.key, files.key.empty() ? "key" : "certificate"),
                     .hints = {"give both cert.pem and key.pem, or neither"}});
    }
    if (!files.certificate.empty()) {
        must_open(files.certificate, "our certificate");
        must_open(files.key, "the key of our certificate");
        if (SSL_CTX_use_certificate_chain_file(context, files.certificate.c_str()) != 1) {
            bad_file(fmt::format("'{}' is no certificate", files.certificate),
                     "it is a text file that begins with '-----BEGIN CERTIFICATE-----'");
        }
        // A key behind a password would be asked for on the terminal.
        SSL_CTX_set_default_passwd_cb(context, [](char*, int, int, void*) { return -1; });
        if (SSL_CTX_use_PrivateKey_file(context, files.key.c_str(), SSL_FILETYPE_PEM) != 1) {
            const bool mixed = ERR_GET_REASON(ERR_peek_last_error()) == X509_R_KEY_VALUES_MISMATCH;
            bad_file(mixed ? fmt::format("'{}' is not the key of '{}'", files.key, files.certificate)
                           : fmt::format("'{}' is no key that can be read", files.key),
                     mixed ? "cert.pem and key.pem are made together"
                           : "it is a text file that begins with '-----BEGIN PRIVATE KEY-----', without a password");
        }
    }
}

void TlsSocket::Free::operator()(ssl_st* connection) const noexcept {
    SSL_free(connection);
}

TlsSocket::TlsSocket(int descriptor, const TlsContext& context, const Endpoint& endpoint)
    : WireSocket(descriptor),
      owner_(::getpid()),
      verdict_{.host = endpoint.host},
      verified_(endpoint.tls.verify == Tls::Verify::peer),
      ssl_(SSL_new(context.get())) {
    BIO* bio = ssl_ ? BIO_new(bio_method()) : nullptr;
    if (bio == nullptr) {
        throw std::bad_alloc();
    }
    SSL_set_ex_data(ssl_.get(), 0, &verdict_);
    BIO_set_data(bio, static_cast<WireSocket*>(this));
    BIO_set_init(bio, 1);
    SSL_set_bio(ssl_.get(), bio, bio);
    SSL_set_connect_state(ssl_.get());
    Poco::Net::IPAddress address;
    if (Poco::Net::IPAddress::tryParse(verdict_.host, address)) {
        if (verified_) {
            X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl_.get()), address.toString().c_str());
        }
        return;
    }
    // What SSL_set_tlsext_host_name stands for, without its old-style cast.
    SSL_ctrl(ssl_.get(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, verdict_.host.data());
    if (verified_) {
        SSL_set_hostflags(ssl_.get(), X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
        SSL_set1_host(ssl_.get(), verdict_.host.c_str());
    }
}

TlsSocket::~TlsSocket() {
    if (connected_ && !broken_ && owner_ == ::getpid()) {  // a forked process does not end its parent's connection
        ERR_clear_error();
        SSL_shutdown(ssl_.get());  // best effort: the peer also sees the connection end
        ERR_clear_error();
    }
}

void TlsSocket::fail(int kind, int system_error) {
    broken_ = kind == SSL_ERROR_SSL;
    if (broken_ && ERR_GET_REASON(ERR_peek_error()) != SSL_R_UNEXPECTED_EOF_WHILE_READING) {
        throw tls_failure(verdict_, connected_);
    }
    ERR_clear_error();
    // An end that is none of TLS's could have been made by anybody on the way.
    throw Poco::Net::ConnectionResetException("", system_error != 0 ? system_error : ECONNRESET);
}

template <class Step>
int TlsSocket::attempt(Step step, bool& want_write) {
    const std::lock_guard lock(mutex_);
    if (broken_) {
        throw Poco::Net::ConnectionResetException("", ECONNRESET);
    }
    ERR_clear_error();
    errno = 0;
    const int result = step(ssl_.get());
    const int system_error = errno;
    if (result > 0) {
        return result;
    }
    const int kind = SSL_get_error(ssl_.get(), result);
    switch (kind) {
        case SSL_ERROR_ZERO_RETURN:
            return 0;
        case SSL_ERROR_WANT_READ:
            want_write = false;
            return k_again;
        case SSL_ERROR_WANT_WRITE:
            want_write = true;
            return k_again;
        default:
            fail(kind, system_error);
    }
}

void TlsSocket::handshake() {
    for (;;) {
        bool want_write = false;
        const int result = attempt([](SSL* ssl) { return SSL_do_handshake(ssl); }, want_write);
        if (result > 0) {
            connected_ = true;
            return;
        }
        if (result == 0) {
            throw Poco::Net::ConnectionResetException("", ECONNRESET);
        }
        wait(Side::sending, want_write);
    }
}

int TlsSocket::receiveBytes(void* buffer, int length, int) {
    for (;;) {
        bool want_write = false;
        const int count = attempt([&](SSL* ssl) { return SSL_read(ssl, buffer, length); }, want_write);
        if (count != k_again) {
            return count;
        }
        wait(Side::receiving, want_write);
    }
}

int TlsSocket::write_some(const void* buffer, int length, bool& want_write) {
    try {
        return attempt([&](SSL* ssl) { return SSL_write(ssl, buffer, length); }, want_write);
    } catch (const TransportFailure&) {
        throw;
    } catch (const Poco::IOException& failure) {
        // The peer hung up. Why is in the alert that it sent before, if it did, which we have not read yet.
        char byte = 0;
        const auto code = failure.code();
        try {
            attempt([&](SSL* ssl) { return SSL_peek(ssl, &byte, 1); }, want_write);
        } catch (const TransportFailure&) {
            throw;
        } catch (const Poco::IOException&) {
            throw Poco::Net::ConnectionResetException("", code);
        }
        throw;
    }
}

int TlsSocket::sendBytes(const void* buffer, int length, int) {
    for (;;) {
        bool want_write = false;
        const int count = write_some(buffer, length, want_write);
        if (count > 0) {
            return count;
        }
        if (count == 0) {
            // The peer has ended; that we still write is no more of interest to it.
            throw Poco::Net::NetException("", EPIPE);
        }
        if (!wait(Side::sending, want_write) && readable()) {
            return 0;
        }
    }
}

int TlsSocket::sendBytes(const Poco::Net::SocketBufVec& buffers, int flags) {
    const auto& first = buffers.front();
    if (buffers.size() == 1 || first.iov_len >= k_record) {
        return sendBytes(first.iov_base, static_cast<int>(std::min(first.iov_len, std::size_t{1} << 30)), flags);
    }
    // Small parts together make one record.
    char together[k_record];
    std::size_t size = 0;
    for (const auto& part : buffers) {
        const auto count = std::min(part.iov_len, k_record - size);
        std::memcpy(together + size, part.iov_base, count);
        size += count;
    }
    return sendBytes(together, static_cast<int>(size), flags);
}

bool TlsSocket::readable() noexcept {
    char byte = 0;
    bool want_write = false;
    try {
        return attempt([&](SSL* ssl) { return SSL_peek(ssl, &byte, 1); }, want_write) != k_again;
    } catch (const Poco::Exception&) {
        return true;  // an error waits to be read, and the next read throws it
    }
}

void TlsSocket::finish_sending() {
    const Deadline farewell = within(k_farewell);
    const auto until = send_until(farewell);
    heed_answers(false);
    for (;;) {
        bool want_write = false;
        const int result = attempt(
            [](SSL* ssl) {
                const int said = SSL_shutdown(ssl);
                return said == 0 ? 1 : said;  // 0: ours is sent, and the peer's has not come
            },
            want_write);
        if (result > 0) {
            return;
        }
        wait(Side::sending, want_write);
    }
}

Poco::AutoPtr<WireSocket> connect_tls(process::Descriptor connected, const Endpoint& endpoint,
                                      const TlsContext& context, const Progress& progress, const Deadline& deadline) {
    Poco::AutoPtr<TlsSocket> socket(new TlsSocket(connected.get(), context, endpoint));
    [[maybe_unused]] const int taken_over = connected.release();
    const auto until = socket->send_until(deadline);
    try {
        socket->handshake();
    } catch (const TransportFailure& failure) {
        progress.failed(failure.facts());
    } catch (const Poco::TimeoutException&) {
        progress.timed_out();
    } catch (const Poco::Exception&) {
        progress.failed({.code = k_tls_failed,
                         .summary = "the peer closed the connection in the middle of the TLS handshake",
                         .hints = {"what listens there may speak no TLS, or want another version of it"}});
    }
    return socket;
}

}  // namespace berth::http::internal

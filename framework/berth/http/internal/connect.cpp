// SPDX-License-Identifier: Apache-2.0
#include <berth/http/internal/connect.hpp>
#include <berth/http/internal/ssh.hpp>
#include <berth/process/descriptor.hpp>
#include <berth/process/wake.hpp>

#include <Poco/Exception.h>
#include <Poco/Net/DNS.h>
#include <Poco/Net/HostEntry.h>
#include <Poco/Net/IPAddress.h>
#include <Poco/Net/SocketAddress.h>
#include <fmt/format.h>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <algorithm>
#include <cerrno>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>
#include <vector>

namespace berth::http::internal {
namespace {

using process::Descriptor;

[[noreturn]] void cannot_connect(const Progress& progress, int error) {
    progress.broken(k_connection_lost, fmt::format("cannot connect: {}", std::generic_category().message(error)),
                    error);
}

Descriptor open_socket(int family, const Progress& progress) {
    Descriptor opened(::socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!opened) {
        cannot_connect(progress, errno);
    }
    return opened;
}

/// @returns 0, or the errno that says why not
int connect_one(const Descriptor& opened, const sockaddr* address, socklen_t size, const Progress& progress,
                const Deadline& deadline) {
    using namespace std::chrono_literals;
    process::Wake wake;
    auto pause = 1ms;
    while (::connect(opened.get(), address, size) != 0) {
        if (errno == EINPROGRESS || errno == EINTR || errno == EALREADY) {
            process::Watch watch{.descriptor = opened.get(), .for_writing = true};
            if (!wake.wait({&watch}, deadline)) {
                progress.timed_out();
            }
            int error = 0;
            socklen_t error_size = sizeof error;
            ::getsockopt(opened.get(), SOL_SOCKET, SO_ERROR, &error, &error_size);
            return error;
        }
        if (errno == EISCONN) {
            return 0;
        }
        if (errno != EAGAIN) {
            return errno;
        }
        // A unix socket whose queue of callers is full. The kernel has nothing to wait on here, so only the stop token
        // is waited on, for a moment, and the door is tried again.
        if (deadline.passed()) {
            progress.timed_out();
        }
        wake.wait({}, deadline.sooner(pause));
        pause = std::min(pause * 2, 20ms);
    }
    return 0;
}

Descriptor connect_unix(const std::string& path, const Progress& progress, const Deadline& deadline) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path) {
        cannot_connect(progress, ENAMETOOLONG);
    }
    path.copy(address.sun_path, path.size());
    Descriptor opened = open_socket(AF_UNIX, progress);
    const int error =
        connect_one(opened, reinterpret_cast<const sockaddr*>(&address), sizeof address, progress, deadline);
    if (error != 0) {
        cannot_connect(progress, error);
    }
    return opened;
}

/// A question to the resolver, which takes no deadline and cannot be called off. It is asked on a thread of its own
/// that owns a share of this, so that whoever asked may go away first.
struct Lookup {
    std::mutex mutex{};
    std::condition_variable_any answered{};
    bool done{false};
    std::vector<Poco::Net::IPAddress> addresses{};
    std::string failure{};
};

void look_up(const std::shared_ptr<Lookup>& lookup, const std::string& host) {
    std::vector<Poco::Net::IPAddress> addresses;
    std::string failure;
    try {
        // A named value: a range-for over a member of the temporary would outlive it.
        const Poco::Net::HostEntry entry = Poco::Net::DNS::hostByName(host);
        addresses = entry.addresses();
    } catch (const Poco::Exception& error) {
        failure = error.displayText();
    }
    const std::lock_guard lock(lookup->mutex);
    lookup->addresses = std::move(addresses);
    lookup->failure = std::move(failure);
    lookup->done = true;
    lookup->answered.notify_all();
}

std::vector<Poco::Net::IPAddress> addresses_of(const std::string& host, const Progress& progress,
                                               const Deadline& deadline) {
    Poco::Net::IPAddress literal;
    if (Poco::Net::IPAddress::tryParse(host, literal)) {
        return {literal};
    }
    const auto lookup = std::make_shared<Lookup>();
    std::thread([lookup, host] { look_up(lookup, host); }).detach();
    std::unique_lock lock(lookup->mutex);
    if (!deadline.wait(lookup->answered, lock, [&] { return lookup->done; })) {
        progress.timed_out();
    }
    if (lookup->addresses.empty()) {
        progress.broken(
            k_connection_lost,
            fmt::format("cannot connect: {}",
                        lookup->failure.empty() ? fmt::format("'{}' has no address", host) : lookup->failure),
            EHOSTUNREACH);
    }
    return lookup->addresses;
}

Descriptor connect_tcp(const Endpoint& endpoint, const Progress& progress, const Deadline& deadline) {
    int error = EHOSTUNREACH;
    for (const auto& ip : addresses_of(endpoint.host, progress, deadline)) {
        const Poco::Net::SocketAddress address(ip, endpoint.port);
        Descriptor opened = open_socket(address.af(), progress);
        error = connect_one(opened, address.addr(), address.length(), progress, deadline);
        if (error == 0) {
            const int on = 1;
            ::setsockopt(opened.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
            ::setsockopt(opened.get(), SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
            return opened;
        }
    }
    cannot_connect(progress, error);
}

}  // namespace

Poco::AutoPtr<WireSocket> connect_to(const Endpoint& endpoint, const TlsContext* tls, const Progress& progress,
                                     const Deadline& deadline) {
    deadline.throw_if_cancelled();
    if (deadline.passed()) {
        progress.timed_out();
    }
    if (endpoint.scheme == Endpoint::Scheme::ssh) {
        return connect_ssh(endpoint, progress, deadline);
    }
    Descriptor opened = endpoint.scheme == Endpoint::Scheme::unix_socket
                            ? connect_unix(endpoint.path, progress, deadline)
                            : connect_tcp(endpoint, progress, deadline);
    if (endpoint.scheme == Endpoint::Scheme::tls) {
        return connect_tls(std::move(opened), endpoint, *tls, progress, deadline);
    }
    Poco::AutoPtr<WireSocket> socket(new WireSocket(opened.get()));
    [[maybe_unused]] const int taken_over = opened.release();
    return socket;
}

}  // namespace berth::http::internal

// SPDX-License-Identifier: Apache-2.0
#include <berth/core/error.hpp>
#include <berth/fake/internal/sockets.hpp>

#include <fmt/format.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

namespace berth::fake {
namespace {

constexpr std::size_t k_piece = 64 * 1024;
constexpr int k_backlog = 256;

/// What is left of earlier connections to a port does not make it taken. Both sides of that have to be asked for it. On
/// a port that the system chooses it would let others bind to it until it listens.
void reuse_address(const Socket& socket) noexcept {
    const int on = 1;
    ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
}

[[noreturn]] void fail(std::string_view what) {
    throw Error({.code = "BR0116",
                 .summary = fmt::format("cannot {}: {}", what, std::generic_category().message(errno)),
                 .hints = {"look at the limit of open files ('ulimit -n')"}});
}

}  // namespace

Socket::~Socket() {
    if (number_ >= 0) {
        ::close(number_);
    }
}

std::string Socket::receive() const {
    std::string bytes(k_piece, '\0');
    for (;;) {
        const auto count = ::recv(number_, bytes.data(), bytes.size(), 0);
        if (count >= 0) {
            bytes.resize(static_cast<std::size_t>(count));
            return bytes;
        }
        if (errno != EINTR) {
            return {};
        }
    }
}

bool Socket::send(std::string_view bytes) const {
    while (!bytes.empty()) {
        const auto count = ::send(number_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (count >= 0) {
            bytes.remove_prefix(static_cast<std::size_t>(count));
        } else if (errno != EINTR) {
            return false;
        }
    }
    return true;
}

Socket Socket::accept() const {
    for (;;) {
        Socket accepted(::accept4(number_, nullptr, nullptr, SOCK_CLOEXEC));
        if (accepted || (errno != EINTR && errno != ECONNABORTED)) {
            return accepted;
        }
    }
}

void Socket::shut() const noexcept {
    ::shutdown(number_, SHUT_RDWR);
}

Socket listen_unix(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path) {
        errno = ENAMETOOLONG;
        fail("listen on " + path);
    }
    path.copy(address.sun_path, path.size());
    Socket socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (!socket || ::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
        ::listen(socket.get(), k_backlog) != 0) {
        fail("listen on " + path);
    }
    return socket;
}

Socket bind_loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    Socket socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (!socket) {
        fail("open a socket");
    }
    if (port != 0) {
        reuse_address(socket);
    }
    if (::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        return {};
    }
    return socket;
}

std::uint16_t port_of(const Socket& bound) {
    sockaddr_in address{};
    socklen_t size = sizeof address;
    if (::getsockname(bound.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0) {
        fail("ask for a port");
    }
    return ntohs(address.sin_port);
}

void start_listening(const Socket& bound) {
    reuse_address(bound);
    if (::listen(bound.get(), k_backlog) != 0) {
        fail("listen on a port");
    }
}

HangupWatch::HangupWatch(const Socket& socket, std::function<void()> gone) : wake_(::eventfd(0, EFD_CLOEXEC)) {
    if (!wake_) {
        fail("make an event descriptor");
    }
    thread_ = std::thread([this, &socket, gone = std::move(gone)] {
        std::array<pollfd, 2> watched{{{socket.get(), POLLRDHUP, 0}, {wake_.get(), POLLIN, 0}}};
        while (::poll(watched.data(), watched.size(), -1) < 0 && errno == EINTR) {
        }
        if (watched[0].revents != 0) {
            gone();
        }
    });
}

HangupWatch::~HangupWatch() {
    ::eventfd_write(wake_.get(), 1);
    thread_.join();
}

}  // namespace berth::fake

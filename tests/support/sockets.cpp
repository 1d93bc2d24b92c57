// SPDX-License-Identifier: Apache-2.0
#include <tests/support/sockets.hpp>

#include <berth/process/wake.hpp>

#include <sys/socket.h>
#include <sys/un.h>
#include <cerrno>
#include <filesystem>
#include <iterator>
#include <stdexcept>
#include <system_error>

namespace berth::support {
namespace {

using process::Descriptor;
using process::Wake;
using process::Watch;

sockaddr_un address_of(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path) {
        throw std::runtime_error("socket path too long: " + path);
    }
    path.copy(address.sun_path, path.size());
    return address;
}

[[noreturn]] void fail(const std::string& what) {
    throw std::system_error(errno, std::generic_category(), what);
}

Descriptor open_socket() {
    Descriptor opened(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!opened) {
        fail("socket");
    }
    return opened;
}

}  // namespace

Descriptor listen_unix(const std::string& path, int backlog) {
    Descriptor listener = open_socket();
    const auto address = address_of(path);
    if (::bind(listener.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
        ::listen(listener.get(), backlog) != 0) {
        fail("listen on " + path);
    }
    return listener;
}

Descriptor connect_unix(const std::string& path) {
    Descriptor socket = open_socket();
    const auto address = address_of(path);
    if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        fail("connect to " + path);
    }
    return socket;
}

Descriptor accept_one(const Descriptor& listener, const Deadline& deadline) {
    Wake wake;
    for (;;) {
        Descriptor accepted(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
        if (accepted) {
            return accepted;
        }
        if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED) {
            fail("accept");
        }
        Watch watch{.descriptor = listener.get(), .for_reading = true};
        if (!wake.wait({&watch}, deadline)) {
            throw std::runtime_error("nobody connected in time");
        }
    }
}

std::string receive_some(const Descriptor& from, const Deadline& deadline) {
    Wake wake;
    std::string bytes(64 * 1024, '\0');
    for (;;) {
        const auto count = ::recv(from.get(), bytes.data(), bytes.size(), MSG_DONTWAIT);
        if (count >= 0) {
            bytes.resize(static_cast<std::size_t>(count));
            return bytes;
        }
        if (errno != EAGAIN && errno != EINTR) {
            return {};
        }
        Watch watch{.descriptor = from.get(), .for_reading = true};
        if (!wake.wait({&watch}, deadline)) {
            throw std::runtime_error("nothing came in time");
        }
    }
}

bool send_all(const Descriptor& to, std::string_view bytes, const Deadline& deadline) {
    Wake wake;
    while (!bytes.empty()) {
        const auto count = ::send(to.get(), bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
        if (count >= 0) {
            bytes.remove_prefix(static_cast<std::size_t>(count));
            continue;
        }
        if (errno != EAGAIN && errno != EINTR) {
            return false;
        }
        Watch watch{.descriptor = to.get(), .for_writing = true};
        if (!wake.wait({&watch}, deadline)) {
            throw std::runtime_error("nothing was taken in time");
        }
    }
    return true;
}

void finish_sending(const Descriptor& socket) noexcept {
    ::shutdown(socket.get(), SHUT_WR);
}

void shut_down(const Descriptor& socket) noexcept {
    ::shutdown(socket.get(), SHUT_RDWR);
}

std::size_t open_descriptors() {
    // One of them is the folder's own while it is read.
    const std::filesystem::directory_iterator folder("/proc/self/fd");
    return static_cast<std::size_t>(std::distance(begin(folder), end(folder))) - 1;
}

}  // namespace berth::support

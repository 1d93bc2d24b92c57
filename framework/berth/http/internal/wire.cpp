// SPDX-License-Identifier: Apache-2.0
#include <berth/http/internal/wire.hpp>

#include <Poco/Exception.h>
#include <Poco/Net/NetException.h>

#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <csignal>

namespace berth::http::internal {
namespace {

/// Loading Poco blocks SIGPIPE in the thread that loads it, and so in every thread and child made after that: a
/// pipeline run by the program would then end with status 1 instead of by SIGPIPE. We never raise SIGPIPE
/// (MSG_NOSIGNAL), need no such block, and take it off again before main() begins. Poco comes as a shared library,
/// whose initialisers have run by now. A program that wants SIGPIPE blocked does so in main(). Children of the process
/// floor start with an empty mask in any case.
[[maybe_unused]] const bool k_sigpipe_as_it_was = [] {
    sigset_t pipe_only;
    sigemptyset(&pipe_only);
    sigaddset(&pipe_only, SIGPIPE);
    return ::pthread_sigmask(SIG_UNBLOCK, &pipe_only, nullptr) == 0;
}();

constexpr std::size_t k_most_parts = 3;

/// errno of a failed call, which Poco keeps as the code of its exception.
int system_error_of(const Poco::Exception& failure) {
    return failure.code() != 0 ? failure.code() : EIO;
}

/// The kernel's own ETIMEDOUT (a TCP peer that vanished) is a TimeoutException too, with its errno.
bool is_our_deadline(const Poco::Exception& failure) {
    return failure.code() == 0 && dynamic_cast<const Poco::TimeoutException*>(&failure) != nullptr;
}

}  // namespace

bool WireSocket::wait(Side side, bool for_writing) {
    const bool sending = side == Side::sending;
    const Deadline* deadline = sending ? send_deadline_ : receive_deadline_;
    process::Watch watch{
        .descriptor = sockfd(), .for_reading = !for_writing || (sending && heed_answers_), .for_writing = for_writing};
    const bool ready =
        (sending ? send_wake_ : receive_wake_).wait({&watch}, deadline != nullptr ? *deadline : Deadline::never());
    if (!ready) {
        throw Poco::TimeoutException();
    }
    return !for_writing || !watch.readable;
}

bool WireSocket::readable() noexcept {
    pollfd polled{sockfd(), POLLIN, 0};
    return ::poll(&polled, 1, 0) != 0;
}

int WireSocket::receiveBytes(void* buffer, int length, int flags) {
    for (;;) {
        const auto count = ::recv(sockfd(), buffer, static_cast<std::size_t>(length), flags | MSG_DONTWAIT);
        if (count >= 0) {
            return static_cast<int>(count);
        }
        if (errno == EAGAIN) {
            wait(Side::receiving, false);
        } else if (errno != EINTR) {
            error(errno);
        }
    }
}

int WireSocket::sendBytes(const void* buffer, int length, int flags) {
    Poco::Net::SocketBufVec whole(1);
    whole.front().iov_base = const_cast<void*>(buffer);
    whole.front().iov_len = static_cast<std::size_t>(length);
    return sendBytes(whole, flags);
}

int WireSocket::sendBytes(const Poco::Net::SocketBufVec& buffers, int flags) {
    for (;;) {
        msghdr message{};
        message.msg_iov = const_cast<iovec*>(buffers.data());
        message.msg_iovlen = buffers.size();
        const auto count = ::sendmsg(sockfd(), &message, flags | MSG_DONTWAIT | MSG_NOSIGNAL);
        if (count >= 0) {
            return static_cast<int>(count);
        }
        if (errno == EAGAIN) {
            if (!wait(Side::sending, true)) {
                return 0;
            }
        } else if (errno != EINTR) {
            error(errno);
        }
    }
}

std::size_t Wire::receive(char* into, std::size_t size, const Progress& progress, const Deadline& deadline) {
    const auto until = socket_->receive_until(deadline);
    try {
        return static_cast<std::size_t>(
            socket_->receiveBytes(into, static_cast<int>(std::min<std::size_t>(size, INT_MAX))));
    } catch (const TransportFailure& failure) {
        progress.failed(failure.facts());
    } catch (const Poco::Exception& failure) {
        if (is_our_deadline(failure)) {
            progress.timed_out();
        }
        progress.lost(system_error_of(failure));
    }
}

Wire::Sent Wire::send(std::initializer_list<std::string_view> parts, bool heed_answers, const Progress& progress,
                      const Deadline& deadline) {
    const auto until = socket_->send_until(deadline);
    socket_->heed_answers(heed_answers);
    Poco::Net::SocketBufVec left;
    left.reserve(k_most_parts);
    for (const auto part : parts) {
        if (!part.empty()) {
            left.push_back({const_cast<char*>(part.data()), part.size()});
        }
    }
    try {
        while (!left.empty()) {
            auto sent = static_cast<std::size_t>(socket_->sendBytes(left));
            if (sent == 0) {
                return Sent::answered;
            }
            while (!left.empty() && sent >= left.front().iov_len) {
                sent -= left.front().iov_len;
                left.erase(left.begin());
            }
            if (!left.empty()) {
                left.front().iov_base = static_cast<char*>(left.front().iov_base) + sent;
                left.front().iov_len -= sent;
                // A peer that takes every byte at once never makes us wait, so the deadline is looked at here.
                deadline.throw_if_cancelled();
                if (deadline.passed()) {
                    progress.timed_out();
                }
            }
        }
    } catch (const TransportFailure& failure) {
        progress.failed(failure.facts());
    } catch (const Poco::Exception& failure) {
        if (is_our_deadline(failure)) {
            progress.timed_out();
        }
        send_error_ = system_error_of(failure);
        if (!heed_answers) {
            progress.lost(send_error_);
        }
        return Sent::failed;
    }
    return Sent::all;
}

bool Wire::readable() noexcept {
    return socket_->readable();
}

void Wire::finish_sending(const Progress& progress) {
    try {
        socket_->finish_sending();
    } catch (const TransportFailure& failure) {
        progress.failed(failure.facts());
    } catch (const Poco::Exception& failure) {
        progress.lost(system_error_of(failure));
    }
}

void Wire::shut_down() noexcept {
    shut_down_ = true;
    ::shutdown(socket_->sockfd(), SHUT_RDWR);
}

}  // namespace berth::http::internal

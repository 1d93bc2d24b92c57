// SPDX-License-Identifier: Apache-2.0
#include <berth/cli/exit.hpp>
#include <berth/cli/signals.hpp>
#include <berth/cli/terminal.hpp>

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <system_error>
#include <utility>

namespace berth::cli {
namespace {

constexpr std::array k_ending{SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2};

}  // namespace

Signals::Signals() {
    sigset_t ours;
    sigemptyset(&ours);
    for (const int number : k_ending) {
        struct sigaction action {};
        ::sigaction(number, nullptr, &action);
        if (action.sa_handler != SIG_IGN) {
            sigaddset(&ours, number);
        }
    }
    ::pthread_sigmask(SIG_BLOCK, &ours, nullptr);
    signals_ = process::Descriptor(::signalfd(-1, &ours, SFD_CLOEXEC));
    ended_ = process::Descriptor(::eventfd(0, EFD_CLOEXEC));
    if (!signals_ || !ended_) {
        throw std::system_error(errno, std::generic_category(), "cannot watch for signals");
    }
    thread_ = std::thread([this] { read_them(); });
}

Signals::~Signals() {
    const std::uint64_t one = 1;
    while (::write(ended_.get(), &one, sizeof one) < 0 && errno == EINTR) {
    }
    thread_.join();
}

int Signals::first() const {
    const std::lock_guard lock(mutex_);
    return first_;
}

void Signals::say_when_leaving(std::string text) {
    const std::lock_guard lock(mutex_);
    leaving_text_ = std::move(text);
}

void Signals::read_them() {
    for (;;) {
        std::array<pollfd, 2> watched{pollfd{signals_.get(), POLLIN, 0}, pollfd{ended_.get(), POLLIN, 0}};
        if (::poll(watched.data(), watched.size(), -1) < 0) {
            continue;  // EINTR: a debugger, or stop and continue
        }
        if (watched[1].revents != 0) {
            return;
        }
        signalfd_siginfo facts{};
        if (::read(signals_.get(), &facts, sizeof facts) == sizeof facts) {
            handle(static_cast<int>(facts.ssi_signo), facts.ssi_code == SI_KERNEL);
        }
    }
}

void Signals::handle(int number, bool from_terminal) {
    std::unique_lock lock(mutex_);
    if (receiver_) {
        receiver_(number, from_terminal);
        return;
    }
    if (first_ == 0) {
        first_ = number;
        lock.unlock();  // callbacks of the token may ask for first()
        stop_.request_stop();
        return;
    }
    RawTerminal::restore_now();
    write_all(STDERR_FILENO, leaving_text_);
    ::_exit(k_signalled + number);
}

Signals::Receiving::Receiving(Signals& signals, std::function<void(int, bool)> receiver) : signals_(signals) {
    const std::lock_guard lock(signals_.mutex_);
    signals_.receiver_ = std::move(receiver);
}

Signals::Receiving::~Receiving() {
    const std::lock_guard lock(signals_.mutex_);
    signals_.receiver_ = nullptr;
}

std::string signal_name(int number) {
    const char* abbreviation = ::sigabbrev_np(number);
    return abbreviation == nullptr ? std::to_string(number) : "SIG" + std::string(abbreviation);
}

}  // namespace berth::cli

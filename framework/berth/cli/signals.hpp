// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/process/descriptor.hpp>

#include <functional>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>

namespace berth::cli {

/// What SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1 and SIGUSR2 do to us: the first one asks everything to stop, so that
/// the clean-up runs; the second one leaves the program at once. They are blocked and read by a thread, so no code runs
/// in a signal handler. Signals that were ignored when the program started (nohup, a shell's `&`) stay ignored.
///
/// Made first thing in main(), before any other thread.
class Signals {
  public:
    Signals();
    Signals(const Signals&) = delete;
    Signals& operator=(const Signals&) = delete;
    ~Signals();

    /// Asked to stop by the first signal.
    [[nodiscard]] std::stop_token stop() const noexcept { return stop_.get_token(); }
    /// The signal that asked us to end; 0: none has.
    [[nodiscard]] int first() const;

    /// Said on standard error when a second signal makes us leave: what stays behind, and how it is removed.
    void say_when_leaving(std::string text);

    /// While this lives, signals go to `receiver` instead, on the signals' thread.
    class Receiving {
      public:
        Receiving(Signals& signals, std::function<void(int number, bool from_terminal)> receiver);
        Receiving(const Receiving&) = delete;
        Receiving& operator=(const Receiving&) = delete;
        ~Receiving();

      private:
        Signals& signals_;
    };

  private:
    void read_them();
    void handle(int number, bool from_terminal);

    mutable std::mutex mutex_;
    int first_{0};
    std::string leaving_text_;
    std::function<void(int, bool)> receiver_;
    std::stop_source stop_;
    process::Descriptor signals_;
    process::Descriptor ended_;
    std::thread thread_;
};

/// `SIGINT`, or the number.
std::string signal_name(int number);

}  // namespace berth::cli

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/core/deadline.hpp>
#include <berth/process/descriptor.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace berth::process {

/// How a child ended.
struct ExitStatus {
    int code{0};    ///< Of exit(); 0 when a signal ended it.
    int signal{0};  ///< 0: it exited by itself.
    [[nodiscard]] bool success() const noexcept { return code == 0 && signal == 0; }
    /// As a shell says it: the code, or 128 + signal.
    [[nodiscard]] int as_shell_status() const noexcept { return signal == 0 ? code : 128 + signal; }
    /// `exit 2`, `signal 9`.
    [[nodiscard]] std::string text() const;
    friend bool operator==(const ExitStatus&, const ExitStatus&) = default;
};

/// What one of the child's standard streams is.
struct Standard {
    enum class Kind { inherit, null, pipe, descriptor };
    Kind kind{Kind::inherit};
    int number{-1};  ///< For Kind::descriptor; stays the caller's.

    static Standard inherit() noexcept { return {}; }
    static Standard null() noexcept { return {Kind::null, -1}; }
    static Standard pipe() noexcept { return {Kind::pipe, -1}; }
    static Standard descriptor(int number) noexcept { return {Kind::descriptor, number}; }
};

/// Variables as names and values.
using Variables = std::vector<std::pair<std::string, std::string>>;

struct Options {
    std::vector<std::string> argv{};  ///< Program (looked up in our PATH unless it has a `/`), arguments. No shell.
    std::optional<Variables> environment{};  ///< All of it; absent: ours.
    Variables additions{};                   ///< Set on top of either.
    std::string working_dir{};               ///< Empty: ours.
    Standard standard_input{Standard::inherit()};
    Standard standard_output{Standard::inherit()};
    Standard standard_error{Standard::inherit()};
    bool own_group{false};  ///< Leads a process group; signals then go to the whole group.
};

/// One child process. It starts with an empty signal mask and SIGPIPE at its default, whatever this process has (Poco
/// blocks SIGPIPE when it is loaded). Killed and reaped when it goes; calls may come from one thread at a time.
class Child {
  public:
    /// Starts it.
    /// @throws Error (BR0114) when it cannot be run: `cannot run 'x': No such file or directory`
    explicit Child(const Options& options);
    Child(Child&& other) noexcept;
    Child& operator=(Child other) noexcept;
    /// SIGKILL, to the group if it has its own, and reaped. Nothing in a process that was forked off since: it is not
    /// that one's child.
    ~Child();

    [[nodiscard]] int pid() const noexcept { return pid_; }
    /// Becomes readable when the child ends; for poll().
    [[nodiscard]] int descriptor() const noexcept { return pidfd_.get(); }

    /// Until it ends. Asked again, it says the same.
    /// @throws TimedOut (BR0103), Cancelled; the child runs on
    ExitStatus wait(Deadline deadline);
    /// The status if it has ended.
    std::optional<ExitStatus> poll();
    /// Sends a signal; nothing happens once it has ended.
    void signal(int number);

    /// Our ends of its pipes; empty for streams that are none.
    Descriptor& standard_input() noexcept { return input_; }
    Descriptor& standard_output() noexcept { return output_; }
    Descriptor& standard_error() noexcept { return error_; }

  private:
    void swap(Child& other) noexcept;

    std::string name_;
    int owner_{-1};
    int pid_{-1};
    bool own_group_{false};
    std::optional<ExitStatus> status_;
    Descriptor pidfd_;
    Descriptor input_;
    Descriptor output_;
    Descriptor error_;
};

struct CaptureLimits {
    std::size_t out{1 << 20};  ///< Bytes kept of standard output; what comes after is read and dropped.
    std::size_t err{1 << 20};
};

struct Captured {
    ExitStatus status{};
    std::string out{};
    std::string err{};
    bool cut{false};  ///< A limit was reached.
};

/// Runs to the end and keeps what it prints. Standard output and error become pipes; standard input is /dev/null unless
/// `options` names a descriptor. What a left-behind grandchild prints after the child's end is not waited for.
/// @throws Error (BR0114) when it cannot be run; TimedOut (BR0103), Cancelled: then it was killed
Captured run_captured(Options options, Deadline deadline, CaptureLimits limits = {});

}  // namespace berth::process

// SPDX-License-Identifier: Apache-2.0
#include <berth/cli/command.hpp>
#include <berth/core/error.hpp>
#include <berth/core/units.hpp>
#include <berth/process/child.hpp>
#include <berth/process/wake.hpp>

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fcntl.h>
#include <algorithm>
#include <cerrno>
#include <csignal>

namespace berth::cli {
namespace {

constexpr std::chrono::seconds k_grace{10};  // between SIGTERM and SIGKILL when its time is over
constexpr int k_signals_that_kill = 3;

bool is_directory(const std::string& path) {
    struct stat facts {};
    return ::stat(path.c_str(), &facts) == 0 && S_ISDIR(facts.st_mode);
}

/// Signals on their way from the signals' thread to the one that waits for the child.
class Mail {
  public:
    Mail() : pipe_(process::make_pipe()) { ::fcntl(pipe_.read.get(), F_SETFL, O_NONBLOCK); }
    void send(int number, bool from_terminal) {
        const auto byte = static_cast<unsigned char>(number | (from_terminal ? k_from_terminal : 0));
        while (::write(pipe_.write.get(), &byte, 1) < 0 && errno == EINTR) {
        }
    }
    [[nodiscard]] int descriptor() const noexcept { return pipe_.read.get(); }
    bool take(int& number, bool& from_terminal) {
        unsigned char byte = 0;
        if (::read(pipe_.read.get(), &byte, 1) != 1) {
            return false;
        }
        number = byte & ~k_from_terminal;
        from_terminal = (byte & k_from_terminal) != 0;
        return true;
    }

  private:
    static constexpr int k_from_terminal = 0x80;
    process::Pipe pipe_;
};

bool asks_to_end(int number) {
    return number == SIGINT || number == SIGTERM || number == SIGHUP || number == SIGQUIT;
}

/// Waits for the child, and hands on what comes by mail meanwhile.
class Attendance {
  public:
    Attendance(const Context& context, process::Child& child, Mail& mail, std::string name)
        : context_(context), child_(child), mail_(mail), name_(std::move(name)) {}

    /// Nothing when `until` passed first.
    std::optional<process::ExitStatus> until_end(const Deadline& until) {
        process::Wake wake;
        for (;;) {
            if (auto status = child_.poll()) {
                return status;
            }
            process::Watch ended{.descriptor = child_.descriptor(), .for_reading = true};
            process::Watch letter{.descriptor = mail_.descriptor(), .for_reading = true};
            if (!wake.wait({&ended, &letter}, until)) {
                return std::nullopt;
            }
            int number = 0;
            bool from_terminal = false;
            while (mail_.take(number, from_terminal)) {
                hand_on(number, from_terminal);
            }
        }
    }

  private:
    void hand_on(int number, bool from_terminal) {
        // The terminal sends its signals to the whole group; the command has had this one.
        if (!from_terminal) {
            child_.signal(number);
        }
        if (!asks_to_end(number)) {
            return;
        }
        ++asked_;
        if (asked_ == k_signals_that_kill) {
            child_.signal(SIGKILL);
        } else if (asked_ == k_signals_that_kill - 1) {
            context_.warn(fmt::format("note: '{}' was asked to end twice and still runs; once more kills it\n", name_));
        }
    }

    const Context& context_;
    process::Child& child_;
    Mail& mail_;
    std::string name_;
    int asked_{0};
};

process::Child start(const Command& command) {
    process::Options options;
    options.argv = command.argv;
    options.additions.assign(command.variables.begin(), command.variables.end());
    options.working_dir = command.working_dir;
    try {
        return process::Child(options);
    } catch (const Error& error) {
        // It was there when we looked: a script without its interpreter, a binary for another machine.
        throw Exit(k_may_not_run, error.summary());
    }
}

}  // namespace

void require_program(const std::string& program, const std::string& working_dir, const VariableSource& variables) {
    bool found = false;
    const auto try_path = [&](const std::string& path) {
        if (::access(path.c_str(), F_OK) != 0 || is_directory(path)) {
            return false;
        }
        found = true;
        return ::access(path.c_str(), X_OK) == 0;
    };
    if (program.find('/') != std::string::npos) {
        const bool relative = program.front() != '/' && !working_dir.empty();
        if (try_path(relative ? working_dir + '/' + program : program)) {
            return;
        }
        if (found) {
            throw Exit(k_may_not_run, fmt::format("'{}' may not be run: permission denied", program));
        }
        throw Exit(k_no_command, fmt::format("cannot run '{}': there is no such file", program));
    }
    const std::string path = variables("PATH").value_or("/bin:/usr/bin");
    std::size_t begin = 0;
    while (begin <= path.size()) {
        const auto end = std::min(path.find(':', begin), path.size());
        const std::string folder = path.substr(begin, end - begin);
        if (try_path((folder.empty() ? "." : folder) + '/' + program)) {
            return;
        }
        begin = end + 1;
    }
    if (found) {
        throw Exit(k_may_not_run, fmt::format("'{}' may not be run: permission denied", program));
    }
    throw Exit(k_no_command, fmt::format("cannot run '{}': there is no such program in PATH", program));
}

int run_command(const Context& context, const Command& command) {
    Mail mail;
    const Signals::Receiving receiving(context.signals(),
                                       [&](int number, bool from_terminal) { mail.send(number, from_terminal); });
    // One that came before we took them over has been counted as ours.
    context.deadline().throw_if_cancelled();

    const std::string name = command.argv.front();
    process::Child child = start(command);
    Attendance attendance(context, child, mail, name);
    Deadline until = context.deadline().with_stop({});
    if (command.timeout) {
        until = until.sooner(*command.timeout);
    }
    if (const auto status = attendance.until_end(until)) {
        return status->as_shell_status();
    }
    const bool ours = context.deadline().passed();
    context.warn(fmt::format("note: '{}' did not end in time ({}) and is terminated\n", name,
                             ours ? "--timeout" : "run.timeout of the spec"));
    child.signal(SIGTERM);
    std::optional<process::ExitStatus> status = attendance.until_end(within(k_grace));
    if (!status) {
        child.signal(SIGKILL);
        status = child.wait(within(k_grace));
    }
    if (ours) {
        throw TimedOut(
            {.summary = fmt::format("'{}' did not end within --timeout {}", name,
                                    format_duration(context.global().timeout.value_or(std::chrono::nanoseconds{0})))});
    }
    // Ending well after SIGTERM is not having done what it was run for.
    return status->success() ? k_signalled + SIGTERM : status->as_shell_status();
}

}  // namespace berth::cli

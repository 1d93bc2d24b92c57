// SPDX-License-Identifier: Apache-2.0
#include <berth/core/error.hpp>
#include <berth/process/child.hpp>
#include <berth/process/wake.hpp>

#include <fmt/format.h>

#include <fcntl.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cerrno>
#include <csignal>
#include <system_error>

namespace berth::process {
namespace {

[[noreturn]] void cannot_run(const Options& options, int error) {
    const std::string place = options.working_dir.empty() ? "" : fmt::format(" in '{}'", options.working_dir);
    throw Error({.code = "BR0114",
                 .summary = fmt::format("cannot run '{}'{}: {}", options.argv.empty() ? "" : options.argv.front(),
                                        place, std::generic_category().message(error))});
}

/// posix_spawn's two attribute objects, so that an exception on the way lets them go.
class SpawnPlan {
  public:
    SpawnPlan() {
        ::posix_spawn_file_actions_init(&actions);
        ::posix_spawnattr_init(&attributes);
    }
    SpawnPlan(const SpawnPlan&) = delete;
    SpawnPlan& operator=(const SpawnPlan&) = delete;
    ~SpawnPlan() {
        ::posix_spawnattr_destroy(&attributes);
        ::posix_spawn_file_actions_destroy(&actions);
    }
    posix_spawn_file_actions_t actions{};
    posix_spawnattr_t attributes{};
};

/// Decides what the child's stream `number` is. The descriptor is first copied above the standard ones: otherwise
/// giving 1 to 2 and 2 to 1 would give one of them twice. Ends that only the child needs are kept in `theirs` until it
/// runs.
Descriptor plan_stream(SpawnPlan& plan, const Options& options, const Standard& standard, int number,
                       std::vector<Descriptor>& theirs) {
    int source = -1;
    Descriptor ours;
    switch (standard.kind) {
        case Standard::Kind::inherit:
            return ours;
        case Standard::Kind::null:
            ::posix_spawn_file_actions_addopen(&plan.actions, number, "/dev/null", number == 0 ? O_RDONLY : O_WRONLY,
                                               0);
            return ours;
        case Standard::Kind::pipe: {
            Pipe pipe = make_pipe();
            ours = std::move(number == 0 ? pipe.write : pipe.read);
            theirs.push_back(std::move(number == 0 ? pipe.read : pipe.write));
            source = theirs.back().get();
            break;
        }
        case Standard::Kind::descriptor:
            source = standard.number;
            break;
    }
    constexpr int k_above_standard = 10;
    Descriptor copy(::fcntl(source, F_DUPFD_CLOEXEC, k_above_standard));
    if (!copy) {
        cannot_run(options, errno);
    }
    ::posix_spawn_file_actions_adddup2(&plan.actions, copy.get(), number);
    theirs.push_back(std::move(copy));
    return ours;
}

std::vector<std::string> environment_of(const Options& options) {
    std::vector<std::string> entries;
    const auto set = [&](const std::string& name, std::string entry) {
        for (auto& existing : entries) {
            if (existing.size() > name.size() && existing[name.size()] == '=' &&
                existing.compare(0, name.size(), name) == 0) {
                existing = std::move(entry);
                return;
            }
        }
        entries.push_back(std::move(entry));
    };
    if (options.environment) {
        for (const auto& [name, value] : *options.environment) {
            set(name, fmt::format("{}={}", name, value));
        }
    } else {
        for (char** entry = ::environ; entry != nullptr && *entry != nullptr; ++entry) {
            entries.emplace_back(*entry);
        }
    }
    for (const auto& [name, value] : options.additions) {
        set(name, fmt::format("{}={}", name, value));
    }
    return entries;
}

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
    std::vector<char*> pointers;
    pointers.reserve(texts.size() + 1);
    for (auto& text : texts) {
        pointers.push_back(text.data());
    }
    pointers.push_back(nullptr);
    return pointers;
}

/// A string with a zero byte would reach the child cut short.
void refuse_zero_bytes(const Options& options, const std::vector<std::string>& texts) {
    for (const auto& text : texts) {
        if (text.find('\0') != std::string::npos) {
            cannot_run(options, EINVAL);
        }
    }
}

}  // namespace

std::string ExitStatus::text() const {
    return signal == 0 ? fmt::format("exit {}", code) : fmt::format("signal {}", signal);
}

Child::Child(const Options& options)
    : name_(options.argv.empty() ? "" : options.argv.front()), own_group_(options.own_group) {
    if (name_.empty()) {
        cannot_run(options, ENOENT);
    }
    std::vector<std::string> arguments = options.argv;
    std::vector<std::string> variables = environment_of(options);
    refuse_zero_bytes(options, arguments);
    refuse_zero_bytes(options, variables);

    SpawnPlan plan;
    std::vector<Descriptor> theirs;
    input_ = plan_stream(plan, options, options.standard_input, STDIN_FILENO, theirs);
    output_ = plan_stream(plan, options, options.standard_output, STDOUT_FILENO, theirs);
    error_ = plan_stream(plan, options, options.standard_error, STDERR_FILENO, theirs);
    if (!options.working_dir.empty()) {
        ::posix_spawn_file_actions_addchdir_np(&plan.actions, options.working_dir.c_str());
    }
    sigset_t none;
    sigset_t pipe_only;
    sigemptyset(&none);
    sigemptyset(&pipe_only);
    sigaddset(&pipe_only, SIGPIPE);
    ::posix_spawnattr_setsigmask(&plan.attributes, &none);
    ::posix_spawnattr_setsigdefault(&plan.attributes, &pipe_only);
    ::posix_spawnattr_setpgroup(&plan.attributes, 0);
    const int group = options.own_group ? POSIX_SPAWN_SETPGROUP : 0;
    ::posix_spawnattr_setflags(&plan.attributes,
                               static_cast<short>(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | group));

    const auto argv = pointers_to(arguments);
    const auto envp = pointers_to(variables);
    if (const int error =
            ::posix_spawnp(&pid_, argv.front(), &plan.actions, &plan.attributes, argv.data(), envp.data());
        error != 0) {
        pid_ = -1;
        cannot_run(options, error);
    }
    owner_ = ::getpid();
    // Not reaped yet, so the number cannot have gone to another process.
    pidfd_ = Descriptor(static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0)));
    if (!pidfd_) {
        const int error = errno;
        Child doomed(std::move(*this));  // a constructor that throws runs no destructor of its own
        cannot_run(options, error);
    }
}

Child::Child(Child&& other) noexcept {
    swap(other);
}

Child& Child::operator=(Child other) noexcept {
    swap(other);
    return *this;
}

void Child::swap(Child& other) noexcept {
    std::swap(name_, other.name_);
    std::swap(owner_, other.owner_);
    std::swap(pid_, other.pid_);
    std::swap(own_group_, other.own_group_);
    std::swap(status_, other.status_);
    std::swap(pidfd_, other.pidfd_);
    std::swap(input_, other.input_);
    std::swap(output_, other.output_);
    std::swap(error_, other.error_);
}

Child::~Child() {
    if (pid_ < 0 || status_ || owner_ != ::getpid()) {
        return;
    }
    ::kill(own_group_ ? -pid_ : pid_, SIGKILL);
    while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
    }
}

std::optional<ExitStatus> Child::poll() {
    if (!status_) {
        int raw = 0;
        const pid_t ended = ::waitpid(pid_, &raw, WNOHANG);
        if (ended == pid_) {
            status_ = WIFSIGNALED(raw) ? ExitStatus{0, WTERMSIG(raw)} : ExitStatus{WEXITSTATUS(raw), 0};
        } else if (ended < 0 && errno != EINTR) {
            throw Error({.code = "BR0114",
                         .summary = fmt::format("cannot tell how '{}' ended: {}", name_,
                                                std::generic_category().message(errno))});
        }
    }
    return status_;
}

ExitStatus Child::wait(Deadline deadline) {
    Wake wake;
    for (;;) {
        if (const auto status = poll()) {
            return *status;
        }
        Watch ended{.descriptor = pidfd_.get(), .for_reading = true};
        if (!wake.wait({&ended}, deadline)) {
            throw TimedOut({.code = "BR0103", .summary = fmt::format("'{}' did not end in time", name_)});
        }
    }
}

void Child::signal(int number) {
    if (pid_ < 0 || status_) {
        return;
    }
    if (::kill(own_group_ ? -pid_ : pid_, number) != 0 && errno != ESRCH) {
        throw Error({.code = "BR0114",
                     .summary = fmt::format("cannot send signal {} to '{}': {}", number, name_,
                                            std::generic_category().message(errno))});
    }
}

}  // namespace berth::process

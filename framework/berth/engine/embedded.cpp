// SPDX-License-Identifier: Apache-2.0
#include <berth/core/error.hpp>
#include <berth/core/log.hpp>
#include <berth/engine/internal/embedded.hpp>
#include <berth/engine/internal/json.hpp>
#include <berth/engine/internal/wire.hpp>

#include <fmt/format.h>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include <algorithm>
#include <cerrno>
#include <condition_variable>
#include <csignal>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <iterator>
#include <mutex>
#include <sstream>
#include <system_error>

namespace berth::engine {
namespace {

/// After its last caller has gone. Long enough for whoever cleans up after a process that died.
constexpr std::chrono::seconds k_linger{60};
constexpr const char* k_folder = "berth-engine-";
constexpr const char* k_log = "log";
constexpr std::chrono::seconds k_patience_with_the_end{10};
/// What Podman asks for each container, and fails when the limit here is lower and may not be raised.
constexpr rlim_t k_podmans_files = 1048576;
constexpr rlim_t k_podmans_processes = 4194304;

/// Whether a folder is what a process left that died, and its service has ended too: each service holds a lock on its
/// log for as long as it lives. What is younger than the time a service lingers may be about to be locked.
bool abandoned(const std::filesystem::path& folder) {
    struct stat facts {};
    if (::lstat(folder.c_str(), &facts) != 0 || !S_ISDIR(facts.st_mode) || facts.st_uid != ::geteuid() ||
        std::time(nullptr) - facts.st_mtime < k_linger.count()) {
        return false;
    }
    const process::Descriptor log(::open((folder / k_log).c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
    return log ? ::flock(log.get(), LOCK_EX | LOCK_NB) == 0 : errno == ENOENT;
}

void remove_abandoned(const std::filesystem::path& base) {
    std::error_code failed;
    for (const auto& entry : std::filesystem::directory_iterator(base, failed)) {
        if (entry.path().filename().string().rfind(k_folder, 0) == 0 && abandoned(entry.path())) {
            std::filesystem::remove_all(entry.path(), failed);
            log::debug(fmt::format("removed '{}', which an embedded engine left{}", entry.path().string(),
                                   failed ? ", in part: " + failed.message() : std::string()));
        }
    }
}

std::filesystem::path make_folder(const Variables& variable) {
    std::string base = variable("XDG_RUNTIME_DIR");
    if (base.empty() || ::access(base.c_str(), W_OK | X_OK) != 0) {
        base = "/tmp";
    }
    remove_abandoned(base);
    std::string path = fmt::format("{}/{}XXXXXX", base, k_folder);
    if (::mkdtemp(path.data()) == nullptr) {
        throw Error(
            {.code = "BR0101",
             .summary = fmt::format("cannot make a folder in '{}': {}", base, std::generic_category().message(errno))});
    }
    return path;
}

rlim_t most(int resource, rlim_t wanted) {
    rlimit limit{};
    return ::getrlimit(static_cast<__rlimit_resource>(resource), &limit) == 0 ? std::min(limit.rlim_max, wanted)
                                                                              : wanted;
}

/// Nothing is configured by anybody, and Podman's own defaults would make every container fail here.
bool needs_limits(const Variables& variable) {
    if (::geteuid() != 0 || !variable("CONTAINERS_CONF").empty() ||
        most(RLIMIT_NOFILE, k_podmans_files) >= k_podmans_files) {
        return false;
    }
    std::error_code ignored;
    return !std::filesystem::exists("/etc/containers/containers.conf", ignored) &&
           !std::filesystem::exists(variable("HOME") + "/.config/containers/containers.conf", ignored);
}

void write_limits(const std::filesystem::path& path) {
    rlim_t pids = k_podmans_processes;
    if (std::ifstream file("/proc/sys/kernel/pid_max"); file) {
        file >> pids;
    }
    const rlim_t files = most(RLIMIT_NOFILE, k_podmans_files);
    const rlim_t processes = most(RLIMIT_NPROC, pids);
    std::ofstream(path) << fmt::format("[containers]\ndefault_ulimits = [\"nofile={0}:{0}\", \"nproc={1}:{1}\"]\n",
                                       files, processes);
}

/// Ours without what would make podman a client of another service.
process::Variables environment_of(const std::filesystem::path& folder, const Variables& variable) {
    process::Variables all;
    for (char** entry = environ; *entry != nullptr; ++entry) {
        const std::string_view text(*entry);
        const auto equals = text.find('=');
        const auto name = text.substr(0, equals);
        if (equals != std::string_view::npos && name != "CONTAINER_HOST" && name != "CONTAINER_CONNECTION" &&
            name != "DOCKER_HOST" && name != "NOTIFY_SOCKET" && name != "LISTEN_FDS" && name != "LISTEN_PID") {
            all.emplace_back(name, text.substr(equals + 1));
        }
    }
    if (needs_limits(variable)) {
        const auto path = folder / "containers.conf";
        write_limits(path);
        all.emplace_back("CONTAINERS_CONF", path.string());
    }
    return all;
}

TimedOut late() {
    return TimedOut({.code = "BR0103", .summary = "podman's service did not answer in time"});
}

}  // namespace

std::shared_ptr<EmbeddedEngine> EmbeddedEngine::share(const std::string& podman, const Variables& variable,
                                                      Deadline deadline) {
    static std::mutex mutex;
    static std::condition_variable_any changed;
    static bool is_starting = false;
    static std::weak_ptr<EmbeddedEngine> shared;
    {
        std::unique_lock lock(mutex);
        if (!deadline.wait(changed, lock, [] { return !is_starting; })) {
            throw late();
        }
        if (auto running = shared.lock(); running && running->owner_ == ::getpid() && !running->child_->poll()) {
            return running;
        }
        is_starting = true;
    }
    std::shared_ptr<EmbeddedEngine> started;
    const auto leave = [&] {
        const std::lock_guard lock(mutex);
        is_starting = false;
        shared = started;
        changed.notify_all();
    };
    try {
        started = std::make_shared<EmbeddedEngine>(podman, variable);
        started->await_answer(deadline);
    } catch (...) {
        started.reset();
        leave();
        throw;
    }
    leave();
    return started;
}

EmbeddedEngine::EmbeddedEngine(const std::string& podman, const Variables& variable)
    : owner_(::getpid()),
      folder_(make_folder(variable)),
      endpoint_({.scheme = http::Endpoint::Scheme::unix_socket, .path = (folder_ / "podman.sock").string()}) {
    try {
        const process::Descriptor log(
            ::open((folder_ / k_log).c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, S_IRUSR | S_IWUSR));
        // The service inherits the lock with its output, and holds it to its end (see abandoned()).
        if (!log || ::flock(log.get(), LOCK_EX | LOCK_NB) != 0) {
            throw Error({.code = "BR0101",
                         .summary = fmt::format("cannot write '{}': {}", (folder_ / k_log).string(),
                                                std::generic_category().message(errno))});
        }
        // A group of its own: Ctrl-C is for us, who still need it to clean up.
        child_ = std::make_unique<process::Child>(process::Options{
            .argv = {podman, "system", "service", "--time", std::to_string(k_linger.count()), endpoint_.text()},
            .environment = environment_of(folder_, variable),
            .standard_input = process::Standard::null(),
            .standard_output = process::Standard::descriptor(log.get()),
            .standard_error = process::Standard::descriptor(log.get()),
            .own_group = true});
    } catch (...) {
        std::error_code ignored;
        std::filesystem::remove_all(folder_, ignored);
        throw;
    }
}

void EmbeddedEngine::await_answer(Deadline deadline) {
    http::Client client(endpoint_);
    Backoff backoff;
    for (;;) {
        try {
            Engine::Wire::ping(client, deadline);
            break;
        } catch (const http::BrokenExchange& broken) {
            if (broken.stage() != http::Stage::connecting) {
                throw;
            }
        }
        if (const auto status = child_->poll()) {
            throw Error(
                {.code = "BR0101", .summary = fmt::format("podman ended with {}: {}", status->text(), last_words())});
        }
        if (deadline.passed()) {
            throw late();
        }
        backoff.pause(deadline);
    }
    // No event carries this label, so that nothing has to be read from it.
    http::Request request;
    request.target = "/v1.40/events" + http::encode_query({{"filters", R"({"label":["berth.kept-open=1"]})"}});
    kept_open_.emplace(client.open(request, deadline));
    log::info(fmt::format("engine: nothing else answers, so podman's service runs at {}", endpoint_.text()));
}

std::string EmbeddedEngine::last_words() const {
    std::ifstream file(folder_ / k_log);
    std::string line;
    std::string last;
    while (std::getline(file, line)) {
        if (!line.empty()) {
            last = line;
        }
    }
    return last.empty() ? "it did not say why" : excerpt(last);
}

EmbeddedEngine::~EmbeddedEngine() {
    if (::getpid() != owner_) {
        return;  // whoever forked us owns it
    }
    try {
        if (kept_open_) {  // otherwise it never came up, and has nothing to put in order
            kept_open_->close();
            child_->signal(SIGTERM);
            child_->wait(within(k_patience_with_the_end));
        }
    } catch (const std::exception& failure) {
        log::warn(fmt::format("podman's service at {} is killed, since it does not end: {}", endpoint_.text(),
                              failure.what()));
    }
    child_.reset();
    std::error_code failed;
    std::filesystem::remove_all(folder_, failed);
    if (failed) {
        log::warn(fmt::format("cannot remove '{}': {}", folder_.string(), failed.message()));
    }
}

}  // namespace berth::engine

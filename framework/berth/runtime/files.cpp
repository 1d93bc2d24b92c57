// SPDX-License-Identifier: Apache-2.0
#include <berth/archive/tar_writer.hpp>
#include <berth/core/digest.hpp>
#include <berth/core/units.hpp>
#include <berth/runtime/internal/files.hpp>

#include <fmt/format.h>

#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <stop_token>
#include <system_error>
#include <thread>
#include <utility>

namespace berth::runtime {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t k_most_waiting = 64;  // pieces that the engine may be ahead

/// A download that is pulled from: the engine pushes its pieces on a thread of their own. Leaving it ends the download.
class PulledArchive {
  public:
    PulledArchive(const Engine& engine, ContainerId id, std::string path, const Deadline& deadline)
        : deadline_(deadline),
          passed_on_(deadline.stop(), [this] { stop_.request_stop(); }),
          thread_([this, engine, id = std::move(id), path = std::move(path)] { run(engine, id, path); }) {}
    PulledArchive(const PulledArchive&) = delete;
    PulledArchive& operator=(const PulledArchive&) = delete;
    ~PulledArchive() { stop_.request_stop(); }

    std::string_view next() {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return over_ || !pieces_.empty(); });
        if (pieces_.empty()) {
            if (error_) {
                std::rethrow_exception(error_);
            }
            return {};
        }
        current_ = std::move(pieces_.front());
        pieces_.pop_front();
        changed_.notify_all();
        return current_;
    }

  private:
    void run(const Engine& engine, const ContainerId& id, const std::string& path) {
        const Deadline deadline = deadline_.with_stop(stop_.get_token());
        std::exception_ptr error;
        try {
            engine.containers().get_archive(
                id, path,
                [&](std::string_view piece) {
                    std::unique_lock lock(mutex_);
                    if (!deadline.wait(changed_, lock, [this] { return pieces_.size() < k_most_waiting; })) {
                        throw TimedOut({.code = "BR0103", .summary = "the archive was not unpacked in time"});
                    }
                    pieces_.emplace_back(piece);
                    changed_.notify_all();
                },
                deadline);
        } catch (...) {
            error = std::current_exception();
        }
        const std::lock_guard lock(mutex_);
        over_ = true;
        error_ = error;
        changed_.notify_all();
    }

    Deadline deadline_;
    std::stop_source stop_{};
    std::mutex mutex_{};
    std::condition_variable_any changed_{};
    std::deque<std::string> pieces_{};
    std::string current_{};
    bool over_{false};
    std::exception_ptr error_{};
    std::stop_callback<std::function<void()>> passed_on_;
    std::jthread thread_;  // last: it ends before the rest goes
};

archive::EntryOptions entry_options(const CopySpec& copy) {
    archive::EntryOptions options;
    if (copy.mode.given()) {
        options.mode = *copy.mode;
    }
    if (copy.owner.given()) {
        const std::string& owner = *copy.owner;
        const auto colon = owner.find(':');
        const auto user = parse_integer(owner.substr(0, colon));
        const auto group = colon == std::string::npos ? user : parse_integer(owner.substr(colon + 1));
        options.uid = static_cast<std::uint32_t>(user.value_or(0));
        options.gid = static_cast<std::uint32_t>(group.value_or(0));
    }
    return options;
}

fs::path real_source(const EnvironmentSpec& spec, const CopySpec& copy) {
    fs::path from = host_path(spec, *copy.from, copy.from.origin());
    if (!from.has_filename()) {
        from = from.parent_path();
    }
    return from;
}

void merge(const fs::path& from, const fs::path& to, const std::function<bool(const std::string&)>& wanted) {
    for (const auto& entry : fs::recursive_directory_iterator(from)) {
        const fs::path relative = entry.path().lexically_relative(from);
        if (entry.is_directory() && !entry.is_symlink()) {
            if (!wanted) {
                fs::create_directories(to / relative);
            }
            continue;
        }
        if (wanted && !wanted(relative.generic_string())) {
            continue;
        }
        fs::create_directories((to / relative).parent_path());
        fs::rename(entry.path(), to / relative);
    }
}

/// A folder beside the target that goes with everything in it.
class Scratch {
  public:
    explicit Scratch(const fs::path& beside) : path_(beside / fmt::format(".berth-{}", random_hex(8))) {}
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;
    ~Scratch() {
        std::error_code ignored;  // what stays is in a folder of the user's, with our name on it
        fs::remove_all(path_, ignored);
    }
    [[nodiscard]] const fs::path& path() const noexcept { return path_; }

  private:
    fs::path path_;
};

}  // namespace

void copy_all_in(const Service::State& service, const EnvironmentSpec& spec, const ReferenceLookup& lookup,
                 const Deadline& deadline) {
    archive::TarSource tar;
    for (const auto& copy : *service.plan.spec.copy) {
        const auto options = entry_options(copy);
        std::string to = *copy.to;
        if (copy.content.given()) {
            tar.add_content(std::move(to), resolve(*copy.content, Side::network, lookup), options);
            continue;
        }
        const fs::path from = real_source(spec, copy);
        if (!to.empty() && to.back() == '/') {
            to += from.filename().string();
        }
        if (fs::is_directory(from)) {
            tar.add_tree(from, to, options);
        } else {
            tar.add_file(from, std::move(to), options);
        }
    }
    service.engine.containers().put_archive(service.id(), "/", archive::pieces(std::move(tar)), deadline);
}

void copy_out(const Engine& engine, const ContainerId& id, const std::string& from, const fs::path& to,
              const archive::Limits& limits, const std::function<bool(const std::string&)>& wanted,
              const Deadline& deadline) {
    try {
        fs::create_directories(to);
        const Scratch scratch(to);
        {
            PulledArchive tar(engine, id, from, deadline);
            archive::extract([&tar] { return tar.next(); }, scratch.path(), limits);
        }
        merge(scratch.path(), to, wanted);
    } catch (const fs::filesystem_error& error) {
        throw Error(
            {.code = "BR0401", .summary = fmt::format("cannot write '{}': {}", to.string(), error.code().message())});
    }
}

std::string read_file(const Engine& engine, const ContainerId& id, const std::string& path, const Deadline& deadline) {
    PulledArchive tar(engine, id, path, deadline);
    return archive::read_file([&tar] { return tar.next(); });
}

}  // namespace berth::runtime

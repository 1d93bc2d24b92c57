// SPDX-License-Identifier: Apache-2.0
#include <berth/core/digest.hpp>
#include <berth/core/error.hpp>
#include <berth/report/run_folder.hpp>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <system_error>
#include <utility>

namespace berth {
namespace {

namespace fs = std::filesystem;

constexpr mode_t k_private_file = 0600;

[[noreturn]] void cannot_write(const std::string& path, const std::string& why) {
    throw Error({.code = "BR0802",
                 .summary = fmt::format("cannot write '{}': {}", path, why),
                 .hints = {"give another place with 'artifacts.dir', or make room there"}});
}

std::string why(int error) {
    return std::generic_category().message(error);
}

/// Closes what it holds, and removes the file unless it was kept.
class TemporaryFile {
  public:
    explicit TemporaryFile(std::string path)
        : path_(std::move(path)),
          descriptor_(::open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, k_private_file)) {}
    TemporaryFile(const TemporaryFile&) = delete;
    TemporaryFile& operator=(const TemporaryFile&) = delete;
    ~TemporaryFile() {
        if (descriptor_ >= 0) {
            ::close(descriptor_);
            ::unlink(path_.c_str());
        }
    }

    [[nodiscard]] bool opened() const noexcept { return descriptor_ >= 0; }

    [[nodiscard]] bool write(std::string_view content) const noexcept {
        while (!content.empty()) {
            const ssize_t written = ::write(descriptor_, content.data(), content.size());
            if (written < 0 && errno != EINTR) {
                return false;
            }
            content.remove_prefix(written < 0 ? 0 : static_cast<std::size_t>(written));
        }
        return true;
    }

    [[nodiscard]] bool rename_to(const std::string& target) noexcept {
        // A full disk may be told only here.
        if (::close(std::exchange(descriptor_, -1)) != 0 || ::rename(path_.c_str(), target.c_str()) != 0) {
            const int error = errno;
            ::unlink(path_.c_str());
            errno = error;
            return false;
        }
        return true;
    }

  private:
    std::string path_;
    int descriptor_;
};

// Where `name` is below `root`; refuses what would lead out of it.
std::string below(const std::string& root, std::string_view name) {
    const fs::path path{name};
    bool leaves = path.empty() || path.is_absolute() || name.find('\0') != std::string_view::npos;
    for (const auto& part : path) {
        leaves = leaves || part == ".." || part == ".";
    }
    if (leaves || !path.has_filename()) {
        cannot_write(fmt::format("{}/{}", root, name), "the name may not leave the run's folder");
    }
    // A link that somebody planted below it would lead out as well.
    fs::path at{root};
    for (const auto& part : path.parent_path()) {
        at /= part;
        std::error_code error;
        const auto status = fs::symlink_status(at, error);
        if (fs::exists(status) && !fs::is_directory(status)) {
            cannot_write(fmt::format("{}/{}", root, name), fmt::format("'{}' is no folder", at.string()));
        }
        if (::mkdir(at.c_str(), S_IRWXU) != 0 && errno != EEXIST) {
            cannot_write(fmt::format("{}/{}", root, name), why(errno));
        }
    }
    return (fs::path{root} / path).string();
}

[[noreturn]] void cannot_make(const std::string& path, const std::string& reason) {
    throw Error({.code = "BR0801",
                 .summary = fmt::format("cannot make the run folder '{}': {}", path, reason),
                 .hints = {"give a folder that can be written to with 'artifacts.dir'"}});
}

}  // namespace

void write_private_file(const std::string& path, std::string_view content) {
    TemporaryFile file(path + '.' + random_hex(8));
    if (!file.opened() || !file.write(content) || !file.rename_to(path)) {
        const int error = errno;
        cannot_write(path, why(error));
    }
}

RunFolder::RunFolder(const std::string& root, const RunId& run) : path_((fs::path{root} / run.text()).string()) {
    std::error_code error;
    fs::create_directories(root, error);
    if (error) {
        cannot_make(path_, error.message());
    }
    if (::mkdir(path_.c_str(), S_IRWXU) != 0) {
        const int reason = errno;
        struct stat facts {};
        // The folder of this run may be there already (a second part of it); whatever else has the name is in the way.
        if (reason != EEXIST || ::lstat(path_.c_str(), &facts) != 0 || !S_ISDIR(facts.st_mode) ||
            facts.st_uid != ::geteuid()) {
            cannot_make(path_, why(reason));
        }
    }
}

void RunFolder::write(std::string_view name, std::string_view content) const {
    write_private_file(below(path_, name), content);
}

std::string RunFolder::file(std::string_view name) const {
    return below(path_, name);
}

}  // namespace berth

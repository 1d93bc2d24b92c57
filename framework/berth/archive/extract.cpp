// SPDX-License-Identifier: Apache-2.0
#include <berth/archive/internal/library.hpp>
#include <berth/archive/tar_reader.hpp>
#include <berth/core/error.hpp>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <map>
#include <utility>

namespace berth::archive {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t k_piece = 64 * 1024;
constexpr mode_t k_private = 0700;
constexpr mode_t k_permissions = 0777;
constexpr std::size_t k_longest_part = 255;

[[noreturn]] void refuse(std::string_view name, std::string_view why) {
    throw Error({.code = "BR0402",
                 .summary = fmt::format("the archive has an entry '{}' that {}", shown(name), why),
                 .hints = {"no ordinary tool writes such an archive: do not trust where it came from"}});
}

[[noreturn]] void too_large(std::string what) {
    throw Error({.code = "BR0403", .summary = std::move(what), .hints = {"copy less, or allow more"}});
}

class Descriptor {
  public:
    explicit Descriptor(int number) noexcept : number_(number) {}
    Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
    Descriptor& operator=(Descriptor&& other) noexcept {
        std::swap(number_, other.number_);
        return *this;
    }
    ~Descriptor() {
        if (number_ >= 0) {
            ::close(number_);
        }
    }
    [[nodiscard]] int get() const noexcept { return number_; }
    [[nodiscard]] bool valid() const noexcept { return number_ >= 0; }

  private:
    int number_;
};

/// What the process takes away from modes: asking for it would change it for other threads, so a file tells.
mode_t umask_in(int directory) {
    const char* name = ".mask";
    const Descriptor file(::openat(directory, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, k_permissions));
    struct stat facts {};
    if (!file.valid() || ::fstat(file.get(), &facts) != 0 || ::unlinkat(directory, name, 0) != 0) {
        fail_system("cannot write in the new directory", errno);
    }
    return ~facts.st_mode & k_permissions;
}

using Parts = std::vector<std::string>;

/// The parts of a name; none for the root itself. @throws Error for what may not be
Parts parts_of(const std::string& name, std::size_t deepest) {
    if (!name.empty() && name.front() == '/') {
        refuse(name, "is absolute");
    }
    Parts parts;
    for (std::string_view rest = name; !rest.empty();) {
        const auto slash = rest.find('/');
        const auto part = rest.substr(0, slash);
        rest = slash == std::string_view::npos ? std::string_view{} : rest.substr(slash + 1);
        if (part == "..") {
            refuse(name, "goes up");
        }
        if (part.size() > k_longest_part) {
            refuse(name, "has too long a name");
        }
        if (!part.empty() && part != ".") {
            parts.emplace_back(part);
        }
    }
    if (parts.size() > deepest) {
        too_large(fmt::format("the archive nests directories deeper than {}, which is the limit", deepest));
    }
    return parts;
}

std::string joined(const Parts& parts) {
    std::string result;
    for (const auto& part : parts) {
        result += result.empty() ? part : '/' + part;
    }
    return result;
}

/// Whether a symlink at `at` to `target` stays inside, judged by its text: no symlink is there yet that could bend it,
/// and a target that passes through another symlink is refused as soon as it goes up at all behind its first step down.
bool stays_inside(const Parts& at, const std::string& target) {
    if (target.empty() || target.front() == '/') {
        return false;
    }
    std::size_t depth = at.size() - 1;
    bool went_down = false;
    for (std::string_view rest = target; !rest.empty();) {
        const auto slash = rest.find('/');
        const auto part = rest.substr(0, slash);
        rest = slash == std::string_view::npos ? std::string_view{} : rest.substr(slash + 1);
        if (part == "..") {
            if (depth == 0 || went_down) {
                return false;
            }
            --depth;
        } else if (!part.empty() && part != ".") {
            ++depth;
            went_down = true;
        }
    }
    return true;
}

/// Unpacks below one directory that nobody else can enter. Until everything else is there no symlink is: so each
/// directory is opened part by part without following any.
class Extraction {
  public:
    Extraction(int root, const Limits& limits) : root_(root), limits_(limits), umask_(umask_in(root)) {}

    Extracted run(const Pieces& tar) {
        const Utf8Locale locale;
        Reader reader(tar);
        std::size_t entries = 0;
        while (archive_entry* entry = reader.next()) {
            if (++entries > limits_.entries) {
                too_large(fmt::format("the archive has more than {} entries, which are the limit", limits_.entries));
            }
            take(reader, entry);
        }
        make_symlinks();
        set_modes();
        return std::move(result_);
    }

  private:
    void take(Reader& reader, archive_entry* entry) {
        const char* text = archive_entry_pathname(entry);
        if (text == nullptr || *text == '\0') {
            refuse("", "has no name");
        }
        const std::string name(text);
        const Parts parts = parts_of(name, limits_.depth);
        if (const char* target = archive_entry_hardlink(entry)) {
            copy_of(parts, name, target);
            return;
        }
        switch (archive_entry_filetype(entry)) {
            case AE_IFDIR:
                open_directory(parts);
                if (!parts.empty()) {
                    if (directories_.emplace(joined(parts), archive_entry_perm(entry)).second) {
                        ++result_.directories;
                    }
                }
                break;
            case AE_IFREG:
                write_file(reader, entry, parts, name);
                break;
            case AE_IFLNK: {
                const char* target = archive_entry_symlink(entry);
                const std::string link = target == nullptr ? std::string{} : std::string(target);
                if (parts.empty() || !stays_inside(parts, link)) {
                    leave_out(name, fmt::format("a symlink that leads out, to '{}'", shown(link)));
                } else {
                    symlinks_.insert_or_assign(joined(parts), link);
                }
                break;
            }
            default:
                leave_out(name, "a device, FIFO or socket");
        }
    }

    void leave_out(const std::string& name, std::string why) {
        result_.left_out.emplace_back(shown(name), std::move(why));
    }

    /// Opens (and makes) the directory of these parts.
    Descriptor open_directory(const Parts& parts) {
        Descriptor at(::openat(root_, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW));
        for (const auto& part : parts) {
            if (!at.valid() || (::mkdirat(at.get(), part.c_str(), k_private) != 0 && errno != EEXIST)) {
                fail_system(fmt::format("cannot make directory '{}'", shown(joined(parts))), errno);
            }
            at = Descriptor(::openat(at.get(), part.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW));
            if (!at.valid()) {
                fail_system(fmt::format("cannot enter directory '{}'", shown(joined(parts))), errno);
            }
        }
        if (!at.valid()) {
            fail_system("cannot enter the new directory", errno);
        }
        return at;
    }

    Descriptor create_file(const Parts& parts, const std::string& name) {
        if (parts.empty()) {
            refuse(name, "has no name");
        }
        const Descriptor parent = open_directory({parts.begin(), parts.end() - 1});
        ::unlinkat(parent.get(), parts.back().c_str(), 0);  // a later entry of a name replaces an earlier one
        constexpr mode_t k_file = 0600;
        Descriptor file(
            ::openat(parent.get(), parts.back().c_str(), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, k_file));
        if (!file.valid()) {
            fail_system(fmt::format("cannot write '{}'", shown(name)), errno);
        }
        return file;
    }

    void count_bytes(std::uint64_t size) {
        if (size > limits_.bytes - result_.bytes) {
            too_large(fmt::format("the archive holds more than {} bytes, which are the limit", limits_.bytes));
        }
    }

    void write(const Descriptor& file, std::string_view bytes, const std::string& name) {
        count_bytes(bytes.size());
        result_.bytes += bytes.size();
        while (!bytes.empty()) {
            const auto size = ::write(file.get(), bytes.data(), bytes.size());
            if (size < 0 && errno == EINTR) {
                continue;
            }
            if (size < 0) {
                fail_system(fmt::format("cannot write '{}'", shown(name)), errno);
            }
            bytes.remove_prefix(static_cast<std::size_t>(size));
        }
    }

    void finish(const Descriptor& file, mode_t mode, const std::string& name) {
        if (::fchmod(file.get(), mode & k_permissions & ~umask_) != 0) {
            fail_system(fmt::format("cannot set the mode of '{}'", shown(name)), errno);
        }
        ++result_.files;
    }

    void write_file(Reader& reader, archive_entry* entry, const Parts& parts, const std::string& name) {
        // Asked before a byte of it is read: a sparse file of 20 GiB has a small archive.
        count_bytes(static_cast<std::uint64_t>(std::max<la_int64_t>(archive_entry_size(entry), 0)));
        const mode_t mode = archive_entry_perm(entry);
        const Descriptor file = create_file(parts, name);
        symlinks_.erase(joined(parts));
        std::array<char, k_piece> buffer{};
        while (const std::size_t size = reader.read(buffer.data(), buffer.size())) {
            write(file, {buffer.data(), size}, name);
        }
        finish(file, mode, name);
    }

    /// A hard link becomes a copy of what this archive brought under that name.
    void copy_of(const Parts& parts, const std::string& name, const std::string& target) {
        const Parts from = parts_of(target, limits_.depth);
        if (from.empty() || from == parts) {
            leave_out(name, "a hard link to nothing");
            return;
        }
        const Descriptor parent = find_directory({from.begin(), from.end() - 1});
        const Descriptor source(
            parent.valid() ? ::openat(parent.get(), from.back().c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)
                           : -1);
        struct stat facts {};
        if (!source.valid() || ::fstat(source.get(), &facts) != 0 || !S_ISREG(facts.st_mode)) {
            leave_out(name, fmt::format("a hard link to '{}', which is not in the archive", shown(target)));
            return;
        }
        const Descriptor file = create_file(parts, name);
        std::array<char, k_piece> buffer{};
        for (auto size = ::read(source.get(), buffer.data(), buffer.size()); size != 0;
             size = ::read(source.get(), buffer.data(), buffer.size())) {
            if (size < 0) {
                fail_system(fmt::format("cannot read '{}'", shown(target)), errno);
            }
            write(file, {buffer.data(), static_cast<std::size_t>(size)}, name);
        }
        finish(file, facts.st_mode, name);
    }

    /// Not valid when it is not there.
    Descriptor find_directory(const Parts& parts) const {
        Descriptor at(::openat(root_, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
        for (const auto& part : parts) {
            at = Descriptor(::openat(at.get(), part.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW));
        }
        return at;
    }

    void make_symlinks() {
        for (const auto& [name, target] : symlinks_) {
            Parts parts = parts_of(name, limits_.depth);
            const std::string last = parts.back();
            parts.pop_back();
            // Parents that are symlinks themselves cannot be entered: what an archive hangs below one is left out.
            if (const auto above = std::find_if(
                    symlinks_.begin(), symlinks_.end(),
                    [&, at = joined(parts)](const auto& other) { return (at + '/').rfind(other.first + '/', 0) == 0; });
                above != symlinks_.end()) {
                leave_out(name, "it lies below a symlink");
                continue;
            }
            const Descriptor parent = open_directory(parts);
            if (::symlinkat(target.c_str(), parent.get(), last.c_str()) != 0) {
                if (errno != EEXIST) {
                    fail_system(fmt::format("cannot make symlink '{}'", shown(name)), errno);
                }
                leave_out(name, "another entry has its name");
                continue;
            }
            ++result_.symlinks;
        }
    }

    /// Last and from below, so that a directory without write permission can be filled; its owner can always remove it.
    void set_modes() {
        for (auto at = directories_.rbegin(); at != directories_.rend(); ++at) {
            const Descriptor directory = find_directory(parts_of(at->first, limits_.depth));
            if (directory.valid() &&
                ::fchmod(directory.get(), (at->second & k_permissions & ~umask_) | k_private) != 0) {
                fail_system(fmt::format("cannot set the mode of '{}'", shown(at->first)), errno);
            }
        }
    }

    int root_;
    Limits limits_;
    mode_t umask_;
    Extracted result_{};
    std::map<std::string, mode_t> directories_{};
    std::map<std::string, std::string> symlinks_{};
};

/// A directory that goes unless it is kept.
class Unfinished {
  public:
    explicit Unfinished(const fs::path& beside) {
        fs::path parent = beside.parent_path();
        std::string text = (parent.empty() ? fs::path(".") : parent) / ".berth-unpack-XXXXXX";
        if (::mkdtemp(text.data()) == nullptr) {
            fail_system(fmt::format("cannot make a directory beside '{}'", shown(beside.native())), errno);
        }
        path_ = text;
    }
    Unfinished(const Unfinished&) = delete;
    Unfinished& operator=(const Unfinished&) = delete;
    ~Unfinished() {
        if (!path_.empty()) {
            std::error_code ignored;  // what failed before is what counts
            fs::remove_all(path_, ignored);
        }
    }
    [[nodiscard]] const fs::path& path() const noexcept { return path_; }
    void keep_as(const fs::path& name) {
        if (::rename(path_.c_str(), name.c_str()) != 0) {
            fail_system(fmt::format("cannot put '{}' in place", shown(name.native())), errno);
        }
        path_.clear();
    }

  private:
    fs::path path_{};
};

}  // namespace

Extracted extract(const Pieces& tar, const fs::path& into, const Limits& limits) {
    // `there/` means the directory, not an empty name in it.
    const fs::path target = into.has_filename() ? into : into.parent_path();
    std::error_code error;
    if (const auto status = fs::symlink_status(target, error);
        fs::exists(status) && !(fs::is_directory(status) && fs::is_empty(target, error))) {
        throw Error(
            {.code = "BR0401",
             .summary = fmt::format("cannot unpack into '{}': something is there already", shown(target.native())),
             .hints = {"name a directory that is not there yet"}});
    }
    Unfinished unfinished(target);
    const Descriptor root(::open(unfinished.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW));
    if (!root.valid()) {
        fail_system(fmt::format("cannot enter '{}'", shown(unfinished.path().native())), errno);
    }
    Extracted result = Extraction(root.get(), limits).run(tar);
    unfinished.keep_as(target);
    return result;
}

}  // namespace berth::archive

// SPDX-License-Identifier: Apache-2.0
#include <berth/archive/internal/library.hpp>
#include <berth/archive/tar_writer.hpp>
#include <berth/core/error.hpp>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <deque>
#include <functional>
#include <vector>

namespace berth::archive {
namespace {

namespace fs = std::filesystem;

constexpr unsigned k_permissions = 07777;
constexpr unsigned k_file_mode = 0644;
constexpr unsigned k_directory_mode = 0755;
constexpr std::size_t k_piece = 64 * 1024;

/// One entry to come.
struct Planned {
    enum class Kind { content, directory, file, symlink };
    Kind kind{Kind::content};
    std::string name{};
    std::string bytes{};  ///< Of content.
    fs::path path{};      ///< Of a file on disk.
    std::string target{};
    EntryOptions options{};
};

[[noreturn]] void bad_name(std::string_view name, std::string_view why) {
    throw Error({.code = "BR0401", .summary = fmt::format("'{}' cannot be put into an archive: {}", shown(name), why)});
}

/// Relative, without `.` and empty parts.
std::string entry_name(std::string_view name) {
    if (name.find('\0') != std::string_view::npos) {
        bad_name(name, "it has a NUL in it");
    }
    std::string result;
    for (std::string_view rest = name; !rest.empty();) {
        const auto slash = rest.find('/');
        const auto part = rest.substr(0, slash);
        rest = slash == std::string_view::npos ? std::string_view{} : rest.substr(slash + 1);
        if (part == "..") {
            bad_name(name, "it goes up");
        }
        if (!part.empty() && part != ".") {
            result += result.empty() ? "" : "/";
            result += part;
        }
    }
    if (result.empty()) {
        bad_name(name, "it is empty");
    }
    return result;
}

/// Directories can be entered by whom they may be read by.
unsigned directory_mode(unsigned mode) {
    constexpr unsigned k_read = 0444;
    return mode | ((mode & k_read) >> 2U);
}

/// A descriptor of a file that is read.
class OpenFile {
  public:
    OpenFile() = default;
    OpenFile(const fs::path& path, int flags)
        : descriptor_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | flags)) {
        if (descriptor_ < 0) {
            fail_system(fmt::format("cannot read '{}'", shown(path.native())), errno);
        }
    }
    OpenFile(OpenFile&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
    OpenFile& operator=(OpenFile&& other) noexcept {
        std::swap(descriptor_, other.descriptor_);
        return *this;
    }
    ~OpenFile() {
        if (descriptor_ >= 0) {
            ::close(descriptor_);
        }
    }
    [[nodiscard]] int get() const noexcept { return descriptor_; }

  private:
    int descriptor_{-1};
};

}  // namespace

struct TarSource::State {
    std::deque<Planned> planned{};
    std::function<bool(TarSource&)> more{};
    bool gzip{false};
    ::archive* writer{nullptr};
    std::string out{};
    bool closed{false};
    // The entry whose content is being written.
    OpenFile file{};
    std::string path{};
    std::string_view content{};
    std::string content_owner{};
    std::uint64_t left{0};

    State() = default;
    State(const State&) = delete;
    State& operator=(const State&) = delete;
    ~State() {
        if (writer != nullptr) {
            archive_write_free(writer);
        }
    }

    void check(la_ssize_t result) const {
        if (result < ARCHIVE_WARN) {
            const char* text = archive_error_string(writer);
            throw Error({.code = "BR0401",
                         .summary = fmt::format("cannot write the archive: {}", text == nullptr ? "?" : text)});
        }
    }

    static la_ssize_t take(::archive* writer, void* self, const void* bytes, std::size_t size) {
        try {
            static_cast<State*>(self)->out.append(static_cast<const char*>(bytes), size);
            return static_cast<la_ssize_t>(size);
        } catch (const std::exception&) {
            archive_set_error(writer, ENOMEM, "out of memory");
            return -1;
        }
    }

    void open() {
        writer = archive_write_new();
        check(archive_write_set_format_pax_restricted(writer));
        if (gzip) {
            // Fast rather than small, and without the time of day: the same files make the same bytes.
            check(archive_write_add_filter_gzip(writer));
            check(archive_write_set_filter_option(writer, "gzip", "compression-level", "1"));
            check(archive_write_set_filter_option(writer, "gzip", "timestamp", nullptr));
        }
        check(archive_write_set_bytes_per_block(writer, static_cast<int>(k_piece)));
        check(archive_write_set_bytes_in_last_block(writer, 1));
        check(archive_write_open(writer, this, nullptr, &State::take, nullptr));
    }

    void write_header(const Planned& entry, unsigned type, unsigned mode, std::uint64_t size) {
        const Entry header(archive_entry_new());
        archive_entry_set_pathname(header.get(), entry.name.c_str());
        archive_entry_set_filetype(header.get(), type);
        archive_entry_set_perm(header.get(), static_cast<mode_t>(mode & k_permissions));
        archive_entry_set_uid(header.get(), entry.options.uid.value_or(0));
        archive_entry_set_gid(header.get(), entry.options.gid.value_or(0));
        archive_entry_set_mtime(header.get(), entry.options.modified, 0);
        archive_entry_set_size(header.get(), static_cast<la_int64_t>(size));
        if (type == AE_IFLNK) {
            archive_entry_set_symlink(header.get(), entry.target.c_str());
        }
        check(archive_write_header(writer, header.get()));
    }

    void begin(Planned entry) {
        switch (entry.kind) {
            case Planned::Kind::content:
                write_header(entry, AE_IFREG, entry.options.mode.value_or(k_file_mode), entry.bytes.size());
                left = entry.bytes.size();
                content_owner = std::move(entry.bytes);
                content = content_owner;
                break;
            case Planned::Kind::directory:
                write_header(entry, AE_IFDIR, entry.options.mode.value_or(k_directory_mode), 0);
                break;
            case Planned::Kind::symlink:
                write_header(entry, AE_IFLNK, 0777, 0);
                break;
            case Planned::Kind::file:
                begin_file(entry);
                break;
        }
    }

    void begin_file(const Planned& entry) {
        file = OpenFile(entry.path, O_NOFOLLOW);
        path = entry.path.native();
        struct stat facts {};
        if (::fstat(file.get(), &facts) != 0) {
            fail_system(fmt::format("cannot read '{}'", shown(path)), errno);
        }
        if (!S_ISREG(facts.st_mode)) {
            throw Error({.code = "BR0401", .summary = fmt::format("'{}' is no regular file any more", shown(path))});
        }
        left = static_cast<std::uint64_t>(facts.st_size);
        write_header(entry, AE_IFREG, entry.options.mode.value_or(facts.st_mode & k_permissions), left);
    }

    void write_content() {
        if (!content.empty()) {
            const auto piece = content.substr(0, k_piece);
            check(archive_write_data(writer, piece.data(), piece.size()));
            content.remove_prefix(piece.size());
            left -= piece.size();
            return;
        }
        std::array<char, k_piece> buffer{};
        const auto size =
            ::read(file.get(), buffer.data(), static_cast<std::size_t>(std::min<std::uint64_t>(left, k_piece)));
        if (size < 0) {
            fail_system(fmt::format("cannot read '{}'", shown(path)), errno);
        }
        if (size == 0) {
            throw Error({.code = "BR0401",
                         .summary = fmt::format("'{}' became shorter while it was read", shown(path)),
                         .hints = {"let nothing write to it meanwhile"}});
        }
        check(archive_write_data(writer, buffer.data(), static_cast<std::size_t>(size)));
        left -= static_cast<std::uint64_t>(size);
    }

    void step() {
        if (left != 0) {
            write_content();
        } else if (!planned.empty()) {
            Planned entry = std::move(planned.front());
            planned.pop_front();
            begin(std::move(entry));
        } else {
            check(archive_write_close(writer));
            closed = true;
        }
    }
};

TarSource::TarSource() : state_(std::make_unique<State>()) {}
TarSource::TarSource(TarSource&&) noexcept = default;
TarSource& TarSource::operator=(TarSource&&) noexcept = default;
TarSource::~TarSource() = default;

TarSource& TarSource::add_content(std::string name, std::string bytes, const EntryOptions& options) {
    state_->planned.push_back({Planned::Kind::content, entry_name(name), std::move(bytes), {}, {}, options});
    return *this;
}

TarSource& TarSource::add_directory(std::string name, const EntryOptions& options) {
    state_->planned.push_back({Planned::Kind::directory, entry_name(name), {}, {}, {}, options});
    return *this;
}

TarSource& TarSource::add_symlink(std::string name, std::string target, const EntryOptions& options) {
    state_->planned.push_back({Planned::Kind::symlink, entry_name(name), {}, {}, std::move(target), options});
    return *this;
}

TarSource& TarSource::add_file(const fs::path& path, std::string name, const EntryOptions& options) {
    std::error_code error;
    const fs::path real = fs::canonical(path, error);
    if (error) {
        fail_system(fmt::format("cannot read '{}'", shown(path.native())), error.value());
    }
    if (!fs::is_regular_file(fs::symlink_status(real, error))) {
        throw Error({.code = "BR0401", .summary = fmt::format("'{}' is no regular file", shown(path.native()))});
    }
    const OpenFile readable(real, O_NOFOLLOW);  // says now what would be wrong later
    state_->planned.push_back({Planned::Kind::file, entry_name(name), {}, real, {}, options});
    return *this;
}

TarSource& TarSource::add_tree(const fs::path& directory, const std::string& name, const EntryOptions& options) {
    std::error_code error;
    const fs::path root = fs::canonical(directory, error);
    std::vector<fs::path> found;
    if (!error) {
        for (fs::recursive_directory_iterator at(root, error), end; !error && at != end; at.increment(error)) {
            found.push_back(at->path());
        }
    }
    if (error) {
        fail_system(fmt::format("cannot read '{}'", shown(directory.native())), error.value());
    }
    std::sort(found.begin(), found.end());
    const auto directory_options = [&](const fs::path& path) {
        EntryOptions own = options;
        const auto on_disk = static_cast<unsigned>(fs::symlink_status(path).permissions()) & k_permissions;
        own.mode = options.mode ? directory_mode(*options.mode) : on_disk;
        return own;
    };
    const bool has_name = name.find_first_not_of("/.") != std::string::npos;
    const std::string prefix = has_name ? entry_name(name) + '/' : std::string{};
    if (has_name) {
        add_directory(name, directory_options(root));
    }
    for (const auto& path : found) {
        const std::string entry = prefix + path.lexically_relative(root).generic_string();
        switch (fs::symlink_status(path, error).type()) {
            case fs::file_type::regular:
                add_file(path, entry, options);
                break;
            case fs::file_type::directory:
                add_directory(entry, directory_options(path));
                break;
            case fs::file_type::symlink:
                state_->planned.push_back({Planned::Kind::symlink,
                                           entry_name(entry),
                                           {},
                                           {},
                                           fs::read_symlink(path, error).native(),
                                           options});
                break;
            default:
                throw Error({.code = "BR0401",
                             .summary = fmt::format("'{}' is neither a file nor a directory nor a symlink",
                                                    shown(path.native()))});
        }
        if (error) {
            fail_system(fmt::format("cannot read '{}'", shown(path.native())), error.value());
        }
    }
    return *this;
}

TarSource& TarSource::add_later(std::function<bool(TarSource&)> more) {
    state_->more = std::move(more);
    return *this;
}

TarSource& TarSource::add_seen(const fs::path& path, std::string name, const EntryOptions& options) {
    state_->planned.push_back({Planned::Kind::file, entry_name(name), {}, path, {}, options});
    return *this;
}

TarSource& TarSource::compress() noexcept {
    state_->gzip = true;
    return *this;
}

std::string_view TarSource::next() {
    const Utf8Locale locale;
    if (state_->writer == nullptr) {
        state_->open();
    }
    state_->out.clear();
    while (state_->out.empty() && !state_->closed) {
        if (state_->left == 0 && state_->planned.empty() && state_->more) {
            if (!state_->more(*this)) {
                state_->more = nullptr;
            }
        } else {
            state_->step();
        }
    }
    return state_->out;
}

Pieces pieces(TarSource source) {
    return [shared = std::make_shared<TarSource>(std::move(source))] { return shared->next(); };
}

std::string whole(TarSource source) {
    std::string result;
    for (auto piece = source.next(); !piece.empty(); piece = source.next()) {
        result += piece;
    }
    return result;
}

}  // namespace berth::archive

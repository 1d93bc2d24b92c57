// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/archive/tar_writer.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace berth::archive {

/// How much may come out of a tar from somebody else.
struct Limits {
    std::uint64_t bytes{1ULL << 30U};  ///< Of file content, holes included.
    std::size_t entries{100'000};
    std::size_t depth{64};  ///< Directories in a name.
};

/// What came out of a tar.
struct Extracted {
    std::size_t files{0};
    std::size_t directories{0};
    std::size_t symlinks{0};
    std::uint64_t bytes{0};
    /// What was left out (devices, FIFOs, links that lead out), and why; names with their control characters escaped.
    std::vector<std::pair<std::string, std::string>> left_out{};
};

/// Unpacks a tar that is not trusted. `into` must not be there, or be an empty directory; it appears whole or not at
/// all, with mode 0700.
///
/// Regular files and directories of this user, permission bits only (no setuid) under the umask; symlinks whose target
/// stays inside, made last; hard links as copies. Nothing outside of `into` is touched, whatever the tar says.
/// @throws Error BR0402 for a name that is absolute or goes up, and for a tar that is none or is cut short; BR0403 past
///     `limits`; BR0401 when something cannot be written here
Extracted extract(const Pieces& tar, const std::filesystem::path& into, const Limits& limits = {});

/// The bytes of the only file of a tar, as an engine sends a single path.
/// @throws Error BR0402 when it begins with something else than a regular file; BR0403 past `most` bytes
std::string read_file(const Pieces& tar, std::uint64_t most = 16U << 20U);

struct TarEntry {
    enum class Kind { file, directory, symlink, hard_link, other };
    std::string name{};
    Kind kind{Kind::file};
    std::uint64_t size{0};
    unsigned mode{0};  ///< Permission bits and setuid, setgid, sticky.
    std::int64_t uid{0};
    std::int64_t gid{0};
    std::int64_t modified{0};  ///< Unix seconds.
    std::string link_target{};
    friend bool operator==(const TarEntry&, const TarEntry&) = default;
};

/// The headers of a tar. @throws Error BR0402, BR0403
std::vector<TarEntry> list(const Pieces& tar, const Limits& limits = {});

}  // namespace berth::archive

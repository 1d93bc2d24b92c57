// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace berth {

/// Gives the next piece of a tar; an empty piece is its end.
using ArchiveSource = std::function<std::string_view()>;
/// Takes the next piece of a tar.
using ArchiveSink = std::function<void(std::string_view piece)>;

/// What an upload does to what is there.
struct PutOptions {
    /// Everything belongs to the user that the container runs as, instead of to whom the tar says.
    bool copy_uid_gid{false};
    /// A file does not take the place of a directory, nor a directory that of a file: refused, instead of removing
    /// what is there.
    bool no_overwrite{true};
};

/// What the engine says of a path in a container.
struct PathFacts {
    enum class Kind { file, directory, symlink, other };
    std::string name{};
    Kind kind{Kind::file};
    std::uint64_t size{0};
    unsigned mode{0};  ///< Permission bits.
    std::string link_target{};
};

}  // namespace berth

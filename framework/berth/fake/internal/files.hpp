// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace berth::fake {

/// What a path of a container is.
struct Node {
    enum class Kind { file, directory, symlink };
    Kind kind{Kind::file};
    std::string content{};  ///< Of a file; the target of a symlink.
    unsigned mode{0};       ///< Permission bits, setuid, setgid, sticky.
    std::uint32_t uid{0};
    std::uint32_t gid{0};
    std::int64_t modified{0};  ///< Unix seconds.
};

/// The files of a container, in memory. Paths are absolute; symlinks are kept and not followed.
class FileTree {
  public:
    FileTree();

    /// Directories above it are made.
    void put(const std::string& path, Node node);
    [[nodiscard]] const Node* find(const std::string& path) const;

    /// A path and what is below it, as a tar whose names begin with the last part of the path.
    [[nodiscard]] std::string tar(const std::string& path) const;
    /// Writes a tar below a directory. @throws Error (BR0402) for what is no tar, as archive::extract
    void unpack(const std::string& directory, const std::string& tar);

  private:
    std::map<std::string, Node> nodes_;  ///< By cleaned path, `/` the root.
};

/// `//a/./b/../c/` becomes `/a/c`.
std::string clean_path(std::string_view path);
/// The part behind the last `/`.
std::string last_part(const std::string& path);

}  // namespace berth::fake

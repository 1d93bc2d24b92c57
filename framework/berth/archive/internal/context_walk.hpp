// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/archive/dockerignore.hpp>

#include <sys/stat.h>
#include <filesystem>
#include <string>
#include <vector>

namespace berth::archive {

/// Goes through a folder, sorted by name, a file at a time, past what rules leave out. Keeps the names of the folders
/// it is in, nothing else.
class ContextWalk {
  public:
    /// What it came upon: a file, symlink or special file, or a folder (before what is in it).
    struct Found {
        std::filesystem::path path{};
        std::string name{};  ///< Relative to the folder.
        struct stat facts {};
    };

    ContextWalk(std::filesystem::path root, const DockerIgnore& rules);

    /// The next one. A folder that is left out comes nevertheless when something in it is taken back in.
    /// @returns false at the end. @throws Error (BR0401) for a folder that cannot be read
    bool next(Found& found);

  private:
    struct Level {
        Found folder{};
        bool owed{false};  ///< Left out itself, and not yet handed out for what is in it.
        std::vector<std::string> names{};
        std::size_t at{0};
    };
    void enter(Found folder, bool owed);

    std::filesystem::path root_;
    const DockerIgnore& rules_;
    std::vector<Level> levels_;
    std::vector<Found> ready_;  ///< To hand out, last first.
};

}  // namespace berth::archive

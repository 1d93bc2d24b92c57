// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <tests/support/temp_dir.hpp>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace berth {

inline std::string content_of(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

/// The working directory is `folder` while it lives: messages name files as their caller does.
class Inside {
  public:
    explicit Inside(const std::filesystem::path& folder) : before_(std::filesystem::current_path()) {
        std::filesystem::current_path(folder);
    }
    Inside(const Inside&) = delete;
    Inside& operator=(const Inside&) = delete;
    ~Inside() { std::filesystem::current_path(before_); }

  private:
    std::filesystem::path before_;
};

/// A folder of its own, the working directory while it lives.
class Folder : public support::TempDir {
  private:
    Inside inside_{path()};
};

}  // namespace berth

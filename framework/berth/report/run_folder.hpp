// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/core/names.hpp>

#include <string>
#include <string_view>

namespace berth {

/// The folder of one run, `<root>/<run id>`, mode 0700; files in it 0600.
class RunFolder {
  public:
    /// Makes it. @throws Error (BR0801) when it cannot be made, with what to do
    RunFolder(const std::string& root, const RunId& run);

    [[nodiscard]] const std::string& path() const noexcept { return path_; }
    /// Writes whole: a temporary file beside, then a rename. `name` may have folders, and may not leave the run's.
    /// @throws Error (BR0802)
    void write(std::string_view name, std::string_view content) const;
    /// The path of a file in it whose folders exist afterwards.
    [[nodiscard]] std::string file(std::string_view name) const;

  private:
    std::string path_;
};

/// Writes `content` to `path` with mode 0600, whole or not at all. @throws Error (BR0802)
void write_private_file(const std::string& path, std::string_view content);

}  // namespace berth

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/archive/dockerignore.hpp>
#include <berth/archive/tar_writer.hpp>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace berth::archive {

/// What an image is built from.
struct ContextOptions {
    /// The folder whose files the Dockerfile may copy. Empty: none.
    std::filesystem::path directory{};
    /// Relative to `directory`, or absolute; may lie outside of it.
    std::filesystem::path dockerfile{"Dockerfile"};
    /// The Dockerfile's text, instead of a file.
    std::optional<std::string> dockerfile_inline{};
};

/// What reads the tar. Each treats the files that steer the build in its own way.
enum class ContextReader {
    classic,   ///< Removes the Dockerfile and .dockerignore itself if .dockerignore names them.
    buildkit,  ///< Takes all that is sent.
    podman,    ///< Applies .dockerignore once more.
};

/// The files that a build may use: a folder without what its `.dockerignore` names, and the Dockerfile.
///
/// The rules come from `<Dockerfile>.dockerignore` beside the Dockerfile, otherwise from `.dockerignore` in the folder.
/// Sockets, FIFOs and devices are left out. A value: copies share nothing that changes.
class BuildContext {
  public:
    /// Reads Dockerfile and rules, and looks at the files once to know how much they are.
    /// @throws Error BR0251 when there is no such folder or Dockerfile, BR0252 for a rule that is none, BR0401 for what
    /// cannot be read
    explicit BuildContext(const ContextOptions& options);

    [[nodiscard]] const std::string& dockerfile_text() const noexcept { return dockerfile_text_; }
    /// Where it stands in the tar.
    [[nodiscard]] const std::string& dockerfile_name() const noexcept { return dockerfile_name_; }
    /// As messages show it: the path that was given, `the inline Dockerfile`.
    [[nodiscard]] const std::string& dockerfile_shown() const noexcept { return dockerfile_shown_; }

    [[nodiscard]] const std::filesystem::path& directory() const noexcept { return directory_; }
    /// The file that the Dockerfile was read from; empty when it was given inline.
    [[nodiscard]] const std::filesystem::path& dockerfile_path() const noexcept { return dockerfile_path_; }

    [[nodiscard]] std::uint64_t bytes() const noexcept { return bytes_; }  ///< Of file content.
    [[nodiscard]] std::size_t files() const noexcept { return files_; }
    /// What deserves a word: more than 100 MiB (with the largest folders), files that are left out.
    [[nodiscard]] std::vector<std::string> warnings() const;

    /// Its files as they are now, found and read as they are asked for: constant memory, however many. Owner 0, modes
    /// and times as on disk, sorted by name. Each call begins anew.
    /// @throws Error (BR0401) out of next() for what cannot be read
    [[nodiscard]] TarSource tar(ContextReader reader) const;

  private:
    void read_dockerfile(const ContextOptions& options);
    void read_rules();
    void measure();
    /// What a .dockerignore for the reader has to say, in which files are named that it should remove.
    [[nodiscard]] std::optional<std::string> control_file(ContextReader reader) const;

    std::filesystem::path directory_{};
    std::filesystem::path dockerfile_path_{};
    std::string dockerfile_name_{};
    std::string dockerfile_shown_{};
    std::string dockerfile_text_{};
    bool dockerfile_inside_{false};
    DockerIgnore rules_{};
    bool rules_are_its_own_{false};             ///< From `<Dockerfile>.dockerignore`.
    std::optional<std::string> ignore_text_{};  ///< Of `.dockerignore`.
    std::uint64_t bytes_{0};
    std::size_t files_{0};
    /// The folders at its top with their bytes, largest first; files at the top are under `.`.
    std::vector<std::pair<std::string, std::uint64_t>> folders_{};
    std::vector<std::string> special_{};
};

}  // namespace berth::archive

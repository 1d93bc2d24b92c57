// SPDX-License-Identifier: Apache-2.0
#include <berth/archive/build_context.hpp>
#include <berth/archive/internal/context_walk.hpp>
#include <berth/archive/internal/library.hpp>
#include <berth/core/digest.hpp>
#include <berth/core/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <fstream>
#include <map>

namespace berth::archive {
namespace {

namespace fs = std::filesystem;

constexpr const char* k_ignore_file = ".dockerignore";
constexpr std::uint64_t k_mebibyte = 1U << 20U;
constexpr std::uint64_t k_large = 100 * k_mebibyte;

/// Of a file whose size is a person's work. @throws Error BR0401
std::string text_of(const fs::path& path) {
    constexpr std::uintmax_t k_longest = 16 * k_mebibyte;
    std::error_code error;
    const auto size = fs::file_size(path, error);
    if (error) {
        fail_system(fmt::format("cannot read '{}'", shown(path.native())), error.value());
    }
    if (size > k_longest) {
        throw Error({.code = "BR0401",
                     .summary = fmt::format("'{}' has {} bytes, and {} are the limit for a text", shown(path.native()),
                                            size, k_longest)});
    }
    errno = 0;
    std::ifstream file(path, std::ios::binary);
    std::string text(static_cast<std::size_t>(size), '\0');
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    if (!file && !file.eof()) {
        fail_system(fmt::format("cannot read '{}'", shown(path.native())), errno);
    }
    text.resize(static_cast<std::size_t>(file.gcount()));
    return text;
}

bool is_file(const fs::path& path) {
    std::error_code error;
    return fs::is_regular_file(path, error);
}

/// Files that may be the Dockerfile that was meant.
std::vector<std::string> candidates(const fs::path& directory) {
    std::vector<std::string> result;
    std::error_code error;
    for (fs::directory_iterator at(directory, error), end; !error && at != end; at.increment(error)) {
        std::string name = at->path().filename().native();
        std::string lower = name;
        std::transform(lower.begin(), lower.end(), lower.begin(),
                       [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
        const bool fits = lower.find("dockerfile") != std::string::npos || lower == "containerfile";
        if (fits && lower.find(".dockerignore") == std::string::npos && is_file(at->path())) {
            result.push_back(std::move(name));
        }
    }
    std::sort(result.begin(), result.end());
    return result;
}

/// A rule that names one file and nothing else.
std::string rule_for(const std::string& name) {
    std::string rule = "/";
    for (const char c : name) {
        if (std::string_view("*?[]\\").find(c) != std::string_view::npos) {
            rule += '\\';
        }
        rule += c;
    }
    return rule + '\n';
}

EntryOptions options_of(const ContextWalk::Found& found) {
    constexpr unsigned k_permissions = 07777;
    return {.mode = found.facts.st_mode & k_permissions, .modified = found.facts.st_mtim.tv_sec};
}

std::string mebibytes(std::uint64_t bytes) {
    return fmt::format("{} MiB", (bytes + k_mebibyte / 2) / k_mebibyte);
}

}  // namespace

BuildContext::BuildContext(const ContextOptions& options) {
    if (!options.directory.empty()) {
        std::error_code error;
        directory_ = fs::canonical(options.directory, error);
        if (error || !fs::is_directory(directory_, error)) {
            throw Error(
                {.code = "BR0251",
                 .summary = fmt::format("the build context '{}' is no folder", shown(options.directory.native())),
                 .hints = {"name the folder whose files the Dockerfile copies"}});
        }
    }
    read_dockerfile(options);
    read_rules();
    measure();
}

void BuildContext::read_dockerfile(const ContextOptions& options) {
    if (options.dockerfile_inline) {
        dockerfile_text_ = *options.dockerfile_inline;
        dockerfile_shown_ = "the inline Dockerfile";
    } else {
        // An absolute one replaces the folder.
        dockerfile_path_ = (directory_ / options.dockerfile).lexically_normal();
        dockerfile_shown_ = shown(options.dockerfile.native());
        if (!is_file(dockerfile_path_)) {
            ErrorFacts facts{.code = "BR0251",
                             .summary = fmt::format("there is no Dockerfile '{}'", shown(dockerfile_path_.native()))};
            const auto others = candidates(dockerfile_path_.parent_path());
            facts.hints = {others.empty() ? "name it with 'dockerfile', or give its text"
                                          : fmt::format("name the one that is meant with 'dockerfile': '{}' is there",
                                                        fmt::join(others, "', '"))};
            throw Error(std::move(facts));
        }
        dockerfile_text_ = text_of(dockerfile_path_);
        std::error_code error;
        const fs::path relative = dockerfile_path_.lexically_relative(directory_);
        // Through a symlink nobody knows where the reader would end up: then its text is sent under a name of its own.
        dockerfile_inside_ = !directory_.empty() && !relative.empty() && *relative.begin() != ".." &&
                             fs::canonical(dockerfile_path_, error) == dockerfile_path_;
        if (dockerfile_inside_) {
            dockerfile_name_ = relative.generic_string();
            return;
        }
    }
    constexpr std::size_t k_digits = 12;
    dockerfile_name_ = ".dockerfile-" + sha256_hex(dockerfile_text_).substr(0, k_digits);
}

void BuildContext::read_rules() {
    fs::path source;
    if (const fs::path plain = directory_ / k_ignore_file; !directory_.empty() && is_file(plain)) {
        ignore_text_ = text_of(plain);
        source = plain;
    }
    if (!dockerfile_path_.empty()) {
        fs::path own = dockerfile_path_;
        own += k_ignore_file;
        if (is_file(own)) {
            rules_are_its_own_ = true;
            rules_ = DockerIgnore::parse(text_of(own), own.native());
            return;
        }
    }
    if (ignore_text_) {
        rules_ = DockerIgnore::parse(*ignore_text_, source.native());
    }
}

void BuildContext::measure() {
    if (directory_.empty()) {
        return;
    }
    std::map<std::string, std::uint64_t> by_folder;
    ContextWalk walk(directory_, rules_);
    ContextWalk::Found found;
    while (walk.next(found)) {
        if (S_ISREG(found.facts.st_mode)) {
            const auto slash = found.name.find('/');
            const auto size = static_cast<std::uint64_t>(found.facts.st_size);
            by_folder[slash == std::string::npos ? "." : found.name.substr(0, slash)] += size;
            bytes_ += size;
            ++files_;
        } else if (!S_ISDIR(found.facts.st_mode) && !S_ISLNK(found.facts.st_mode)) {
            special_.push_back(found.name);
        }
    }
    folders_.assign(by_folder.begin(), by_folder.end());
    std::stable_sort(folders_.begin(), folders_.end(),
                     [](const auto& a, const auto& b) { return a.second > b.second; });
}

std::vector<std::string> BuildContext::warnings() const {
    std::vector<std::string> result;
    if (bytes_ > k_large) {
        constexpr std::size_t k_shown = 3;
        std::vector<std::string> largest;
        for (const auto& [name, size] : folders_) {
            if (largest.size() < k_shown && size > 0) {
                largest.push_back(
                    fmt::format("{} {}", name == "." ? "files at its top" : "'" + shown(name) + "'", mebibytes(size)));
            }
        }
        result.push_back(fmt::format(
            "the build context '{}' has {}, all of which the engine is sent; the largest: {}; name what the "
            "Dockerfile does not copy in .dockerignore",
            shown(directory_.native()), mebibytes(bytes_), fmt::join(largest, ", ")));
    }
    for (const auto& name : special_) {
        result.push_back(
            fmt::format("'{}' is left out of the build context: it is no file, folder or symlink", shown(name)));
    }
    return result;
}

std::optional<std::string> BuildContext::control_file(ContextReader reader) const {
    const bool hidden = !ignore_text_ || rules_.excludes(k_ignore_file);
    const bool removes = reader != ContextReader::buildkit;
    if (!removes) {
        return hidden ? std::nullopt : ignore_text_;
    }
    // It would be applied again, and it is not the one that counts.
    const bool misleads = rules_are_its_own_ && reader == ContextReader::podman;
    std::string lines;
    if (!dockerfile_inside_ || rules_.excludes(dockerfile_name_)) {
        lines = rule_for(dockerfile_name_);
    }
    if (hidden || misleads) {
        return lines.empty() ? std::nullopt : std::optional(lines + rule_for(k_ignore_file));
    }
    const bool says_so = dockerfile_inside_ && !rules_are_its_own_;
    return says_so || lines.empty() ? *ignore_text_ : *ignore_text_ + '\n' + lines;
}

TarSource BuildContext::tar(ContextReader reader) const {
    TarSource source;
    if (!dockerfile_inside_) {
        source.add_content(dockerfile_name_, dockerfile_text_);
    } else if (rules_.excludes(dockerfile_name_)) {
        source.add_file(dockerfile_path_, dockerfile_name_);
    }
    if (const auto control = control_file(reader)) {
        source.add_content(k_ignore_file, *control);
    }
    if (directory_.empty()) {
        return source;
    }
    struct Going {
        DockerIgnore rules;
        ContextWalk walk;
        Going(const fs::path& root, DockerIgnore own) : rules(std::move(own)), walk(root, rules) {}
    };
    source.add_later([going = std::make_shared<Going>(directory_, rules_)](TarSource& tar) {
        ContextWalk::Found found;
        if (!going->walk.next(found)) {
            return false;
        }
        const auto kind = found.facts.st_mode;
        if (found.name == k_ignore_file && !S_ISDIR(kind)) {
            return true;  // its text was sent already, or is not wanted
        }
        if (S_ISREG(kind)) {
            tar.add_seen(found.path, found.name, options_of(found));
        } else if (S_ISDIR(kind)) {
            tar.add_directory(found.name, options_of(found));
        } else if (S_ISLNK(kind)) {
            std::error_code error;
            const fs::path target = fs::read_symlink(found.path, error);
            if (error) {
                fail_system(fmt::format("cannot read '{}'", shown(found.path.native())), error.value());
            }
            tar.add_symlink(found.name, target.native(), options_of(found));
        }
        return true;
    });
    return source;
}

}  // namespace berth::archive

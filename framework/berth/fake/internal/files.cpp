// SPDX-License-Identifier: Apache-2.0
#include <berth/archive/tar_reader.hpp>
#include <berth/archive/tar_writer.hpp>
#include <berth/core/digest.hpp>
#include <berth/fake/internal/files.hpp>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>
#include <vector>

namespace berth::fake {
namespace {

namespace fs = std::filesystem;

constexpr unsigned k_directory_mode = 0755;
constexpr std::size_t k_block = 512;

archive::Pieces whole_of(const std::string& tar) {
    return [&tar, given = false]() mutable {
        const std::string_view piece = given ? std::string_view{} : std::string_view(tar);
        given = true;
        return piece;
    };
}

/// A folder for what the archive floor unpacks, which keeps nothing in memory.
class Folder {
  public:
    Folder() : path_(fs::temp_directory_path() / ("berth-fake-" + random_hex(16))) {}
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    ~Folder() {
        std::error_code ignored;  // a temporary folder that stays does no harm
        fs::remove_all(path_, ignored);
    }
    [[nodiscard]] const fs::path& path() const noexcept { return path_; }

  private:
    fs::path path_;
};

std::string content_of(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

archive::EntryOptions options_of(const Node& node) {
    return {.uid = node.uid, .gid = node.gid, .mode = node.mode, .modified = node.modified};
}

}  // namespace

std::string clean_path(std::string_view path) {
    std::vector<std::string_view> parts;
    while (!path.empty()) {
        const auto end = std::min(path.find('/'), path.size());
        const std::string_view part = path.substr(0, end);
        path.remove_prefix(std::min(end + 1, path.size()));
        if (part == "..") {
            if (!parts.empty()) {
                parts.pop_back();
            }
        } else if (!part.empty() && part != ".") {
            parts.push_back(part);
        }
    }
    std::string result;
    for (const auto& part : parts) {
        result.append("/").append(part);
    }
    return result.empty() ? "/" : result;
}

std::string last_part(const std::string& path) {
    return path == "/" ? "/" : path.substr(path.rfind('/') + 1);
}

FileTree::FileTree() {
    const auto now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
    constexpr unsigned k_everybody = 01777;
    nodes_["/"] = {Node::Kind::directory, {}, k_directory_mode, 0, 0, now};
    put("/etc/passwd", {Node::Kind::file, "root:x:0:0:root:/root:/bin/sh\n", 0644, 0, 0, now});
    put("/tmp", {Node::Kind::directory, {}, k_everybody, 0, 0, now});
}

void FileTree::put(const std::string& path, Node node) {
    const std::string clean = clean_path(path);
    for (auto slash = clean.find('/', 1); slash != std::string::npos; slash = clean.find('/', slash + 1)) {
        const auto above = clean.substr(0, slash);
        Node& there = nodes_[above];
        if (there.kind != Node::Kind::directory) {
            there = {Node::Kind::directory, {}, k_directory_mode, 0, 0, node.modified};
        } else if (there.mode == 0) {
            there.mode = k_directory_mode;
            there.modified = node.modified;
        }
        there.kind = Node::Kind::directory;
    }
    nodes_[clean] = std::move(node);
}

const Node* FileTree::find(const std::string& path) const {
    const auto found = nodes_.find(clean_path(path));
    return found == nodes_.end() ? nullptr : &found->second;
}

std::string FileTree::tar(const std::string& path) const {
    const std::string clean = clean_path(path);
    // `/etc/.` stands for what is in it, as the engine has it.
    const bool inside = path.size() > 1 && path.substr(path.size() - 2) == "/.";
    const std::string root = inside || clean == "/" ? "." : last_part(clean);
    archive::TarSource source;
    const auto add = [&](const std::string& name, const Node& node) {
        switch (node.kind) {
            case Node::Kind::file:
                source.add_content(name, node.content, options_of(node));
                break;
            case Node::Kind::directory:
                source.add_directory(name, options_of(node));
                break;
            case Node::Kind::symlink:
                source.add_symlink(name, node.content, options_of(node));
                break;
        }
    };
    const std::string below = clean == "/" ? "/" : clean + '/';
    if (root != ".") {
        add(root, nodes_.at(clean));
    }
    for (auto each = nodes_.lower_bound(below); each != nodes_.end() && each->first.rfind(below, 0) == 0; ++each) {
        const std::string rest = each->first.substr(below.size());
        if (!rest.empty()) {
            add(root == "." ? rest : root + '/' + rest, each->second);
        }
    }
    return archive::whole(std::move(source));
}

void FileTree::unpack(const std::string& directory, const std::string& tar) {
    if (tar.find_first_not_of('\0') == std::string::npos || tar.size() < k_block) {
        return;  // an engine takes an empty tar for nothing to do
    }
    const auto entries = archive::list(whole_of(tar));
    const Folder folder;
    archive::extract(whole_of(tar), folder.path());
    for (const auto& entry : entries) {
        Node node{Node::Kind::file,
                  {},
                  entry.mode,
                  static_cast<std::uint32_t>(entry.uid),
                  static_cast<std::uint32_t>(entry.gid),
                  entry.modified};
        switch (entry.kind) {
            case archive::TarEntry::Kind::file:
            case archive::TarEntry::Kind::hard_link:
                node.content = content_of(folder.path() / entry.name);
                break;
            case archive::TarEntry::Kind::directory:
                node.kind = Node::Kind::directory;
                break;
            case archive::TarEntry::Kind::symlink:
                node.kind = Node::Kind::symlink;
                node.content = entry.link_target;
                break;
            case archive::TarEntry::Kind::other:
                continue;  // devices: nothing opens them here
        }
        put(directory + '/' + entry.name, std::move(node));
    }
}

}  // namespace berth::fake

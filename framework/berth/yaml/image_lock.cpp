// SPDX-License-Identifier: Apache-2.0
#include <berth/yaml/image_lock.hpp>
#include <berth/yaml/internal/tree.hpp>

#include <berth/spec/text_file.hpp>

#include <fmt/format.h>

namespace berth {
namespace {

using yaml::Kind;
using yaml::Node;

bool is_digest(const std::string& text) {
    constexpr std::string_view k_algorithm = "sha256:";
    constexpr std::size_t k_digits = 64;
    return text.rfind(k_algorithm, 0) == 0 && text.size() == k_algorithm.size() + k_digits &&
           text.find_first_not_of("0123456789abcdef", k_algorithm.size()) == std::string::npos;
}

std::string text_at(const Node& entry, std::string_view key) {
    const auto* found = entry.find(key);
    return found != nullptr && found->value->kind == Kind::scalar ? found->value->text : std::string{};
}

}  // namespace

ImageLock parse_image_lock(std::string text) {
    ImageLock lock;
    const yaml::Source source("lock", std::move(text));
    const yaml::Tree tree = yaml::read_tree(source);
    const auto* images = tree.root == nullptr || tree.root->kind != Kind::map ? nullptr : tree.root->find("images");
    if (images == nullptr || images->value->kind != Kind::list || has_errors(tree.diagnostics)) {
        lock.problem = "it is no lock file; write a new one with 'plan --lock'";
        return lock;
    }
    if (text_at(*tree.root, "version") != "1") {
        lock.problem = "its version is not 1";
        return lock;
    }
    for (std::size_t i = 0; i < images->value->slots.size(); ++i) {
        const Node& entry = *images->value->slots[i].value;
        ImageLock::Entry one{text_at(entry, "image"), text_at(entry, "platform"), text_at(entry, "digest")};
        if (one.image.empty() || one.platform.empty() || !is_digest(one.digest)) {
            lock.problem = fmt::format("entry {} needs 'image', 'platform' and a sha256 'digest'", i + 1);
            lock.images.clear();
            return lock;
        }
        lock.images.push_back(std::move(one));
    }
    return lock;
}

ImageLock read_image_lock(const std::string& path) {
    TextFile file = read_text_file(path);
    if (file.outcome == TextFile::Outcome::read) {
        return parse_image_lock(std::move(file.text));
    }
    ImageLock lock;
    lock.problem = file.outcome == TextFile::Outcome::too_big ? "it is larger than 1 MiB" : file.why;
    return lock;
}

}  // namespace berth

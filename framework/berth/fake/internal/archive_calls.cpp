// SPDX-License-Identifier: Apache-2.0
#include <berth/core/digest.hpp>
#include <berth/core/error.hpp>
#include <berth/fake/internal/router.hpp>

#include <fmt/format.h>

namespace berth::fake {
namespace {

constexpr std::string_view k_stat_field = "X-Docker-Container-Path-Stat";

std::string wanted_path(const Exchange& exchange) {
    const std::string path = exchange.asked.parameter("path");
    if (path.empty()) {
        throw Refusal{400, "bad parameter: pathcannot be empty"};
    }
    return path;
}

const Node& node_at(const Box& box, const std::string& path) {
    const Node* node = box.files.find(path);
    if (node == nullptr) {
        throw Refusal{404, fmt::format("Could not find the file {} in container {}", path, box.id)};
    }
    return *node;
}

/// Go's file mode: permission bits below, the kind and setuid, setgid, sticky far above.
std::uint32_t go_mode(const Node& node) {
    std::uint32_t mode = node.mode & 0777U;
    const auto set = [&](bool holds, unsigned bit) { mode |= holds ? 1U << bit : 0U; };
    set(node.kind == Node::Kind::directory, 31);
    set(node.kind == Node::Kind::symlink, 27);
    set((node.mode & 04000U) != 0, 23);
    set((node.mode & 02000U) != 0, 22);
    set((node.mode & 01000U) != 0, 20);
    return mode;
}

Fields stat_field(const std::string& path, const Node& node) {
    constexpr std::int64_t k_second = 1'000'000'000;
    const bool link = node.kind == Node::Kind::symlink;
    const Json json{{"name", last_part(clean_path(path))},
                    {"size", node.kind == Node::Kind::directory ? 4096U : node.content.size()},
                    {"mode", go_mode(node)},
                    {"mtime", time_text(node.modified * k_second)},
                    {"linkTarget", link ? node.content : std::string{}}};
    return {{std::string(k_stat_field), base64(json.dump())}};
}

}  // namespace

void stat_path(Exchange& exchange) {
    const std::string path = wanted_path(exchange);
    Fields fields;
    {
        const auto lock = exchange.lock();
        fields = stat_field(path, node_at(*exchange.container(), path));
    }
    exchange.answer.send(200, "", "", fields);
}

void get_archive(Exchange& exchange) {
    const std::string path = wanted_path(exchange);
    Fields fields;
    std::string tar;
    {
        const auto lock = exchange.lock();
        const auto box = exchange.container();
        fields = stat_field(path, node_at(*box, path));
        tar = box->files.tar(path);
        exchange.world.tell(*box, "archive-path");
    }
    exchange.answer.send(200, "application/x-tar", tar, fields);
}

void put_archive(Exchange& exchange) {
    const std::string path = wanted_path(exchange);
    {
        const auto lock = exchange.lock();
        const auto box = exchange.container();
        if (node_at(*box, path).kind != Node::Kind::directory) {
            throw Refusal{400, "extraction point is not a directory"};
        }
        if (box->host_config.value("ReadonlyRootfs", false)) {
            throw Refusal{400, "container rootfs is marked read-only"};
        }
        try {
            box->files.unpack(path, exchange.asked.request.body);
        } catch (const Error&) {
            throw Refusal{500, "archive/tar: invalid tar header"};
        }
        exchange.world.tell(*box, "extract-to-dir");
    }
    exchange.answer.send(200, "", "");
}

}  // namespace berth::fake

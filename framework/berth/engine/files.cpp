// SPDX-License-Identifier: Apache-2.0
#include <berth/core/digest.hpp>
#include <berth/engine/containers.hpp>
#include <berth/engine/internal/container_bodies.hpp>
#include <berth/engine/internal/container_errors.hpp>
#include <berth/engine/internal/wire.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace berth {
namespace {

constexpr std::size_t k_piece = 64 * 1024;

engine::Call call_for(std::string purpose, std::string method, const ContainerId& id, const std::string& path) {
    return {.purpose = std::move(purpose),
            .method = std::move(method),
            .path = fmt::format("/containers/{}/archive", http::encode_segment(id.text)),
            .query = {{"path", path}}};
}

/// The mode is Go's, not stat(2)'s: type bits from 31 down.
PathFacts path_facts(const engine::Json& json) {
    constexpr std::uint64_t k_directory = 1ULL << 31U;
    constexpr std::uint64_t k_symlink = 1ULL << 27U;
    constexpr std::uint64_t k_other = (1ULL << 26U) | (1ULL << 25U) | (1ULL << 24U) | (1ULL << 21U) | (1ULL << 19U);
    constexpr std::uint64_t k_permissions = 0777;
    PathFacts facts;
    facts.name = json.at("name").text();
    facts.size = static_cast<std::uint64_t>(std::max<std::int64_t>(json.at("size").number(), 0));
    const auto mode = static_cast<std::uint64_t>(json.at("mode").number());
    facts.mode = static_cast<unsigned>(mode & k_permissions);
    facts.kind = (mode & k_directory) != 0 ? PathFacts::Kind::directory
                 : (mode & k_symlink) != 0 ? PathFacts::Kind::symlink
                 : (mode & k_other) != 0   ? PathFacts::Kind::other
                                           : PathFacts::Kind::file;
    facts.link_target = json.at("linkTarget").text();
    return facts;
}

}  // namespace

void Containers::put_archive(const ContainerId& id, const std::string& directory, const ArchiveSource& tar,
                             Deadline deadline) {
    put_archive(id, directory, tar, PutOptions{}, std::move(deadline));
}

void Containers::put_archive(const ContainerId& id, const std::string& directory, const ArchiveSource& tar,
                             const PutOptions& options, Deadline deadline) {
    engine::refuse_controls("a path in a container", directory);
    const std::string container = engine::shown(id.text);
    engine::Call call =
        call_for(fmt::format("cannot copy into '{}' of container '{}'", directory, container), "PUT", id, directory);
    if (options.no_overwrite) {
        call.query.emplace_back("noOverwriteDirNonDir", "1");
    }
    if (options.copy_uid_gid) {
        call.query.emplace_back("copyUIDGID", "1");
    }
    call.tar = tar;
    try {
        wire_->send(call, {200}, deadline);
    } catch (const EngineRefused& refused) {
        engine::explain_copy_in(refused, directory, container);
    }
}

void Containers::read_archive(const ContainerId& id, const std::string& path,
                              const std::function<void(const ArchiveSource& tar)>& reader, Deadline deadline) {
    engine::refuse_controls("a path in a container", path);
    const std::string container = engine::shown(id.text);
    const engine::Call call =
        call_for(fmt::format("cannot copy '{}' out of container '{}'", path, container), "GET", id, path);
    http::Stream stream = [&] {
        try {
            return wire_->open(call, {200}, deadline);
        } catch (const EngineRefused& refused) {
            engine::explain_copy_out(refused, path, container);
        }
    }();
    std::vector<char> buffer(k_piece);
    const auto next = [&]() -> std::string_view {
        const std::size_t size = wire_->read(call, stream, buffer.data(), buffer.size(), deadline);
        return {buffer.data(), size};
    };
    bool ended = false;
    reader([&]() -> std::string_view {
        const std::string_view piece = ended ? std::string_view{} : next();
        ended = piece.empty();
        return piece;
    });
    // Read to its end: only that tells a whole archive from one that was cut.
    while (!ended && !next().empty()) {
    }
}

void Containers::get_archive(const ContainerId& id, const std::string& path, const ArchiveSink& sink,
                             Deadline deadline) {
    read_archive(
        id, path,
        [&](const ArchiveSource& tar) {
            for (auto piece = tar(); !piece.empty(); piece = tar()) {
                sink(piece);
            }
        },
        deadline);
}

std::optional<PathFacts> Containers::stat(const ContainerId& id, const std::string& path, Deadline deadline) {
    engine::refuse_controls("a path in a container", path);
    const engine::Call call =
        call_for(fmt::format("cannot look at '{}' in container '{}'", path, engine::shown(id.text)), "HEAD", id, path);
    const auto answer = wire_->send(call, {200, 404}, deadline);
    if (answer.status == 404) {
        return std::nullopt;
    }
    std::string text;
    const auto encoded = answer.headers.find("X-Docker-Container-Path-Stat");
    if (!encoded || !decode_base64(*encoded, text)) {
        ErrorFacts facts = wire_->about(call);
        facts.code = "BR0104";
        facts.summary += ": the engine's answer lacks its header X-Docker-Container-Path-Stat";
        facts.hints = {"look for a proxy between Berth and the engine"};
        throw ExchangeFailed(std::move(facts));
    }
    return path_facts(wire_->json(call, text));
}

}  // namespace berth

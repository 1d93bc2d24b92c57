// SPDX-License-Identifier: Apache-2.0
#include <berth/engine/containers.hpp>
#include <berth/engine/internal/wire.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace berth {
namespace {

constexpr std::size_t k_piece = 16 * 1024;

std::uint64_t amount(const engine::Json& json) {
    return static_cast<std::uint64_t>(std::max<std::int64_t>(json.number(), 0));
}

/// What counts as used: without the file cache that the kernel can drop (cgroup 2, then 1).
std::uint64_t memory_of(const engine::Json& memory) {
    const std::uint64_t usage = amount(memory.at("usage"));
    const engine::Json details = memory.at("stats");
    std::uint64_t cache = amount(details.at("inactive_file"));
    if (details.at("inactive_file").absent() || !details.at("total_inactive_file").absent()) {
        cache = amount(details.at("total_inactive_file"));
    }
    return usage > cache ? usage - cache : usage;
}

ContainerStats stats_of(const engine::Json& json, std::string raw) {
    ContainerStats stats;
    stats.read_at = json.at("read").text();
    const engine::Json now = json.at("cpu_stats");
    const engine::Json before = json.at("precpu_stats");
    stats.cpu_time = std::chrono::nanoseconds(now.at("cpu_usage").at("total_usage").number());
    stats.cpu_time_before = std::chrono::nanoseconds(before.at("cpu_usage").at("total_usage").number());
    stats.system_time = std::chrono::nanoseconds(now.at("system_cpu_usage").number());
    stats.system_time_before = std::chrono::nanoseconds(before.at("system_cpu_usage").number());
    stats.processors = now.at("online_cpus").small_number();
    stats.memory = memory_of(json.at("memory_stats"));
    stats.memory_limit = amount(json.at("memory_stats").at("limit"));
    stats.processes = json.at("pids_stats").at("current").number();
    for (const auto& [name, network] : json.at("networks").members()) {
        stats.interfaces[name] = {amount(network.at("rx_bytes")), amount(network.at("tx_bytes"))};
    }
    for (const auto& entry : json.at("blkio_stats").at("io_service_bytes_recursive").items()) {
        std::string operation = entry.at("op").text();
        std::transform(operation.begin(), operation.end(), operation.begin(),
                       [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
        if (operation == "read") {
            stats.block_read += amount(entry.at("value"));
        } else if (operation == "write") {
            stats.block_written += amount(entry.at("value"));
        }
    }
    stats.raw = std::move(raw);
    return stats;
}

engine::Call call_for(const ContainerId& id) {
    return {.purpose = fmt::format("cannot read the statistics of container '{}'", engine::shown(id.text)),
            .path = fmt::format("/containers/{}/stats", http::encode_segment(id.text))};
}

}  // namespace

double ContainerStats::processors_used() const noexcept {
    const auto used = cpu_time - cpu_time_before;
    const auto passed = system_time - system_time_before;
    if (system_time_before.count() == 0 || passed.count() <= 0 || used.count() < 0) {
        return 0;
    }
    return static_cast<double>(used.count()) / static_cast<double>(passed.count()) * std::max(processors, 1);
}

ContainerStats Containers::stats(const ContainerId& id, Deadline deadline) {
    engine::Call call = call_for(id);
    call.query = {{"stream", "0"}};
    if (wire_->speaks(41)) {
        call.query.emplace_back("one-shot", "1");
    }
    auto answer = wire_->send(call, {200}, std::move(deadline));
    if (answer.body.empty()) {  // Podman, of one that does not run
        return {};
    }
    const engine::Json json = wire_->json(call, answer.body);
    return stats_of(json, std::move(answer.body));
}

void Containers::follow_stats(const ContainerId& id, const std::function<bool(const ContainerStats&)>& on_stats,
                              Deadline deadline) {
    engine::Call call = call_for(id);
    call.query = {{"stream", "1"}};
    http::Stream stream = wire_->open(call, {200}, deadline);
    engine::JsonSplitter objects(wire_->about(call));
    std::vector<char> buffer(k_piece);
    std::string object;
    while (const std::size_t size = wire_->read(call, stream, buffer.data(), buffer.size(), deadline)) {
        objects.feed({buffer.data(), size});
        while (objects.next(object)) {
            if (!on_stats(stats_of(wire_->json(call, object), object))) {
                return;
            }
        }
    }
    objects.finish();
}

}  // namespace berth

// SPDX-License-Identifier: Apache-2.0
#include <berth/core/units.hpp>
#include <berth/engine/internal/clock.hpp>
#include <berth/engine/internal/negotiation.hpp>
#include <berth/engine/internal/wire.hpp>
#include <berth/engine/system.hpp>

#include <algorithm>

namespace berth {
namespace {

ApiVersion version_of(const std::string& text) {
    return engine::parse_version(text).value_or(ApiVersion{0, 0});
}

bool has(const std::vector<std::string>& options, std::string_view name) {
    return std::any_of(options.begin(), options.end(),
                       [&](const std::string& option) { return option.find(name) != std::string::npos; });
}

}  // namespace

SystemInfo System::info(Deadline deadline) const {
    const engine::Call call{.purpose = "cannot ask the engine what it is", .path = "/info"};
    auto answer = wire_->send(call, {200}, std::move(deadline));
    const engine::Json json = wire_->json(call, answer.body);
    SystemInfo info;
    info.id = json.at("ID").text();
    info.name = json.at("Name").text();
    info.version = json.at("ServerVersion").text();
    info.os = json.at("OSType").text();
    info.operating_system = json.at("OperatingSystem").text();
    info.kernel = json.at("KernelVersion").text();
    info.architecture = json.at("Architecture").text();
    info.processors = json.at("NCPU").small_number();
    info.memory = json.at("MemTotal").number();
    info.storage_driver = json.at("Driver").text();
    info.log_driver = json.at("LoggingDriver").text();
    info.cgroup_driver = json.at("CgroupDriver").text();
    info.cgroup_version = json.at("CgroupVersion").text();
    info.default_runtime = json.at("DefaultRuntime").text();
    for (const auto& [name, runtime] : json.at("Runtimes").members()) {
        info.runtimes.push_back(name);
    }
    info.security_options = json.at("SecurityOptions").texts();
    info.rootless = has(info.security_options, "name=rootless");
    info.user_namespaces = has(info.security_options, "name=userns");
    info.experimental = json.at("ExperimentalBuild").flag();
    info.root_directory = json.at("DockerRootDir").text();
    info.system_time = json.at("SystemTime").text();
    info.swarm_state = json.at("Swarm").at("LocalNodeState").text();
    info.containers = json.at("Containers").number();
    info.containers_running = json.at("ContainersRunning").number();
    info.containers_paused = json.at("ContainersPaused").number();
    info.containers_stopped = json.at("ContainersStopped").number();
    info.images = json.at("Images").number();
    info.warnings = json.at("Warnings").texts();
    info.raw = std::move(answer.body);
    return info;
}

SystemVersion System::version(Deadline deadline) const {
    const engine::Call call{.purpose = "cannot ask the engine for its version", .path = "/version"};
    const auto answer = wire_->send(call, {200}, std::move(deadline));
    const engine::Json json = wire_->json(call, answer.body);
    SystemVersion version;
    version.version = json.at("Version").required_text();
    version.api = version_of(json.at("ApiVersion").text());
    version.oldest_api = version_of(json.at("MinAPIVersion").text());
    version.commit = json.at("GitCommit").text();
    version.os = json.at("Os").text();
    version.architecture = json.at("Arch").text();
    version.kernel = json.at("KernelVersion").text();
    for (const auto& component : json.at("Components").items()) {
        version.components.push_back({component.at("Name").text(), component.at("Version").text()});
    }
    return version;
}

DiskUsage System::disk_usage(Deadline deadline) const {
    const engine::Call call{.purpose = "cannot ask the engine for its disk usage", .path = "/system/df"};
    const auto answer = wire_->send(call, {200}, std::move(deadline));
    const engine::Json json = wire_->json(call, answer.body);
    const auto share = [](const engine::Json& list, const auto& size) {
        DiskUsage::Share result;
        for (const auto& item : list.items()) {
            ++result.count;
            result.bytes += std::max<std::int64_t>(size(item), 0);  // -1: not known
        }
        return result;
    };
    DiskUsage usage;
    usage.layers = json.at("LayersSize").number();
    usage.images = share(json.at("Images"), [](const engine::Json& image) { return image.at("Size").number(); });
    usage.containers =
        share(json.at("Containers"), [](const engine::Json& container) { return container.at("SizeRw").number(); });
    usage.volumes = share(json.at("Volumes"),
                          [](const engine::Json& volume) { return volume.at("UsageData").at("Size").number(); });
    usage.build_cache =
        share(json.at("BuildCache"), [](const engine::Json& record) { return record.at("Size").number(); });
    return usage;
}

Pong System::ping(Deadline deadline) const {
    const engine::Call call{.purpose = "cannot ping the engine", .method = "HEAD", .path = "/_ping"};
    const auto answer = wire_->send(call, {200}, std::move(deadline));
    const auto field = [&](const char* name) { return answer.headers.find(name).value_or(""); };
    Pong pong;
    pong.api = version_of(field("Api-Version"));
    pong.os = field("Ostype");
    pong.server = field("Server");
    pong.builder = field("Builder-Version");
    pong.swarm = field("Swarm");
    pong.time = engine::time_of_date(field("Date"));
    return pong;
}

}  // namespace berth

// SPDX-License-Identifier: Apache-2.0
#include <berth/core/redaction.hpp>
#include <berth/engine/internal/container_bodies.hpp>
#include <berth/engine/internal/request_json.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace berth::engine {
namespace {

using Value = RequestJson;

template <class Number>
void set_number(Value& where, const char* key, Number number) {
    if (number != 0) {
        where[key] = number;
    }
}

void set_flag(Value& where, const char* key, bool flag) {
    if (flag) {
        where[key] = true;
    }
}

template <class Given>
void set_given(Value& where, const char* key, const std::optional<Given>& given) {
    if (given) {
        where[key] = *given;
    }
}

Value healthcheck_of(const HealthcheckConfig& health, const ApiVersion& api) {
    Value value = Value::object();
    set(value, "Test", health.test);
    const auto time = [&](const char* key, std::chrono::nanoseconds duration) {
        if (duration.count() != 0) {  // 0 inherits; anything else has to be 1 ms at least
            value[key] = std::max<std::int64_t>(duration.count(), 1'000'000);
        }
    };
    time("Interval", health.interval);
    time("Timeout", health.timeout);
    time("StartPeriod", health.start_period);
    if (api >= ApiVersion{1, 44}) {
        time("StartInterval", health.start_interval);
    }
    set_number(value, "Retries", health.retries);
    return value;
}

void add_volume_options(Value& value, const MountPoint& mount) {
    Value options = Value::object();
    set(options, "Labels", mount.volume_labels);
    set_flag(options, "NoCopy", mount.no_copy);
    set(options, "Subpath", mount.subpath);
    if (!mount.driver.empty() || !mount.driver_options.empty()) {
        set(options["DriverConfig"], "Name", mount.driver);
        set(options["DriverConfig"], "Options", mount.driver_options);
    }
    if (!options.empty()) {
        value["VolumeOptions"] = std::move(options);
    }
}

void add_bind_options(Value& value, const MountPoint& mount) {
    Value options = Value::object();
    set(options, "Propagation", mount.propagation);
    set_flag(options, "NonRecursive", mount.non_recursive);
    set_flag(options, "CreateMountpoint", mount.create_source);
    set_flag(options, "ReadOnlyNonRecursive", mount.read_only_non_recursive);
    set_flag(options, "ReadOnlyForceRecursive", mount.read_only_force_recursive);
    if (!options.empty()) {
        value["BindOptions"] = std::move(options);
    }
}

Value mount_of(const MountPoint& mount) {
    Value value = {{"Target", mount.target}, {"ReadOnly", mount.read_only}};
    set(value, "Source", mount.source);
    switch (mount.type) {
        case MountPoint::Type::volume:
            value["Type"] = "volume";
            add_volume_options(value, mount);
            break;
        case MountPoint::Type::bind:
            value["Type"] = "bind";
            add_bind_options(value, mount);
            break;
        case MountPoint::Type::tmpfs:
            value["Type"] = "tmpfs";
            if (mount.tmpfs_size != 0) {
                value["TmpfsOptions"]["SizeBytes"] = mount.tmpfs_size;
            }
            if (mount.tmpfs_mode) {
                value["TmpfsOptions"]["Mode"] = *mount.tmpfs_mode;
            }
            break;
        case MountPoint::Type::image:
            value["Type"] = "image";
            if (!mount.subpath.empty()) {
                value["ImageOptions"]["Subpath"] = mount.subpath;
            }
            break;
    }
    return value;
}

Value endpoint_of(const NetworkEndpoint& endpoint, const ApiVersion& api) {
    Value value = Value::object();
    set(value, "Aliases", endpoint.aliases);
    set(value, "Links", endpoint.links);
    set(value, "DriverOpts", endpoint.driver_options);
    Value addresses = Value::object();
    set(addresses, "IPv4Address", endpoint.ipv4_address);
    set(addresses, "IPv6Address", endpoint.ipv6_address);
    set(addresses, "LinkLocalIPs", endpoint.link_local_addresses);
    if (!addresses.empty()) {
        value["IPAMConfig"] = std::move(addresses);
    }
    if (api >= ApiVersion{1, 44}) {
        set(value, "MacAddress", endpoint.mac_address);
    }
    set_number(value, "GwPriority", endpoint.gateway_priority);
    return value;
}

void add_ports(Value& body, const ContainerConfig& config) {
    // Up to Docker 28 a binding without the same key among the exposed ports publishes nothing, silently.
    for (const auto& port : config.exposed_ports) {
        body["ExposedPorts"][port] = Value::object();
    }
    for (const auto& port : config.ports) {
        body["ExposedPorts"][port.container_port] = Value::object();
        body["HostConfig"]["PortBindings"][port.container_port].push_back(
            {{"HostIp", port.host_ip}, {"HostPort", port.host_port}});
    }
    set_flag(body["HostConfig"], "PublishAllPorts", config.publish_all_ports);
}

void add_networks(Value& body, const ContainerConfig& config, const ApiVersion& api) {
    if (config.networks.empty()) {
        set(body["HostConfig"], "NetworkMode", config.network_mode);
        return;
    }
    body["HostConfig"]["NetworkMode"] = config.networks.front().network;
    for (const auto& endpoint : config.networks) {
        body["NetworkingConfig"]["EndpointsConfig"][endpoint.network] = endpoint_of(endpoint, api);
        if (api < ApiVersion{1, 44}) {  // more than one is a 400
            break;
        }
    }
    // Before 1.44 the address of the first network belongs to the container.
    if (api < ApiVersion{1, 44}) {
        set(body, "MacAddress", config.networks.front().mac_address);
    }
}

void add_device_limits(Value& host, const char* key, const char* value_key, const std::vector<DeviceLimit>& limits) {
    for (const auto& limit : limits) {
        host[key].push_back({{"Path", limit.path}, {value_key, limit.value}});
    }
}

void add_limits(Value& host, const ContainerConfig& config) {
    set_number(host, "Memory", config.memory);
    set_number(host, "MemorySwap", config.memory_swap);
    set_number(host, "MemoryReservation", config.memory_reservation);
    set_given(host, "MemorySwappiness", config.memory_swappiness);
    set_flag(host, "OomKillDisable", config.oom_kill_disabled);
    set_number(host, "NanoCpus", config.nano_cpus);
    set_number(host, "CpuShares", config.cpu_shares);
    set_number(host, "CpuPeriod", config.cpu_period.count());
    set_number(host, "CpuQuota", config.cpu_quota.count());
    set(host, "CpusetCpus", config.cpuset_cpus);
    set(host, "CpusetMems", config.cpuset_mems);
    set_number(host, "PidsLimit", config.pids_limit);
    set_number(host, "BlkioWeight", config.block_weight);
    add_device_limits(host, "BlkioWeightDevice", "Weight", config.block_device_weights);
    add_device_limits(host, "BlkioDeviceReadBps", "Rate", config.block_read_bytes);
    add_device_limits(host, "BlkioDeviceWriteBps", "Rate", config.block_write_bytes);
    add_device_limits(host, "BlkioDeviceReadIOps", "Rate", config.block_read_operations);
    add_device_limits(host, "BlkioDeviceWriteIOps", "Rate", config.block_write_operations);
    set_number(host, "OomScoreAdj", config.oom_score_adjustment);
    set_number(host, "ShmSize", config.shm_size);
    for (const auto& limit : config.ulimits) {
        host["Ulimits"].push_back({{"Name", limit.name}, {"Soft", limit.soft}, {"Hard", limit.hard}});
    }
    set(host, "Sysctls", config.sysctls);
}

void add_devices(Value& host, const ContainerConfig& config) {
    for (const auto& device : config.devices) {
        host["Devices"].push_back(
            {{"PathOnHost", device.on_host},
             {"PathInContainer", device.in_container.empty() ? device.on_host : device.in_container},
             {"CgroupPermissions", device.permissions}});
    }
    for (const auto& request : config.device_requests) {
        Value value = Value::object();
        set(value, "Driver", request.driver);
        set_number(value, "Count", request.count);
        set(value, "DeviceIDs", request.device_ids);
        if (!request.capabilities.empty()) {
            value["Capabilities"] = request.capabilities;
        }
        set(value, "Options", request.options);
        host["DeviceRequests"].push_back(std::move(value));
    }
    set(host, "DeviceCgroupRules", config.device_cgroup_rules);
}

void add_storage(Value& host, const ContainerConfig& config) {
    set(host, "Binds", config.binds);
    for (const auto& mount : config.mounts) {
        host["Mounts"].push_back(mount_of(mount));
    }
    set(host, "Tmpfs", config.tmpfs);
    set(host, "VolumesFrom", config.volumes_from);
    set(host, "StorageOpt", config.storage_options);
    host["ReadonlyRootfs"] = config.read_only_root;
}

void add_security(Value& host, const ContainerConfig& config) {
    host["Privileged"] = config.privileged;
    set(host, "CapAdd", config.cap_add);
    set(host, "CapDrop", config.cap_drop);
    set(host, "SecurityOpt", config.security_options);
    set(host, "MaskedPaths", config.masked_paths);
    set(host, "ReadonlyPaths", config.readonly_paths);
    set(host, "GroupAdd", config.groups);
}

void add_names(Value& host, const ContainerConfig& config) {
    set(host, "ExtraHosts", config.extra_hosts);
    set(host, "Dns", config.dns);
    set(host, "DnsSearch", config.dns_search);
    set(host, "DnsOptions", config.dns_options);
    set(host, "Links", config.links);
}

void add_spaces(Value& host, const ContainerConfig& config) {
    set(host, "IpcMode", config.ipc_mode);
    set(host, "PidMode", config.pid_mode);
    set(host, "UTSMode", config.uts_mode);
    set(host, "UsernsMode", config.user_namespace_mode);
    set(host, "CgroupnsMode", config.cgroup_namespace_mode);
    set(host, "CgroupParent", config.cgroup_parent);
    set(host, "Runtime", config.runtime);
    set(host, "Annotations", config.annotations);
}

void add_host(Value& host, const ContainerConfig& config) {
    if (!config.restart_policy.empty()) {
        host["RestartPolicy"]["Name"] = config.restart_policy;
        if (config.restart_policy == "on-failure") {
            host["RestartPolicy"]["MaximumRetryCount"] = config.restart_retries;
        }
    }
    set_flag(host, "AutoRemove", config.auto_remove);
    set_given(host, "Init", config.init);
    if (!config.log_driver.empty() || !config.log_options.empty()) {
        host["LogConfig"] = {{"Type", config.log_driver}, {"Config", object_of(config.log_options)}};
    }
    add_storage(host, config);
    add_security(host, config);
    add_names(host, config);
    add_limits(host, config);
    add_devices(host, config);
    add_spaces(host, config);
}

void patch(Value& body, const std::string& raw) {
    if (raw.empty()) {
        return;
    }
    const Value merged = Value::parse(raw, nullptr, false);
    if (!merged.is_object()) {
        throw Error({.code = "BR0143",
                     .summary = "the raw patch of a container is no JSON object",
                     .hints = {R"(write it as the Engine API has it: {"HostConfig":{"CpuShares":512}})"}});
    }
    body.merge_patch(merged);
}

}  // namespace

std::string create_container_body(const ContainerConfig& config, const ApiVersion& api) {
    Value body = {{"Image", config.image}, {"Labels", object_of(config.labels)}, {"HostConfig", Value::object()}};
    if (config.command) {
        body["Cmd"] = *config.command;
    }
    if (config.entrypoint) {  // [""] takes the image's away; [] would leave it
        body["Entrypoint"] = config.entrypoint->empty() ? std::vector<std::string>{""} : *config.entrypoint;
    }
    set(body, "Env", config.environment);
    set(body, "WorkingDir", config.working_dir);
    set(body, "User", config.user);
    set(body, "Hostname", config.hostname);
    set(body, "Domainname", config.domainname);
    body["Tty"] = config.tty;
    body["OpenStdin"] = config.stdin_open;
    set_flag(body, "StdinOnce", config.stdin_once);
    set_flag(body, "AttachStdin", config.stdin_once);
    set(body, "StopSignal", config.stop_signal);
    if (config.stop_timeout) {
        body["StopTimeout"] = config.stop_timeout->count();
    }
    set(body, "Shell", config.shell);
    set_flag(body, "NetworkDisabled", config.network_disabled);
    if (config.healthcheck) {
        body["Healthcheck"] = healthcheck_of(*config.healthcheck, api);
    }
    for (const auto& path : config.anonymous_volumes) {
        body["Volumes"][path] = Value::object();
    }
    add_ports(body, config);
    add_networks(body, config, api);
    add_host(body["HostConfig"], config);
    patch(body, config.raw_patch);
    return text_of(body);
}

std::string connect_endpoint_body(const std::string& container, const NetworkEndpoint& endpoint,
                                  const ApiVersion& api) {
    return text_of({{"Container", container}, {"EndpointConfig", endpoint_of(endpoint, api)}});
}

std::string update_container_body(const UpdateContainer& changes) {
    Value body = Value::object();
    const auto time = [&](const char* key, const std::optional<std::chrono::microseconds>& duration) {
        if (duration) {
            body[key] = duration->count();
        }
    };
    set_given(body, "Memory", changes.memory);
    set_given(body, "MemorySwap", changes.memory_swap);
    set_given(body, "MemoryReservation", changes.memory_reservation);
    set_given(body, "NanoCpus", changes.nano_cpus);
    set_given(body, "CpuShares", changes.cpu_shares);
    time("CpuPeriod", changes.cpu_period);
    time("CpuQuota", changes.cpu_quota);
    set_given(body, "CpusetCpus", changes.cpuset_cpus);
    set_given(body, "CpusetMems", changes.cpuset_mems);
    set_given(body, "PidsLimit", changes.pids_limit);
    set_given(body, "BlkioWeight", changes.block_weight);
    if (!changes.restart_policy.empty()) {
        body["RestartPolicy"] = {{"Name", changes.restart_policy}, {"MaximumRetryCount", changes.restart_retries}};
    }
    return text_of(body);
}

std::string create_checkpoint_body(const std::string& name, const CheckpointOptions& options) {
    Value body = {{"CheckpointID", name}, {"Exit", !options.leave_running}};
    set(body, "CheckpointDir", options.directory);
    return text_of(body);
}

std::string create_exec_body(const ExecOptions& options, const ApiVersion& api) {
    Value body = {{"AttachStdin", options.attach_stdin || !options.input.empty() || options.read_input != nullptr},
                  {"AttachStdout", true},
                  {"AttachStderr", true},
                  {"Tty", options.tty},
                  {"Cmd", options.command}};
    set(body, "Env", options.environment);
    set(body, "User", options.user);
    set(body, "WorkingDir", options.working_dir);
    set(body, "DetachKeys", options.detach_keys);
    set_flag(body, "Privileged", options.privileged);
    if (options.size && api >= ApiVersion{1, 42}) {
        body["ConsoleSize"] = {options.size->rows, options.size->columns};
    }
    return text_of(body);
}

std::string start_exec_body(bool tty, bool detach) {
    return text_of({{"Detach", detach}, {"Tty", tty}});
}

void refuse_controls(std::string_view what, const std::string& text) {
    const bool has_one = std::any_of(text.begin(), text.end(), [](char c) {
        constexpr unsigned char k_first_printable = 0x20;
        constexpr unsigned char k_delete = 0x7F;
        const auto byte = static_cast<unsigned char>(c);
        return byte < k_first_printable || byte == k_delete;
    });
    if (!has_one) {
        return;
    }
    throw Error({.code = "BR0141",
                 .summary = fmt::format("{} has a control character: '{}'", what, escape_line(text)),
                 .hints = {"nothing was sent; look for a line end at the end of it"}});
}

void refuse_controls(const std::string& name, const ContainerConfig& config) {
    refuse_controls("a container's name", name);
    refuse_controls("an image's name", config.image);
    refuse_controls("a working directory", config.working_dir);
    refuse_controls("a user's name", config.user);
    refuse_controls("a host's name", config.hostname);
    for (const auto& mount : config.mounts) {
        refuse_controls("a mount's source", mount.source);
        refuse_controls("a mount's target", mount.target);
    }
    for (const auto& bind : config.binds) {
        refuse_controls("a bind", bind);
    }
    for (const auto& [path, options] : config.tmpfs) {
        refuse_controls("a path of a tmpfs", path);
    }
    for (const auto& endpoint : config.networks) {
        refuse_controls("a network's name", endpoint.network);
    }
}

}  // namespace berth::engine

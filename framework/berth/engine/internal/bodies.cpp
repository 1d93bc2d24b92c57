// SPDX-License-Identifier: Apache-2.0
#include <berth/engine/internal/bodies.hpp>
#include <berth/engine/internal/wire.hpp>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace berth::engine {
namespace {

using Value = nlohmann::json;

std::string text_of(const Value& value) {
    try {
        return value.dump();
    } catch (const nlohmann::json::exception&) {
        throw Error({.code = "BR0111",
                     .summary = "a text for the engine is not UTF-8",
                     .hints = {"look for bytes that are not UTF-8 in command, environment, labels and names"}});
    }
}

Value labels_of(const Labels& labels) {
    Value value = Value::object();
    for (const auto& [key, text] : labels) {
        value[key] = text;
    }
    return value;
}

void set(Value& where, const char* key, const std::string& text) {
    if (!text.empty()) {
        where[key] = text;
    }
}

void set(Value& where, const char* key, const std::vector<std::string>& texts) {
    if (!texts.empty()) {
        where[key] = texts;
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
    if (health.retries != 0) {
        value["Retries"] = health.retries;
    }
    return value;
}

Value mount_of(const MountPoint& mount) {
    Value value = {{"Target", mount.target}, {"ReadOnly", mount.read_only}};
    switch (mount.type) {
        case MountPoint::Type::volume:
            value["Type"] = "volume";
            if (!mount.volume_labels.empty()) {
                value["VolumeOptions"]["Labels"] = labels_of(mount.volume_labels);
            }
            break;
        case MountPoint::Type::bind:
            value["Type"] = "bind";
            break;
        case MountPoint::Type::tmpfs:
            value["Type"] = "tmpfs";
            break;
    }
    set(value, "Source", mount.source);
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
}

void add_networks(Value& body, const ContainerConfig& config, const ApiVersion& api) {
    if (config.networks.empty()) {
        set(body["HostConfig"], "NetworkMode", config.network_mode);
        return;
    }
    body["HostConfig"]["NetworkMode"] = config.networks.front().network;
    for (const auto& endpoint : config.networks) {
        Value value = Value::object();
        set(value, "Aliases", endpoint.aliases);
        body["NetworkingConfig"]["EndpointsConfig"][endpoint.network] = std::move(value);
        if (api < ApiVersion{1, 44}) {  // more than one is a 400
            break;
        }
    }
}

void add_limits(Value& host, const ContainerConfig& config) {
    if (config.memory != 0) {
        host["Memory"] = config.memory;
    }
    if (config.nano_cpus != 0) {
        host["NanoCpus"] = config.nano_cpus;
    }
    if (config.shm_size != 0) {
        host["ShmSize"] = config.shm_size;
    }
    for (const auto& limit : config.ulimits) {
        host["Ulimits"].push_back({{"Name", limit.name}, {"Soft", limit.soft}, {"Hard", limit.hard}});
    }
}

void add_host(Value& host, const ContainerConfig& config) {
    for (const auto& mount : config.mounts) {
        host["Mounts"].push_back(mount_of(mount));
    }
    for (const auto& [path, options] : config.tmpfs) {
        host["Tmpfs"][path] = options;
    }
    set(host, "ExtraHosts", config.extra_hosts);
    if (!config.restart_policy.empty()) {
        host["RestartPolicy"]["Name"] = config.restart_policy;
        if (config.restart_policy == "on-failure") {
            host["RestartPolicy"]["MaximumRetryCount"] = config.restart_retries;
        }
    }
    if (config.init) {
        host["Init"] = *config.init;
    }
    host["Privileged"] = config.privileged;
    host["ReadonlyRootfs"] = config.read_only_root;
    set(host, "CapAdd", config.cap_add);
    set(host, "CapDrop", config.cap_drop);
    set(host, "SecurityOpt", config.security_options);
    add_limits(host, config);
}

}  // namespace

std::string create_container_body(const ContainerConfig& config, const ApiVersion& api) {
    Value body = {{"Image", config.image}, {"Labels", labels_of(config.labels)}, {"HostConfig", Value::object()}};
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
    body["Tty"] = config.tty;
    body["OpenStdin"] = config.stdin_open;
    set(body, "StopSignal", config.stop_signal);
    if (config.healthcheck) {
        body["Healthcheck"] = healthcheck_of(*config.healthcheck, api);
    }
    add_ports(body, config);
    add_networks(body, config, api);
    add_host(body["HostConfig"], config);
    return text_of(body);
}

std::string create_exec_body(const ExecOptions& options) {
    Value body = {{"AttachStdin", options.attach_stdin || !options.input.empty() || options.read_input != nullptr},
                  {"AttachStdout", true},
                  {"AttachStderr", true},
                  {"Tty", options.tty},
                  {"Cmd", options.command}};
    set(body, "Env", options.environment);
    set(body, "User", options.user);
    set(body, "WorkingDir", options.working_dir);
    return text_of(body);
}

std::string start_exec_body(bool tty) {
    return text_of({{"Detach", false}, {"Tty", tty}});
}

std::string create_network_body(const std::string& name, const NetworkConfig& config) {
    // Without CheckDuplicate engines before 25 make a second network of the same name.
    return text_of({{"Name", name},
                    {"CheckDuplicate", true},
                    {"Driver", config.driver},
                    {"Internal", config.internal},
                    {"Labels", labels_of(config.labels)}});
}

std::string connect_body(const std::string& container, const std::vector<std::string>& aliases) {
    Value body = {{"Container", container}, {"EndpointConfig", Value::object()}};
    set(body["EndpointConfig"], "Aliases", aliases);
    return text_of(body);
}

std::string disconnect_body(const std::string& container, bool force) {
    return text_of({{"Container", container}, {"Force", force}});
}

std::string create_volume_body(const std::string& name, const std::string& driver, const Labels& labels) {
    return text_of({{"Name", name}, {"Driver", driver}, {"Labels", labels_of(labels)}});
}

std::string filters(const std::vector<std::pair<std::string, std::vector<std::string>>>& keys) {
    Value value = Value::object();
    for (const auto& [key, values] : keys) {
        set(value, key.c_str(), values);
    }
    return value.empty() ? std::string{} : text_of(value);
}

}  // namespace berth::engine

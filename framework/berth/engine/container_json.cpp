// SPDX-License-Identifier: Apache-2.0
#include <berth/core/units.hpp>
#include <berth/engine/internal/container_json.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace berth::engine {
namespace {

Status status_of(const std::string& word, bool running) {
    // Podman has further words for the same states.
    constexpr std::array<std::pair<std::string_view, Status>, 11> k_words{{{"created", Status::created},
                                                                           {"configured", Status::created},
                                                                           {"initialized", Status::created},
                                                                           {"running", Status::running},
                                                                           {"stopping", Status::running},
                                                                           {"paused", Status::paused},
                                                                           {"restarting", Status::restarting},
                                                                           {"removing", Status::removing},
                                                                           {"exited", Status::exited},
                                                                           {"stopped", Status::exited},
                                                                           {"dead", Status::dead}}};
    for (const auto& [text, status] : k_words) {
        if (text == word) {
            return status;
        }
    }
    return running ? Status::running : Status::exited;
}

HealthState health_of(const Json& health) {
    HealthState state;
    const std::string status = health.at("Status").text();
    if (status == "starting") {
        state.status = HealthState::Status::starting;
    } else if (status == "healthy") {
        state.status = HealthState::Status::healthy;
    } else if (status == "unhealthy") {
        state.status = HealthState::Status::unhealthy;
    }
    state.failing_streak = health.at("FailingStreak").small_number();
    const auto log = health.at("Log").items();
    if (!log.empty()) {
        for (const auto& probe : log) {
            state.probes.push_back({probe.at("Start").text(), probe.at("End").text(),
                                    probe.at("ExitCode").small_number(), probe.at("Output").text()});
        }
        state.last_exit_code = log.back().at("ExitCode").small_number();
        state.last_output = log.back().at("Output").text();
    }
    return state;
}

/// `test` of a health check: absent, empty and NONE all mean that there is none.
bool is_check(const Json& healthcheck) {
    const auto test = healthcheck.at("Test").texts();
    return !test.empty() && test.front() != "NONE";
}

void add_ports(const Json& ports, ContainerFacts& facts) {
    for (const auto& [port, bindings] : ports.members()) {
        auto& places = facts.ports[port];
        for (const auto& binding : bindings.items()) {
            const auto number = parse_integer(binding.at("HostPort").text());
            constexpr std::int64_t k_last_port = 65535;
            if (number && *number > 0 && *number <= k_last_port) {
                places.push_back({binding.at("HostIp").text(), static_cast<std::uint16_t>(*number)});
            }
        }
        // The order is the engine's whim; IPv4 first, so that the first entry can be connected to by 127.0.0.1.
        std::stable_partition(places.begin(), places.end(),
                              [](const PublishedAt& at) { return at.host_ip.find(':') == std::string::npos; });
    }
}

void add_networks(const Json& networks, ContainerFacts& facts) {
    for (const auto& [name, network] : networks.members()) {
        ContainerFacts::Address address{network.at("NetworkID").text(),  network.at("IPAddress").text(),
                                        network.at("Gateway").text(),    network.at("GlobalIPv6Address").text(),
                                        network.at("MacAddress").text(), network.at("Aliases").texts()};
        if (address.ip.empty()) {
            address.ip = network.at("GlobalIPv6Address").text();
            address.gateway = network.at("IPv6Gateway").text();
        }
        facts.networks.emplace(name, std::move(address));
    }
}

/// Made by the engine for a VOLUME of the image: 64 hex digits for a name.
bool is_anonymous(const std::string& name) {
    constexpr std::size_t k_digits = 64;
    return name.size() == k_digits && name.find_first_not_of("0123456789abcdef") == std::string::npos;
}

std::vector<MountFacts> mounts_of(const Json& mounts) {
    std::vector<MountFacts> result;
    for (const auto& mount : mounts.items()) {
        result.push_back({mount.at("Type").text(), mount.at("Name").text(), mount.at("Source").text(),
                          mount.at("Destination").text(), mount.at("RW").flag()});
    }
    return result;
}

std::optional<std::int64_t> size_of(const Json& size) {
    return size.absent() ? std::nullopt : std::optional(size.number());
}

/// What the create asked for, or the image.
void add_config(const Json& answer, ContainerFacts& facts) {
    const Json config = answer.at("Config");
    facts.stdin_open = config.at("OpenStdin").flag();
    facts.command.push_back(answer.at("Path").text());
    for (auto& argument : answer.at("Args").texts()) {
        facts.command.push_back(std::move(argument));
    }
    facts.environment = config.at("Env").texts();
    facts.working_dir = config.at("WorkingDir").text();
    facts.user = config.at("User").text();
    facts.hostname = config.at("Hostname").text();
    if (const Json signal = config.at("StopSignal"); signal.is_text()) {  // Podman has a number
        facts.stop_signal = signal.text();
    }
    const Json host = answer.at("HostConfig");
    facts.network_mode = host.at("NetworkMode").text();
    facts.restart_policy = host.at("RestartPolicy").at("Name").text();
    facts.log_driver = host.at("LogConfig").at("Type").text();
    facts.auto_remove = host.at("AutoRemove").flag();
    facts.privileged = host.at("Privileged").flag();
    facts.memory = host.at("Memory").number();
    facts.nano_cpus = host.at("NanoCpus").number();
    facts.written_size = size_of(answer.at("SizeRw"));
    facts.total_size = size_of(answer.at("SizeRootFs"));
}

std::uint16_t port_of(const Json& port) {
    constexpr std::int64_t k_last_port = 65535;
    const std::int64_t number = port.number();
    return number > 0 && number <= k_last_port ? static_cast<std::uint16_t>(number) : std::uint16_t{0};
}

}  // namespace

std::string without_slash(std::string name) {
    if (!name.empty() && name.front() == '/') {
        name.erase(0, 1);
    }
    return name;
}

ContainerFacts container_facts(const Json& answer) {
    ContainerFacts facts;
    facts.id.text = answer.at("Id").required_text();
    facts.name = without_slash(answer.at("Name").text());
    facts.image = answer.at("Config").at("Image").text();
    facts.image_id = answer.at("Image").text();
    const Json state = answer.at("State");
    facts.running = state.at("Running").flag();
    facts.status = status_of(state.at("Status").required_text(), facts.running);
    facts.out_of_memory = state.at("OOMKilled").flag();
    facts.exit_code = state.at("ExitCode").small_number();
    facts.pid = state.at("Pid").number();
    facts.error = state.at("Error").text();
    facts.started_at = state.at("StartedAt").text();
    facts.finished_at = state.at("FinishedAt").text();
    facts.health = health_of(state.at("Health"));
    const Json config = answer.at("Config");
    facts.has_healthcheck = is_check(config.at("Healthcheck")) || facts.health.status != HealthState::Status::none;
    facts.labels = config.at("Labels").labels();
    facts.tty = config.at("Tty").flag();
    add_ports(answer.at("NetworkSettings").at("Ports"), facts);
    add_networks(answer.at("NetworkSettings").at("Networks"), facts);
    facts.mounts = mounts_of(answer.at("Mounts"));
    for (const auto& mount : facts.mounts) {
        if (mount.type == "volume" && is_anonymous(mount.name)) {
            facts.anonymous_volumes.push_back(mount.name);
        }
    }
    facts.created_at = answer.at("Created").text();
    facts.restart_count = answer.at("RestartCount").small_number();
    add_config(answer, facts);
    return facts;
}

ContainerSummary container_summary(const Json& item) {
    ContainerSummary summary;
    summary.id.text = item.at("Id").required_text();
    for (const auto& name : item.at("Names").texts()) {
        summary.names.push_back(without_slash(name));
    }
    summary.image = item.at("Image").text();
    summary.labels = item.at("Labels").labels();
    summary.status = item.at("State").text();
    summary.status_text = item.at("Status").text();
    summary.image_id = item.at("ImageID").text();
    summary.command = item.at("Command").text();
    summary.created = item.at("Created").number();
    for (const auto& port : item.at("Ports").items()) {
        summary.ports.push_back({port.at("IP").text(), port_of(port.at("PrivatePort")), port_of(port.at("PublicPort")),
                                 port.at("Type").text()});
    }
    for (const auto& [name, network] : item.at("NetworkSettings").at("Networks").members()) {
        summary.addresses[name] = network.at("IPAddress").text();
    }
    summary.mounts = mounts_of(item.at("Mounts"));
    summary.written_size = size_of(item.at("SizeRw"));
    summary.total_size = size_of(item.at("SizeRootFs"));
    return summary;
}

}  // namespace berth::engine

// SPDX-License-Identifier: Apache-2.0
#include <berth/runtime/internal/address.hpp>
#include <berth/runtime/internal/container_config.hpp>

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>

namespace berth::runtime {
namespace {

using namespace std::chrono_literals;

constexpr ApiVersion k_start_interval{1, 44};
constexpr Duration k_injected_start_interval = 500ms;
constexpr Duration k_injected_interval = 1s;  // where no start interval can be sent
constexpr std::string_view k_no_new_privileges = "no-new-privileges";

std::vector<std::string> words(const Words& from, const ReferenceLookup& lookup) {
    std::vector<std::string> all;
    all.reserve(from.size());
    for (const auto& word : from) {
        all.push_back(resolve(word, Side::network, lookup));
    }
    return all;
}

std::string value(const Value& from, const ReferenceLookup& lookup) {
    return resolve(Text(from.text.value_or(std::string{}), from.origin), Side::network, lookup);
}

std::vector<std::string> environment(const KeyValues& from, const ReferenceLookup& lookup) {
    std::vector<std::string> all;
    for (const auto& [name, its_value] : from) {
        if (its_value.text) {
            all.push_back(fmt::format("{}={}", name, value(its_value, lookup)));
        } else if (const char* own = std::getenv(name.c_str()); own != nullptr) {
            all.push_back(fmt::format("{}={}", name, own));
        }
    }
    return all;
}

std::string user(const ServiceSpec& spec, const ReferenceLookup& lookup) {
    if (!spec.user.given()) {
        return {};
    }
    const std::string text = resolve(*spec.user, Side::network, lookup);
    return text == "host" ? fmt::format("{}:{}", ::getuid(), ::getgid()) : text;
}

// What stands for nothing here and waits for its service: `healthcheck`, or `auto` that the image decides.
bool may_wait_for_health(const WaitSpec& wait) {
    const auto in_any = [](const std::vector<WaitSpec>& items) {
        return std::any_of(items.begin(), items.end(), may_wait_for_health);
    };
    return wait.healthcheck.given() || (wait.simple.given() && *wait.simple == WaitSpec::Simple::automatic) ||
           in_any(*wait.all) || in_any(*wait.any);
}

void add_mounts(const ConfigInput& input, ContainerConfig& config) {
    for (const auto& mount : *input.service.spec.volumes) {
        MountPoint point{.target = *mount.target, .read_only = mount.read_only.value_or(false)};
        const std::string source =
            mount.source.given() ? resolve(*mount.source, Side::network, input.lookup) : std::string{};
        switch (*mount.type) {
            case MountSpec::Type::tmpfs:
                point.type = MountPoint::Type::tmpfs;
                break;
            case MountSpec::Type::bind:
                point.type = MountPoint::Type::bind;
                point.source =
                    std::filesystem::absolute(host_path(input.plan.spec, source, mount.source.origin())).string();
                break;
            case MountSpec::Type::volume:
                point.type = MountPoint::Type::volume;
                if (const auto made = input.volume_names.find(source); made != input.volume_names.end()) {
                    point.source = made->second;
                }
                point.volume_labels = input.volume_labels;
                break;
            case MountSpec::Type::image:  // refused before anything is made
                break;
        }
        config.mounts.push_back(std::move(point));
    }
    for (const auto& entry : *input.service.spec.tmpfs) {
        const auto colon = entry.find(':');
        config.tmpfs[entry.substr(0, colon)] = colon == std::string::npos ? std::string{} : entry.substr(colon + 1);
    }
}

void add_ports(const ConfigInput& input, ContainerConfig& config) {
    const auto& spec = input.service.spec;
    for (const auto& range : *spec.expose) {
        for (int port = range.first; port <= range.last; ++port) {
            config.exposed_ports.push_back(port_key(port));
        }
    }
    for (const auto& port : input.service.ports) {
        const std::string key = port_key(port.container, port.protocol);
        if (!input.service.published) {
            config.exposed_ports.push_back(key);
            continue;
        }
        const bool fixed = port.published.how == PublishedPort::How::fixed;
        config.ports.push_back({.container_port = key,
                                .host_ip = bind_address(input.engine, input.plan.spec, port),
                                .host_port = fixed ? fmt::format("{}", port.published.range.first) : std::string{}});
    }
}

void add_networks(const ConfigInput& input, ContainerConfig& config) {
    for (const auto& key : input.service.networks) {
        NetworkEndpoint endpoint{.network = input.network_ids.at(key), .aliases = {input.service.name}};
        const auto attach = input.service.spec.networks->find(key);
        if (attach != input.service.spec.networks->end()) {
            for (const auto& alias : *attach->second.aliases) {
                if (std::find(endpoint.aliases.begin(), endpoint.aliases.end(), alias) == endpoint.aliases.end()) {
                    endpoint.aliases.push_back(alias);
                }
            }
        }
        config.networks.push_back(std::move(endpoint));
    }
}

// Unless the spec speaks of it itself: nothing in a test needs to become more than it is.
std::vector<std::string> security_options(const ServiceSpec& spec) {
    std::vector<std::string> options = *spec.security_opt;
    const bool spoken_of = std::any_of(options.begin(), options.end(), [](const std::string& option) {
        return option.rfind(k_no_new_privileges, 0) == 0;
    });
    if (!spoken_of) {
        options.emplace_back(k_no_new_privileges);
    }
    return options;
}

void add_limits(const ServiceSpec& spec, ContainerConfig& config) {
    config.memory = count(*spec.mem_limit);
    config.shm_size = count(*spec.shm_size);
    config.nano_cpus = std::llround(*spec.cpus * 1e9);
    for (const auto& [name, limit] : *spec.ulimits) {
        config.ulimits.push_back({name, limit.soft, limit.hard});
    }
}

std::string restart_policy(const ServiceSpec& spec) {
    switch (spec.restart->kind) {
        case RestartPolicy::Kind::always:
            return "always";
        case RestartPolicy::Kind::unless_stopped:
            return "unless-stopped";
        case RestartPolicy::Kind::on_failure:
            return "on-failure";
        case RestartPolicy::Kind::no:
            break;
    }
    return {};
}

}  // namespace

std::optional<HealthcheckConfig> healthcheck_config(const ServicePlan& service, const EngineFacts& engine,
                                                    const ReferenceLookup& lookup) {
    const auto& given = service.spec.healthcheck;
    const bool off = given.given() && given->disable.value_or(false);
    if (off) {
        HealthcheckConfig none;
        none.test = {"NONE"};
        return none;
    }
    const bool waited_for = may_wait_for_health(service.wait);
    if (!given.given() && !waited_for) {
        return std::nullopt;
    }
    HealthcheckConfig config;
    config.test = words(*given->test, lookup);
    config.interval = given->interval.value_or(0ns);
    config.timeout = given->timeout.value_or(0ns);
    config.retries = given->retries.value_or(0);
    config.start_period = given->start_period.value_or(0ns);
    config.start_interval = given->start_interval.value_or(0ns);
    if (waited_for) {
        if (engine.api >= k_start_interval) {
            config.start_period = given->start_period.value_or(service.ready_timeout);
            config.start_interval = given->start_interval.value_or(k_injected_start_interval);
        } else {
            // A start period without a start interval would make newer engines probe every 5 s only; more retries keep
            // early failures from counting all the same.
            config.interval = given->interval.value_or(k_injected_interval);
            config.start_period = given->start_period.value_or(0ns);
            config.retries = given->retries.value_or(
                static_cast<int>(std::max<Duration::rep>(3, service.ready_timeout / config.interval + 1)));
        }
    }
    return config;
}

ContainerConfig container_config(const ConfigInput& input) {
    const ServiceSpec& spec = input.service.spec;
    ContainerConfig config;
    config.image = input.service.image;
    if (spec.command.given()) {
        config.command = words(*spec.command, input.lookup);
    }
    if (spec.entrypoint.given()) {
        config.entrypoint = words(*spec.entrypoint, input.lookup);
    }
    config.environment = environment(*spec.environment, input.lookup);
    config.labels = input.session_labels;
    for (const auto& [key, its_value] : *spec.labels) {
        config.labels.emplace(key, value(its_value, input.lookup));
    }
    config.working_dir = *spec.working_dir;
    config.user = user(spec, input.lookup);
    config.hostname = *spec.hostname;
    config.tty = *spec.tty;
    config.stdin_open = *spec.stdin_open;
    if (spec.init.given()) {
        config.init = *spec.init;
    }
    config.stop_signal = *spec.stop_signal;
    config.healthcheck = healthcheck_config(input.service, input.engine, input.lookup);
    for (const auto& [host, address] : *spec.extra_hosts) {
        config.extra_hosts.push_back(fmt::format("{}:{}", host, value(address, input.lookup)));
    }
    config.restart_policy = restart_policy(spec);
    config.restart_retries = spec.restart->most_retries;
    config.read_only_root = *spec.read_only;
    config.cap_add = *spec.cap_add;
    config.cap_drop = *spec.cap_drop;
    config.security_options = security_options(spec);
    config.platform = *spec.platform;
    add_mounts(input, config);
    add_ports(input, config);
    add_networks(input, config);
    add_limits(spec, config);
    return config;
}

}  // namespace berth::runtime

// SPDX-License-Identifier: Apache-2.0
#include <berth/runtime/internal/address.hpp>

#include <arpa/inet.h>
#include <fmt/format.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>

#include <algorithm>
#include <cstring>

namespace berth::runtime {
namespace {

constexpr std::string_view k_loopback = "127.0.0.1";
constexpr std::string_view k_everywhere = "0.0.0.0";
constexpr std::size_t k_device_digits = 12;  // of a network's id, in the name of its bridge

std::uint32_t ipv4_of(const sockaddr* address) {
    sockaddr_in in{};
    std::memcpy(&in, address, sizeof(in));
    return ntohl(in.sin_addr.s_addr);
}

std::optional<std::uint32_t> parse_ipv4(const std::string& text) {
    in_addr address{};
    if (::inet_pton(AF_INET, text.c_str(), &address) != 1) {
        return std::nullopt;
    }
    return ntohl(address.s_addr);
}

bool is_its_bridge(const EngineFacts& engine, const std::string& network, const std::string& network_id,
                   const std::string& device) {
    if (engine.kind != EngineKind::docker) {
        return device != "lo";  // Podman counts its devices: the address alone has to tell
    }
    return device == "br-" + network_id.substr(0, k_device_digits) || (network == "bridge" && device == "docker0");
}

}  // namespace

std::string port_key(int container_port, Protocol protocol) {
    return fmt::format("{}/{}", container_port, to_string(protocol));
}

std::string bind_address(const EngineFacts& engine, const EnvironmentSpec& spec, const DeclaredPort& port) {
    if (!port.host_ip.empty()) {
        return port.host_ip;
    }
    const auto bind = spec.defaults->bind.value_or(Defaults::Bind::automatic);
    const bool loopback = bind == Defaults::Bind::loopback || (bind == Defaults::Bind::automatic && engine.local);
    return std::string(loopback ? k_loopback : k_everywhere);
}

std::string published_host(const EngineFacts& engine) {
    return engine.local ? std::string(k_loopback) : engine.host;
}

std::map<std::string, ReachedAt> reached_ports(const EngineFacts& engine, const ContainerFacts& facts) {
    std::map<std::string, ReachedAt> reached;
    for (const auto& [key, places] : facts.ports) {
        if (places.empty()) {
            continue;
        }
        const PublishedAt& place = places.front();
        const bool anywhere = place.host_ip.empty() || place.host_ip == k_everywhere || place.host_ip == "::";
        const bool usual = anywhere || (place.host_ip == k_loopback && engine.local);
        reached[key] = {usual ? published_host(engine) : place.host_ip, place.host_port};
    }
    return reached;
}

std::vector<Interface> own_interfaces() {
    std::vector<Interface> all;
    ifaddrs* list = nullptr;
    if (::getifaddrs(&list) != 0) {
        return all;  // none known, so nothing is taken for reachable
    }
    for (const ifaddrs* each = list; each != nullptr; each = each->ifa_next) {
        if (each->ifa_addr != nullptr && each->ifa_netmask != nullptr && each->ifa_addr->sa_family == AF_INET &&
            (each->ifa_flags & IFF_UP) != 0) {
            all.push_back({each->ifa_name, ipv4_of(each->ifa_addr), ipv4_of(each->ifa_netmask)});
        }
    }
    ::freeifaddrs(list);
    return all;
}

std::optional<std::string> direct_address(const EngineFacts& engine, const ContainerFacts& facts,
                                          const std::vector<Interface>& interfaces) {
    if (!engine.local || engine.endpoint.rfind("unix:", 0) != 0) {
        return std::nullopt;
    }
    for (const auto& [network, address] : facts.networks) {
        const auto ip = parse_ipv4(address.ip);
        const bool reachable = ip && std::any_of(interfaces.begin(), interfaces.end(), [&](const Interface& own) {
                                   return own.address != *ip && (own.address & own.mask) == (*ip & own.mask) &&
                                          is_its_bridge(engine, network, address.network_id, own.name);
                               });
        if (reachable) {
            return address.ip;
        }
    }
    return std::nullopt;
}

std::optional<ProbeTarget> probe_target(const Live& live, int container_port) {
    if (live.direct) {
        return ProbeTarget{*live.direct, static_cast<std::uint16_t>(container_port), false};
    }
    return published_target(live, container_port);
}

std::optional<ProbeTarget> published_target(const Live& live, int container_port) {
    const auto found = live.ports.find(port_key(container_port));
    if (found == live.ports.end()) {
        return std::nullopt;
    }
    return ProbeTarget{found->second.host, found->second.port, true};
}

}  // namespace berth::runtime

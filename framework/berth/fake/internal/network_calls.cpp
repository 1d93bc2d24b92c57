// SPDX-License-Identifier: Apache-2.0
#include <berth/core/digest.hpp>
#include <berth/fake/internal/router.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace berth::fake {
namespace {

constexpr int k_subnets = 512;

Network& network_of(const Exchange& exchange) {
    Network* network = exchange.world.find_network(exchange.names.front());
    if (network == nullptr) {
        throw Refusal{404, fmt::format("network {} not found", exchange.names.front())};
    }
    return *network;
}

Json network_json(const World& world, const Network& network, bool with_containers) {
    Json containers = Json::object();
    for (const auto& box : world.containers) {
        const auto found = box->networks.find(network.name);
        if (with_containers && found != box->networks.end() && found->second.address != 0) {
            containers[box->id] = {{"Name", box->name},
                                   {"EndpointID", found->second.endpoint_id},
                                   {"MacAddress", ""},
                                   {"IPv4Address", address_of(network, found->second.address) + "/24"},
                                   {"IPv6Address", ""}};
        }
    }
    Json addresses = Json::array();
    if (network.driver == "bridge") {
        addresses.push_back({{"Subnet", address_of(network, 0) + "/24"}, {"Gateway", address_of(network, 1)}});
    }
    return {{"Name", network.name},
            {"Id", network.id},
            {"Created", time_text(network.created)},
            {"Scope", "local"},
            {"Driver", network.driver},
            {"EnableIPv4", true},
            {"EnableIPv6", false},
            {"IPAM", {{"Driver", "default"}, {"Options", nullptr}, {"Config", std::move(addresses)}}},
            {"Internal", network.internal},
            {"Attachable", false},
            {"Ingress", false},
            {"ConfigOnly", false},
            {"Containers", std::move(containers)},
            {"Options", Json::object()},
            {"Labels", network.labels}};
}

int free_subnet(const World& world) {
    std::set<int> taken;
    for (const auto& network : world.networks) {
        taken.insert(network.subnet);
    }
    int subnet = 1;  // 0 is the default bridge's
    while (taken.count(subnet) != 0) {
        ++subnet;
    }
    if (subnet >= k_subnets) {
        throw Refusal{400, "all predefined address pools have been fully subnetted"};
    }
    return subnet;
}

bool matches_name(const std::string& name, const std::vector<std::string>& wanted) {
    return wanted.empty() || std::any_of(wanted.begin(), wanted.end(),
                                         [&](const std::string& part) { return name.find(part) != std::string::npos; });
}

}  // namespace

void create_network(Exchange& exchange) {
    World& world = exchange.world;
    const Json body = exchange.body();
    Network network;
    {
        const auto lock = exchange.lock();
        network.name = body.value("Name", "");
        network.driver = body.value("Driver", "bridge");
        network.internal = body.value("Internal", false);
        if (body.contains("Labels") && body["Labels"].is_object()) {
            network.labels = body["Labels"];
        }
        if (network.name.empty()) {
            throw Refusal{400, "invalid name: name is empty"};
        }
        if (const Network* same = world.find_network(network.name); same != nullptr && same->name == network.name) {
            if (same->predefined) {
                throw Refusal{403, fmt::format("operation is not permitted on predefined {} network ", same->name)};
            }
            throw Refusal{409, fmt::format("network with name {} already exists", network.name)};
        }
        if (network.driver != "bridge") {
            throw Refusal{404, fmt::format("plugin \"{}\" not found", network.driver)};
        }
        network.subnet = free_subnet(world);
        network.id = random_hex(64);
        network.created = now_nano();
        world.networks.push_back(network);
        world.tell_network(network, "create", {});
    }
    exchange.answer.json(201, "{\"Id\":\"" + network.id + "\",\"Warning\":\"\"}\n");
}

void inspect_network(Exchange& exchange) {
    Json json;
    {
        const auto lock = exchange.lock();
        json = network_json(exchange.world, network_of(exchange), true);
    }
    exchange.answer.json(200, json.dump() + '\n');
}

void list_networks(Exchange& exchange) {
    auto filters = exchange.filters({"dangling", "driver", "id", "label", "name", "scope", "type"});
    Json list = Json::array();
    {
        const auto lock = exchange.lock();
        for (const auto& network : exchange.world.networks) {
            if (has_labels(network.labels, filters["label"]) && matches_name(network.name, filters["name"]) &&
                matches_name(network.id, filters["id"])) {
                list.push_back(network_json(exchange.world, network, false));
            }
        }
    }
    exchange.answer.json(200, list.dump() + '\n');
}

void connect_network(Exchange& exchange) {
    const Json body = exchange.body();
    {
        const auto lock = exchange.lock();
        const std::string wanted = body.value("Container", "");
        const auto box = exchange.world.find_container(wanted);
        if (!box) {
            throw Refusal{404, "No such container: " + wanted};
        }
        // Of one that does not run it is only written down; whether there is such a network is found out at the start.
        const Network* network =
            box->runs() ? &network_of(exchange) : exchange.world.find_network(exchange.names.front());
        const std::string name = network == nullptr ? exchange.names.front() : network->name;
        if (box->networks.count(name) != 0 && box->runs()) {
            throw Refusal{403, fmt::format("endpoint with name {} already exists in network {}", box->name, name)};
        }
        Attachment& attachment = box->networks[name];
        const Json endpoint = body.value("EndpointConfig", Json::object());
        if (endpoint.is_object()) {
            attachment.aliases = endpoint.value("Aliases", std::vector<std::string>{});
        }
        if (box->runs()) {
            exchange.world.attach(*box);
            exchange.world.tell_network(*network, "connect", box->id);
        }
    }
    exchange.answer.send(200, "", "");
}

void disconnect_network(Exchange& exchange) {
    const Json body = exchange.body();
    {
        const auto lock = exchange.lock();
        const std::string name = body.value("Container", "");
        const Network& network = network_of(exchange);
        const auto box = exchange.world.find_container(name);
        if (!box) {
            throw Refusal{404, "No such container: " + name};
        }
        if (box->networks.erase(network.name) == 0) {
            throw Refusal{500, fmt::format("container {} is not connected to network {}", box->id, network.name)};
        }
        exchange.world.tell_network(network, "disconnect", box->id);
    }
    exchange.answer.send(200, "", "");
}

void remove_network(Exchange& exchange) {
    {
        const auto lock = exchange.lock();
        const Network network = network_of(exchange);
        if (network.predefined) {
            throw Refusal{403, fmt::format("{} is a pre-defined network and cannot be removed", network.name)};
        }
        for (const auto& box : exchange.world.containers) {
            const auto found = box->networks.find(network.name);
            if (found != box->networks.end() && found->second.address != 0) {
                throw Refusal{403, fmt::format("error while removing network: network {} has active endpoints "
                                               "(name:\"{}\" id:\"{}\")",
                                               network.name, box->name, found->second.endpoint_id.substr(0, 12))};
            }
        }
        exchange.world.networks.remove_if([&](const Network& each) { return each.id == network.id; });
        exchange.world.tell_network(network, "destroy", {});
    }
    exchange.answer.send(204, "", "");
}

}  // namespace berth::fake

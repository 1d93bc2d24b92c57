// SPDX-License-Identifier: Apache-2.0
#include <berth/fake/internal/router.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <regex>

namespace berth::fake {
namespace {

constexpr int k_prefix = 24;

Json ports_json(const Box& box) {
    Json ports = Json::object();
    if (!box.runs()) {
        return ports;
    }
    if (box.config.contains("ExposedPorts")) {
        for (const auto& [port, nothing] : box.config["ExposedPorts"].items()) {
            ports[port] = nullptr;
        }
    }
    for (const auto& port : box.ports) {
        ports[port->container_port()].push_back(
            {{"HostIp", port->host_ip()}, {"HostPort", std::to_string(port->number())}});
    }
    return ports;
}

Json networks_json(World& world, const Box& box) {
    Json all = Json::object();
    for (const auto& [name, attachment] : box.networks) {
        const Network* network = world.find_network(name);
        const bool up = network != nullptr && attachment.address != 0;
        Json aliases = nullptr;
        if (network != nullptr && !network->predefined) {
            aliases = attachment.aliases;
            aliases.push_back(box.id.substr(0, 12));
        }
        all[name] = {{"IPAMConfig", nullptr},
                     {"Links", nullptr},
                     {"Aliases", std::move(aliases)},
                     {"NetworkID", up ? network->id : ""},
                     {"EndpointID", attachment.endpoint_id},
                     {"Gateway", up ? address_of(*network, 1) : ""},
                     {"IPAddress", up ? address_of(*network, attachment.address) : ""},
                     {"IPPrefixLen", up ? k_prefix : 0},
                     {"IPv6Gateway", ""},
                     {"GlobalIPv6Address", ""},
                     {"GlobalIPv6PrefixLen", 0},
                     {"MacAddress",
                      up ? fmt::format("02:42:c6:12:{:02x}:{:02x}", network->subnet % 256, attachment.address) : ""},
                     {"DriverOpts", nullptr}};
    }
    return all;
}

std::vector<std::string> command_of(const Box& box) {
    std::vector<std::string> words;
    for (const char* key : {"Entrypoint", "Cmd"}) {
        const auto found = box.config.find(key);
        if (found != box.config.end() && found->is_array()) {
            for (const auto& word : *found) {
                words.push_back(word.get<std::string>());
            }
        }
    }
    return words;
}

Json state_json(const Box& box) {
    Json state{{"Status", box.status},
               {"Running", box.runs() || box.status == "restarting"},
               {"Paused", box.status == "paused"},
               {"Restarting", box.status == "restarting"},
               {"OOMKilled", box.out_of_memory},
               {"Dead", false},
               {"Pid", box.pid},
               {"ExitCode", box.exit_code},
               {"Error", box.error},
               {"StartedAt", time_text(box.started)},
               {"FinishedAt", time_text(box.finished)}};
    if (!box.health.empty()) {
        state["Health"] = {{"Status", box.health}, {"FailingStreak", box.failing}, {"Log", box.health_log}};
    }
    return state;
}

bool matches_name(const Box& box, const std::vector<std::string>& names) {
    return names.empty() || std::any_of(names.begin(), names.end(), [&](const std::string& name) {
               try {
                   const std::regex expression(name);
                   return std::regex_search(box.name, expression) || std::regex_search('/' + box.name, expression);
               } catch (const std::regex_error&) {
                   return false;  // an engine finds nothing by it either
               }
           });
}

bool is_one_of(const std::vector<std::string>& values, const std::string& value) {
    return values.empty() || std::find(values.begin(), values.end(), value) != values.end();
}

}  // namespace

Json inspect_json(World& world, const Box& box) {
    auto command = command_of(box);
    const std::string path = command.empty() ? std::string{} : command.front();
    if (!command.empty()) {
        command.erase(command.begin());
    }
    return {{"Id", box.id},
            {"Created", time_text(box.created)},
            {"Path", path},
            {"Args", command},
            {"State", state_json(box)},
            {"Image", box.script.id},
            {"Name", '/' + box.name},
            {"RestartCount", box.restarts},
            {"Driver", "overlay2"},
            {"Platform", "linux"},
            {"HostConfig", box.host_config},
            {"Mounts", box.mounts},
            {"Config", box.config},
            {"NetworkSettings", {{"Ports", ports_json(box)}, {"Networks", networks_json(world, box)}}}};
}

Json summary_json(World& world, const Box& box) {
    constexpr std::int64_t k_second = 1'000'000'000;
    Json ports = Json::array();
    for (const auto& port : box.ports) {
        const std::string& name = port->container_port();
        ports.push_back({{"IP", port->host_ip()},
                         {"PrivatePort", std::stoi(name)},
                         {"PublicPort", port->number()},
                         {"Type", name.substr(name.find('/') + 1)}});
    }
    std::string command;
    for (const auto& word : command_of(box)) {
        command += command.empty() ? word : ' ' + word;
    }
    return {{"Id", box.id},
            {"Names", {'/' + box.name}},
            {"Image", box.config.value("Image", "")},
            {"ImageID", box.script.id},
            {"Command", command},
            {"Created", box.created / k_second},
            {"Ports", std::move(ports)},
            {"Labels", box.config.value("Labels", Json::object())},
            {"State", box.status},
            {"Status", box.status == "created" ? "Created" : box.status},
            {"HostConfig", {{"NetworkMode", box.host_config.value("NetworkMode", "")}}},
            {"NetworkSettings", {{"Networks", networks_json(world, box)}}},
            {"Mounts", box.mounts}};
}

void inspect_container(Exchange& exchange) {
    std::string text;
    {
        const auto lock = exchange.lock();
        text = inspect_json(exchange.world, *exchange.container()).dump();
    }
    exchange.answer.json(200, text + '\n');
}

void list_containers(Exchange& exchange) {
    auto filters = exchange.filters({"ancestor", "before", "exited", "expose", "health", "id", "is-task", "isolation",
                                     "label", "name", "network", "publish", "since", "status", "volume"});
    const bool all = exchange.asked.flag("all") || filters.count("status") != 0;
    Json list = Json::array();
    {
        const auto lock = exchange.lock();
        const auto& containers = exchange.world.containers;
        for (auto each = containers.rbegin(); each != containers.rend(); ++each) {  // the newest first
            const Box& box = **each;
            const bool wanted = (all || box.runs() || box.status == "restarting") &&
                                has_labels(box.config.value("Labels", Json::object()), filters["label"]) &&
                                matches_name(box, filters["name"]) && is_one_of(filters["status"], box.status) &&
                                is_one_of(filters["id"], box.id);
            if (wanted) {
                list.push_back(summary_json(exchange.world, box));
            }
        }
    }
    exchange.answer.json(200, list.dump() + '\n');
}

}  // namespace berth::fake

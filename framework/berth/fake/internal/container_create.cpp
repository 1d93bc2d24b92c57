// SPDX-License-Identifier: Apache-2.0
#include <berth/core/digest.hpp>
#include <berth/fake/internal/router.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <system_error>

namespace berth::fake {
namespace {

constexpr std::string_view k_letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

bool is_container_name(const std::string& name) {
    return name.size() >= 2 && k_letters.find(name.front()) != std::string_view::npos &&
           std::all_of(name.begin(), name.end(), [](char c) {
               return k_letters.find(c) != std::string_view::npos || c == '_' || c == '.' || c == '-';
           });
}

bool given(const Json& object, const char* key) {
    const auto found = object.find(key);
    return found != object.end() && !found->is_null();
}

/// What the create leaves out comes from the image.
Json merged_config(const Json& body, const Json& image) {
    Json config = body;
    config.erase("HostConfig");
    config.erase("NetworkingConfig");
    if (!given(body, "Entrypoint")) {
        config["Entrypoint"] = image.value("Entrypoint", Json());
        if (!given(body, "Cmd")) {
            config["Cmd"] = image.value("Cmd", Json());
        }
    } else if (config["Entrypoint"] == Json{""}) {
        config["Entrypoint"] = nullptr;
    }
    if (!given(config, "Cmd")) {
        config["Cmd"] = nullptr;
    }
    for (const char* key : {"User", "WorkingDir"}) {
        if (!given(body, key)) {
            config[key] = image.value(key, "");
        }
    }
    Json environment = body.value("Env", Json::array());
    for (const auto& entry : image.value("Env", Json::array())) {
        const auto text = entry.get<std::string>();
        const std::string name = text.substr(0, text.find('=') + 1);
        const bool overridden = std::any_of(environment.begin(), environment.end(), [&](const Json& own) {
            return own.get<std::string>().rfind(name, 0) == 0;
        });
        if (!overridden) {
            environment.push_back(entry);
        }
    }
    config["Env"] = std::move(environment);
    for (const char* key : {"Labels", "ExposedPorts", "Volumes"}) {
        Json both = given(image, key) ? image[key] : Json::object();
        if (given(body, key)) {
            both.update(body[key]);
        }
        config[key] = std::move(both);
    }
    if (config["Volumes"].empty()) {
        config["Volumes"] = nullptr;
    }
    if (config["ExposedPorts"].empty()) {
        config.erase("ExposedPorts");
    }
    const bool inherits = given(image, "Healthcheck") &&
                          (!given(body, "Healthcheck") || body["Healthcheck"].value("Test", Json::array()).empty());
    if (inherits) {
        Json check = image["Healthcheck"];
        if (given(body, "Healthcheck")) {
            for (const auto& [key, value] : body["Healthcheck"].items()) {
                if (key != "Test") {
                    check[key] = value;
                }
            }
        }
        config["Healthcheck"] = std::move(check);
    }
    for (const auto& [key, value] : std::initializer_list<std::pair<const char*, Json>>{
             {"Tty", false}, {"OpenStdin", false}, {"Domainname", ""}, {"AttachStdin", false}}) {
        if (!config.contains(key)) {
            config[key] = value;
        }
    }
    return config;
}

Json merged_host_config(const Json& body) {
    Json host{{"Binds", nullptr},
              {"LogConfig", {{"Type", "json-file"}, {"Config", Json::object()}}},
              {"PortBindings", Json::object()},
              {"RestartPolicy", {{"Name", "no"}, {"MaximumRetryCount", 0}}},
              {"AutoRemove", false},
              {"Privileged", false},
              {"ReadonlyRootfs", false},
              {"Memory", 0},
              {"NetworkMode", "bridge"}};
    if (given(body, "HostConfig")) {
        host.update(body["HostConfig"]);
    }
    if (host["NetworkMode"] == "default" || host["NetworkMode"] == "") {
        host["NetworkMode"] = "bridge";
    }
    return host;
}

void check_host_config(const Json& host) {
    constexpr std::int64_t k_least_memory = 6 << 20;
    const auto memory = host.value("Memory", std::int64_t{0});
    if (memory != 0 && memory < k_least_memory) {
        throw Refusal{400, "Minimum memory limit allowed is 6MB"};
    }
    for (const auto& mount : host.value("Mounts", Json::array())) {
        const std::string source = mount.value("Source", "");
        std::error_code error;
        if (mount.value("Type", "") == "bind" && !std::filesystem::exists(source, error)) {
            throw Refusal{400, "invalid mount config for type \"bind\": bind source path does not exist: " + source};
        }
    }
}

Volume& make_volume(World& world, const std::string& name, Json labels) {
    Volume volume;
    volume.name = name;
    volume.created = now_nano();
    volume.labels = std::move(labels);
    world.volumes.push_back(std::move(volume));
    world.tell("volume", "create", name, {{"driver", "local"}});
    return world.volumes.back();
}

void add_volume(World& world, Box& box, std::string name, const std::string& target, bool writable,
                const Json& labels) {
    const bool anonymous = name.empty();
    if (anonymous) {
        name = random_hex(64);
        box.anonymous_volumes.push_back(name);
    } else {
        box.named_volumes.push_back(name);
    }
    if (world.find_volume(name) == nullptr) {
        make_volume(world, name, labels);
    }
    box.mounts.push_back({{"Type", "volume"},
                          {"Name", name},
                          {"Source", "/var/lib/docker/volumes/" + name + "/_data"},
                          {"Destination", target},
                          {"Driver", "local"},
                          {"Mode", "z"},
                          {"RW", writable},
                          {"Propagation", ""}});
    box.files.put(target, {Node::Kind::directory, {}, 0755, 0, 0, 0});
}

void add_mounts(World& world, Box& box) {
    for (const auto& mount : box.host_config.value("Mounts", Json::array())) {
        const std::string type = mount.value("Type", "");
        const std::string target = mount.value("Target", "");
        const bool writable = !mount.value("ReadOnly", false);
        if (type == "volume") {
            const Json options = mount.value("VolumeOptions", Json::object());
            add_volume(world, box, mount.value("Source", ""), target, writable, options.value("Labels", Json()));
        } else {
            box.mounts.push_back({{"Type", type},
                                  {"Source", mount.value("Source", "")},
                                  {"Destination", target},
                                  {"Mode", ""},
                                  {"RW", writable},
                                  {"Propagation", type == "bind" ? "rprivate" : ""}});
        }
    }
    if (!given(box.config, "Volumes")) {
        return;
    }
    for (const auto& [target, nothing] : box.config["Volumes"].items()) {
        const bool mounted = std::any_of(box.mounts.begin(), box.mounts.end(), [&t = target](const Json& mount) {
            return mount.value("Destination", "") == t;
        });
        if (!mounted) {
            add_volume(world, box, {}, target, true, {{"com.docker.volume.anonymous", ""}});
        }
    }
}

void add_networks(World& world, Box& box, const Json& body) {
    const std::string mode = box.host_config.value("NetworkMode", "bridge");
    if (mode.rfind("container:", 0) == 0) {
        return;
    }
    const auto name_of = [&](const std::string& text) {
        const Network* network = world.find_network(text);
        return network == nullptr ? text : network->name;
    };
    box.networks[name_of(mode)];
    if (!given(body, "NetworkingConfig") || !given(body["NetworkingConfig"], "EndpointsConfig")) {
        return;
    }
    for (const auto& [key, endpoint] : body["NetworkingConfig"]["EndpointsConfig"].items()) {
        Attachment& attachment = box.networks[name_of(key)];
        if (endpoint.is_object() && given(endpoint, "Aliases")) {
            attachment.aliases = endpoint["Aliases"].get<std::vector<std::string>>();
        }
    }
}

/// @returns the id
std::string add_container(Exchange& exchange) {
    World& world = exchange.world;
    const Json body = exchange.body();
    std::string name = exchange.asked.parameter("name");
    const std::string image_name = body.value("Image", "");
    const auto lock = exchange.lock();
    if (name.empty()) {
        name = "fake_" + random_hex(12);
    } else if (!is_container_name(name)) {
        throw Refusal{400,
                      fmt::format("Invalid container name ({}), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed", name)};
    }
    const auto image = world.find_image(image_name);
    if (!image || !image->present) {
        throw Refusal{404, "No such image: " + familiar(image_name)};
    }
    for (const auto& other : world.containers) {
        if (other->name == name) {
            throw Refusal{409, fmt::format("Conflict. The container name \"/{}\" is already in use by container "
                                           "\"{}\". You have to remove (or rename) that container to be able to reuse "
                                           "that name.",
                                           name, other->id)};
        }
    }
    auto box = std::make_shared<Box>();
    box->id = random_hex(64);
    box->name = name;
    box->created = now_nano();
    box->script = *image;
    box->files = image->files;
    box->config = merged_config(body, image->config);
    box->host_config = merged_host_config(body);
    if (!given(body, "Hostname")) {
        box->config["Hostname"] = box->id.substr(0, 12);
    }
    check_host_config(box->host_config);
    add_networks(world, *box, body);
    add_mounts(world, *box);
    world.containers.push_back(box);
    world.tell(*box, "create");
    return box->id;
}

}  // namespace

void create_container(Exchange& exchange) {
    const std::string id = add_container(exchange);
    exchange.answer.json(201, "{\"Id\":\"" + id + "\",\"Warnings\":[]}\n");
}

}  // namespace berth::fake

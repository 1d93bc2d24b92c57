// SPDX-License-Identifier: Apache-2.0
#include <berth/core/digest.hpp>
#include <berth/core/image_reference.hpp>
#include <berth/fake/internal/world.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace berth::fake {

World::World(EngineOptions engine_options) : options(std::move(engine_options)) {
    for (const char* name : {"bridge", "host", "none"}) {
        Network network;
        network.id = random_hex(64);
        network.name = name;
        network.driver = std::string(name) == "none" ? "null" : name;
        network.created = now_nano();
        network.predefined = true;
        networks.push_back(std::move(network));
    }
    clock.run();
}

World::~World() {
    clock.stop();
}

std::string familiar(const std::string& reference) {
    ImageReference parsed;
    ImageReferenceError error;
    return parse_image_reference(reference, parsed, error) ? parsed.familiar() : reference;
}

std::string address_of(const Network& network, int last) {
    // Benchmarking addresses, which no interface of this machine has: nobody takes a container for reachable by them.
    constexpr int k_parts = 256;
    return fmt::format("198.{}.{}.{}", 18 + network.subnet / k_parts, network.subnet % k_parts, last);
}

BoxPointer World::find_container(const std::string& id_or_name) const {
    BoxPointer by_prefix;
    for (const auto& box : containers) {
        if (box->id == id_or_name || box->name == id_or_name || '/' + box->name == id_or_name) {
            return box;
        }
        if (!id_or_name.empty() && box->id.rfind(id_or_name, 0) == 0) {
            by_prefix = box;
        }
    }
    return by_prefix;
}

Network* World::find_network(const std::string& id_or_name) {
    const auto wanted = id_or_name == "default" ? std::string("bridge") : id_or_name;
    const auto found = std::find_if(networks.begin(), networks.end(), [&](const Network& network) {
        return network.id == wanted || network.name == wanted;
    });
    return found == networks.end() ? nullptr : &*found;
}

Volume* World::find_volume(const std::string& name) {
    const auto found =
        std::find_if(volumes.begin(), volumes.end(), [&](const Volume& volume) { return volume.name == name; });
    return found == volumes.end() ? nullptr : &*found;
}

std::shared_ptr<ImageScript> World::find_image(const std::string& reference) const {
    const std::string name = familiar(reference);
    for (const auto& image : images) {
        const auto& names = image->further_names;
        if (image->name == name || image->id == reference ||
            std::find(names.begin(), names.end(), name) != names.end()) {
            return image;
        }
    }
    return nullptr;
}

bool World::volume_in_use(const std::string& name, std::string& by) const {
    for (const auto& box : containers) {
        for (const auto* each : {&box->named_volumes, &box->anonymous_volumes}) {
            if (std::find(each->begin(), each->end(), name) != each->end()) {
                by = box->id;
                return true;
            }
        }
    }
    return false;
}

void World::tell(const std::string& type, const std::string& action, const std::string& id, Json attributes) {
    constexpr std::int64_t k_second = 1'000'000'000;
    // Each has a time of its own, as on a real engine.
    const std::int64_t time = std::max(now_nano(), events.empty() ? 0 : events.back().time + 1);
    Json json{
        {"Type", type},     {"Action", action},        {"Actor", {{"ID", id}, {"Attributes", std::move(attributes)}}},
        {"scope", "local"}, {"time", time / k_second}, {"timeNano", time}};
    if (type == "container") {
        json["status"] = action;
        json["id"] = id;
        json["from"] = json["Actor"]["Attributes"].value("image", "");
    }
    events.push_back({time, std::move(json)});
    changed.notify_all();
}

void World::tell(const Box& box, const std::string& action, const Json& more) {
    Json attributes = box.config.value("Labels", Json::object());
    attributes["image"] = box.config.value("Image", "");
    attributes["name"] = box.name;
    attributes.update(more);
    tell("container", action, box.id, std::move(attributes));
}

void World::tell_network(const Network& network, const std::string& action, const std::string& container) {
    Json attributes{{"name", network.name}, {"type", network.driver}};
    if (!container.empty()) {
        attributes["container"] = container;
    }
    tell("network", action, network.id, std::move(attributes));
}

}  // namespace berth::fake

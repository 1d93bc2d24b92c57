// SPDX-License-Identifier: Apache-2.0
#include <berth/core/digest.hpp>
#include <berth/fake/internal/router.hpp>

#include <fmt/format.h>

namespace berth::fake {
namespace {

Json volume_json(const Volume& volume) {
    return {{"Name", volume.name},
            {"Driver", volume.driver},
            {"CreatedAt", time_text(volume.created)},
            {"Labels", volume.labels},
            {"Mountpoint", "/var/lib/docker/volumes/" + volume.name + "/_data"},
            {"Options", nullptr},
            {"Scope", "local"}};
}

const Volume& volume_of(const Exchange& exchange) {
    const Volume* volume = exchange.world.find_volume(exchange.names.front());
    if (volume == nullptr) {
        throw Refusal{404, fmt::format("get {}: no such volume", exchange.names.front())};
    }
    return *volume;
}

}  // namespace

void create_volume(Exchange& exchange) {
    const Json body = exchange.body();
    Json json;
    {
        const auto lock = exchange.lock();
        World& world = exchange.world;
        Volume volume;
        volume.name = body.value("Name", "");
        volume.labels = body.value("Labels", Json());
        const std::string driver = body.value("Driver", "");
        if (!driver.empty() && driver != "local") {
            throw Refusal{404, fmt::format("create {}: error looking up volume plugin {}: plugin \"{}\" not found",
                                           volume.name, driver, driver)};
        }
        if (volume.name.empty()) {
            volume.name = random_hex(64);
            volume.labels = {{"com.docker.volume.anonymous", ""}};
        }
        const Volume* same = world.find_volume(volume.name);
        if (same == nullptr) {  // otherwise the old one is handed out as it is
            volume.created = now_nano();
            world.volumes.push_back(volume);
            world.tell("volume", "create", volume.name, {{"driver", "local"}});
            same = &world.volumes.back();
        }
        json = volume_json(*same);
    }
    exchange.answer.json(201, json.dump() + '\n');
}

void inspect_volume(Exchange& exchange) {
    Json json;
    {
        const auto lock = exchange.lock();
        json = volume_json(volume_of(exchange));
    }
    exchange.answer.json(200, json.dump() + '\n');
}

void list_volumes(Exchange& exchange) {
    auto filters = exchange.filters({"dangling", "driver", "label", "name"});
    Json list = Json::array();
    {
        const auto lock = exchange.lock();
        for (const auto& volume : exchange.world.volumes) {
            const auto& names = filters["name"];
            bool named = names.empty();
            for (const auto& part : names) {
                named = named || volume.name.find(part) != std::string::npos;
            }
            if (named && has_labels(volume.labels, filters["label"])) {
                list.push_back(volume_json(volume));
            }
        }
    }
    exchange.answer.json(200, Json{{"Volumes", std::move(list)}, {"Warnings", nullptr}}.dump() + '\n');
}

void remove_volume(Exchange& exchange) {
    {
        const auto lock = exchange.lock();
        World& world = exchange.world;
        const std::string& name = exchange.names.front();
        const bool nothing_to_do = world.find_volume(name) == nullptr && exchange.asked.flag("force");
        if (!nothing_to_do) {
            static_cast<void>(volume_of(exchange));
            std::string by;
            if (world.volume_in_use(name, by)) {
                throw Refusal{409, fmt::format("remove {}: volume is in use - [{}]", name, by)};
            }
            world.volumes.remove_if([&](const Volume& each) { return each.name == name; });
            world.tell("volume", "destroy", name, {{"driver", "local"}});
        }
    }
    exchange.answer.send(204, "", "");
}

}  // namespace berth::fake

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/session/session.hpp>

#include <nlohmann/json.hpp>

#include <string>

namespace berth::support {

/// What an engine answers about objects with these labels.
inline std::string container_json(const std::string& id, const std::string& name, const Labels& labels) {
    return nlohmann::json{
        {"Id", id}, {"Name", "/" + name}, {"State", {{"Status", "created"}}}, {"Config", {{"Labels", labels}}}}
        .dump();
}
inline nlohmann::json network_json(const std::string& id, const std::string& name, const Labels& labels) {
    return {{"Id", id}, {"Name", name}, {"Driver", "bridge"}, {"Labels", labels}};
}
inline nlohmann::json volume_json(const std::string& name, const Labels& labels) {
    return {{"Name", name}, {"Driver", "local"}, {"Labels", labels}};
}
inline nlohmann::json listed_container(const std::string& id, const std::string& name, const Labels& labels) {
    return {{"Id", id}, {"Names", {"/" + name}}, {"Image", "x"}, {"Labels", labels}, {"State", "running"}};
}

}  // namespace berth::support

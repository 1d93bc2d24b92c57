// SPDX-License-Identifier: Apache-2.0
#include <berth/engine/internal/bodies.hpp>
#include <berth/engine/internal/request_json.hpp>

namespace berth::engine {

using Value = RequestJson;

std::string create_network_body(const std::string& name, const NetworkConfig& config) {
    // Without CheckDuplicate engines before 25 make a second network of the same name.
    return text_of({{"Name", name},
                    {"CheckDuplicate", true},
                    {"Driver", config.driver},
                    {"Internal", config.internal},
                    {"Labels", object_of(config.labels)}});
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
    return text_of({{"Name", name}, {"Driver", driver}, {"Labels", object_of(labels)}});
}

std::string filters(const std::vector<std::pair<std::string, std::vector<std::string>>>& keys) {
    Value value = Value::object();
    for (const auto& [key, values] : keys) {
        set(value, key.c_str(), values);
    }
    return value.empty() ? std::string{} : text_of(value);
}

}  // namespace berth::engine

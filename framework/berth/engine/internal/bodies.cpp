// SPDX-License-Identifier: Apache-2.0
#include <berth/engine/internal/bodies.hpp>
#include <berth/engine/internal/wire.hpp>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace berth::engine {
namespace {

using Value = nlohmann::json;

std::string text_of(const Value& value) {
    try {
        return value.dump();
    } catch (const nlohmann::json::exception&) {
        throw Error({.code = "BR0111",
                     .summary = "a text for the engine is not UTF-8",
                     .hints = {"look for bytes that are not UTF-8 in command, environment, labels and names"}});
    }
}

Value labels_of(const Labels& labels) {
    Value value = Value::object();
    for (const auto& [key, text] : labels) {
        value[key] = text;
    }
    return value;
}

void set(Value& where, const char* key, const std::vector<std::string>& texts) {
    if (!texts.empty()) {
        where[key] = texts;
    }
}

}  // namespace

std::string create_network_body(const std::string& name, const NetworkConfig& config) {
    // Without CheckDuplicate engines before 25 make a second network of the same name.
    return text_of({{"Name", name},
                    {"CheckDuplicate", true},
                    {"Driver", config.driver},
                    {"Internal", config.internal},
                    {"Labels", labels_of(config.labels)}});
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
    return text_of({{"Name", name}, {"Driver", driver}, {"Labels", labels_of(labels)}});
}

std::string filters(const std::vector<std::pair<std::string, std::vector<std::string>>>& keys) {
    Value value = Value::object();
    for (const auto& [key, values] : keys) {
        set(value, key.c_str(), values);
    }
    return value.empty() ? std::string{} : text_of(value);
}

}  // namespace berth::engine

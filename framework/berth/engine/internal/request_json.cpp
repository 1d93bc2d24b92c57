// SPDX-License-Identifier: Apache-2.0
#include <berth/core/error.hpp>
#include <berth/engine/internal/request_json.hpp>

namespace berth::engine {

std::string text_of(const RequestJson& value) {
    try {
        return value.dump();
    } catch (const nlohmann::json::exception&) {
        throw Error({.code = "BR0111",
                     .summary = "a text for the engine is not UTF-8",
                     .hints = {"look for bytes that are not UTF-8 in commands, variables, labels and names"}});
    }
}

RequestJson object_of(const std::map<std::string, std::string>& texts) {
    RequestJson value = RequestJson::object();
    for (const auto& [key, text] : texts) {
        value[key] = text;
    }
    return value;
}

void set(RequestJson& where, const char* key, const std::string& text) {
    if (!text.empty()) {
        where[key] = text;
    }
}

void set(RequestJson& where, const char* key, const std::vector<std::string>& texts) {
    if (!texts.empty()) {
        where[key] = texts;
    }
}

void set(RequestJson& where, const char* key, const std::map<std::string, std::string>& texts) {
    if (!texts.empty()) {
        where[key] = object_of(texts);
    }
}

}  // namespace berth::engine

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json.hpp>

#include <map>
#include <string>
#include <vector>

namespace berth::engine {

/// JSON that is being put together for a request.
using RequestJson = nlohmann::json;

/// @throws Error (BR0111) when a text in it is not UTF-8
std::string text_of(const RequestJson& value);

RequestJson object_of(const std::map<std::string, std::string>& texts);

// What was left alone is not sent, so that the engine's own stays in force.
void set(RequestJson& where, const char* key, const std::string& text);
void set(RequestJson& where, const char* key, const std::vector<std::string>& texts);
void set(RequestJson& where, const char* key, const std::map<std::string, std::string>& texts);

}  // namespace berth::engine

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/engine/engine.hpp>

#include <optional>
#include <string_view>

namespace berth::engine {

/// `1.41`; nothing for what is no version.
std::optional<ApiVersion> parse_version(std::string_view text);

/// For features that came with an API version: refuses before anything is sent.
/// @param feature in the user's words, as the subject of `… needs API 1.45`: `a subpath of a volume`
/// @throws Error (BR0126) naming the feature, the version it needs, the release that has it, and what the engine speaks
void require_api(const EngineFacts& engine, std::string_view feature, ApiVersion needed);

}  // namespace berth::engine

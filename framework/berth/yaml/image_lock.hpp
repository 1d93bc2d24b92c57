// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/spec/image_lock.hpp>

#include <string>

namespace berth {

/// Reads a lock file (JSON, of which YAML is a superset). Never throws for one that is missing or wrong: that is the
/// lock's `problem`.
[[nodiscard]] ImageLock read_image_lock(const std::string& path);
[[nodiscard]] ImageLock parse_image_lock(std::string text);

}  // namespace berth

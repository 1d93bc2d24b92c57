// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/engine/networks.hpp>

#include <string>
#include <vector>

namespace berth::engine {

// The JSON that requests carry, in the shapes that every engine from API 1.40 on understands. Text that is not UTF-8
// cannot be sent: Error (BR0111).

/// POST /networks/create.
std::string create_network_body(const std::string& name, const NetworkConfig& config);
/// POST /networks/{id}/connect.
std::string connect_body(const std::string& container, const std::vector<std::string>& aliases);
/// POST /networks/{id}/disconnect.
std::string disconnect_body(const std::string& container, bool force);
/// POST /volumes/create.
std::string create_volume_body(const std::string& name, const std::string& driver, const Labels& labels);

}  // namespace berth::engine

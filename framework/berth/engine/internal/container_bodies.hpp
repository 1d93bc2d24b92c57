// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/engine/containers.hpp>

#include <string>
#include <string_view>

namespace berth::engine {

// The JSON that requests about containers carry, in the shapes that every engine from API 1.40 on understands. Text
// that is not UTF-8 cannot be sent: Error (BR0111).

/// POST /containers/create. Several networks are named from API 1.44 on; before, only the first.
/// @throws Error (BR0143) for a raw_patch that is no JSON object
std::string create_container_body(const ContainerConfig& config, const ApiVersion& api);
/// POST /networks/{id}/connect.
std::string connect_endpoint_body(const std::string& container, const NetworkEndpoint& endpoint, const ApiVersion& api);
/// POST /containers/{id}/update.
std::string update_container_body(const UpdateContainer& changes);
/// POST /containers/{id}/checkpoints.
std::string create_checkpoint_body(const std::string& name, const CheckpointOptions& options);
/// POST /containers/{id}/exec.
std::string create_exec_body(const ExecOptions& options, const ApiVersion& api = {});
/// POST /exec/{id}/start: `tty` has to be the one of the create.
std::string start_exec_body(bool tty, bool detach = false);

/// @throws Error (BR0141) when `text` has a control character
void refuse_controls(std::string_view what, const std::string& text);
/// The same for each name and path of a container to be created.
void refuse_controls(const std::string& name, const ContainerConfig& config);

}  // namespace berth::engine

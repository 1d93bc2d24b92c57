// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace berth {

/// The state file of cli.md as a value: what a process needs to know of an environment that another one brought up.
struct StateFile {
    std::string run_id{};
    std::string run_directory{};
    std::string project{};
    std::string started{};
    std::string engine_endpoint{};
    std::string engine_name{};  ///< What Engine::connect finds it by, when that is not its endpoint.
    std::string engine_kind{};
    std::string engine_version{};
    std::string engine_api{};
    struct Port {
        std::string host{};
        std::uint16_t port{0};
    };
    struct ServiceState {
        std::string state{};  ///< `ready`, `completed`.
        std::string container_id{};
        std::string container_name{};
        std::string image{};
        std::string digest{};
        std::string host{};
        std::map<std::string, Port> ports{};  ///< By `5432/tcp`.
        std::string url{};
        std::string internal_host{};
        std::map<std::string, std::uint16_t> internal_ports{};
        std::string internal_url{};
        std::int64_t ready_ms{0};
    };
    std::vector<std::pair<std::string, ServiceState>> services{};  ///< In the order of the spec.
    std::map<std::string, std::string> exports{};
};

std::string state_file_json(const StateFile& state);

/// @throws Error (BR0803) when there is none, it is another user's, not JSON, or of a newer schema
StateFile read_state_file(const std::string& path);

/// `$BERTH_STATE`, else `<directory>/.berth/state.json`.
std::string state_file_path(const std::string& directory);

}  // namespace berth

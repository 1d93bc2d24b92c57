// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/engine/engine.hpp>

#include <optional>
#include <string>
#include <vector>

namespace berth {

struct NetworkConfig {
    std::string driver{"bridge"};
    bool internal{false};
    Labels labels{};
};

struct NetworkFacts {
    std::string id{};
    std::string name{};
    std::string driver{};
    Labels labels{};
    std::string bridge{};                   ///< Name of the bridge device, where the options tell it.
    std::vector<std::string> containers{};  ///< Ids of the running ones.
};

/// Engine API: /networks.
class Networks {
  public:
    explicit Networks(std::shared_ptr<Engine::Wire> wire) noexcept : wire_(std::move(wire)) {}

    /// Makes a network; its id. A lost answer is settled by name, as with containers. Engine API: POST
    /// /networks/create.
    /// @throws Conflict the name is taken; Error (BR0113) when the engine's address pools are used up
    std::string create(const std::string& name, const NetworkConfig& config = {},
                       Deadline deadline = within(k_call_patience));
    std::optional<NetworkFacts> find(const std::string& id_or_name, Deadline deadline = within(k_call_patience));
    std::vector<NetworkFacts> list(const std::vector<std::string>& labels, Deadline deadline = within(k_call_patience));
    /// Engine API: POST /networks/{id}/connect.
    void connect(const std::string& id, const std::string& container, const std::vector<std::string>& aliases,
                 Deadline deadline = within(k_call_patience));
    void disconnect(const std::string& id, const std::string& container, bool force,
                    Deadline deadline = within(k_call_patience));
    /// Removes; tries again while endpoints of removed containers go away (403).
    /// Engine API: DELETE /networks/{id}. @returns false when there was none
    bool remove(const std::string& id, Deadline deadline = within(k_call_patience));

  private:
    std::shared_ptr<Engine::Wire> wire_;
};

}  // namespace berth

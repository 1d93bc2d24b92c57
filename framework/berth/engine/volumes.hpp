// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/engine/engine.hpp>

#include <optional>
#include <string>
#include <vector>

namespace berth {

struct VolumeFacts {
    std::string name{};
    std::string driver{};
    Labels labels{};
};

/// Engine API: /volumes.
class Volumes {
  public:
    explicit Volumes(std::shared_ptr<Engine::Wire> wire) noexcept : wire_(std::move(wire)) {}

    /// Makes a volume. Engine API: POST /volumes/create.
    /// @throws Conflict when one of that name exists with other labels or another driver (the engine would hand it out)
    VolumeFacts create(const std::string& name, const std::string& driver, const Labels& labels,
                       Deadline deadline = within(k_call_patience));
    std::optional<VolumeFacts> find(const std::string& name, Deadline deadline = within(k_call_patience));
    std::vector<VolumeFacts> list(const std::vector<std::string>& labels, Deadline deadline = within(k_call_patience));
    /// Engine API: DELETE /volumes/{name}. @returns false when there was none. @throws Conflict while it is in use
    bool remove(const std::string& name, Deadline deadline = within(k_call_patience));

  private:
    std::shared_ptr<Engine::Wire> wire_;
};

}  // namespace berth

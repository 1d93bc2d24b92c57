// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace berth::yaml {

/// The way from the root to a value: keys, and `[3]` for items.
class Place {
  public:
    void enter(std::string key) { steps_.push_back(std::move(key)); }
    void enter(std::size_t index);
    void leave() { steps_.pop_back(); }
    [[nodiscard]] const std::vector<std::string>& steps() const noexcept { return steps_; }

    /// `/services/app/ports/0`.
    [[nodiscard]] std::string pointer() const;
    /// For a person, of a mapping: `the spec`, `service 'app'`, `'healthcheck' of service 'app'`.
    [[nodiscard]] std::string phrase() const;
    /// The value's own name: `ports[0]`, `healthcheck.interval`: what comes behind its service, network or volume.
    [[nodiscard]] std::string key() const;

  private:
    [[nodiscard]] std::size_t owner_depth() const noexcept;
    [[nodiscard]] std::string joined(std::size_t from) const;

    std::vector<std::string> steps_;
};

}  // namespace berth::yaml

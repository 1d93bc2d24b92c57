// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/spec/environment.hpp>

#include <string>
#include <vector>

namespace berth {

/// `from` needs `to` to have reached `condition`.
struct Edge {
    std::size_t from{0};
    std::size_t to{0};
    DependsCondition condition{DependsCondition::service_ready};
    /// By a reference that is known only once the other service has started; then `from` is not even created before.
    bool implicit{false};
    Origin origin{};
};

/// Who waits for whom, over the positions of the services in the spec.
class Graph {
  public:
    /// Edges to services that do not exist are left out (validate() reports them).
    explicit Graph(const std::vector<ServiceSpec>& services);

    [[nodiscard]] const std::vector<Edge>& edges() const noexcept { return edges_; }
    [[nodiscard]] std::vector<Edge> needs_of(std::size_t service) const;
    [[nodiscard]] std::vector<std::size_t> needed_by(std::size_t service) const;

    /// Each service behind all it needs; among equals the order of the spec. Services of a cycle, and those that need
    /// them, are missing.
    [[nodiscard]] std::vector<std::size_t> order() const;

    /// Cycles, each once, as positions from the smallest on, which is repeated at the end; empty when there is none.
    /// Where cycles share edges not each combination is listed: without one edge of each cycle that is, none is left.
    [[nodiscard]] std::vector<std::vector<std::size_t>> cycles() const;

  private:
    std::size_t count_{0};
    std::vector<Edge> edges_;
};

}  // namespace berth

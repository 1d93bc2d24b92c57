// SPDX-License-Identifier: Apache-2.0
#include <berth/spec/graph.hpp>

#include <berth/spec/internal/references.hpp>

#include <algorithm>
#include <map>
#include <queue>
#include <set>

namespace berth {
namespace {

using internal::Phase;
using internal::Target;

/// Finds what a service's texts need of other services, also through `${other.env.X}`.
class ImplicitEdges {
  public:
    ImplicitEdges(const std::vector<ServiceSpec>& services, std::vector<Edge>& edges)
        : services_(services), edges_(edges) {}

    void of(std::size_t service) {
        found_.clear();
        internal::for_each_text(services_[service], [&](const internal::TextUse& use) {
            followed_.clear();
            follow(service, service, use.text, use.side, use.origin);
        });
    }

  private:
    /// `owner` is who wrote the text (its `self`), `consumer` who needs its value.
    void follow(std::size_t consumer, std::size_t owner, std::string_view text, Side side, const Origin& origin) {
        std::vector<TemplateMistake> mistakes;  // validate() reports them
        for (const auto& reference : references_in(text, mistakes)) {
            const Target target = internal::target_of(reference, services_, owner);
            if (target.kind != Target::Kind::service) {
                continue;
            }
            const ServiceSpec& producer = services_[target.service];
            const Side seen_from = reference.forced.value_or(side);
            const Phase phase = internal::phase_of(producer, target.rest, seen_from);
            const auto condition =
                phase == Phase::ended ? DependsCondition::service_completed : DependsCondition::service_started;
            if (phase != Phase::load && target.service != consumer &&
                found_.emplace(target.service, condition).second) {
                edges_.push_back({consumer, target.service, condition, true, origin});
            }
            if (const auto behind = internal::text_behind(producer, target.rest);
                behind && followed_.insert(behind->data()).second) {
                follow(consumer, target.service, *behind, Side::network, origin);
            }
        }
    }

    const std::vector<ServiceSpec>& services_;
    std::vector<Edge>& edges_;
    std::set<std::pair<std::size_t, DependsCondition>> found_;
    std::set<const char*> followed_;
};

}  // namespace

Graph::Graph(const std::vector<ServiceSpec>& services) : count_(services.size()) {
    std::map<std::string_view, std::size_t> positions;
    for (std::size_t i = 0; i < services.size(); ++i) {
        positions.emplace(*services[i].name, i);
    }
    ImplicitEdges implicit(services, edges_);
    for (std::size_t i = 0; i < services.size(); ++i) {
        const auto& needs = services[i].depends_on;
        for (const auto& [name, how] : *needs) {
            const auto found = positions.find(name);
            if (found != positions.end()) {
                edges_.push_back({i, found->second, how.condition.value_or(DependsCondition::service_ready), false,
                                  how.origin.known() ? how.origin : needs.origin()});
            }
        }
        implicit.of(i);
    }
}

std::vector<Edge> Graph::needs_of(std::size_t service) const {
    std::vector<Edge> needs;
    std::copy_if(edges_.begin(), edges_.end(), std::back_inserter(needs),
                 [service](const Edge& edge) { return edge.from == service; });
    return needs;
}

std::vector<std::size_t> Graph::needed_by(std::size_t service) const {
    std::set<std::size_t> dependents;
    for (const auto& edge : edges_) {
        if (edge.to == service) {
            dependents.insert(edge.from);
        }
    }
    return {dependents.begin(), dependents.end()};
}

std::vector<std::size_t> Graph::order() const {
    std::vector<std::size_t> missing(count_, 0);
    std::vector<std::vector<std::size_t>> dependents(count_);
    for (const auto& edge : edges_) {
        ++missing[edge.from];
        dependents[edge.to].push_back(edge.from);
    }
    std::priority_queue<std::size_t, std::vector<std::size_t>, std::greater<>> free;
    for (std::size_t i = 0; i < count_; ++i) {
        if (missing[i] == 0) {
            free.push(i);
        }
    }
    std::vector<std::size_t> order;
    while (!free.empty()) {
        const std::size_t next = free.top();
        free.pop();
        order.push_back(next);
        for (const std::size_t dependent : dependents[next]) {
            if (--missing[dependent] == 0) {
                free.push(dependent);
            }
        }
    }
    return order;
}

std::vector<std::vector<std::size_t>> Graph::cycles() const {
    std::vector<std::set<std::size_t>> needs(count_);
    for (const auto& edge : edges_) {
        needs[edge.from].insert(edge.to);
    }
    enum class Seen { no, on_path, done };
    std::vector<Seen> seen(count_, Seen::no);
    std::set<std::vector<std::size_t>> found;
    struct Step {
        std::size_t service;
        std::set<std::size_t>::const_iterator next;
    };
    for (std::size_t root = 0; root < count_; ++root) {
        if (seen[root] != Seen::no) {
            continue;
        }
        std::vector<Step> path{{root, needs[root].begin()}};
        seen[root] = Seen::on_path;
        while (!path.empty()) {
            Step& last = path.back();
            if (last.next == needs[last.service].end()) {
                seen[last.service] = Seen::done;
                path.pop_back();
                continue;
            }
            const std::size_t to = *last.next++;
            if (seen[to] == Seen::no) {
                seen[to] = Seen::on_path;
                path.push_back({to, needs[to].begin()});
            } else if (seen[to] == Seen::on_path) {
                std::vector<std::size_t> cycle;
                const auto start =
                    std::find_if(path.begin(), path.end(), [to](const Step& s) { return s.service == to; });
                for (auto step = start; step != path.end(); ++step) {
                    cycle.push_back(step->service);
                }
                std::rotate(cycle.begin(), std::min_element(cycle.begin(), cycle.end()), cycle.end());
                cycle.push_back(cycle.front());
                found.insert(std::move(cycle));
            }
        }
    }
    return {found.begin(), found.end()};
}

}  // namespace berth

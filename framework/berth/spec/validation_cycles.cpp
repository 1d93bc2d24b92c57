// SPDX-License-Identifier: Apache-2.0
#include <berth/spec/internal/validation.hpp>

#include <algorithm>
#include <set>

namespace berth::internal {
namespace {

/// `env.A` of one service that is made of `env.B` of another, which is made of the first: never known.
class ValueCycles {
  public:
    explicit ValueCycles(Findings& findings) : findings_(findings) {}

    void run() {
        const auto& services = findings_.spec.services;
        for (std::size_t i = 0; i < services.size(); ++i) {
            visit({i, "image"});
            for (const auto& [name, value] : *services[i].environment) {
                visit({i, "env." + name});
            }
        }
    }

  private:
    using Node = std::pair<std::size_t, std::string>;

    [[nodiscard]] std::string name_of(const Node& node) const {
        return *findings_.spec.services[node.first].name + '.' + node.second;
    }

    void visit(const Node& node) {
        if (std::find(path_.begin(), path_.end(), node) != path_.end()) {
            report(node);
            return;
        }
        if (!done_.insert(node).second) {
            return;
        }
        const ServiceSpec& service = findings_.spec.services[node.first];
        const bool image = node.second == "image";
        const auto text =
            image ? text_behind(service, {"image"}) : text_behind(service, {"env", node.second.substr(4)});
        if (!text) {
            return;
        }
        path_.push_back(node);
        std::vector<TemplateMistake> mistakes;  // said elsewhere
        for (const auto& reference : references_in(*text, mistakes)) {
            const Target target = target_of(reference, findings_.spec.services, node.first);
            if (target.kind == Target::Kind::service &&
                text_behind(findings_.spec.services[target.service], target.rest)) {
                visit(
                    {target.service, target.rest.size() == 1 ? target.rest[0] : target.rest[0] + '.' + target.rest[1]});
            }
        }
        path_.pop_back();
    }

    void report(const Node& node) {
        std::string chain;
        for (auto step = std::find(path_.begin(), path_.end(), node); step != path_.end(); ++step) {
            chain += name_of(*step) + " -> ";
        }
        const ServiceSpec& service = findings_.spec.services[node.first];
        const auto variable =
            service.environment->find(node.second.substr(std::min<std::size_t>(4, node.second.size())));
        const Origin where = variable == service.environment->end() ? service.image->origin : variable->second.origin;
        findings_.error("BE0415", "references form a cycle: " + chain + name_of(node),
                        first_known({where, place_of(service)}), path_of(service));
    }

    Findings& findings_;
    std::vector<Node> path_;
    std::set<Node> done_;
};

}  // namespace

void check_value_cycles(Findings& findings) {
    ValueCycles(findings).run();
}

}  // namespace berth::internal

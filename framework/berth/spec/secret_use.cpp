// SPDX-License-Identifier: Apache-2.0
#include <berth/spec/internal/references.hpp>
#include <berth/spec/secret_use.hpp>
#include <berth/spec/template.hpp>

#include <algorithm>
#include <vector>

namespace berth {
namespace {

class Search {
  public:
    explicit Search(const EnvironmentSpec& spec) : spec_(spec) {}

    bool in(std::string_view text, std::optional<std::size_t> self) {
        std::vector<TemplateMistake> mistakes;  // validate() reports them
        const auto references = references_in(text, mistakes);
        return std::any_of(references.begin(), references.end(),
                           [&](const Reference& reference) { return by(reference, self); });
    }

  private:
    bool by(const Reference& reference, std::optional<std::size_t> self) {
        const auto target = internal::target_of(reference, spec_.services, self);
        if (target.kind == internal::Target::Kind::secret) {
            return target.rest.size() == 1 && target.rest.front() == "value";
        }
        if (in(reference.argument, self)) {
            return true;
        }
        if (target.kind != internal::Target::Kind::service) {
            return false;
        }
        const auto text = internal::text_behind(spec_.services[target.service], target.rest);
        const std::string step = target.rest.empty() ? std::string{} : target.rest.back();
        const std::pair here{target.service, step};
        if (!text || std::find(way_.begin(), way_.end(), here) != way_.end()) {
            return false;
        }
        way_.push_back(here);
        const bool found = in(*text, target.service);
        way_.pop_back();
        return found;
    }

    const EnvironmentSpec& spec_;
    std::vector<std::pair<std::size_t, std::string>> way_;
};

std::optional<std::size_t> position_of(const EnvironmentSpec& spec, const ServiceSpec* service) {
    for (std::size_t i = 0; service != nullptr && i < spec.services.size(); ++i) {
        if (*spec.services[i].name == *service->name) {
            return i;
        }
    }
    return std::nullopt;
}

}  // namespace

bool holds_secret(const EnvironmentSpec& spec, std::string_view text, const ServiceSpec* self) {
    return Search(spec).in(text, position_of(spec, self));
}

std::set<std::string> secret_variables(const EnvironmentSpec& spec, const ServiceSpec& service) {
    std::set<std::string> names;
    for (const auto& [name, value] : *service.environment) {
        if (value.text && holds_secret(spec, *value.text, &service)) {
            names.insert(name);
        }
    }
    return names;
}

}  // namespace berth

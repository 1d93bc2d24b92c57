// SPDX-License-Identifier: Apache-2.0
#include <berth/yaml/internal/place.hpp>

#include <fmt/format.h>

namespace berth::yaml {
namespace {

std::string_view thing_in(std::string_view root_key) noexcept {
    if (root_key == "services") {
        return "service";
    }
    if (root_key == "networks") {
        return "network";
    }
    return root_key == "volumes" ? "volume" : "";
}

bool is_item(const std::string& step) noexcept {
    return !step.empty() && step.front() == '[';
}

}  // namespace

void Place::enter(std::size_t index) {
    steps_.push_back(fmt::format("[{}]", index));
}

std::string Place::pointer() const {
    std::string text;
    for (const auto& step : steps_) {
        text += '/';
        for (const char c : is_item(step) ? step.substr(1, step.size() - 2) : step) {
            text += c == '~' ? "~0" : c == '/' ? "~1" : std::string(1, c);
        }
    }
    return text;
}

std::size_t Place::owner_depth() const noexcept {
    return steps_.size() >= 2 && !thing_in(steps_.front()).empty() ? 2 : 0;
}

std::string Place::joined(std::size_t from) const {
    std::string text;
    for (std::size_t i = from; i < steps_.size(); ++i) {
        text += (text.empty() || is_item(steps_[i]) ? "" : ".") + steps_[i];
    }
    return text;
}

std::string Place::phrase() const {
    const std::size_t depth = owner_depth();
    const std::string inner = joined(depth);
    if (depth == 0) {
        return inner.empty() ? "the spec" : fmt::format("'{}'", inner);
    }
    const std::string owner = fmt::format("{} '{}'", thing_in(steps_.front()), steps_[1]);
    return inner.empty() ? owner : fmt::format("'{}' of {}", inner, owner);
}

std::string Place::key() const {
    const std::size_t depth = owner_depth();
    const std::string inner = joined(depth);
    return inner.empty() && depth > 0 ? steps_[1] : inner;
}

}  // namespace berth::yaml

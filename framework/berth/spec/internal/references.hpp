// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/spec/defaults.hpp>
#include <berth/spec/environment.hpp>
#include <berth/spec/template.hpp>

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace berth::internal {

/// A text of a spec that may hold references, and how it is used.
struct TextUse {
    /// When its final value is needed.
    enum class When { create, started, up };
    std::string_view text{};
    Origin origin{};
    std::string key{};   ///< As it is called in messages: `environment`, `wait.exec`.
    std::string path{};  ///< `/services/db/environment/URL`.
    Side side{Side::network};
    When when{When::create};
};
using UseText = std::function<void(const TextUse&)>;

void for_each_text(const ServiceSpec& service, const UseText& use);
/// `exports` and `run`; not those of the services.
void for_each_text(const EnvironmentSpec& spec, const UseText& use);

/// What a reference names.
struct Target {
    enum class Kind { unknown, service, run, project, network, volume, variable, secret, matrix };
    Kind kind{Kind::unknown};
    std::size_t service{0};
    std::string name{};               ///< As written, of what is named behind the root; may be unknown.
    std::vector<std::string> rest{};  ///< The property and what stands behind it.
    bool by_self{false};
};

/// The words a reference can begin with besides services.
const std::vector<std::string>& reference_roots();

Target target_of(const Reference& reference, const std::vector<ServiceSpec>& services, std::optional<std::size_t> self);

/// From when on a property of a service is known, in the order of its life.
enum class Phase { load, reserved, created, started, ended };
Phase phase_of(const ServiceSpec& service, const std::vector<std::string>& property, Side side);

/// The port that `${service.port.SELECTOR}` means; the only one when there is no selector.
std::optional<DeclaredPort> port_of(const ServiceSpec& service, const std::vector<std::string>& property);

/// The text behind `env.X` or `image` of a service, if that is what the property is.
std::optional<std::string_view> text_behind(const ServiceSpec& service, const std::vector<std::string>& property);

}  // namespace berth::internal

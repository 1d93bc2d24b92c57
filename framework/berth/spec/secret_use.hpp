// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/spec/environment.hpp>

#include <set>
#include <string>
#include <string_view>

namespace berth {

/// Whether a text holds a secret's value: by `${secrets.NAME.value}`, or by `${service.env.NAME}` of a variable that
/// does. What holds one is masked wherever it would be shown.
/// @param self the service that `self` means; null where there is none
[[nodiscard]] bool holds_secret(const EnvironmentSpec& spec, std::string_view text, const ServiceSpec* self);

/// The variables of a service whose values hold secrets.
[[nodiscard]] std::set<std::string> secret_variables(const EnvironmentSpec& spec, const ServiceSpec& service);

}  // namespace berth

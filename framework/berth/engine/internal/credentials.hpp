// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/core/error.hpp>
#include <berth/core/image_reference.hpp>
#include <berth/engine/credentials.hpp>
#include <berth/engine/internal/contexts.hpp>

#include <chrono>
#include <optional>
#include <string>

namespace berth::engine {

constexpr std::chrono::seconds k_helper_patience{10};

/// find_credentials() with an environment of the caller's choice.
/// @param helper_patience how long a credential helper may take
RegistryCredentials find_credentials(const std::string& registry, const Variables& variable, Deadline deadline,
                                     std::chrono::nanoseconds helper_patience = k_helper_patience);

/// The key under which the credentials of a registry are stored: its name, but for Docker Hub.
std::string credential_key(const std::string& registry);

/// Asks the program `docker-credential-NAME`; anonymous when it knows none.
/// @param said_by where its name stands, for the error: `'credsStore' of ~/.docker/config.json`
/// @throws Error (BR0210)
RegistryCredentials ask_helper(const std::string& name, const std::string& registry, const std::string& said_by,
                               const Variables& variable, Deadline deadline, std::chrono::nanoseconds patience);

/// What a pull is sent with: credentials that cannot be had are no reason not to ask for a public image.
struct PullCredentials {
    RegistryCredentials credentials{};
    std::string trouble{};  ///< Why there are none; a note of the failure, should it be one.
};
PullCredentials pull_credentials(const std::string& registry, const std::optional<RegistryCredentials>& given,
                                 const Deadline& deadline);

}  // namespace berth::engine

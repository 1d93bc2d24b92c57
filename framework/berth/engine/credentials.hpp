// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/core/deadline.hpp>

#include <string>

namespace berth {

/// What a registry is told about who asks. It cannot be printed; what is secret in it is masked in every log and error
/// from the moment it is made, and overwritten when it goes.
class RegistryCredentials {
  public:
    /// Nobody: the registry is asked without a login.
    RegistryCredentials() = default;
    static RegistryCredentials password(std::string server, std::string user, std::string password);
    /// What a registry's own login service gave out instead of a password.
    static RegistryCredentials identity_token(std::string server, std::string token);
    /// A bearer token that is sent as it is.
    static RegistryCredentials registry_token(std::string server, std::string token);

    RegistryCredentials(const RegistryCredentials&) = default;
    RegistryCredentials& operator=(const RegistryCredentials&) = default;
    ~RegistryCredentials();

    [[nodiscard]] bool anonymous() const noexcept { return json_.empty(); }
    /// The value of X-Registry-Auth: base64url with padding; `e30=` when anonymous.
    [[nodiscard]] std::string header() const;
    /// The JSON behind it.
    [[nodiscard]] const std::string& json() const noexcept { return json_; }

  private:
    explicit RegistryCredentials(std::string json);
    std::string json_{};
};

/// What the user has stored for a registry, as Docker's command line finds it: DOCKER_AUTH_CONFIG, then config.json in
/// DOCKER_CONFIG or ~/.docker with its `credHelpers`, `credsStore` (a program `docker-credential-NAME`, asked for at
/// most 10 s) and `auths`. Nothing is written or kept.
///
/// @param registry `docker.io`, `registry.lan:5000`
/// @returns anonymous ones when nothing is stored
/// @throws Error BR0210 a credential helper fails, hangs, or says nothing sensible; BR0211 config.json or
/// DOCKER_AUTH_CONFIG makes no sense. Neither repeats what a helper or a file said.
RegistryCredentials find_credentials(const std::string& registry, Deadline deadline = within(std::chrono::seconds(30)));

}  // namespace berth

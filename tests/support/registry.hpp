// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/http/client.hpp>
#include <berth/process/child.hpp>
#include <tests/support/temp_dir.hpp>

#include <cstdint>
#include <memory>
#include <string>

namespace berth::support {

/// How a registry serves.
struct RegistryOptions {
    std::string host{"127.0.0.1"};  ///< An address of this machine.
    bool login{false};              ///< Only for Registry::k_user with Registry::k_password.
    std::string certificate{};      ///< With `key`: over TLS. Paths of PEM files.
    std::string key{};
    std::string authority{};  ///< Who signed it.
};

/// A registry on loopback (the program `docker-registry`), with storage of its own; gone with this. An engine pulls
/// from 127.0.0.0/8 without TLS, when both are in one network namespace.
class Registry {
  public:
    static constexpr const char* k_user = "someone";
    /// A canary: it may stand in no log and no error.
    static constexpr const char* k_password = "open-sesame-4711";

    /// Starts it and waits until it answers. @throws std::runtime_error when it does not
    explicit Registry(RegistryOptions options = {});

    /// `127.0.0.1:PORT`.
    [[nodiscard]] std::string address() const { return options_.host + ':' + std::to_string(port_); }

    /// Uploads the image of a docker-archive by the registry's own interface: no engine takes part.
    /// @returns the reference to pull it by
    std::string push(const std::string& archive, const std::string& repository, const std::string& tag) const;

    /// Whether it has such a tag, by its own interface.
    [[nodiscard]] bool has(const std::string& repository, const std::string& tag) const;

    /// Ends it: from now on nobody listens there.
    void stop() { child_.reset(); }

  private:
    [[nodiscard]] http::Response ask(http::Request request) const;
    [[nodiscard]] http::Response ask(http::Request request, int wanted) const;
    [[nodiscard]] std::string push_blob(const std::string& repository, const std::string& bytes) const;

    RegistryOptions options_;
    TempDir folder_;
    std::uint16_t port_{0};
    std::unique_ptr<process::Child> child_;
};

/// An IPv4 address of this machine (or network namespace) that is no loopback address; empty when there is none.
std::string own_address();

}  // namespace berth::support

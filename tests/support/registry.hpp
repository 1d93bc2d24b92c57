// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/process/child.hpp>
#include <tests/support/temp_dir.hpp>

#include <cstdint>
#include <memory>
#include <string>

namespace berth::support {

/// A registry on loopback (the program `docker-registry`), with storage of its own; gone with this. An engine pulls
/// from 127.0.0.0/8 without TLS, when both are in one network namespace.
class Registry {
  public:
    /// Starts it and waits until it answers. @throws std::runtime_error when it does not
    Registry();

    /// `127.0.0.1:PORT`.
    [[nodiscard]] std::string address() const { return "127.0.0.1:" + std::to_string(port_); }

    /// Uploads the image of a docker-archive by the registry's own interface: no engine takes part.
    /// @returns the reference to pull it by
    std::string push(const std::string& archive, const std::string& repository, const std::string& tag) const;

    /// Ends it: from now on nobody listens there.
    void stop() { child_.reset(); }

  private:
    [[nodiscard]] std::string push_blob(const std::string& repository, const std::string& bytes) const;

    TempDir folder_;
    std::uint16_t port_{0};
    std::unique_ptr<process::Child> child_;
};

}  // namespace berth::support

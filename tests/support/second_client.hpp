// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>

namespace berth::support {

/// A look at an engine that shares no code with the client under test: plain calls of the system, HTTP/1.0.
class SecondClient {
  public:
    /// Of the socket. With no argument: the engine that the tests run against (DOCKER_HOST).
    explicit SecondClient(std::string socket_path);
    SecondClient();

    /// The body of a 200. @throws std::runtime_error for any other answer, or none within 30 s
    [[nodiscard]] std::string get(const std::string& target) const;

    // Objects that carry a label (`berth.session`, `berth.session=x`), running or not; an empty label counts all.
    [[nodiscard]] std::size_t containers(const std::string& label) const;
    [[nodiscard]] std::size_t networks(const std::string& label) const;
    [[nodiscard]] std::size_t volumes(const std::string& label) const;
    /// Volumes that the engine named itself (64 hexadecimal digits), whoever uses them.
    [[nodiscard]] std::size_t anonymous_volumes() const;

  private:
    std::string path_;
};

}  // namespace berth::support

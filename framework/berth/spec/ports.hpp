// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/spec/given.hpp>

#include <cstdint>
#include <string>

namespace berth {

enum class Protocol { tcp, udp, sctp };

/// One port or a range of them, both ends included. What is no port (0, beyond 65535) becomes 0, which validate()
/// refuses.
struct PortRange {
    std::uint16_t first{0};
    std::uint16_t last{0};

    PortRange() = default;
    // NOLINTNEXTLINE(google-explicit-constructor): in a spec it is written as its value is.
    PortRange(int port) : first(checked(port)), last(checked(port)) {}
    PortRange(int from, int to) : first(checked(from)), last(checked(to)) {}

    [[nodiscard]] int size() const noexcept { return last - first + 1; }
    friend bool operator==(const PortRange&, const PortRange&) = default;

  private:
    static std::uint16_t checked(int port) noexcept {
        return port < 0 || port > 65535 ? std::uint16_t{0} : static_cast<std::uint16_t>(port);
    }
};

/// The port of the host: picked by the engine at start, reserved by us before create (`auto`), or fixed.
struct PublishedPort {
    enum class How { engine, automatic, fixed };
    How how{How::engine};
    PortRange range{};  ///< When fixed.

    PublishedPort() = default;
    // NOLINTNEXTLINE(google-explicit-constructor): in a spec it is written as its value is.
    PublishedPort(int port) : how(How::fixed), range(port) {}
    friend bool operator==(const PublishedPort&, const PublishedPort&) = default;
};

/// A port that is reached from outside the environment.
struct PortSpec {
    enum class Mode { host, ingress };
    Given<PortRange> target{};  ///< In the container; required.
    Given<PublishedPort> published{};
    Given<std::string> host_ip{};  ///< Default: loopback on a local engine, all interfaces on a remote one.
    Given<Protocol> protocol{};
    Given<std::string> name{};          ///< For `${service.port.NAME}`.
    Given<std::string> app_protocol{};  ///< The scheme of `${service.url.NAME}`.
    Given<Mode> mode{};                 ///< Without effect here.
    Origin origin{};

    PortSpec() = default;
    // NOLINTNEXTLINE(google-explicit-constructor): in a spec it is written as its value is.
    PortSpec(int container_port, Caller caller = BERTH_CALLER)
        : target(PortRange(container_port), caller), origin(caller.origin()) {}

    [[nodiscard]] PortSpec with_published(Given<PublishedPort> port) const;
    [[nodiscard]] PortSpec with_host_ip(Given<std::string> address) const;
    [[nodiscard]] PortSpec with_protocol(Given<Protocol> which) const;
    [[nodiscard]] PortSpec with_name(Given<std::string> text) const;
    [[nodiscard]] PortSpec with_app_protocol(Given<std::string> scheme) const;

    friend bool operator==(const PortSpec&, const PortSpec&) = default;
};

/// `tcp`, `udp`, `sctp`.
const char* to_string(Protocol protocol) noexcept;

}  // namespace berth

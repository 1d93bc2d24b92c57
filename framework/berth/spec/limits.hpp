// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/core/units.hpp>
#include <berth/spec/text.hpp>
#include <berth/spec/wait.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace berth {

/// Where a container's output goes.
struct LoggingSpec {
    Given<std::string> driver{};
    Given<KeyValues> options{};
    friend bool operator==(const LoggingSpec&, const LoggingSpec&) = default;
};

/// Devices that the engine is asked for, such as graphics processors.
struct DeviceReservation {
    Given<std::string> driver{};
    Given<int> count{};  ///< -1: all.
    Given<std::vector<std::string>> device_ids{};
    Given<std::vector<std::string>> capabilities{};
    Given<KeyValues> options{};
    friend bool operator==(const DeviceReservation&, const DeviceReservation&) = default;
};

/// `limits` or `reservations` of `deploy.resources`.
struct ResourceAmounts {
    Given<double> cpus{};
    Given<Bytes> memory{};
    Given<std::int64_t> pids{};
    Given<std::vector<DeviceReservation>> devices{};
    friend bool operator==(const ResourceAmounts&, const ResourceAmounts&) = default;
};

struct ResourcesSpec {
    Given<ResourceAmounts> limits{};
    Given<ResourceAmounts> reservations{};
    friend bool operator==(const ResourcesSpec&, const ResourcesSpec&) = default;
};

/// What of compose's `deploy` acts here.
struct DeploySpec {
    Given<ResourcesSpec> resources{};
    Given<int> replicas{};
    friend bool operator==(const DeploySpec&, const DeploySpec&) = default;
};

/// Whether a container may be taken over by a later run.
struct ReuseSpec {
    enum class Reuse { never, session, machine };
    Given<Reuse> scope{};
    Given<Duration> ttl{};  ///< Default 8h.
    Given<Text> key{};      ///< Default: the hash of the resolved service.
    friend bool operator==(const ReuseSpec&, const ReuseSpec&) = default;
};

/// The network namespace of a container, where it is not one of the environment's networks.
struct NetworkMode {
    enum class Kind { none, host, bridge, service, container };
    Kind kind{Kind::bridge};
    std::string name{};  ///< Of the service or container whose namespace it shares.
    friend bool operator==(const NetworkMode&, const NetworkMode&) = default;
};

/// A user that is made in the container before it starts.
struct UserSetup {
    Given<std::string> name{};
    Given<int> uid{};
    Given<int> gid{};
    Given<bool> sudo{};                               ///< Everything, without a password.
    Given<std::vector<std::string>> sudo_commands{};  ///< Only these.
    friend bool operator==(const UserSetup&, const UserSetup&) = default;
};

}  // namespace berth

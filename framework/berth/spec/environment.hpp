// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/spec/faults.hpp>
#include <berth/spec/matrix.hpp>
#include <berth/spec/service.hpp>

#include <map>
#include <string>
#include <vector>

namespace berth {

struct IpamPool {
    Given<std::string> subnet{};
    Given<std::string> gateway{};
    Given<std::string> ip_range{};
    Given<KeyValues> aux_addresses{};
    friend bool operator==(const IpamPool&, const IpamPool&) = default;
};

/// How a network gives out addresses.
struct IpamSpec {
    Given<std::string> driver{};
    Given<std::vector<IpamPool>> config{};
    Given<KeyValues> options{};
    friend bool operator==(const IpamSpec&, const IpamSpec&) = default;
};

struct NetworkSpec {
    Given<std::string> driver{};  ///< Default `bridge`.
    Given<KeyValues> driver_opts{};
    Given<bool> internal{};
    Given<bool> attachable{};
    Given<bool> enable_ipv6{};
    Given<IpamSpec> ipam{};
    Given<KeyValues> labels{};
    Given<bool> external{};              ///< Made by somebody else: neither created nor removed.
    Given<Text> name{};                  ///< That the engine knows it by.
    Presence presence{Presence::given};  ///< What it is in a merge: `reset` takes it away, `overridden` replaces it.
    Origin origin{};
    friend bool operator==(const NetworkSpec&, const NetworkSpec&) = default;
};

struct VolumeSpec {
    Given<std::string> driver{};  ///< Default `local`.
    Given<KeyValues> driver_opts{};
    Given<KeyValues> labels{};
    Given<bool> external{};              ///< Made by somebody else: neither created nor removed.
    Given<Text> name{};                  ///< That the engine knows it by.
    Given<bool> keep{};                  ///< Survives the end of the environment.
    Presence presence{Presence::given};  ///< What it is in a merge: `reset` takes it away, `overridden` replaces it.
    Origin origin{};
    friend bool operator==(const VolumeSpec&, const VolumeSpec&) = default;
};

/// How long what may take. Defaults: up 5m, pull 10m, ready 60s, step 60s, build 30m, down 30s.
struct Timeouts {
    Given<Duration> up{};
    Given<Duration> pull{};
    Given<Duration> ready{};
    Given<Duration> step{};
    Given<Duration> build{};
    Given<Duration> budget{};  ///< The longest way up allowed.
    Given<Duration> down{};
    friend bool operator==(const Timeouts&, const Timeouts&) = default;
};

enum class Scope { test, suite, process, session, shared };
enum class Keep { never, on_failure, always };
enum class Teardown { automatic, wait, background };
enum class NetworkSharing { own, pod };
enum class Naming { unique, fixed };
enum class HostPorts { ephemeral, as_written };
enum class ReportForm { json, junit, text };
enum class Allowance { privileged, engine_socket, outside_binds };

struct Isolation {
    Given<Scope> scope{};
    Given<NetworkSharing> network{};
    Given<int> ahead{};
    Given<Teardown> teardown{};
    Given<std::string> shared_key{};
    Given<Naming> naming{};
    Given<HostPorts> ports{};
    Given<bool> reset{};
    Given<Keep> keep{};
    friend bool operator==(const Isolation&, const Isolation&) = default;
};

/// Where and when artifacts are kept.
struct ArtifactsRoot {
    Given<std::string> dir{};  ///< Default `.berth/runs`.
    Given<KeepWhen> when{};    ///< Default failure.
    Given<bool> logs{};        ///< Default true.
    Given<bool> inspect{};     ///< Default true.
    Given<Bytes> max_size{};   ///< Default 100mb.
    Given<int> keep_runs{};    ///< Default 10.
    Given<std::vector<ReportForm>> report{};
    friend bool operator==(const ArtifactsRoot&, const ArtifactsRoot&) = default;
};

/// What `berth run` does when no command follows `--`.
struct RunSpec {
    Given<Words> command{};
    Given<std::string> working_dir{};
    Given<KeyValues> environment{};
    Given<Duration> timeout{};
    friend bool operator==(const RunSpec&, const RunSpec&) = default;
};

struct Defaults {
    enum class Bind { automatic, loopback, all };
    enum class UnsetVariables { error, warn, empty };
    Given<ServiceSpec> service{};  ///< Under every service; the reader merges it in, and leaves it here.
    Given<Bind> bind{};
    Given<UnsetVariables> unset_variables{};
    friend bool operator==(const Defaults&, const Defaults&) = default;
};

struct ImageSettings {
    Given<std::string> lock{};  ///< Default `berth.lock`, if it is there.
    Given<bool> locked{};       ///< Every image has to be in the lock.
    Given<KeyValues> substitute{};
    friend bool operator==(const ImageSettings&, const ImageSettings&) = default;
};

/// A declared environment: what the tests need. A plain value; YAML and C++ make the same one.
struct EnvironmentSpec {
    Given<int> schema{};
    Given<std::string> name{};  ///< Default: the directory's name, lower-cased.
    std::vector<ServiceSpec> services{};
    Given<std::map<std::string, NetworkSpec>> networks{};
    Given<std::map<std::string, VolumeSpec>> volumes{};
    Given<std::map<std::string, SecretSpec>> secrets{};
    Given<std::map<std::string, ConfigSpec>> configs{};
    Given<std::vector<IncludeSpec>> include{};
    Given<KeyValues> vars{};
    Given<std::vector<EnvFile>> env_file{};
    Given<Timeouts> timeouts{};
    Given<KeyValues> exports{};
    Given<RunSpec> run{};
    Given<Isolation> isolation{};
    Given<ArtifactsRoot> artifacts{};
    Given<Defaults> defaults{};
    Given<MatrixSpec> matrix{};
    Given<std::map<std::string, FaultSpec>> faults{};
    Given<ImageSettings> images{};
    Given<std::vector<Allowance>> allow{};
    Given<std::vector<ImportSpec>> import{};

    /// Where relative paths start: the folder of the YAML file, or of the C++ source of the caller; takes no part in
    /// comparisons.
    struct Base {
        std::string directory{};
        friend bool operator==(const Base&, const Base&) noexcept { return true; }
    } base{};

    [[nodiscard]] const ServiceSpec* find_service(std::string_view service) const noexcept;

    [[nodiscard]] EnvironmentSpec with_service(ServiceSpec service) const;
    [[nodiscard]] EnvironmentSpec with_network(std::string key, NetworkSpec network = {},
                                               Caller caller = BERTH_CALLER) const;
    [[nodiscard]] EnvironmentSpec with_volume(std::string key, VolumeSpec volume = {},
                                              Caller caller = BERTH_CALLER) const;
    [[nodiscard]] EnvironmentSpec with_timeouts(Given<Timeouts> times) const;
    [[nodiscard]] EnvironmentSpec with_export(std::string variable, Value value) const;
    [[nodiscard]] EnvironmentSpec with_isolation(Given<Isolation> how) const;
    [[nodiscard]] EnvironmentSpec with_artifacts(Given<ArtifactsRoot> root) const;
    [[nodiscard]] EnvironmentSpec with_images(Given<ImageSettings> settings) const;
    [[nodiscard]] EnvironmentSpec with_name(Given<std::string> text) const;
    [[nodiscard]] EnvironmentSpec with_secret(std::string key, SecretSpec secret, Caller caller = BERTH_CALLER) const;
    [[nodiscard]] EnvironmentSpec with_config(std::string key, ConfigSpec config, Caller caller = BERTH_CALLER) const;
    [[nodiscard]] EnvironmentSpec with_fault(std::string key, FaultSpec fault, Caller caller = BERTH_CALLER) const;
    [[nodiscard]] EnvironmentSpec with_vars(Given<KeyValues> variables) const;
    [[nodiscard]] EnvironmentSpec with_exports(Given<KeyValues> variables) const;
    [[nodiscard]] EnvironmentSpec with_run(Given<RunSpec> what) const;
    [[nodiscard]] EnvironmentSpec with_defaults(Given<Defaults> values) const;
    [[nodiscard]] EnvironmentSpec with_matrix(Given<MatrixSpec> cells) const;
    [[nodiscard]] EnvironmentSpec with_allow(Given<std::vector<Allowance>> what) const;

    friend bool operator==(const EnvironmentSpec&, const EnvironmentSpec&) = default;
};

}  // namespace berth

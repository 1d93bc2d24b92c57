// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/spec/service.hpp>

#include <map>
#include <string>
#include <vector>

namespace berth {

struct NetworkSpec {
    Given<std::string> driver{};  ///< Default `bridge`.
    Given<bool> internal{};
    Origin origin{};
    friend bool operator==(const NetworkSpec&, const NetworkSpec&) = default;
};

struct VolumeSpec {
    Given<std::string> driver{};  ///< Default `local`.
    Origin origin{};
    friend bool operator==(const VolumeSpec&, const VolumeSpec&) = default;
};

struct EnvFile {
    Given<std::string> path{};
    Given<bool> required{};
    friend bool operator==(const EnvFile&, const EnvFile&) = default;
};

/// How long what may take. Defaults: up 5m, pull 10m, ready 60s, step 60s, down 30s.
struct Timeouts {
    Given<Duration> up{};
    Given<Duration> pull{};
    Given<Duration> ready{};
    Given<Duration> step{};
    Given<Duration> down{};
    friend bool operator==(const Timeouts&, const Timeouts&) = default;
};

enum class Scope { test, suite, process, session, shared };
enum class Keep { never, on_failure, always };
enum class Teardown { automatic, wait, background };

struct Isolation {
    Given<Scope> scope{};
    Given<Keep> keep{};
    Given<Teardown> teardown{};
    friend bool operator==(const Isolation&, const Isolation&) = default;
};

/// Where and when artifacts are kept.
struct ArtifactsRoot {
    Given<std::string> dir{};  ///< Default `.berth/runs`.
    Given<KeepWhen> when{};    ///< Default failure.
    Given<bool> logs{};        ///< Default true.
    Given<bool> inspect{};     ///< Default true.
    Given<Bytes> max_size{};   ///< Default 100mb.
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
    Given<Bind> bind{};
    Given<UnsetVariables> unset_variables{};
    friend bool operator==(const Defaults&, const Defaults&) = default;
};

struct ImageSettings {
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
    Given<KeyValues> vars{};
    Given<std::vector<EnvFile>> env_file{};
    Given<Timeouts> timeouts{};
    Given<KeyValues> exports{};
    Given<RunSpec> run{};
    Given<Isolation> isolation{};
    Given<ArtifactsRoot> artifacts{};
    Given<Defaults> defaults{};
    Given<ImageSettings> images{};

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

    friend bool operator==(const EnvironmentSpec&, const EnvironmentSpec&) = default;
};

}  // namespace berth

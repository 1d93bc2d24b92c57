// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/core/units.hpp>
#include <berth/spec/ports.hpp>
#include <berth/spec/steps.hpp>
#include <berth/spec/text.hpp>
#include <berth/spec/wait.hpp>

#include <map>
#include <string>
#include <vector>

namespace berth {

enum class DependsCondition {
    service_started,
    service_healthy,
    service_completed_successfully,
    service_ready,
    service_completed
};

struct DependsOn {
    Given<DependsCondition> condition{};  ///< Default service_ready.
    Origin origin{};
    friend bool operator==(const DependsOn&, const DependsOn&) = default;
};

/// How a service is attached to one of the environment's networks.
struct NetworkAttach {
    Given<std::vector<std::string>> aliases{};
    Origin origin{};
    friend bool operator==(const NetworkAttach&, const NetworkAttach&) = default;
};

/// A mount: a named volume of the environment, a bind of a host path, or a tmpfs.
struct MountSpec {
    enum class Type { volume, bind, tmpfs };
    Given<Type> type{};
    Given<Text> source{};  ///< Volume name, or host path beginning with `.`, `/` or `~`; absent: an anonymous volume.
    Given<std::string> target{};
    Given<bool> read_only{};
    Origin origin{};
    friend bool operator==(const MountSpec&, const MountSpec&) = default;
};

struct Ulimit {
    std::int64_t soft{0};
    std::int64_t hard{0};
    friend bool operator==(const Ulimit&, const Ulimit&) = default;
};

enum class PullPolicy { missing, always, never };
enum class Publish { automatic, always, never };

struct RestartPolicy {
    enum class Kind { no, always, unless_stopped, on_failure };
    Kind kind{Kind::no};
    int most_retries{0};
    friend bool operator==(const RestartPolicy&, const RestartPolicy&) = default;
};

/// One service of an environment; becomes one container. A plain value: comparable, copyable, without behaviour. Each
/// member is the key of the same name in a YAML spec; what is not given has the default that is documented there.
struct ServiceSpec {
    Given<std::string> name{};
    Given<Text> image{};
    Given<std::vector<std::string>> profiles{};
    Given<std::string> platform{};
    Given<PullPolicy> pull_policy{};
    Given<Words> command{};     ///< Replaces the image's; an empty list clears it.
    Given<Words> entrypoint{};  ///< Replaces the image's, and drops its command.
    Given<KeyValues> environment{};
    Given<std::string> working_dir{};
    Given<Text> user{};  ///< `host` is the caller's uid:gid.
    Given<std::string> hostname{};
    Given<KeyValues> labels{};
    Given<bool> init{};
    Given<bool> tty{};
    Given<bool> stdin_open{};
    Given<Publish> publish{};
    Given<RestartPolicy> restart{};
    Given<std::vector<PortSpec>> ports{};
    Given<std::vector<PortRange>> expose{};
    Given<std::map<std::string, NetworkAttach>> networks{};
    Given<KeyValues> extra_hosts{};
    Given<std::vector<MountSpec>> volumes{};
    Given<std::vector<std::string>> tmpfs{};
    Given<std::vector<CopySpec>> copy{};
    Given<std::map<std::string, DependsOn>> depends_on{};
    Given<HealthcheckSpec> healthcheck{};
    Given<WaitSpec> wait{};
    Given<std::vector<StepSpec>> post_ready{};
    Given<std::vector<ArtifactSpec>> artifacts{};
    Given<std::string> stop_signal{};
    Given<Duration> stop_grace_period{};  ///< Default 0s: removed at once.
    Given<Bytes> mem_limit{};
    Given<double> cpus{};
    Given<Bytes> shm_size{};
    Given<std::map<std::string, Ulimit>> ulimits{};
    Given<std::vector<std::string>> cap_add{};
    Given<std::vector<std::string>> cap_drop{};
    Given<bool> privileged{};
    Given<bool> read_only{};
    Given<std::vector<std::string>> security_opt{};

    // Each gives a changed copy. with_port, with_environment(name, value), with_label, with_expose, with_volume,
    // with_tmpfs, with_copy, with_depends_on, with_post_ready, with_artifact and with_network append; the others
    // replace.
    [[nodiscard]] ServiceSpec with_image(Given<Text> reference) const;
    [[nodiscard]] ServiceSpec with_profiles(Given<std::vector<std::string>> names) const;
    [[nodiscard]] ServiceSpec with_platform(Given<std::string> text) const;
    [[nodiscard]] ServiceSpec with_pull_policy(Given<PullPolicy> policy) const;
    [[nodiscard]] ServiceSpec with_command(Given<Words> words) const;
    [[nodiscard]] ServiceSpec with_entrypoint(Given<Words> words) const;
    [[nodiscard]] ServiceSpec with_environment(Given<KeyValues> variables) const;
    [[nodiscard]] ServiceSpec with_environment(std::string variable, Value value) const;
    [[nodiscard]] ServiceSpec with_working_dir(Given<std::string> directory) const;
    [[nodiscard]] ServiceSpec with_user(Given<Text> text) const;
    [[nodiscard]] ServiceSpec with_hostname(Given<std::string> text) const;
    [[nodiscard]] ServiceSpec with_labels(Given<KeyValues> all) const;
    [[nodiscard]] ServiceSpec with_label(std::string key, Value value) const;
    [[nodiscard]] ServiceSpec with_init(Given<bool> on) const;
    [[nodiscard]] ServiceSpec with_tty(Given<bool> on) const;
    [[nodiscard]] ServiceSpec with_stdin_open(Given<bool> on) const;
    [[nodiscard]] ServiceSpec with_publish(Given<Publish> when) const;
    [[nodiscard]] ServiceSpec with_restart(Given<RestartPolicy> policy) const;
    [[nodiscard]] ServiceSpec with_ports(Given<std::vector<PortSpec>> all) const;
    [[nodiscard]] ServiceSpec with_port(PortSpec port) const;
    [[nodiscard]] ServiceSpec with_expose(PortRange port, Caller caller = BERTH_CALLER) const;
    [[nodiscard]] ServiceSpec with_networks(Given<std::map<std::string, NetworkAttach>> all) const;
    [[nodiscard]] ServiceSpec with_network(std::string network, NetworkAttach attach = {},
                                           Caller caller = BERTH_CALLER) const;
    [[nodiscard]] ServiceSpec with_extra_hosts(Given<KeyValues> hosts) const;
    [[nodiscard]] ServiceSpec with_volumes(Given<std::vector<MountSpec>> all) const;
    [[nodiscard]] ServiceSpec with_volume(MountSpec mount, Caller caller = BERTH_CALLER) const;
    [[nodiscard]] ServiceSpec with_tmpfs(std::string path, Caller caller = BERTH_CALLER) const;
    [[nodiscard]] ServiceSpec with_copy(CopySpec copied, Caller caller = BERTH_CALLER) const;
    [[nodiscard]] ServiceSpec with_depends_on(std::string service, DependsOn how = {},
                                              Caller caller = BERTH_CALLER) const;
    [[nodiscard]] ServiceSpec with_healthcheck(Given<HealthcheckSpec> check) const;
    [[nodiscard]] ServiceSpec with_wait(Given<WaitSpec> strategy) const;
    [[nodiscard]] ServiceSpec with_post_ready(StepSpec step, Caller caller = BERTH_CALLER) const;
    [[nodiscard]] ServiceSpec with_artifact(ArtifactSpec artifact, Caller caller = BERTH_CALLER) const;
    [[nodiscard]] ServiceSpec with_stop_signal(Given<std::string> signal) const;
    [[nodiscard]] ServiceSpec with_stop_grace_period(Given<Duration> time) const;
    [[nodiscard]] ServiceSpec with_mem_limit(Given<Bytes> size) const;
    [[nodiscard]] ServiceSpec with_cpus(Given<double> number) const;
    [[nodiscard]] ServiceSpec with_shm_size(Given<Bytes> size) const;
    [[nodiscard]] ServiceSpec with_ulimits(Given<std::map<std::string, Ulimit>> all) const;
    [[nodiscard]] ServiceSpec with_cap_add(Given<std::vector<std::string>> capabilities) const;
    [[nodiscard]] ServiceSpec with_cap_drop(Given<std::vector<std::string>> capabilities) const;
    [[nodiscard]] ServiceSpec with_privileged(Given<bool> on) const;
    [[nodiscard]] ServiceSpec with_read_only(Given<bool> on) const;
    [[nodiscard]] ServiceSpec with_security_opt(Given<std::vector<std::string>> options) const;

    friend bool operator==(const ServiceSpec&, const ServiceSpec&) = default;
};

/// The start of a chain: `berth::service("redis", "redis:7.4-alpine").with_port(6379)`.
ServiceSpec service(std::string name, std::string image, Caller caller = BERTH_CALLER);

}  // namespace berth

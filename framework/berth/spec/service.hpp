// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/core/units.hpp>
#include <berth/spec/any_value.hpp>
#include <berth/spec/build.hpp>
#include <berth/spec/env_files.hpp>
#include <berth/spec/limits.hpp>
#include <berth/spec/ports.hpp>
#include <berth/spec/secrets.hpp>
#include <berth/spec/sources.hpp>
#include <berth/spec/steps.hpp>
#include <berth/spec/text.hpp>
#include <berth/spec/wait.hpp>

#include <cstdint>
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
    Given<bool> required{};               ///< Default true; false: it may be missing or fail.
    Given<bool> restart{};
    Presence presence{Presence::given};  ///< What it is in a merge: `reset` takes it away, `overridden` replaces it.
    Origin origin{};
    friend bool operator==(const DependsOn&, const DependsOn&) = default;
};

/// How a service is attached to one of the environment's networks.
struct NetworkAttach {
    Given<std::vector<std::string>> aliases{};
    Given<std::string> ipv4_address{};
    Given<std::string> ipv6_address{};
    Given<int> priority{};
    Given<int> gw_priority{};
    Given<std::string> mac_address{};
    Given<KeyValues> driver_opts{};
    Presence presence{Presence::given};  ///< What it is in a merge: `reset` takes it away, `overridden` replaces it.
    Origin origin{};
    friend bool operator==(const NetworkAttach&, const NetworkAttach&) = default;
};

struct BindOptions {
    enum class Propagation { rprivate, private_, rshared, shared, rslave, slave };
    enum class Selinux { shared, private_ };
    Given<Propagation> propagation{};
    Given<bool> create_host_path{};  ///< Default false: a missing source is an error.
    Given<Selinux> selinux{};        ///< `z` (shared) or `Z` (private).
    friend bool operator==(const BindOptions&, const BindOptions&) = default;
};

struct VolumeOptions {
    Given<bool> nocopy{};
    Given<std::string> subpath{};
    friend bool operator==(const VolumeOptions&, const VolumeOptions&) = default;
};

struct TmpfsOptions {
    Given<Bytes> size{};
    Given<unsigned> mode{};
    friend bool operator==(const TmpfsOptions&, const TmpfsOptions&) = default;
};

/// A mount: a named volume of the environment, a bind of a host path, a tmpfs, or the content of an image.
struct MountSpec {
    enum class Type { volume, bind, tmpfs, image };
    Given<Type> type{};
    Given<Text> source{};  ///< Volume name, or host path beginning with `.`, `/` or `~`; absent: an anonymous volume.
    Given<std::string> target{};
    Given<bool> read_only{};
    Given<BindOptions> bind{};
    Given<VolumeOptions> volume{};
    Given<TmpfsOptions> tmpfs{};
    Given<std::string> owner{};  ///< `uid[:gid]` that the root of a fresh volume belongs to.
    Origin origin{};
    friend bool operator==(const MountSpec&, const MountSpec&) = default;
};

struct Ulimit {
    std::int64_t soft{0};
    std::int64_t hard{0};
    friend bool operator==(const Ulimit&, const Ulimit&) = default;
};

/// `every`: pulled again when the last pull is older than the service's `pull_interval`.
enum class PullPolicy { missing, always, never, build, every };
enum class Publish { automatic, always, never };
enum class CgroupMode { host, own };
enum class LogProtocol { none, lines };
enum class Snapshot { never, after_ready };

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
    Given<BuildSpec> build{};
    Given<std::string> fixture{};                   ///< Name of a fixture, or a path to one.
    Given<std::map<std::string, AnyValue>> with{};  ///< Parameters of the fixture.
    Given<ExtendsSpec> extends{};
    Given<std::vector<std::string>> profiles{};
    Given<std::string> platform{};
    Given<PullPolicy> pull_policy{};
    Given<Duration> pull_interval{};  ///< Of PullPolicy::every.
    Given<Words> command{};           ///< Replaces the image's; an empty list clears it.
    Given<Words> entrypoint{};        ///< Replaces the image's, and drops its command.
    Given<KeyValues> environment{};
    Given<std::vector<EnvFile>> env_file{};  ///< Variables for the container; `environment` wins.
    Given<std::string> working_dir{};
    Given<Text> user{};             ///< `host` is the caller's uid:gid.
    Given<UserSetup> user_setup{};  ///< Key `user` as a mapping: made before the container starts.
    Given<std::vector<std::string>> group_add{};
    Given<std::string> hostname{};
    Given<Text> domainname{};
    Given<Text> container_name{};
    Given<KeyValues> labels{};
    Given<KeyValues> annotations{};
    Given<bool> init{};
    Given<bool> tty{};
    Given<bool> stdin_open{};
    Given<int> scale{};
    Given<Publish> publish{};
    Given<RestartPolicy> restart{};
    Given<std::vector<PortSpec>> ports{};
    Given<std::vector<PortRange>> expose{};
    Given<std::map<std::string, NetworkAttach>> networks{};
    Given<NetworkMode> network_mode{};
    Given<std::vector<std::string>> links{};
    Given<KeyValues> extra_hosts{};
    Given<std::vector<std::string>> dns{};
    Given<std::vector<std::string>> dns_search{};
    Given<std::vector<std::string>> dns_opt{};
    Given<std::string> mac_address{};
    Given<std::vector<MountSpec>> volumes{};
    Given<std::vector<std::string>> volumes_from{};
    Given<std::vector<std::string>> tmpfs{};
    Given<std::vector<ConfigRef>> configs{};
    Given<std::vector<SecretRef>> secrets{};
    Given<std::vector<CopySpec>> copy{};
    Given<std::map<std::string, DependsOn>> depends_on{};
    Given<HealthcheckSpec> healthcheck{};
    Given<WaitSpec> wait{};
    Given<std::vector<HookSpec>> pre_start{};   ///< Helper containers that end before this one starts.
    Given<std::vector<HookSpec>> post_start{};  ///< Right after start, before `wait`.
    Given<std::vector<StepSpec>> post_ready{};
    Given<std::vector<HookSpec>> pre_stop{};
    Given<std::vector<StepSpec>> reset{};  ///< Between tests, when the environment outlives one.
    Given<std::vector<ArtifactSpec>> artifacts{};
    Given<ReuseSpec> reuse{};
    Given<std::string> stop_signal{};
    Given<Duration> stop_grace_period{};  ///< Default 0s: removed at once.
    Given<LoggingSpec> logging{};
    Given<Bytes> mem_limit{};
    Given<std::int64_t> memswap_limit{};  ///< Bytes; -1: no limit.
    Given<Bytes> mem_reservation{};
    Given<int> mem_swappiness{};
    Given<double> cpus{};
    Given<int> cpu_shares{};
    Given<std::string> cpuset{};
    Given<std::int64_t> cpu_quota{};
    Given<std::int64_t> cpu_period{};
    Given<std::int64_t> pids_limit{};
    Given<Bytes> shm_size{};
    Given<std::map<std::string, Ulimit>> ulimits{};
    Given<bool> oom_kill_disable{};
    Given<int> oom_score_adj{};
    Given<KeyValues> storage_opt{};
    Given<DeploySpec> deploy{};
    Given<std::vector<std::string>> cap_add{};
    Given<std::vector<std::string>> cap_drop{};
    Given<bool> privileged{};
    Given<bool> read_only{};
    Given<std::vector<std::string>> security_opt{};
    Given<std::string> userns_mode{};
    Given<KeyValues> sysctls{};
    Given<std::vector<std::string>> devices{};
    Given<std::vector<std::string>> device_cgroup_rules{};
    Given<std::vector<DeviceReservation>> gpus{};
    Given<std::string> runtime{};
    Given<CgroupMode> cgroup{};
    Given<std::string> cgroup_parent{};
    Given<std::string> ipc{};
    Given<std::string> pid{};
    Given<std::string> uts{};
    Given<AnyValue> blkio_config{};
    Given<bool> hardened{};
    Given<LogProtocol> log_protocol{};
    Given<int> startup_attempts{};
    Given<Snapshot> snapshot{};
    Given<std::string> per_test{};

    // Each gives a changed copy. with_port, with_environment(name, value), with_label, with_expose, with_volume,
    // with_tmpfs, with_copy, with_depends_on, with_post_ready, with_artifact, with_network and with_parameter append;
    // the others replace.
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
    [[nodiscard]] ServiceSpec with_build(Given<BuildSpec> value) const;
    [[nodiscard]] ServiceSpec with_fixture(Given<std::string> value) const;
    [[nodiscard]] ServiceSpec with_pull_interval(Given<Duration> value) const;
    [[nodiscard]] ServiceSpec with_env_file(Given<std::vector<EnvFile>> value) const;
    [[nodiscard]] ServiceSpec with_user_setup(Given<UserSetup> value) const;
    [[nodiscard]] ServiceSpec with_group_add(Given<std::vector<std::string>> value) const;
    [[nodiscard]] ServiceSpec with_domainname(Given<Text> value) const;
    [[nodiscard]] ServiceSpec with_container_name(Given<Text> value) const;
    [[nodiscard]] ServiceSpec with_annotations(Given<KeyValues> value) const;
    [[nodiscard]] ServiceSpec with_scale(Given<int> value) const;
    [[nodiscard]] ServiceSpec with_network_mode(Given<NetworkMode> value) const;
    [[nodiscard]] ServiceSpec with_links(Given<std::vector<std::string>> value) const;
    [[nodiscard]] ServiceSpec with_dns(Given<std::vector<std::string>> value) const;
    [[nodiscard]] ServiceSpec with_dns_search(Given<std::vector<std::string>> value) const;
    [[nodiscard]] ServiceSpec with_dns_opt(Given<std::vector<std::string>> value) const;
    [[nodiscard]] ServiceSpec with_mac_address(Given<std::string> value) const;
    [[nodiscard]] ServiceSpec with_volumes_from(Given<std::vector<std::string>> value) const;
    [[nodiscard]] ServiceSpec with_configs(Given<std::vector<ConfigRef>> value) const;
    [[nodiscard]] ServiceSpec with_secrets(Given<std::vector<SecretRef>> value) const;
    [[nodiscard]] ServiceSpec with_pre_start(Given<std::vector<HookSpec>> value) const;
    [[nodiscard]] ServiceSpec with_post_start(Given<std::vector<HookSpec>> value) const;
    [[nodiscard]] ServiceSpec with_pre_stop(Given<std::vector<HookSpec>> value) const;
    [[nodiscard]] ServiceSpec with_reset(Given<std::vector<StepSpec>> value) const;
    [[nodiscard]] ServiceSpec with_reuse(Given<ReuseSpec> value) const;
    [[nodiscard]] ServiceSpec with_logging(Given<LoggingSpec> value) const;
    [[nodiscard]] ServiceSpec with_memswap_limit(Given<std::int64_t> value) const;
    [[nodiscard]] ServiceSpec with_mem_reservation(Given<Bytes> value) const;
    [[nodiscard]] ServiceSpec with_mem_swappiness(Given<int> value) const;
    [[nodiscard]] ServiceSpec with_cpu_shares(Given<int> value) const;
    [[nodiscard]] ServiceSpec with_cpuset(Given<std::string> value) const;
    [[nodiscard]] ServiceSpec with_cpu_quota(Given<std::int64_t> value) const;
    [[nodiscard]] ServiceSpec with_cpu_period(Given<std::int64_t> value) const;
    [[nodiscard]] ServiceSpec with_pids_limit(Given<std::int64_t> value) const;
    [[nodiscard]] ServiceSpec with_oom_kill_disable(Given<bool> value) const;
    [[nodiscard]] ServiceSpec with_oom_score_adj(Given<int> value) const;
    [[nodiscard]] ServiceSpec with_storage_opt(Given<KeyValues> value) const;
    [[nodiscard]] ServiceSpec with_deploy(Given<DeploySpec> value) const;
    [[nodiscard]] ServiceSpec with_userns_mode(Given<std::string> value) const;
    [[nodiscard]] ServiceSpec with_sysctls(Given<KeyValues> value) const;
    [[nodiscard]] ServiceSpec with_devices(Given<std::vector<std::string>> value) const;
    [[nodiscard]] ServiceSpec with_device_cgroup_rules(Given<std::vector<std::string>> value) const;
    [[nodiscard]] ServiceSpec with_gpus(Given<std::vector<DeviceReservation>> value) const;
    [[nodiscard]] ServiceSpec with_runtime(Given<std::string> value) const;
    [[nodiscard]] ServiceSpec with_cgroup(Given<CgroupMode> value) const;
    [[nodiscard]] ServiceSpec with_cgroup_parent(Given<std::string> value) const;
    [[nodiscard]] ServiceSpec with_ipc(Given<std::string> value) const;
    [[nodiscard]] ServiceSpec with_pid(Given<std::string> value) const;
    [[nodiscard]] ServiceSpec with_uts(Given<std::string> value) const;
    [[nodiscard]] ServiceSpec with_blkio_config(Given<AnyValue> value) const;
    [[nodiscard]] ServiceSpec with_hardened(Given<bool> value) const;
    [[nodiscard]] ServiceSpec with_log_protocol(Given<LogProtocol> value) const;
    [[nodiscard]] ServiceSpec with_startup_attempts(Given<int> value) const;
    [[nodiscard]] ServiceSpec with_snapshot(Given<Snapshot> value) const;
    [[nodiscard]] ServiceSpec with_per_test(Given<std::string> value) const;
    [[nodiscard]] ServiceSpec with_parameter(std::string parameter, AnyValue value, Caller caller = BERTH_CALLER) const;

    friend bool operator==(const ServiceSpec&, const ServiceSpec&) = default;
};

/// The start of a chain: `berth::service("redis", "redis:7.4-alpine").with_port(6379)`.
ServiceSpec service(std::string name, std::string image, Caller caller = BERTH_CALLER);

}  // namespace berth

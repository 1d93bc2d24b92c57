// SPDX-License-Identifier: Apache-2.0
#include <berth/spec/internal/changed.hpp>

namespace berth {

using internal::changed;
using internal::put;

ServiceSpec ServiceSpec::with_build(Given<BuildSpec> value) const {
    return changed(*this, &ServiceSpec::build, std::move(value));
}

ServiceSpec ServiceSpec::with_fixture(Given<std::string> value) const {
    return changed(*this, &ServiceSpec::fixture, std::move(value));
}

ServiceSpec ServiceSpec::with_pull_interval(Given<Duration> value) const {
    return changed(*this, &ServiceSpec::pull_interval, std::move(value));
}

ServiceSpec ServiceSpec::with_env_file(Given<std::vector<EnvFile>> value) const {
    return changed(*this, &ServiceSpec::env_file, std::move(value));
}

ServiceSpec ServiceSpec::with_user_setup(Given<UserSetup> value) const {
    return changed(*this, &ServiceSpec::user_setup, std::move(value));
}

ServiceSpec ServiceSpec::with_group_add(Given<std::vector<std::string>> value) const {
    return changed(*this, &ServiceSpec::group_add, std::move(value));
}

ServiceSpec ServiceSpec::with_domainname(Given<Text> value) const {
    return changed(*this, &ServiceSpec::domainname, std::move(value));
}

ServiceSpec ServiceSpec::with_container_name(Given<Text> value) const {
    return changed(*this, &ServiceSpec::container_name, std::move(value));
}

ServiceSpec ServiceSpec::with_annotations(Given<KeyValues> value) const {
    return changed(*this, &ServiceSpec::annotations, std::move(value));
}

ServiceSpec ServiceSpec::with_scale(Given<int> value) const {
    return changed(*this, &ServiceSpec::scale, std::move(value));
}

ServiceSpec ServiceSpec::with_network_mode(Given<NetworkMode> value) const {
    return changed(*this, &ServiceSpec::network_mode, std::move(value));
}

ServiceSpec ServiceSpec::with_links(Given<std::vector<std::string>> value) const {
    return changed(*this, &ServiceSpec::links, std::move(value));
}

ServiceSpec ServiceSpec::with_dns(Given<std::vector<std::string>> value) const {
    return changed(*this, &ServiceSpec::dns, std::move(value));
}

ServiceSpec ServiceSpec::with_dns_search(Given<std::vector<std::string>> value) const {
    return changed(*this, &ServiceSpec::dns_search, std::move(value));
}

ServiceSpec ServiceSpec::with_dns_opt(Given<std::vector<std::string>> value) const {
    return changed(*this, &ServiceSpec::dns_opt, std::move(value));
}

ServiceSpec ServiceSpec::with_mac_address(Given<std::string> value) const {
    return changed(*this, &ServiceSpec::mac_address, std::move(value));
}

ServiceSpec ServiceSpec::with_volumes_from(Given<std::vector<std::string>> value) const {
    return changed(*this, &ServiceSpec::volumes_from, std::move(value));
}

ServiceSpec ServiceSpec::with_configs(Given<std::vector<ConfigRef>> value) const {
    return changed(*this, &ServiceSpec::configs, std::move(value));
}

ServiceSpec ServiceSpec::with_secrets(Given<std::vector<SecretRef>> value) const {
    return changed(*this, &ServiceSpec::secrets, std::move(value));
}

ServiceSpec ServiceSpec::with_pre_start(Given<std::vector<HookSpec>> value) const {
    return changed(*this, &ServiceSpec::pre_start, std::move(value));
}

ServiceSpec ServiceSpec::with_post_start(Given<std::vector<HookSpec>> value) const {
    return changed(*this, &ServiceSpec::post_start, std::move(value));
}

ServiceSpec ServiceSpec::with_pre_stop(Given<std::vector<HookSpec>> value) const {
    return changed(*this, &ServiceSpec::pre_stop, std::move(value));
}

ServiceSpec ServiceSpec::with_reset(Given<std::vector<StepSpec>> value) const {
    return changed(*this, &ServiceSpec::reset, std::move(value));
}

ServiceSpec ServiceSpec::with_reuse(Given<ReuseSpec> value) const {
    return changed(*this, &ServiceSpec::reuse, std::move(value));
}

ServiceSpec ServiceSpec::with_logging(Given<LoggingSpec> value) const {
    return changed(*this, &ServiceSpec::logging, std::move(value));
}

ServiceSpec ServiceSpec::with_memswap_limit(Given<std::int64_t> value) const {
    return changed(*this, &ServiceSpec::memswap_limit, std::move(value));
}

ServiceSpec ServiceSpec::with_mem_reservation(Given<Bytes> value) const {
    return changed(*this, &ServiceSpec::mem_reservation, std::move(value));
}

ServiceSpec ServiceSpec::with_mem_swappiness(Given<int> value) const {
    return changed(*this, &ServiceSpec::mem_swappiness, std::move(value));
}

ServiceSpec ServiceSpec::with_cpu_shares(Given<int> value) const {
    return changed(*this, &ServiceSpec::cpu_shares, std::move(value));
}

ServiceSpec ServiceSpec::with_cpuset(Given<std::string> value) const {
    return changed(*this, &ServiceSpec::cpuset, std::move(value));
}

ServiceSpec ServiceSpec::with_cpu_quota(Given<std::int64_t> value) const {
    return changed(*this, &ServiceSpec::cpu_quota, std::move(value));
}

ServiceSpec ServiceSpec::with_cpu_period(Given<std::int64_t> value) const {
    return changed(*this, &ServiceSpec::cpu_period, std::move(value));
}

ServiceSpec ServiceSpec::with_pids_limit(Given<std::int64_t> value) const {
    return changed(*this, &ServiceSpec::pids_limit, std::move(value));
}

ServiceSpec ServiceSpec::with_oom_kill_disable(Given<bool> value) const {
    return changed(*this, &ServiceSpec::oom_kill_disable, std::move(value));
}

ServiceSpec ServiceSpec::with_oom_score_adj(Given<int> value) const {
    return changed(*this, &ServiceSpec::oom_score_adj, std::move(value));
}

ServiceSpec ServiceSpec::with_storage_opt(Given<KeyValues> value) const {
    return changed(*this, &ServiceSpec::storage_opt, std::move(value));
}

ServiceSpec ServiceSpec::with_deploy(Given<DeploySpec> value) const {
    return changed(*this, &ServiceSpec::deploy, std::move(value));
}

ServiceSpec ServiceSpec::with_userns_mode(Given<std::string> value) const {
    return changed(*this, &ServiceSpec::userns_mode, std::move(value));
}

ServiceSpec ServiceSpec::with_sysctls(Given<KeyValues> value) const {
    return changed(*this, &ServiceSpec::sysctls, std::move(value));
}

ServiceSpec ServiceSpec::with_devices(Given<std::vector<std::string>> value) const {
    return changed(*this, &ServiceSpec::devices, std::move(value));
}

ServiceSpec ServiceSpec::with_device_cgroup_rules(Given<std::vector<std::string>> value) const {
    return changed(*this, &ServiceSpec::device_cgroup_rules, std::move(value));
}

ServiceSpec ServiceSpec::with_gpus(Given<std::vector<DeviceReservation>> value) const {
    return changed(*this, &ServiceSpec::gpus, std::move(value));
}

ServiceSpec ServiceSpec::with_runtime(Given<std::string> value) const {
    return changed(*this, &ServiceSpec::runtime, std::move(value));
}

ServiceSpec ServiceSpec::with_cgroup(Given<CgroupMode> value) const {
    return changed(*this, &ServiceSpec::cgroup, std::move(value));
}

ServiceSpec ServiceSpec::with_cgroup_parent(Given<std::string> value) const {
    return changed(*this, &ServiceSpec::cgroup_parent, std::move(value));
}

ServiceSpec ServiceSpec::with_ipc(Given<std::string> value) const {
    return changed(*this, &ServiceSpec::ipc, std::move(value));
}

ServiceSpec ServiceSpec::with_pid(Given<std::string> value) const {
    return changed(*this, &ServiceSpec::pid, std::move(value));
}

ServiceSpec ServiceSpec::with_uts(Given<std::string> value) const {
    return changed(*this, &ServiceSpec::uts, std::move(value));
}

ServiceSpec ServiceSpec::with_blkio_config(Given<AnyValue> value) const {
    return changed(*this, &ServiceSpec::blkio_config, std::move(value));
}

ServiceSpec ServiceSpec::with_hardened(Given<bool> value) const {
    return changed(*this, &ServiceSpec::hardened, std::move(value));
}

ServiceSpec ServiceSpec::with_log_protocol(Given<LogProtocol> value) const {
    return changed(*this, &ServiceSpec::log_protocol, std::move(value));
}

ServiceSpec ServiceSpec::with_startup_attempts(Given<int> value) const {
    return changed(*this, &ServiceSpec::startup_attempts, std::move(value));
}

ServiceSpec ServiceSpec::with_snapshot(Given<Snapshot> value) const {
    return changed(*this, &ServiceSpec::snapshot, std::move(value));
}

ServiceSpec ServiceSpec::with_per_test(Given<std::string> value) const {
    return changed(*this, &ServiceSpec::per_test, std::move(value));
}

ServiceSpec ServiceSpec::with_parameter(std::string parameter, AnyValue value, Caller caller) const {
    return put(*this, &ServiceSpec::with, std::move(parameter), std::move(value), caller);
}

}  // namespace berth

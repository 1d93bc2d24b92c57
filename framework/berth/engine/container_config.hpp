// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/engine/engine.hpp>

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace berth {

/// The 64 hex digits of a container's id, or a name where the text says so.
struct ContainerId {
    std::string text{};
    friend auto operator<=>(const ContainerId&, const ContainerId&) = default;
};

/// Options by name, as drivers and kernels take them.
using Options = std::map<std::string, std::string>;

/// One published port of a container to be created.
struct PortBinding {
    std::string container_port{};  ///< `6379/tcp`.
    std::string host_ip{};         ///< An address, never a name.
    std::string host_port{};       ///< Empty: the engine picks one.
    friend bool operator==(const PortBinding&, const PortBinding&) = default;
};

struct MountPoint {
    enum class Type { volume, bind, tmpfs, image };  ///< `image` from API 1.48 on.
    Type type{Type::volume};
    std::string source{};
    std::string target{};
    bool read_only{false};
    Labels volume_labels{};  ///< For a volume that this create makes.

    // Of a volume.
    bool no_copy{false};    ///< What the image has there is not copied into a new volume.
    std::string subpath{};  ///< From API 1.45 on; of a volume or an image.
    std::string driver{};   ///< Of a volume that this create makes.
    Options driver_options{};
    // Of a bind.
    std::string propagation{};              ///< `rprivate`, `shared`, `rslave`, …
    bool non_recursive{false};              ///< Without what is mounted below the source.
    bool create_source{false};              ///< A missing source is made, from API 1.42 on.
    bool read_only_non_recursive{false};    ///< From API 1.44 on.
    bool read_only_force_recursive{false};  ///< From API 1.44 on: an error where the kernel cannot.
    // Of a tmpfs.
    std::uint64_t tmpfs_size{0};           ///< Bytes; 0: no limit.
    std::optional<unsigned> tmpfs_mode{};  ///< Permission bits.
};

struct HealthcheckConfig {
    std::vector<std::string> test{};  ///< Empty: the image's.
    std::chrono::nanoseconds interval{0};
    std::chrono::nanoseconds timeout{0};
    std::chrono::nanoseconds start_period{0};
    std::chrono::nanoseconds start_interval{0};  ///< Sent from API 1.44 on; older engines do without.
    int retries{0};
};

/// How a container is attached to a network at create.
struct NetworkEndpoint {
    std::string network{};  ///< Id or name.
    std::vector<std::string> aliases{};
    std::string ipv4_address{};  ///< Fixed, within a subnet that the network was given.
    std::string ipv6_address{};
    std::vector<std::string> link_local_addresses{};
    std::string mac_address{};         ///< Below API 1.44 of the first network only.
    std::vector<std::string> links{};  ///< `container:alias`.
    Options driver_options{};
    int gateway_priority{0};  ///< The highest gives the default route; from API 1.48 on.
};

/// A device of the engine's machine inside the container.
struct DeviceMapping {
    std::string on_host{};
    std::string in_container{};  ///< Empty: the same path.
    std::string permissions{"rwm"};
};

/// Devices that a driver finds (GPUs).
struct DeviceRequest {
    std::string driver{};
    int count{0};  ///< -1: all.
    std::vector<std::string> device_ids{};
    std::vector<std::vector<std::string>> capabilities{};  ///< Any of these sets.
    Options options{};
};

/// A limit by block device, in bytes or operations a second, or a weight.
struct DeviceLimit {
    std::string path{};
    std::uint64_t value{0};
};

/// What a container is made of. Members left alone leave the engine's or the image's own in force.
struct ContainerConfig {
    std::string image{};
    std::optional<std::vector<std::string>> command{};
    std::optional<std::vector<std::string>> entrypoint{};
    std::vector<std::string> environment{};  ///< `K=V`.
    Labels labels{};
    std::string working_dir{};
    std::string user{};
    std::string hostname{};
    std::string domainname{};
    bool tty{false};
    bool stdin_open{false};
    bool stdin_once{false};  ///< Standard input ends with the first client that wrote to it.
    std::optional<bool> init{};
    std::string stop_signal{};
    std::optional<std::chrono::seconds> stop_timeout{};  ///< Before SIGKILL, when a stop does not say.
    std::vector<std::string> shell{};                    ///< Of shell-form commands and health checks.
    bool network_disabled{false};
    std::optional<HealthcheckConfig> healthcheck{};
    std::vector<std::string> anonymous_volumes{};  ///< Paths, each given a volume of its own.
    std::vector<std::string> exposed_ports{};      ///< `80/tcp`; those of `ports` are added by us.
    std::vector<PortBinding> ports{};
    bool publish_all_ports{false};
    std::vector<std::string> binds{};  ///< `source:target[:options]`; a missing source is made by the engine.
    std::vector<MountPoint> mounts{};
    std::map<std::string, std::string> tmpfs{};  ///< Path to options.
    std::vector<std::string> volumes_from{};     ///< `container[:ro]`.
    /// The first is the one the container starts on. Below API 1.44 the others are connected after the create.
    std::vector<NetworkEndpoint> networks{};
    std::string network_mode{};              ///< Only without `networks`: `none`, `host`, `bridge`, `container:ID`.
    std::vector<std::string> extra_hosts{};  ///< `name:address`.
    std::vector<std::string> dns{};
    std::vector<std::string> dns_search{};
    std::vector<std::string> dns_options{};
    std::vector<std::string> links{};  ///< `container:alias`, on the default bridge.
    std::string restart_policy{};      ///< `no`, `always`, `unless-stopped`, `on-failure`.
    int restart_retries{0};
    bool auto_remove{false};  ///< The engine removes it when it ends: its log and exit code with it.
    bool privileged{false};
    bool read_only_root{false};
    std::vector<std::string> cap_add{};
    std::vector<std::string> cap_drop{};
    std::vector<std::string> security_options{};
    std::vector<std::string> masked_paths{};
    std::vector<std::string> readonly_paths{};
    std::vector<std::string> groups{};  ///< Beside the user's own.

    std::uint64_t memory{0};              ///< Bytes; 0: no limit.
    std::int64_t memory_swap{0};          ///< Bytes of memory and swap together; -1: no limit; 0: the engine's.
    std::uint64_t memory_reservation{0};  ///< Bytes.
    std::optional<int> memory_swappiness{};
    bool oom_kill_disabled{false};
    std::int64_t nano_cpus{0};  ///< 1e9 is one processor; 0: no limit.
    std::int64_t cpu_shares{0};
    std::chrono::microseconds cpu_period{0};
    std::chrono::microseconds cpu_quota{0};
    std::string cpuset_cpus{};  ///< `0-3,6`.
    std::string cpuset_mems{};
    std::int64_t pids_limit{0};  ///< -1: no limit; 0: the engine's.
    int block_weight{0};         ///< 10 to 1000.
    std::vector<DeviceLimit> block_device_weights{};
    std::vector<DeviceLimit> block_read_bytes{};
    std::vector<DeviceLimit> block_write_bytes{};
    std::vector<DeviceLimit> block_read_operations{};
    std::vector<DeviceLimit> block_write_operations{};
    int oom_score_adjustment{0};
    std::uint64_t shm_size{0};  ///< Bytes; 0: the engine's default.
    struct Limit {
        std::string name{};
        std::int64_t soft{0};
        std::int64_t hard{0};
    };
    std::vector<Limit> ulimits{};
    Options sysctls{};
    std::vector<DeviceMapping> devices{};
    std::vector<DeviceRequest> device_requests{};
    std::vector<std::string> device_cgroup_rules{};

    std::string log_driver{};
    Options log_options{};
    std::string ipc_mode{};
    std::string pid_mode{};
    std::string uts_mode{};
    std::string user_namespace_mode{};
    std::string cgroup_namespace_mode{};
    std::string cgroup_parent{};
    std::string runtime{};
    Options storage_options{};
    Options annotations{};  ///< From API 1.43 on.

    std::string platform{};  ///< `linux/arm64`; empty: the engine's own.
    /// A JSON object that is merged into the request last (RFC 7396): for what has no member here.
    std::string raw_patch{};
};

}  // namespace berth

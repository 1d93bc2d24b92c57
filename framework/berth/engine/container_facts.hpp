// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/engine/container_config.hpp>

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace berth {

enum class Status { created, running, paused, restarting, removing, exited, dead };

struct HealthState {
    enum class Status { none, starting, healthy, unhealthy };
    struct Probe {
        std::string started_at{};
        std::string ended_at{};
        int exit_code{0};
        std::string output{};
    };
    Status status{Status::none};
    int failing_streak{0};
    int last_exit_code{0};
    std::string last_output{};
    std::vector<Probe> probes{};  ///< The last five, oldest first.
};

/// A published port as it is in force.
struct PublishedAt {
    std::string host_ip{};
    std::uint16_t host_port{0};
    friend bool operator==(const PublishedAt&, const PublishedAt&) = default;
};

/// A mount as it is in force.
struct MountFacts {
    std::string type{};    ///< `volume`, `bind`, `tmpfs`, …
    std::string name{};    ///< Of the volume.
    std::string source{};  ///< On the engine's machine.
    std::string target{};
    bool writable{false};
};

/// What one inspect tells.
struct ContainerFacts {
    ContainerId id{};
    std::string name{};   ///< Without the engine's leading `/`.
    std::string image{};  ///< As the create named it.
    std::string image_id{};
    Status status{Status::created};
    bool running{false};
    bool out_of_memory{false};
    int exit_code{0};
    std::int64_t pid{0};
    std::string error{};
    std::string created_at{};  ///< RFC 3339, the engine's clock, as all times here.
    std::string started_at{};
    std::string finished_at{};
    int restart_count{0};
    HealthState health{};
    bool has_healthcheck{false};
    Labels labels{};
    std::map<std::string, std::vector<PublishedAt>>
        ports{};  ///< By `6379/tcp`; exposed but unpublished ones are empty.
    struct Address {
        std::string network_id{};
        std::string ip{};
        std::string gateway{};
        std::string ipv6{};
        std::string mac{};
        std::vector<std::string> aliases{};
    };
    std::map<std::string, Address> networks{};  ///< By the network's name.
    std::vector<std::string> anonymous_volumes{};
    std::vector<MountFacts> mounts{};
    bool tty{false};
    bool stdin_open{false};
    std::vector<std::string> command{};  ///< Program and arguments as they are run.
    std::vector<std::string> environment{};
    std::string working_dir{};
    std::string user{};
    std::string hostname{};
    std::string stop_signal{};
    std::string network_mode{};
    std::string restart_policy{};
    std::string log_driver{};
    bool auto_remove{false};
    bool privileged{false};
    std::int64_t memory{0};  ///< Bytes; 0: no limit.
    std::int64_t nano_cpus{0};
    std::optional<std::int64_t> written_size{};  ///< Bytes in its own layer; only when asked for.
    std::optional<std::int64_t> total_size{};    ///< With its image.
    std::string raw{};                           ///< The JSON itself, for the run folder.
};

struct ContainerSummary {
    ContainerId id{};
    std::vector<std::string> names{};
    std::string image{};
    Labels labels{};
    std::string status{};       ///< `running`, `exited`, …
    std::string status_text{};  ///< `Up 3 minutes (healthy)`.
    std::string image_id{};
    std::string command{};
    std::int64_t created{0};  ///< Unix seconds.
    struct Port {
        std::string ip{};
        std::uint16_t container_port{0};
        std::uint16_t host_port{0};  ///< 0: not published.
        std::string protocol{};
    };
    std::vector<Port> ports{};
    std::map<std::string, std::string> addresses{};  ///< By the network's name.
    std::vector<MountFacts> mounts{};
    std::optional<std::int64_t> written_size{};
    std::optional<std::int64_t> total_size{};
};

/// What a container uses at a moment. One that does not run uses nothing.
struct ContainerStats {
    std::string read_at{};  ///< RFC 3339, the engine's clock.
    std::chrono::nanoseconds cpu_time{0};
    std::chrono::nanoseconds cpu_time_before{0};  ///< At the reading before this one; 0 when there is none.
    std::chrono::nanoseconds system_time{0};      ///< Of the whole machine, all processors together.
    std::chrono::nanoseconds system_time_before{0};
    int processors{0};
    std::uint64_t memory{0};  ///< Bytes, without file cache that can be dropped.
    std::uint64_t memory_limit{0};
    std::int64_t processes{0};
    struct Interface {
        std::uint64_t received{0};  ///< Bytes.
        std::uint64_t sent{0};
    };
    std::map<std::string, Interface> interfaces{};
    std::uint64_t block_read{0};  ///< Bytes.
    std::uint64_t block_written{0};
    std::string raw{};

    /// Of one processor, since the reading before; 0 when there is none.
    [[nodiscard]] double processors_used() const noexcept;
};

/// The processes of a container, as `ps` on the engine's machine prints them.
struct ProcessTable {
    std::vector<std::string> titles{};
    std::vector<std::vector<std::string>> processes{};
};

/// What a container changed in its image's files.
struct FileChange {
    enum class Kind { modified, added, removed };
    Kind kind{Kind::modified};
    std::string path{};
    friend bool operator==(const FileChange&, const FileChange&) = default;
};

/// What a prune took away.
struct PrunedContainers {
    std::vector<ContainerId> removed{};
    std::uint64_t reclaimed{0};  ///< Bytes.
};

}  // namespace berth

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/engine/engine.hpp>
#include <berth/engine/exec.hpp>
#include <berth/engine/files.hpp>
#include <berth/engine/logs.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace berth {

/// The 64 hex digits of a container's id, or a name where the text says so.
struct ContainerId {
    std::string text{};
    friend auto operator<=>(const ContainerId&, const ContainerId&) = default;
};

/// One published port of a container to be created.
struct PortBinding {
    std::string container_port{};  ///< `6379/tcp`.
    std::string host_ip{};         ///< An address, never a name.
    std::string host_port{};       ///< Empty: the engine picks one.
    friend bool operator==(const PortBinding&, const PortBinding&) = default;
};

struct MountPoint {
    enum class Type { volume, bind, tmpfs };
    Type type{Type::volume};
    std::string source{};
    std::string target{};
    bool read_only{false};
    Labels volume_labels{};  ///< For a volume that this create makes.
};

struct HealthcheckConfig {
    std::vector<std::string> test{};  ///< Empty: the image's.
    std::chrono::nanoseconds interval{0};
    std::chrono::nanoseconds timeout{0};
    std::chrono::nanoseconds start_period{0};
    std::chrono::nanoseconds start_interval{0};  ///< Sent from API 1.44 only.
    int retries{0};
};

/// How a container is attached to a network at create.
struct NetworkEndpoint {
    std::string network{};  ///< Id or name.
    std::vector<std::string> aliases{};
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
    bool tty{false};
    bool stdin_open{false};
    std::optional<bool> init{};
    std::string stop_signal{};
    std::optional<HealthcheckConfig> healthcheck{};
    std::vector<std::string> exposed_ports{};  ///< `80/tcp`; those of `ports` are added by us.
    std::vector<PortBinding> ports{};
    std::vector<MountPoint> mounts{};
    std::map<std::string, std::string> tmpfs{};  ///< Path to options.
    /// The first is the one the container starts on. Below API 1.44 the others are connected after the create.
    std::vector<NetworkEndpoint> networks{};
    std::string network_mode{};              ///< Only without `networks`: `none`, `host`.
    std::vector<std::string> extra_hosts{};  ///< `name:address`.
    std::string restart_policy{};            ///< `no`, `always`, `unless-stopped`, `on-failure`.
    int restart_retries{0};
    bool privileged{false};
    bool read_only_root{false};
    std::vector<std::string> cap_add{};
    std::vector<std::string> cap_drop{};
    std::vector<std::string> security_options{};
    std::uint64_t memory{0};    ///< Bytes; 0: no limit.
    std::int64_t nano_cpus{0};  ///< 1e9 is one processor; 0: no limit.
    std::uint64_t shm_size{0};  ///< Bytes; 0: the engine's default.
    struct Limit {
        std::string name{};
        std::int64_t soft{0};
        std::int64_t hard{0};
    };
    std::vector<Limit> ulimits{};
    std::string platform{};  ///< `linux/arm64`; empty: the engine's own.
};

struct Created {
    ContainerId id{};
    std::vector<std::string> warnings{};
};

enum class Started { now, was_running };
enum class Stopped { now, was_not_running };
enum class AnonymousVolumes { keep, remove };  ///< What happens to a container's anonymous volumes.
enum class Removed { now, already_going, was_not_there };

struct StopOptions {
    std::string signal{};  ///< Empty: the STOPSIGNAL of the image. Before API 1.42 the engine ignores it.
    std::chrono::milliseconds grace{10'000};  ///< Before SIGKILL; sent as whole seconds, rounded up.
};

struct RemoveOptions {
    AnonymousVolumes anonymous_volumes{AnonymousVolumes::remove};
    bool force{true};
};

enum class Status { created, running, paused, restarting, removing, exited, dead };

struct HealthState {
    enum class Status { none, starting, healthy, unhealthy };
    Status status{Status::none};
    int failing_streak{0};
    int last_exit_code{0};
    std::string last_output{};
};

/// A published port as it is in force.
struct PublishedAt {
    std::string host_ip{};
    std::uint16_t host_port{0};
    friend bool operator==(const PublishedAt&, const PublishedAt&) = default;
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
    std::string started_at{};  ///< RFC 3339, the engine's clock.
    std::string finished_at{};
    HealthState health{};
    bool has_healthcheck{false};
    Labels labels{};
    std::map<std::string, std::vector<PublishedAt>>
        ports{};  ///< By `6379/tcp`; exposed but unpublished ones are empty.
    struct Address {
        std::string network_id{};
        std::string ip{};
        std::string gateway{};
    };
    std::map<std::string, Address> networks{};  ///< By the network's name.
    std::vector<std::string> anonymous_volumes{};
    bool tty{false};
    std::string raw{};  ///< The JSON itself, for the run folder.
};

struct ContainerSummary {
    ContainerId id{};
    std::vector<std::string> names{};
    std::string image{};
    Labels labels{};
    std::string status{};  ///< `running`, `exited`, …
};

struct ListContainers {
    bool all{false};                    ///< Also those that do not run.
    std::vector<std::string> labels{};  ///< `key` or `key=value`; all must hold.
    std::string name{};                 ///< Exactly.
};

/// Engine API: /containers.
class Containers {
  public:
    explicit Containers(std::shared_ptr<Engine::Wire> wire) noexcept : wire_(std::move(wire)) {}

    /// Makes a container. Engine API: POST /containers/create?name=; below 1.44 one POST /networks/{id}/connect for
    /// each network after the first. When the answer is lost, the name is looked up until it is known what became of
    /// the request: a container of this name with the same labels is the one asked for. That takes up to 10 s beyond a
    /// deadline that has passed. When cancelled nothing is looked up: whoever owns the name removes what may be there.
    /// The same holds when a later connect fails.
    /// @throws NotFound no such image (BR0202) or network; Conflict the name is taken (the text names its holder);
    /// InDoubt
    Created create(const std::string& name, const ContainerConfig& config, Deadline deadline = within(k_call_patience));

    /// Engine API: POST /containers/{id}/start: 204 started, 304 was running. Asked again once if the answer is lost.
    /// @throws EngineRefused BR0305 a host port is taken, BR0306 the command is not there; NotFound
    Started start(const ContainerId& id, Deadline deadline = within(k_call_patience));

    /// Engine API: POST /containers/{id}/stop: 204 stopped, 304 was not running.
    Stopped stop(const ContainerId& id, const StopOptions& options = {}, Deadline deadline = within(k_call_patience));

    /// Engine API: POST /containers/{id}/kill. @throws Conflict when it is not running
    void kill(const ContainerId& id, const std::string& signal = "SIGKILL",
              Deadline deadline = within(k_call_patience));

    /// Engine API: POST /containers/{id}/restart.
    void restart(const ContainerId& id, const StopOptions& options = {}, Deadline deadline = within(k_call_patience));

    /// Engine API: GET /containers/{id}/json. @throws NotFound
    ContainerFacts inspect(const ContainerId& id, Deadline deadline = within(k_call_patience));
    std::optional<ContainerFacts> find(const ContainerId& id, Deadline deadline = within(k_call_patience));

    /// Engine API: GET /containers/json.
    std::vector<ContainerSummary> list(const ListContainers& which = {}, Deadline deadline = within(k_call_patience));

    /// Blocks until it does not run; its exit code. One that a restart policy starts again is waited for again.
    /// Engine API: POST /containers/{id}/wait, then GET /containers/{id}/json. @throws Conflict when it was never
    /// started
    int wait(const ContainerId& id, Deadline deadline);

    /// Removes, by default killing it first and with its anonymous volumes. A 204 is believed; after a 409 it is asked
    /// for until it is gone. Engine API: DELETE /containers/{id}?force=1&v=1.
    /// @returns already_going when another removal was at work, was_not_there on 404
    /// @throws Conflict without force when it runs (hint: force)
    Removed remove(const ContainerId& id, const RemoveOptions& options = {},
                   Deadline deadline = within(k_call_patience));

    /// The log so far, of at most 64 MiB (BR0112). Engine API: GET /containers/{id}/logs.
    std::vector<LogLine> logs(const ContainerId& id, const LogOptions& options = {},
                              Deadline deadline = within(k_call_patience));
    /// The log as it comes, in constant memory, until the container ends or `on_line` returns false.
    /// Engine API: GET /containers/{id}/logs?follow=1.
    /// @throws TimedOut when the deadline passes first; http::BrokenExchange when the stream breaks
    void follow(const ContainerId& id, const LogOptions& options, const std::function<bool(const LogLine&)>& on_line,
                Deadline deadline);

    /// Runs a command inside and waits for its end. Engine API: POST /containers/{id}/exec, POST /exec/{id}/start, GET
    /// /exec/{id}/json. @throws CommandFailed on a status other than 0 unless `check` is `Check::no`; Conflict when it
    /// does not run
    CommandResult exec(const ContainerId& id, const ExecOptions& options, Deadline deadline = within(k_call_patience));

    /// The files below a directory of the container are written from a tar, streamed. Engine API: PUT
    /// /containers/{id}/archive.
    void put_archive(const ContainerId& id, const std::string& directory, const ArchiveSource& tar,
                     Deadline deadline = within(k_call_patience));
    /// A file or directory as a tar, streamed into `sink`. Engine API: GET /containers/{id}/archive. @throws NotFound
    void get_archive(const ContainerId& id, const std::string& path, const ArchiveSink& sink,
                     Deadline deadline = within(k_call_patience));
    /// The same for a reader that asks for the next piece itself (archive::extract). The container is locked by the
    /// engine until this returns: not even its removal goes on.
    void read_archive(const ContainerId& id, const std::string& path,
                      const std::function<void(const ArchiveSource& tar)>& reader,
                      Deadline deadline = within(k_call_patience));
    /// What a path is; nothing when it (or the container) is not there. Engine API: HEAD /containers/{id}/archive.
    std::optional<PathFacts> stat(const ContainerId& id, const std::string& path,
                                  Deadline deadline = within(k_call_patience));

  private:
    std::shared_ptr<Engine::Wire> wire_;
};

}  // namespace berth

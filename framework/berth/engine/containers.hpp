// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/engine/container_config.hpp>
#include <berth/engine/container_facts.hpp>
#include <berth/engine/engine.hpp>
#include <berth/engine/exec.hpp>
#include <berth/engine/files.hpp>
#include <berth/engine/logs.hpp>
#include <berth/engine/streams.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace berth {

struct Created {
    ContainerId id{};
    std::vector<std::string> warnings{};
};

enum class Started { now, was_running };
enum class Stopped { now, was_not_running };
enum class AnonymousVolumes { keep, remove };  ///< What happens to a container's anonymous volumes.
enum class Removed { now, already_going, was_not_there };
enum class Sizes { no, yes };  ///< Whether the engine measures the container's files, which takes it a while.

struct StopOptions {
    std::string signal{};  ///< Empty: the STOPSIGNAL of the image. Before API 1.42 the engine ignores it.
    std::chrono::milliseconds grace{10'000};  ///< Before SIGKILL; sent as whole seconds, rounded up.
};

struct RemoveOptions {
    AnonymousVolumes anonymous_volumes{AnonymousVolumes::remove};
    bool force{true};
};

/// Which containers. Values of one member are alternatives, but all labels must hold; every member must.
struct ListContainers {
    bool all{false};                       ///< Also those that do not run.
    std::vector<std::string> labels{};     ///< `key` or `key=value`; all must hold.
    std::string name{};                    ///< Exactly.
    std::vector<std::string> ids{};        ///< Or beginnings of them.
    std::vector<std::string> statuses{};   ///< `running`, `exited`, …: implies `all`.
    std::vector<std::string> health{};     ///< `starting`, `healthy`, `unhealthy`, `none`.
    std::vector<int> exit_codes{};         ///< Of those that ended.
    std::vector<std::string> ancestors{};  ///< Images, also those an image is made from.
    std::vector<std::string> networks{};
    std::vector<std::string> volumes{};    ///< Names, or paths in the container.
    std::vector<std::string> published{};  ///< `80/tcp`.
    std::vector<std::string> exposed{};
    std::string before{};  ///< Created before this container.
    std::string since{};
    int limit{0};  ///< The newest only; implies `all`.
    Sizes sizes{Sizes::no};
};

/// What a wait() of the engine waits for.
enum class WaitFor {
    not_running,  ///< Answers at once when it does not run, also when it was never started.
    next_exit,    ///< Of one that is to be started: its next end. It never answers for one that has ended for good.
    removal,
};

/// What an engine changes in a container while it runs. Members left alone stay as they are.
struct UpdateContainer {
    std::optional<std::uint64_t> memory{};      ///< Bytes.
    std::optional<std::int64_t> memory_swap{};  ///< Bytes of memory and swap together; -1: no limit.
    std::optional<std::uint64_t> memory_reservation{};
    std::optional<std::int64_t> nano_cpus{};
    std::optional<std::int64_t> cpu_shares{};
    std::optional<std::chrono::microseconds> cpu_period{};
    std::optional<std::chrono::microseconds> cpu_quota{};
    std::optional<std::string> cpuset_cpus{};
    std::optional<std::string> cpuset_mems{};
    std::optional<std::int64_t> pids_limit{};
    std::optional<int> block_weight{};
    std::string restart_policy{};
    int restart_retries{0};
};

/// The image that a commit makes.
struct CommitOptions {
    std::string repository{};  ///< Empty: the image has no name.
    std::string tag{};
    std::string comment{};
    std::string author{};
    std::vector<std::string> changes{};  ///< Lines of a Dockerfile: `CMD ["a"]`, `LABEL k=v`.
    bool pause{true};                    ///< The container stands still meanwhile.
};

struct PruneContainers {
    std::vector<std::string> labels{};
    std::vector<std::string> without_labels{};
    std::optional<std::int64_t> created_before{};  ///< Unix seconds, the engine's clock.
};

struct CheckpointOptions {
    bool leave_running{false};
    std::string directory{};  ///< On the engine's machine; empty: the engine's own.
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
    /// InDoubt; EngineRefused BR0140 too little memory; before anything is sent Error BR0141 for a control character in
    /// a name or path, BR0143 for a raw_patch that is no JSON object, BR0126 for what the engine is too old for
    Created create(const std::string& name, const ContainerConfig& config, Deadline deadline = within(k_call_patience));

    /// Engine API: POST /containers/{id}/start: 204 started, 304 was running. Asked again once if the answer is lost.
    /// @throws EngineRefused BR0305 a host port is taken, BR0306 the command is not there; NotFound
    Started start(const ContainerId& id, Deadline deadline = within(k_call_patience));

    /// Starts it where a checkpoint left it. Engine API: POST /containers/{id}/start?checkpoint=.
    /// @throws EngineRefused BR0142 when the engine has no checkpoints; NotFound
    Started start_from(const ContainerId& id, const std::string& checkpoint,
                       Deadline deadline = within(k_call_patience));

    /// Engine API: POST /containers/{id}/stop: 204 stopped, 304 was not running.
    Stopped stop(const ContainerId& id, const StopOptions& options = {}, Deadline deadline = within(k_call_patience));

    /// Engine API: POST /containers/{id}/kill. @throws Conflict when it is not running
    void kill(const ContainerId& id, const std::string& signal = "SIGKILL",
              Deadline deadline = within(k_call_patience));

    /// Engine API: POST /containers/{id}/restart.
    void restart(const ContainerId& id, const StopOptions& options = {}, Deadline deadline = within(k_call_patience));

    /// All its processes stand still; to the engine it runs on. Engine API: POST /containers/{id}/pause.
    /// @throws Conflict when it does not run, or is paused
    void pause(const ContainerId& id, Deadline deadline = within(k_call_patience));
    /// Engine API: POST /containers/{id}/unpause. @throws Conflict when it is not paused
    void unpause(const ContainerId& id, Deadline deadline = within(k_call_patience));

    /// Engine API: POST /containers/{id}/rename. @throws Conflict BR0107 the name is taken
    void rename(const ContainerId& id, const std::string& name, Deadline deadline = within(k_call_patience));

    /// Changes limits and restart policy. Engine API: POST /containers/{id}/update.
    /// @returns the engine's warnings @throws EngineRefused BR0140 too little memory, BR0142 when the engine cannot
    std::vector<std::string> update(const ContainerId& id, const UpdateContainer& changes,
                                    Deadline deadline = within(k_call_patience));

    /// The size of its terminal. Engine API: POST /containers/{id}/resize. @throws Conflict when it does not run
    void resize(const ContainerId& id, TerminalSize size, Deadline deadline = within(k_call_patience));

    /// Engine API: GET /containers/{id}/json. @throws NotFound
    ContainerFacts inspect(const ContainerId& id, Deadline deadline = within(k_call_patience));
    ContainerFacts inspect(const ContainerId& id, Sizes sizes, Deadline deadline = within(k_call_patience));
    std::optional<ContainerFacts> find(const ContainerId& id, Deadline deadline = within(k_call_patience));

    /// Engine API: GET /containers/json.
    std::vector<ContainerSummary> list(const ListContainers& which = {}, Deadline deadline = within(k_call_patience));

    /// Blocks until it does not run; its exit code. One that a restart policy starts again is waited for again.
    /// Engine API: POST /containers/{id}/wait, then GET /containers/{id}/json. @throws Conflict when it was never
    /// started
    int wait(const ContainerId& id, Deadline deadline);
    /// What the engine itself answers to one condition: the exit code. `on_registered` is called once the engine waits:
    /// what happens from then on is not missed (create, wait for next_exit, start it in `on_registered`'s wake).
    /// Engine API: POST /containers/{id}/wait?condition=.
    /// @throws EngineRefused BR0144 with the engine's words when there is no exit code; ExchangeFailed (BR0102) when
    /// the engine went meanwhile
    int wait_for(const ContainerId& id, WaitFor what, const std::function<void()>& on_registered, Deadline deadline);

    /// What it uses now. Engine API: GET /containers/{id}/stats?stream=0; with `one-shot` from API 1.41 on, which
    /// answers at once, without a reading before.
    ContainerStats stats(const ContainerId& id, Deadline deadline = within(k_call_patience));
    /// A reading a second, until it is removed or `on_stats` returns false. Engine API: GET /containers/{id}/stats.
    void follow_stats(const ContainerId& id, const std::function<bool(const ContainerStats&)>& on_stats,
                      Deadline deadline);

    /// @param arguments of ps: `-ef`, `aux`; empty: the engine's. Engine API: GET /containers/{id}/top.
    /// @throws Conflict when it does not run (Podman: an empty table)
    ProcessTable top(const ContainerId& id, const std::string& arguments = {},
                     Deadline deadline = within(k_call_patience));

    /// What differs from its image. Engine API: GET /containers/{id}/changes.
    std::vector<FileChange> changes(const ContainerId& id, Deadline deadline = within(k_call_patience));

    /// All its files but volumes, as a tar, streamed into `sink`. Engine API: GET /containers/{id}/export.
    void export_files(const ContainerId& id, const ArchiveSink& sink, Deadline deadline);

    /// Makes an image of it. @returns the image's id. Engine API: POST /commit. The image carries no label of a
    /// session.
    std::string commit(const ContainerId& id, const CommitOptions& options = {},
                       Deadline deadline = within(k_call_patience));

    /// Removes every container that does not run and that the filters leave. Engine API: POST /containers/prune.
    /// @throws Conflict when another prune is at work
    PrunedContainers prune(const PruneContainers& which, Deadline deadline = within(k_call_patience));

    /// Freezes a running container into a checkpoint, from which start_from() goes on.
    /// Engine API: POST /containers/{id}/checkpoints; the engine needs CRIU and its experimental features.
    /// @throws EngineRefused BR0142 when the engine has no checkpoints
    void create_checkpoint(const ContainerId& id, const std::string& name, const CheckpointOptions& options = {},
                           Deadline deadline = within(k_call_patience));
    /// Their names. Engine API: GET /containers/{id}/checkpoints.
    std::vector<std::string> checkpoints(const ContainerId& id, const std::string& directory = {},
                                         Deadline deadline = within(k_call_patience));
    /// Engine API: DELETE /containers/{id}/checkpoints/{name}.
    void remove_checkpoint(const ContainerId& id, const std::string& name, const std::string& directory = {},
                           Deadline deadline = within(k_call_patience));

    /// Removes, by default killing it first and with its anonymous volumes. A 204 is believed; after a 409 it is asked
    /// for until it is gone. Engine API: DELETE /containers/{id}?force=1&v=1.
    /// @returns already_going when another removal was at work, was_not_there on 404
    /// @throws Conflict without force when it runs (hint: force)
    Removed remove(const ContainerId& id, const RemoveOptions& options = {},
                   Deadline deadline = within(k_call_patience));

    /// The log so far, of at most 64 MiB (BR0112). Engine API: GET /containers/{id}/logs.
    std::vector<LogLine> logs(const ContainerId& id, const LogOptions& options = {},
                              Deadline deadline = within(k_call_patience));
    /// The log as it comes, in constant memory, until what `follow_until` says or `on_line` returns false. A container
    /// that was not started yet has no log to follow: attach() to it.
    /// Engine API: GET /containers/{id}/logs?follow=1; beyond `stream_end` GET /containers/{id}/json after each end.
    /// @throws TimedOut when the deadline passes first; http::BrokenExchange when the stream breaks, and beyond
    /// `stream_end` when the engine stays away for 30 s
    void follow(const ContainerId& id, const LogOptions& options, const std::function<bool(const LogLine&)>& on_line,
                Deadline deadline);

    /// Runs a command inside and waits for its end. Engine API: POST /containers/{id}/exec, POST /exec/{id}/start, GET
    /// /exec/{id}/json. @throws CommandFailed on a status other than 0 unless `check` is `Check::no`; Conflict when it
    /// does not run
    CommandResult exec(const ContainerId& id, const ExecOptions& options, Deadline deadline = within(k_call_patience));

    /// A command that is started, talked to and waited for by hand. Of the options, those for one call (input, check,
    /// keep_output, on_output, read_input) are of no account here. Engine API: POST /containers/{id}/exec.
    /// @throws Conflict when the container does not run; EngineRefused
    Exec create_exec(const ContainerId& id, const ExecOptions& options, Deadline deadline = within(k_call_patience));

    /// What it prints and reads from now on. Before its start nothing is missed; the streams then wait for it (not with
    /// Podman, which ends them). The container does not end with them. Engine API: POST /containers/{id}/attach.
    /// @throws NotFound; Conflict when it is paused
    Streams attach(const ContainerId& id, const AttachOptions& options = {},
                   Deadline deadline = within(k_call_patience));

    /// The files below a directory of the container are written from a tar, streamed. Engine API: PUT
    /// /containers/{id}/archive.
    /// @throws NotFound BR0411 there is no such directory (Podman makes it); EngineRefused BR0412 it is a file, BR0413
    /// read-only, BR0414 a file over a directory or the reverse; PermissionDenied BR0415
    void put_archive(const ContainerId& id, const std::string& directory, const ArchiveSource& tar,
                     Deadline deadline = within(k_call_patience));
    void put_archive(const ContainerId& id, const std::string& directory, const ArchiveSource& tar,
                     const PutOptions& options, Deadline deadline = within(k_call_patience));
    /// A file or directory as a tar, streamed into `sink`. Engine API: GET /containers/{id}/archive.
    /// @throws NotFound BR0416 there is nothing at `path`, BR0106 no container
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

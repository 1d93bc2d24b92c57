// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/engine/engine.hpp>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <string_view>

namespace berth::support {

/// What not every engine can do. A test of it runs everywhere: where the engine cannot, it asserts the refusal (or the
/// difference), so that a row that begins to succeed fails.
enum class Feature {
    update,              ///< POST /containers/{id}/update.
    checkpoints,         ///< POST /containers/{id}/checkpoints: CRIU and experimental features.
    missing_directory,   ///< A copy into a directory that is not there is refused, not made.
    top_needs_running,   ///< /top of a container that does not run is refused.
    least_memory,        ///< Too small a limit is refused at create.
    removal_exit_code,   ///< wait?condition=removed tells the exit code.
    fine_timestamps,     ///< Logs carry nanoseconds.
    prompt_events,       ///< Events name networks, and come at once.
    commit,              ///< A commit works (Podman without a signature policy refuses).
    health_checks,       ///< The engine runs them by itself (Podman: by systemd).
    line_ends,           ///< A line that a process did not end is not joined with that of the next run.
    log_rotation,        ///< The json-file driver and its max-size.
    network_of_docker,   ///< The default network is called bridge.
    failed_start_code,   ///< A failed start leaves its exit code.
    detached_exec_ends,  ///< A detached command's end shows in its inspect.
    distribution,        ///< GET /distribution/{name}/json.
    prune_named_images,  ///< A prune of images that have a name, and no container.
    prompt_rate_limit,   ///< A registry's "too many requests" is passed on at once.
    push_digest,         ///< A push tells the digest of what it has pushed.
};

struct Limit {
    EngineKind kind{EngineKind::docker};
    Feature feature{Feature::update};
    std::string_view engine{};  ///< Of that kind, this one alone: `docker-containerd`. Empty: all.
};

constexpr std::array k_limits{Limit{EngineKind::docker, Feature::checkpoints},
                              Limit{EngineKind::podman, Feature::checkpoints},
                              Limit{EngineKind::podman, Feature::update},

                              Limit{EngineKind::podman, Feature::missing_directory},
                              Limit{EngineKind::podman, Feature::top_needs_running},
                              Limit{EngineKind::podman, Feature::least_memory},
                              Limit{EngineKind::podman, Feature::removal_exit_code},
                              Limit{EngineKind::podman, Feature::fine_timestamps},
                              Limit{EngineKind::podman, Feature::prompt_events},
                              Limit{EngineKind::podman, Feature::detached_exec_ends},
                              Limit{EngineKind::podman, Feature::commit},
                              Limit{EngineKind::podman, Feature::failed_start_code},
                              Limit{EngineKind::podman, Feature::health_checks},
                              Limit{EngineKind::podman, Feature::line_ends},
                              Limit{EngineKind::podman, Feature::log_rotation},
                              Limit{EngineKind::podman, Feature::distribution},
                              Limit{EngineKind::podman, Feature::push_digest},
                              Limit{EngineKind::docker, Feature::push_digest, "docker-containerd"},
                              Limit{EngineKind::podman, Feature::prune_named_images},
                              Limit{EngineKind::podman, Feature::prompt_rate_limit},
                              Limit{EngineKind::podman, Feature::network_of_docker}};

inline bool can(const EngineFacts& engine, Feature feature) {
    const char* const name = std::getenv("BERTH_TEST_ENGINE");
    return std::none_of(k_limits.begin(), k_limits.end(), [&](const Limit& limit) {
        return limit.kind == engine.kind && limit.feature == feature &&
               (limit.engine.empty() || (name != nullptr && limit.engine == name));
    });
}

}  // namespace berth::support

// SPDX-License-Identifier: Apache-2.0
#include <berth/core/log.hpp>
#include <berth/engine/containers.hpp>
#include <berth/runtime/internal/environment_state.hpp>
#include <berth/runtime/internal/files.hpp>
#include <berth/runtime/internal/scheduler.hpp>

#include <fmt/format.h>
#include <fnmatch.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <utility>

namespace berth::runtime {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

constexpr std::size_t k_at_once = 8;     // removals
constexpr auto k_gather_patience = 10s;  // for one log or artifact
constexpr std::uint64_t k_most_artifacts = 100U << 20U;

// Does `work`, and tells the log when it cannot be done: what is gathered is a help, not what was asked for.
template <class Work>
void try_to(const std::string& what, Work work) {
    try {
        work();
    } catch (const Error& error) {
        log::warn(fmt::format("cannot {}: {}", what, error.summary()));
    } catch (const fs::filesystem_error& error) {
        log::warn(fmt::format("cannot {}: {}", what, error.code().message()));
    }
}

bool wanted(KeepWhen when, bool failed) {
    switch (when) {
        case KeepWhen::always:
            return true;
        case KeepWhen::never:
            return false;
        case KeepWhen::failure:
            return failed;
        case KeepWhen::success:
            return !failed;
    }
    return failed;
}

void write_log(const Environment::State& state, const Service::State& service, const Deadline& deadline) {
    LogOptions options;
    options.timestamps = true;
    const auto live = service.live();
    options.tty = live && live->tty;
    std::string text;
    for (const auto& line : state.engine.containers().logs(service.id(), options, deadline.sooner(k_gather_patience))) {
        text += fmt::format("{} {} {}\n", line.time, line.stream == LogLine::Stream::out ? "out" : "err", line.text);
    }
    state.folder.write(fmt::format("logs/{}.log", service.plan.name), text);
}

// The folder before the first part with a `*`, `?` or `[`; the whole path when it has none.
std::string before_pattern(const std::string& path) {
    const auto special = path.find_first_of("*?[");
    if (special == std::string::npos) {
        return path;
    }
    const auto slash = path.rfind('/', special);
    return slash == 0 ? "/" : path.substr(0, slash);
}

void copy_artifact(const Environment::State& state, const Service::State& service, const ArtifactSpec& artifact,
                   const Deadline& deadline) {
    const std::string& path = *artifact.path;
    const std::string root = before_pattern(path);
    const fs::path to = artifact.to.given() ? fs::path(*artifact.to)
                                            : fs::path(service.plan.name) / (root == path ? fs::path() : fs::path("."));
    archive::Limits limits;
    const auto& whole = state.plan.spec.artifacts;
    limits.bytes = artifact.max_size.given() ? count(*artifact.max_size)
                   : whole->max_size.given() ? count(*whole->max_size)
                                             : k_most_artifacts;
    std::function<bool(const std::string&)> matches;
    if (root != path) {
        // Unpacked names begin with the last part of `root`.
        const std::string above = fs::path(root).parent_path().string();
        matches = [path, above](const std::string& name) {
            const std::string whole_name = fmt::format("{}{}{}", above, above == "/" ? "" : "/", name);
            return ::fnmatch(path.c_str(), whole_name.c_str(), FNM_PATHNAME) == 0;
        };
    }
    try {
        copy_out(state.engine, service.id(), root, fs::path(state.folder.path()) / to.relative_path(), limits, matches,
                 deadline.sooner(k_gather_patience));
    } catch (const NotFound&) {
        if (!artifact.optional.value_or(false)) {
            log::warn(fmt::format("service '{}' has no '{}', which its 'artifacts' name", service.plan.name, path));
        }
    }
}

/// Removes what an environment made, each in its turn, however the others fare.
class Removal {
  public:
    explicit Removal(Environment::State& state) : state_(state) {}

    std::vector<std::string> run(const Deadline& deadline) {
        containers();
        networks();
        volumes();
        scheduler_.run(deadline);
        return left_;
    }

  private:
    // What still works while it is stopped needs what it depends on until then; what is killed does not.
    void containers() {
        std::vector<std::size_t> order;
        {
            const std::lock_guard lock(state_.mutex);
            order = state_.start_order;
        }
        for (std::size_t i = 0; i < state_.containers.size(); ++i) {
            if (state_.containers[i] && std::find(order.begin(), order.end(), i) == order.end()) {
                order.push_back(i);  // made, never started
            }
        }
        std::reverse(order.begin(), order.end());
        std::map<std::size_t, std::size_t> phases;
        for (const std::size_t i : order) {
            std::vector<std::size_t> after;
            for (const std::size_t dependent : state_.plan.graph.needed_by(i)) {
                if (const auto found = phases.find(dependent); found != phases.end() && grace(dependent) > 0ns) {
                    after.push_back(found->second);
                }
            }
            phases[i] = scheduler_.add([this, i](const Deadline& deadline) { container(i, deadline); }, after);
            removals_.push_back(phases[i]);
        }
    }

    void networks() {
        for (auto& owner : state_.networks) {
            if (owner) {
                scheduler_.add(
                    [this, &owner](const Deadline& deadline) {
                        attempt({}, fmt::format("network '{}'", owner->name()), [&] { owner->remove(deadline); });
                    },
                    removals_);
            }
        }
    }

    void volumes() {
        for (auto& owner : state_.volumes) {
            if (owner) {
                scheduler_.add(
                    [this, &owner](const Deadline& deadline) {
                        attempt({}, fmt::format("volume '{}'", owner->name()), [&] { owner->remove(deadline); });
                    },
                    removals_);
            }
        }
    }

    [[nodiscard]] Duration grace(std::size_t i) const {
        return state_.plan.services[i].spec.stop_grace_period.value_or(0ns);
    }

    void container(std::size_t i, const Deadline& deadline) {
        auto& owner = *state_.containers[i];
        const Service::State& service = *state_.states[i];
        attempt(service.plan.name, fmt::format("container '{}'", owner.name()), [&] {
            if (grace(i) > 0ns && service.live()) {
                StopOptions options;
                options.grace = std::chrono::ceil<std::chrono::milliseconds>(grace(i));
                try {
                    state_.engine.containers().stop(service.id(), options, deadline);
                } catch (const EngineRefused& refused) {
                    log::debug(fmt::format("{}: {}", service.plan.name, refused.summary()));  // removed all the same
                }
            }
            owner.remove(deadline);
        });
    }

    template <class Work>
    void attempt(const std::string& service, const std::string& what, Work work) {
        try {
            state_.reporter.phase(service, "remove", service.empty() ? what : std::string{}, work);
        } catch (const Error& error) {
            const std::lock_guard lock(mutex_);
            left_.push_back(fmt::format("{}: {}", what, error.summary()));
        }
    }

    Environment::State& state_;
    Scheduler scheduler_{Scheduler::Failure::goes_on, k_at_once};
    std::vector<std::size_t> removals_{};
    std::mutex mutex_{};
    std::vector<std::string> left_{};
};

}  // namespace

void gather(Environment::State& state, const Deadline& deadline) {
    const auto& root = *state.plan.spec.artifacts;
    const bool failed = state.failed;
    const KeepWhen when = root.when.value_or(KeepWhen::failure);
    for (const auto& service : state.states) {
        const std::string& name = service->plan.name;
        const auto live = service->live();
        if (live && wanted(when, failed)) {
            if (root.logs.value_or(true)) {
                try_to(fmt::format("keep the log of service '{}'", name),
                       [&] { write_log(state, *service, deadline); });
            }
            if (root.inspect.value_or(true)) {
                try_to(fmt::format("keep what the engine said of service '{}'", name),
                       [&] { state.folder.write(fmt::format("inspect/{}.json", name), live->inspect); });
            }
        }
        for (const auto& artifact : *service->plan.spec.artifacts) {
            if (live && wanted(artifact.when.value_or(when), failed)) {
                try_to(fmt::format("keep '{}' of service '{}'", *artifact.path, name),
                       [&] { copy_artifact(state, *service, artifact, deadline); });
            }
        }
    }
}

std::vector<std::string> remove_all(Environment::State& state, const Deadline& deadline) {
    std::vector<std::string> left = Removal(state).run(deadline);
    try_to("write the timeline", [&] { state.folder.write("timeline.json", timeline_json(state.timeline)); });
    return left;
}

namespace {

template <class LetGo>
void each_owner(Environment::State& state, LetGo let_go) noexcept {
    for (auto& owner : state.containers) {
        if (owner) {
            let_go(*owner);
        }
    }
    for (auto& owner : state.networks) {
        if (owner) {
            let_go(*owner);
        }
    }
    for (auto& owner : state.volumes) {
        if (owner) {
            let_go(*owner);
        }
    }
}

}  // namespace

void release_all(Environment::State& state) noexcept {
    each_owner(state, [](auto& owner) { owner.release(); });
}

void abandon_all(Environment::State& state) noexcept {
    each_owner(state, [](auto& owner) { owner.abandon(); });
}

}  // namespace berth::runtime

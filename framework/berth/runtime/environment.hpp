// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/core/deadline.hpp>
#include <berth/core/names.hpp>
#include <berth/engine/engine.hpp>
#include <berth/report/timeline.hpp>
#include <berth/runtime/service.hpp>
#include <berth/spec/environment.hpp>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace berth {

/// Something worth showing while an environment goes up or down.
struct Progress {
    std::string service{};  ///< Empty: the environment.
    std::string phase{};    ///< `pull`, `create`, `copy`, `start`, `ready`, `post_ready`, `up`, `remove`, `down`.
    enum class State { begun, moving, done, failed };
    State state{State::begun};
    std::uint64_t current{0};
    std::uint64_t total{0};
    std::string unit{};  ///< `bytes`.
    std::string text{};  ///< `port 6379`, `layer 3f2a: Downloading`.
    std::chrono::nanoseconds elapsed{0};
};

/// What stays when an environment did not come up, or goes.
enum class WhenDone { remove, keep };

struct UpOptions {
    std::string engine{};                 ///< An endpoint; empty: found as ever.
    std::optional<Engine> connected{};    ///< Used instead of looking for one.
    std::vector<std::string> services{};  ///< Only these and what they need; empty: all.
    std::vector<std::string> profiles{};
    std::string runs_directory{};  ///< Default: the spec's `artifacts.dir`, below the working directory.
    std::optional<std::string> project{};
    bool keep_on_failure{false};   ///< What came up stays when something fails.
    bool outlives_process{false};  ///< `berth up`: objects say so in their labels, and nothing is removed at the end.
    bool publish_always{false};    ///< As `publish: always` for services that do not say `never`.
    std::map<std::string, std::string> substitutions{};  ///< Beside BERTH_SUBSTITUTE and `images.substitute`.
    int parallel{0};  ///< Most phases at once that load the engine; 0: as many as it takes.
    std::function<void(const Progress&)> on_progress{};
    /// Told the run's folder as soon as it is made, also when nothing comes up afterwards.
    std::function<void(const std::string& folder)> on_folder{};
};

/// A spec that is up: owns its containers, networks and volumes, and removes them when it goes, in reverse order.
class Environment {
  public:
    Environment(Environment&&) noexcept;
    Environment& operator=(Environment other) noexcept;
    ~Environment();  ///< down() within `timeouts.down`; logs what it cannot do, never throws.

    [[nodiscard]] const EnvironmentSpec& spec() const noexcept;
    [[nodiscard]] const RunId& run() const noexcept;
    [[nodiscard]] const std::string& folder() const noexcept;  ///< Of the run.
    [[nodiscard]] const Engine& engine() const noexcept;

    /// @throws Error (BE0505) with a did-you-mean when there is none
    [[nodiscard]] const Service& service(std::string_view name) const;
    [[nodiscard]] const std::vector<Service>& services() const noexcept;

    /// The spec's `exports`, resolved.
    [[nodiscard]] const std::map<std::string, std::string>& exports() const noexcept;
    /// A text of the spec (`run.command`) with its references replaced, as this process sees them.
    /// @throws Error (BE0410 …) when a reference is not known
    [[nodiscard]] std::string resolve(const Text& text) const;
    /// What a test process gets: exports, `BERTH_RUN_ID`, `BERTH_STATE`, `BERTH_<SERVICE>_HOST`, …
    [[nodiscard]] std::map<std::string, std::string> variables() const;
    /// The state file as JSON (cli.md).
    [[nodiscard]] std::string state_json() const;

    [[nodiscard]] const Timeline& timeline() const noexcept;

    /// Marks the run as failed: what is kept "on failure" is kept.
    void mark_failed() noexcept;

    /// Copies artifacts and logs out, removes everything. Again: nothing. @throws Error (BR0501) naming what is left
    void down(Deadline deadline);
    void down();  ///< Within `timeouts.down`.
    /// Leaves everything where it is; nothing is removed when this object goes.
    void release() noexcept;

    struct State;  // internal
    explicit Environment(std::unique_ptr<State> state) noexcept;

  private:
    std::unique_ptr<State> state_;
};

/// Brings a spec up: all its services are ready when it returns. On failure everything that was made is removed before
/// the first error is thrown, with what else went wrong as notes.
/// @throws InvalidSpec, EngineUnreachable, PullFailed, NotReady, TimedOut, Error; Cancelled when the token stops
Environment up(const EnvironmentSpec& spec, const UpOptions& options = {}, Deadline deadline = Deadline::never());

/// One service by itself, alive as long as the object.
class OwnedService {
  public:
    explicit OwnedService(Environment environment) noexcept : environment_(std::move(environment)) {}
    const Service* operator->() const { return &environment_.services().front(); }
    [[nodiscard]] std::string host() const { return (*this)->host(); }
    [[nodiscard]] std::uint16_t port() const { return (*this)->port(); }
    [[nodiscard]] std::uint16_t port(int container_port) const { return (*this)->port(container_port); }
    [[nodiscard]] const Environment& environment() const noexcept { return environment_; }

  private:
    Environment environment_;
};

/// As up() of an environment with this one service. @throws as up()
OwnedService start(const ServiceSpec& service, const UpOptions& options = {}, Deadline deadline = Deadline::never());

}  // namespace berth

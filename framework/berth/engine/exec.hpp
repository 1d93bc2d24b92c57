// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/engine/streams.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace berth {

/// Whether a command's status other than 0 is an error.
enum class Check { yes, no };

struct ExecOptions {
    std::vector<std::string> command{};      ///< Argument vector; no shell is involved.
    std::vector<std::string> environment{};  ///< `K=V`, beside the container's own.
    std::string user{};
    std::string working_dir{};
    bool tty{false};
    bool attach_stdin{false};
    std::string input{};  ///< What the command reads; then its standard input ends. Implies attach_stdin.
    Check check{Check::yes};
    std::size_t keep_output{1 << 20};  ///< Bytes of each stream that are kept; what is over is dropped from the front.
    /// Called with output as it comes, instead of keeping it; stream 1 or 2.
    std::function<void(int stream, std::string_view bytes)> on_output{};
    /// Asked for more input as it comes (a terminal); an empty result is the end. Runs on a thread of its own; its
    /// token stops when the command has ended, and then it has to return.
    std::function<std::string(const std::stop_token&)> read_input{};
    bool privileged{false};
    std::string detach_keys{};           ///< Empty: the engine's `ctrl-p,ctrl-q`, which a terminal then swallows.
    std::optional<TerminalSize> size{};  ///< Of the terminal; from API 1.42 on (before: Exec::resize()).
};

/// How a command in a container ended.
struct CommandResult {
    int exit_code{0};
    std::string standard_output{};
    std::string standard_error{};
};

/// What the engine knows of a command in a container.
struct ExecFacts {
    std::string container{};  ///< Its id.
    bool running{false};
    std::optional<int> exit_code{};  ///< Nothing until it has ended. 126, 127: it could not be run.
    std::int64_t pid{0};             ///< On the engine's machine.
    bool tty{false};
    std::vector<std::string> command{};
};

/// A command in a container that is started, talked to and waited for step by step. No engine can end a command alone:
/// it goes with its container. The engine forgets it some minutes after its end.
///
/// Containers::create_exec() makes one. Cheap to copy; safe from any thread.
class Exec {
  public:
    Exec(std::shared_ptr<Engine::Wire> wire, std::string id, std::string about, bool tty)
        : wire_(std::move(wire)), id_(std::move(id)), about_(std::move(about)), tty_(tty) {}

    [[nodiscard]] const std::string& id() const noexcept { return id_; }

    /// Starts it, attached: its output comes by the streams, and ends once all who hold it have. A command that cannot
    /// be run says so there, and by the exit codes 126 and 127. Engine API: POST /exec/{id}/start with an upgrade.
    Streams start(Deadline deadline = within(k_call_patience)) const;

    /// Starts it and leaves it alone; its output is lost. Engine API: POST /exec/{id}/start with `Detach`.
    /// @throws EngineRefused BR0410 when it cannot be run; Conflict when it was started before
    void start_detached(Deadline deadline = within(k_call_patience)) const;

    /// Engine API: POST /exec/{id}/resize. @throws EngineRefused when it does not run
    void resize(TerminalSize size, Deadline deadline = within(k_call_patience)) const;

    /// Engine API: GET /exec/{id}/json. @throws NotFound when its container is gone
    [[nodiscard]] ExecFacts inspect(Deadline deadline = within(k_call_patience)) const;

    /// Its exit code, once it has ended. Engine API: GET /exec/{id}/json, again and again.
    /// @throws Conflict when it was never started; TimedOut
    [[nodiscard]] int wait(Deadline deadline) const;

  private:
    std::shared_ptr<Engine::Wire> wire_;
    std::string id_;
    std::string about_;  // `'sh -c x' in container 'db'`
    bool tty_;
};

}  // namespace berth

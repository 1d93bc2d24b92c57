// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/core/deadline.hpp>
#include <berth/engine/engine.hpp>

#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace berth {

/// The size of a terminal, in characters.
struct TerminalSize {
    unsigned rows{24};
    unsigned columns{80};
};

/// Both directions of an attached container or command: what it prints, and what it reads. Nothing is kept here: what
/// is not read yet stays with the engine, which then stops the container from writing (back-pressure).
///
/// One thread may read while another writes; close() may come from any.
class Streams {
  public:
    /// Takes output: stream 1 or 2 (a terminal has only 1). The bytes are valid during the call only.
    using Output = std::function<void(int stream, std::string_view bytes)>;

    Streams(Streams&&) noexcept;
    Streams& operator=(Streams&&) noexcept;
    ~Streams();

    /// Waits for output, and hands on what has come, at most 32 KiB.
    /// @returns false at the proper end
    /// @throws ExchangeFailed (BR0102, BR0104) when the connection breaks or carries no frames; EngineRefused (BR0105)
    /// with what the engine itself says in between; TimedOut; Cancelled
    bool read(const Output& on_output, Deadline deadline);

    /// Hands bytes to its standard input, and blocks while that is full.
    /// @throws ExchangeFailed when nobody takes them any more; TimedOut, Cancelled: a part may have been taken
    void write(std::string_view bytes, Deadline deadline);

    /// Its standard input ends (half-close); reading goes on.
    void finish_writing();

    /// Leaves: both directions end now, also for a thread that reads. The container or command goes on.
    void close() noexcept;

    struct State;  // internal
    explicit Streams(std::unique_ptr<State> state) noexcept;

  private:
    std::unique_ptr<State> state_;
};

/// What of a running container is attached to.
struct AttachOptions {
    bool standard_input{false};  ///< Needs ContainerConfig::stdin_open.
    bool standard_output{true};
    bool standard_error{true};
    bool history{false};  ///< What was printed so far comes first; what is printed meanwhile may come twice.
    bool tty{false};      ///< The container has a terminal: no frames.
    /// The keys that leave a terminal: `ctrl-p,ctrl-q`, which is also what empty means.
    std::string detach_keys{};
};

}  // namespace berth

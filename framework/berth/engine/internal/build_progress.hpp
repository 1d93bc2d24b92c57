// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/engine/build.hpp>
#include <berth/engine/internal/buildkit_trace.hpp>
#include <berth/engine/internal/json.hpp>

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace berth::engine {

/// How a build failed, in the builder's words.
struct BuildFailure {
    std::string message{};
    std::optional<int> exit_code{};
    BuildStep step{};      ///< The one that was at work; empty name: none was.
    std::string output{};  ///< What it printed; of more than 1 MiB the end.
};

/// Lines out of pieces.
class LineCutter {
  public:
    /// @returns the lines that are whole now, without their ends; one past 64 KiB comes in parts
    std::vector<std::string> take(std::string_view piece);
    /// The line that has no end yet; empty when there is none.
    std::string finish();

  private:
    std::string pending_;
};

/// Reads the answer of POST /build, of all builders: JSON objects with text of the classic builder or Podman, with
/// pulls, or with BuildKit's traces. Bytes in, events out; no I/O.
class BuildProgress {
  public:
    /// @param about of the exchange, for errors
    explicit BuildProgress(ErrorFacts about) : about_(about), objects_(std::move(about)) {}

    /// @throws ExchangeFailed BR0104, BR0112 for what is no answer of a builder
    void feed(std::string_view bytes, std::vector<BuildEvent>& events);
    /// The answer ended. @throws ExchangeFailed (BR0104) in the middle of an object
    void finish(std::vector<BuildEvent>& events);

    /// Set once the builder said that it failed.
    [[nodiscard]] const std::optional<BuildFailure>& failure() const noexcept { return failure_; }
    /// The last id that it named; empty when none.
    [[nodiscard]] const std::string& image_id() const noexcept { return image_id_; }

  private:
    struct Vertex {
        BuildStep step{};
        bool started{false};
        bool completed{false};
        LineCutter out{};
        LineCutter errors{};
        std::string whole{};  ///< Both, as they came.
    };
    void take(const Json& object, std::vector<BuildEvent>& events);
    void take_text(const std::string& text, std::vector<BuildEvent>& events);
    void take_trace(const std::string& encoded, std::vector<BuildEvent>& events);
    void take_vertex(const BuildTrace::Vertex& vertex, std::vector<BuildEvent>& events);
    static void finish_lines(Vertex& vertex, std::vector<BuildEvent>& events);
    void take_log(const BuildTrace::Log& log, std::vector<BuildEvent>& events);
    void take_layer(const Json& object, std::vector<BuildEvent>& events);
    void take_failure(const Json& object, std::string message, std::vector<BuildEvent>& events);
    void end_step(std::vector<BuildEvent>& events);

    ErrorFacts about_;
    JsonSplitter objects_;
    std::string image_id_;
    std::optional<BuildFailure> failure_;
    // The classic builder and Podman: one step at a time.
    BuildStep step_;
    bool cached_{false};
    bool name_open_{false};  ///< The line that names the step has no end yet.
    LineCutter output_;
    std::string whole_;
    // BuildKit: several, by digest.
    std::map<std::string, Vertex> vertexes_;
    std::string failed_vertex_;
    std::map<std::string, std::int64_t> layers_;
};

/// A BuildKit step's name in its parts: `[linux/amd64 app 2/3] RUN make`.
BuildStep parse_vertex_name(std::string_view name);

/// Of a failed command, as BuildKit (`exit code: 7`) and Podman (`exit status 7`) tell it in words.
std::optional<int> exit_code_in(std::string_view message);

/// `text` without the colours that the classic builder puts around what goes to standard error.
std::string without_colours(std::string_view text);

}  // namespace berth::engine

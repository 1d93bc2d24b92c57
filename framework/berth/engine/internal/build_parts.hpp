// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/engine/build.hpp>
#include <berth/engine/internal/build_progress.hpp>

#include <string>
#include <utility>
#include <vector>

namespace berth::engine {

/// What messages call the image: its first tag, otherwise its Dockerfile.
std::string shown_image(const BuildContext& context, const BuildOptions& options);

/// The query of POST /build. @param pull whether the builder asks registries itself
/// @throws Error (BR0204) for a tag that is none; BR0111 for text that is not UTF-8
std::vector<std::pair<std::string, std::string>> build_query(const BuildContext& context, const BuildOptions& options,
                                                             Builder builder, EngineKind engine);

/// What a builder is quoted with that has not said anything for BuildOptions::stall.
std::string silence(const BuildOptions& options);

/// What the builder's words mean. `facts.summary` is the purpose of the call.
BuildFailed explain_build(ErrorFacts facts, const BuildFailure& failure, const BuildContext& context,
                          const BuildOptions& options);

/// @throws BuildFailed (BR0250) when the Dockerfile has no such stage
void require_target(const DockerfileFacts& dockerfile, const BuildContext& context, const BuildOptions& options);

/// Runs `docker buildx build`; the image is loaded into the engine.
/// @throws BuildFailed; Error (BR0253) when the command is not there, naming what needs it
BuiltImage build_with_buildx(const Engine::Wire& wire, const BuildContext& context, const BuildOptions& options,
                             const DockerfileFacts& dockerfile, const Deadline& deadline);

/// The arguments of `docker` for a build. Values of build arguments are not among them: they go by environment.
/// @param dockerfile, id_file, directory paths
std::vector<std::string> buildx_arguments(const BuildOptions& options, const std::string& dockerfile,
                                          const std::string& id_file, const std::string& directory);

/// Reads what `docker buildx build --progress=plain` prints: `#5 [2/3] RUN make`, `#5 0.12 text`, `#5 CACHED`. Lines
/// in, events out.
class PlainProgress {
  public:
    void take(std::string_view line, std::vector<BuildEvent>& events);
    /// By its last words. @param exit_code of the command
    [[nodiscard]] BuildFailure failure(int exit_code) const;

  private:
    struct Step {
        BuildStep step{};
        std::string whole{};
    };
    std::map<std::string, Step> steps_;
    std::string failed_;   ///< Number of the step.
    std::string message_;  ///< Behind `ERROR: `.
    std::string rest_;     ///< Lines of no step.
};

}  // namespace berth::engine

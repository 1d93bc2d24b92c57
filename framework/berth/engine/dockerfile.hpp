// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace berth {

/// Arguments of a build. Nothing: the default of the Dockerfile counts.
using BuildArguments = std::map<std::string, std::optional<std::string>>;

/// What is known of a Dockerfile by reading it, without an engine.
struct DockerfileFacts {
    struct Stage {
        std::string name{};   ///< In lower case; empty when it has none.
        std::string image{};  ///< What it begins with, substituted; empty for another stage, `scratch`, and what cannot
                              ///< be told.
        std::string platform{};             ///< `linux/arm64` when its FROM says so, substituted.
        std::vector<std::size_t> stages{};  ///< Others that it begins with or copies from.
        std::vector<std::string> images{};  ///< That it copies from or mounts.
        std::size_t line{0};
    };
    /// An instruction that not every builder knows.
    struct Feature {
        std::string text{};  ///< `RUN --mount=type=secret`.
        std::size_t line{0};
    };
    std::vector<Stage> stages{};
    std::string frontend{};             ///< The image of `# syntax=`.
    std::optional<Feature> buildkit{};  ///< The first that only BuildKit knows.
    std::optional<Feature> session{};   ///< The first that needs something of this machine during the build.
};

/// An image that a build begins with or copies from.
struct BaseImage {
    std::string reference{};
    std::string platform{};  ///< Empty: that of the build.
    friend bool operator==(const BaseImage&, const BaseImage&) = default;
};

/// Which stages a builder goes through.
enum class StagesBuilt {
    needed,        ///< The target and what it needs (BuildKit).
    until_target,  ///< All up to the target (the classic builder).
};

/// Reads a Dockerfile. Never fails: what is no Dockerfile has no stages, and the engine says what is wrong.
/// @param platform what TARGETPLATFORM and its kin are made of: `linux/amd64`
DockerfileFacts read_dockerfile(std::string_view text, const BuildArguments& arguments = {},
                                std::string_view platform = "linux/amd64");

/// The stage that a target names: by name, or by number from 0; the last one for an empty target.
std::optional<std::size_t> find_stage(const DockerfileFacts& facts, std::string_view target);

/// The images that have to be there for a target, each once, in order.
std::vector<BaseImage> base_images(const DockerfileFacts& facts, std::string_view target, StagesBuilt built);

}  // namespace berth

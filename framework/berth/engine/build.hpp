// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/archive/build_context.hpp>
#include <berth/engine/dockerfile.hpp>
#include <berth/engine/engine.hpp>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace berth {

using archive::BuildContext;
using archive::ContextOptions;

/// Who builds.
enum class Builder {
    automatic,  ///< BuildKit where the engine prefers it or the Dockerfile needs it, otherwise the classic builder;
                ///< buildx for what neither can do over the API.
    classic,    ///< The engine's first builder; on Podman, Buildah.
    buildkit,   ///< BuildKit in the engine, over the API.
    buildx,     ///< The command `docker buildx`.
};

/// `the classic builder`, `BuildKit`, `docker buildx`.
std::string to_string(Builder builder);

/// A step of a build.
struct BuildStep {
    int number{0};        ///< From 1; 0 for what is no instruction (`exporting to image`).
    int total{0};         ///< Of its stage (BuildKit, Podman) or of the whole Dockerfile (classic).
    std::string stage{};  ///< Its stage's name; empty when it has none, or the builder does not say.
    std::string name{};   ///< `RUN make`.
    /// `step 2/3 of stage 'app': RUN make`.
    [[nodiscard]] std::string text() const;
    friend bool operator==(const BuildStep&, const BuildStep&) = default;
};

/// Something that happened in a build.
struct BuildEvent {
    enum class Kind {
        started,   ///< The step began.
        cached,    ///< The step's result was there already.
        finished,  ///< The step ended well.
        output,    ///< The step printed the line `text`.
        layer,     ///< `layer` of the step has come to `current` of `total` bytes; `text` is the engine's word.
        message,   ///< The builder says `text`.
        warning,   ///< `text` deserves a look.
    };
    Kind kind{Kind::message};
    BuildStep step{};
    std::string text{};
    bool error_stream{false};  ///< The line was printed to standard error, if the builder tells.
    std::string layer{};
    std::uint64_t current{0};
    std::uint64_t total{0};  ///< 0 when not known.
    friend bool operator==(const BuildEvent&, const BuildEvent&) = default;
};

struct BuildOptions {
    std::vector<std::string> tags{};
    BuildArguments args{};
    std::string target{};  ///< A stage's name; empty: the last one.
    Labels labels{};
    std::string platform{};  ///< `linux/arm64`; empty: the engine's.
    std::vector<std::string> cache_from{};
    bool no_cache{false};
    bool pull{false};                        ///< Asks registries for newer images of its FROMs.
    std::string network{};                   ///< Of RUN: `none`, `host`, a network; empty: the default.
    std::vector<std::string> extra_hosts{};  ///< `name:address`.

    /// Limits of RUN. 0: none. BuildKit keeps those of shared memory and ulimits only: for the others `automatic` takes
    /// the classic builder where the Dockerfile allows.
    std::uint64_t shm_size{0};    ///< Bytes.
    std::uint64_t memory{0};      ///< Bytes.
    std::int64_t memory_swap{0};  ///< Bytes, memory included; -1: no limit.
    std::int64_t cpu_shares{0};
    std::int64_t cpu_period{0};  ///< Microseconds.
    std::int64_t cpu_quota{0};   ///< Microseconds in each period.
    std::string cpuset_cpus{};   ///< `0-1`.
    struct Limit {
        std::string name{};  ///< `nofile`.
        std::int64_t soft{0};
        std::int64_t hard{0};
    };
    std::vector<Limit> ulimits{};

    /// For `RUN --mount=type=secret` and `type=ssh`, in the words of `docker buildx build`: `id=key,src=path`,
    /// `default`.
    std::vector<std::string> secrets{};
    std::vector<std::string> ssh{};

    Builder builder{Builder::automatic};
    std::function<void(const BuildEvent&)> on_event{};
    /// Without any word from the builder for so long it has failed; 0: never.
    std::chrono::seconds stall{0};
};

struct BuiltImage {
    std::string id{};                   ///< Opaque, as ImageFacts::id.
    Builder builder{Builder::classic};  ///< Who built it.
};

/// Engine API: /build.
class Builds {
  public:
    explicit Builds(std::shared_ptr<Engine::Wire> wire) noexcept : wire_(std::move(wire)) {}

    /// Builds an image. The images that the Dockerfile begins with and copies from are pulled first unless they are
    /// there, so that credentials of this machine count. The context is streamed, compressed for an engine on another
    /// machine. When it is cancelled or its deadline passes, the connection is closed, which ends the build; neither
    /// containers nor tags are left, cached steps are.
    ///
    /// Engine API: POST /build, with `rm` and `forcerm`. BuildKit is driven without a session (`version=2`); when it
    /// turns out to need one, the build is done again by the classic builder, or by `docker buildx` when the Dockerfile
    /// needs that.
    /// @throws BuildFailed (BR0250) with the step and its output; PullFailed (BR0201) for a base image; Error BR0253
    /// when the Dockerfile needs buildx and that is not there, BR0204 for a tag that is none, BR0401 when a file of the
    /// context cannot be read; TimedOut, Cancelled
    BuiltImage build(const BuildContext& context, const BuildOptions& options = {},
                     Deadline deadline = within(std::chrono::minutes(30)));

  private:
    std::shared_ptr<Engine::Wire> wire_;
};

}  // namespace berth

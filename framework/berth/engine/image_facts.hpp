// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/engine/engine.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace berth {

/// What an engine says of an image. A list leaves out what only an inspect tells.
struct ImageFacts {
    std::string id{};  ///< Opaque: what it is a digest of depends on the engine's image store.
    std::vector<std::string> tags{};
    std::vector<std::string> digests{};
    std::string architecture{};  ///< As Go says it: `amd64`, `arm64`.
    std::string os{};
    std::uint64_t size{0};                     ///< Bytes.
    std::vector<std::string> exposed_ports{};  ///< `5432/tcp`.
    std::vector<std::string> volumes{};
    bool has_healthcheck{false};
    Labels labels{};
    std::string variant{};  ///< Of the architecture: `v8`.
    std::string created{};  ///< RFC 3339; in a list: Unix seconds.
    std::vector<std::string> environment{};
    std::vector<std::string> entrypoint{};
    std::vector<std::string> command{};
    std::string user{};
    std::string working_dir{};
    std::string stop_signal{};
    std::vector<std::string> layers{};  ///< Digests, lowest first.

    /// `linux/arm64/v8`.
    [[nodiscard]] std::string platform() const;
};

/// One step of how an image was made.
struct ImageHistoryStep {
    std::string id{};          ///< `<missing>` where the engine does not keep it.
    std::int64_t created{0};   ///< Unix seconds.
    std::string created_by{};  ///< The command.
    std::vector<std::string> tags{};
    std::uint64_t size{0};  ///< Bytes it added.
    std::string comment{};
};

/// What a search found.
struct FoundImage {
    std::string name{};
    std::string description{};
    bool official{false};
    int stars{0};
};

/// What a registry has under a name.
struct DistributionFacts {
    std::string digest{};
    std::string media_type{};
    std::uint64_t size{0};                 ///< Of the manifest, in bytes.
    std::vector<std::string> platforms{};  ///< `linux/amd64`.
};

struct PushedImage {
    std::string tag{};
    std::string digest{};
    std::uint64_t size{0};  ///< Of the manifest, in bytes.
};

}  // namespace berth

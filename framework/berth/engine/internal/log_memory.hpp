// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/engine/logs.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>

namespace berth::engine {

/// Knows which lines of a log were given already, so that a log that is asked for again gives each once. Lines of one
/// stream come in the order of their times; several may share a time (Podman's have whole seconds), so of the newest
/// time the lines themselves are remembered, by their digests. An engine that rotates a log may tell a line twice on
/// one stream: where times have nanoseconds, the same text of the same time is the same line.
class LogMemory {
  public:
    /// A line that is about to be given. @returns false when it was given before
    bool is_new(const LogLine& line);
    /// The log is read again from the start of the newest second on.
    void begin_again();
    /// Where to begin: Unix seconds, the one before that of the newest line; nothing before the first line.
    [[nodiscard]] std::optional<std::int64_t> since() const;

  private:
    struct Newest {
        std::string time{};
        std::unordered_map<std::size_t, std::size_t> given{};  // digest of a line to how often it was given
        std::unordered_map<std::size_t, std::size_t> again{};  // how often it may come again
        bool repeated{false};  // the line being given in pieces was told twice by the engine itself
    };
    std::array<Newest, 2> newest_{};
};

}  // namespace berth::engine

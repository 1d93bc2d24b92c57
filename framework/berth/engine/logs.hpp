// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace berth {

/// One line of a container's log, assembled across frames, without its end.
struct LogLine {
    enum class Stream { out, err };
    Stream stream{Stream::out};
    std::string time{};  ///< RFC 3339 with nanoseconds, the engine's clock; empty unless asked for.
    std::string text{};
    bool continues{false};  ///< Goes on with the one before, which was longer than LogOptions::longest_line.
};

/// How long a log is followed.
enum class FollowUntil {
    stream_end,  ///< The container's first end. A stream that breaks is an error.
    exit,        ///< The container's end that no restart policy mends. A stream that breaks is taken up again.
    removal,     ///< The container's removal, through any number of stops and starts.
};

struct LogOptions {
    bool standard_output{true};
    bool standard_error{true};
    bool timestamps{false};
    std::optional<int> tail{};            ///< The last lines only.
    std::optional<std::int64_t> since{};  ///< Unix seconds, the engine's clock; that second is in.
    bool tty{false};                      ///< The container has a terminal: no frames.
    std::size_t longest_line{1 << 20};    ///< Bytes; a longer one is given in pieces.
    std::optional<std::int64_t> until{};  ///< Unix seconds; of logs() only.
    /// Of follow() only. Beyond `stream_end`, what was given is asked for again by its time and left out, so that each
    /// line comes once; only what the engine has dropped meanwhile (a rotated log) is lost. The engine's clock must not
    /// be set back meanwhile.
    FollowUntil follow_until{FollowUntil::stream_end};
};

}  // namespace berth

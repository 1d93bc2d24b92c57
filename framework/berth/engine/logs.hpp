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
};

struct LogOptions {
    bool standard_output{true};
    bool standard_error{true};
    bool timestamps{false};
    std::optional<int> tail{};            ///< The last lines only.
    std::optional<std::int64_t> since{};  ///< Unix seconds, the engine's clock.
    bool tty{false};                      ///< The container has a terminal: no frames.
    std::size_t longest_line{1 << 20};    ///< Bytes; a longer one is given in pieces.
};

}  // namespace berth

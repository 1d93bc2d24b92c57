// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace berth::log {

/// `error` someone must act · `warn` we coped, here is how · `info` one line a step a service ·
/// `debug` each exchange with the engine · `trace` bodies.
enum class Level { trace, debug, info, warn, error, off };

/// What is written from now on; `warn` at the start.
void set_level(Level level) noexcept;
[[nodiscard]] bool enabled(Level level) noexcept;

/// Where lines go besides the log file; stderr at the start. Called by one thread at a time, with one line, no newline.
void set_sink(std::function<void(Level, std::string_view)> sink);

/// Also appends every line to this file, made with mode 0600. @throws Error when it cannot be opened
void set_file(const std::string& path);

/// `trace` … `off`. @returns false when the name is none of them
bool parse_level(std::string_view name, Level& level) noexcept;

// The text is redacted and its control characters are escaped here. Make it with fmt where that is at hand, and ask
// enabled() first where making it costs something.
void trace(std::string_view text);
void debug(std::string_view text);
void info(std::string_view text);
void warn(std::string_view text);
void error(std::string_view text);

}  // namespace berth::log

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/cli/arguments.hpp>
#include <berth/cli/options.hpp>
#include <berth/core/diagnostic.hpp>

#include <cstddef>
#include <string_view>

namespace berth::cli {

/// Where a stream goes, and what it may be given.
struct Screen {
    bool terminal{false};
    std::size_t columns{100};
    std::size_t rows{24};
};

/// Asks the descriptor; a stream that is no terminal counts as 100 columns wide.
Screen screen_of(int descriptor) noexcept;

/// CI by its variable: not empty and not `false`.
bool in_ci(const VariableSource& variables);

/// Whether to write colours to a stream: as asked; else on a terminal, without NO_COLOR, not with TERM=dumb, not in CI.
Colour colour_for(When asked, const Screen& screen, const VariableSource& variables);

/// What `auto` means on this stream.
ProgressStyle progress_for(const GlobalOptions& options, const Screen& screen, const VariableSource& variables);

/// Writes all of `text`.
/// @returns 0, or the errno of what went wrong
int write_all(int descriptor, std::string_view text) noexcept;

/// Cells that a text takes on a terminal.
std::size_t display_width(std::string_view text) noexcept;
/// At most `columns` cells of it; what is cut ends in `~`.
std::string cut_to(std::string_view text, std::size_t columns);

/// The terminal of `descriptor` in raw mode, while this lives; restored also when a second signal ends the program.
class RawTerminal {
  public:
    explicit RawTerminal(int descriptor);
    RawTerminal(const RawTerminal&) = delete;
    RawTerminal& operator=(const RawTerminal&) = delete;
    ~RawTerminal();

    /// Restores what a living RawTerminal has changed. Safe in a thread that is about to leave the program.
    static void restore_now() noexcept;
};

}  // namespace berth::cli

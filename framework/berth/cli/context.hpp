// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/cli/arguments.hpp>
#include <berth/cli/exit.hpp>
#include <berth/cli/signals.hpp>
#include <berth/cli/terminal.hpp>
#include <berth/core/deadline.hpp>
#include <berth/engine/engine.hpp>

#include <functional>
#include <string>
#include <string_view>

namespace berth::cli {

/// What every verb is given: what was asked for, and the world it was asked in.
class Context {
  public:
    Context(Arguments arguments, VariableSource variables, Signals& signals);

    [[nodiscard]] const GlobalOptions& global() const noexcept { return arguments_.global; }
    [[nodiscard]] const VerbOptions& own() const noexcept { return arguments_.own; }
    [[nodiscard]] const VariableSource& variables() const noexcept { return variables_; }
    [[nodiscard]] Signals& signals() const noexcept { return signals_; }
    [[nodiscard]] const std::string& directory() const noexcept { return directory_; }  ///< Where we work.

    /// Until `--timeout` or the first signal.
    [[nodiscard]] const Deadline& deadline() const noexcept { return deadline_; }

    [[nodiscard]] Colour out_colour() const { return colour_for(global().color, out_, variables_); }
    [[nodiscard]] Colour err_colour() const { return colour_for(global().color, err_, variables_); }
    [[nodiscard]] const Screen& out_screen() const noexcept { return out_; }
    [[nodiscard]] const Screen& err_screen() const noexcept { return err_; }
    [[nodiscard]] ProgressStyle progress_style() const { return progress_for(global(), err_, variables_); }

    /// A result, on standard output.
    /// @returns false when its reader has gone, which is nobody's fault: then there is nobody to print for
    /// @throws Exit when it cannot be written
    bool print(std::string_view text) const;
    /// A message, on standard error, whole lines. Not after `-q`.
    void say(std::string_view text) const;
    /// The same, `-q` or not.
    void warn(std::string_view text) const;

    /// Finds an engine: `--engine`, else `preferred` (of a state file), else where engines are. @throws
    /// EngineUnreachable
    [[nodiscard]] Engine connect(const std::string& preferred = {}) const;

    [[nodiscard]] Telling telling() const;

  private:
    Arguments arguments_;
    VariableSource variables_;
    Signals& signals_;
    std::string directory_;
    Deadline deadline_;
    Screen out_;
    Screen err_;
};

/// `3 services`, `1 service`.
std::string counted(std::size_t number, std::string_view noun);

/// Rows with their columns under each other, two blanks between, no blanks at line ends.
std::string aligned(const std::vector<std::vector<std::string>>& rows);

}  // namespace berth::cli

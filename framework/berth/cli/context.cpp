// SPDX-License-Identifier: Apache-2.0
#include <berth/cli/context.hpp>

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

namespace berth::cli {
namespace {

std::string working_directory() {
    std::error_code error;
    const auto path = std::filesystem::current_path(error);
    if (error) {
        throw Exit(k_bad_spec, fmt::format("the working directory cannot be found: {}", error.message()));
    }
    return path.string();
}

}  // namespace

Context::Context(Arguments arguments, VariableSource variables, Signals& signals)
    : arguments_(std::move(arguments)),
      variables_(std::move(variables)),
      signals_(signals),
      directory_(working_directory()),
      deadline_(arguments_.global.timeout ? within(*arguments_.global.timeout, signals.stop())
                                          : Deadline::never(signals.stop())),
      out_(screen_of(STDOUT_FILENO)),
      err_(screen_of(STDERR_FILENO)) {}

bool Context::print(std::string_view text) const {
    const int error = write_all(STDOUT_FILENO, text);
    if (error != 0 && error != EPIPE) {
        throw Exit(k_not_so,
                   fmt::format("cannot write to standard output: {}", std::generic_category().message(error)));
    }
    return error == 0;
}

void Context::say(std::string_view text) const {
    if (!global().quiet) {
        write_all(STDERR_FILENO, text);
    }
}

void Context::warn(std::string_view text) const {
    write_all(STDERR_FILENO, text);
}

Engine Context::connect(const std::string& preferred) const {
    constexpr std::chrono::seconds k_connect{5};
    return Engine::connect(
        {.endpoint = global().engine.empty() ? preferred : global().engine, .insecure = global().insecure},
        deadline_.sooner(k_connect));
}

Telling Context::telling() const {
    return {.colour = err_colour(),
            .max_errors = global().max_errors,
            .signal = signals_.first(),
            .time_is_up = !deadline_.is_never() && deadline_.passed(),
            .log_file = global().log_file};
}

std::string counted(std::size_t number, std::string_view noun) {
    return fmt::format("{} {}{}", number, noun, number == 1 ? "" : "s");
}

std::string aligned(const std::vector<std::vector<std::string>>& rows) {
    std::vector<std::size_t> widths;
    for (const auto& row : rows) {
        widths.resize(std::max(widths.size(), row.size()), 0);
        for (std::size_t i = 0; i < row.size(); ++i) {
            widths[i] = std::max(widths[i], display_width(row[i]));
        }
    }
    std::string text;
    for (const auto& row : rows) {
        std::string line;
        for (std::size_t i = 0; i < row.size(); ++i) {
            line += row[i] + std::string(widths[i] - display_width(row[i]) + 2, ' ');
        }
        line.erase(line.find_last_not_of(' ') + 1);
        text += line + '\n';
    }
    return text;
}

}  // namespace berth::cli

// SPDX-License-Identifier: Apache-2.0
#include <berth/cli/arguments.hpp>
#include <berth/cli/exit.hpp>
#include <berth/cli/signals.hpp>
#include <berth/cli/terminal.hpp>
#include <berth/cli/verbs.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <exception>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

namespace {

/// Prints what the parser has to say.
int tell(const berth::cli::Parsed& parsed) {
    using namespace berth::cli;
    write_all(STDERR_FILENO, parsed.err);
    const int error = write_all(STDOUT_FILENO, parsed.out);
    if (error == 0 || error == EPIPE) {
        return parsed.exit_code;
    }
    throw Exit(k_not_so, "cannot write to standard output: " + std::generic_category().message(error));
}

/// A standard stream that the caller has closed would be the next socket's number. Opened for reading only, so that
/// writing to it fails as it did before.
void hold_standard_streams() {
    for (int number = STDIN_FILENO; number <= STDERR_FILENO; ++number) {
        if (::fcntl(number, F_GETFD) < 0) {
            [[maybe_unused]] const int held = ::open("/dev/null", O_RDONLY);
        }
    }
}

std::optional<std::string> variable(const std::string& name) {
    const char* value = std::getenv(name.c_str());
    return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

}  // namespace

int main(int argc, char** argv) {
    using namespace berth::cli;
    hold_standard_streams();
    // A closed pipe is told by write(); we must outlive it to clean up.
    std::signal(SIGPIPE, SIG_IGN);
    try {
        const std::vector<std::string> words(argv + (argc > 0 ? 1 : 0), argv + argc);
        const Parsed parsed = parse_arguments(words, variable);
        if (parsed.arguments) {
            Signals signals;
            return dispatch(*parsed.arguments, variable, signals);
        }
        return tell(parsed);
    } catch (const std::exception&) {
        const Outcome outcome = outcome_of(std::current_exception(), {});
        write_all(STDERR_FILENO, outcome.text);
        return outcome.code;
    }
}

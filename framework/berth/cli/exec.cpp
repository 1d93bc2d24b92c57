// SPDX-License-Identifier: Apache-2.0
#include <berth/cli/running.hpp>
#include <berth/cli/verbs.hpp>
#include <berth/core/error.hpp>
#include <berth/engine/exec.hpp>
#include <berth/process/wake.hpp>

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <optional>
#include <system_error>

namespace berth::cli {
namespace {

/// The next piece of our standard input; empty at its end, or when the command has ended meanwhile.
std::string read_some(const std::stop_token& ended) {
    constexpr std::size_t k_piece = 32 * 1024;
    process::Wake wake;
    process::Watch input{.descriptor = STDIN_FILENO, .for_reading = true};
    try {
        wake.wait({&input}, Deadline::never(ended));
    } catch (const Cancelled&) {
        return {};
    }
    std::string piece(k_piece, '\0');
    ssize_t size = 0;
    do {
        size = ::read(STDIN_FILENO, piece.data(), piece.size());
    } while (size < 0 && errno == EINTR);
    piece.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
    return piece;
}

}  // namespace

int exec(Context& context) {
    const VerbOptions& own = context.own();
    if (own.tty && own.interactive && ::isatty(STDIN_FILENO) != 1) {
        throw Exit(k_wrong_use,
                   "-t with -i needs a terminal as standard input, and this one is none\n"
                   "  hint: leave out -t to hand a file or a pipe to the command");
    }
    const Running running = find_running(context);
    const RunningService& service = running.service(own.services.front());

    ExecOptions options;
    options.command = own.command;
    options.environment = own.environment;
    options.user = own.user;
    options.working_dir = own.working_dir;
    options.tty = own.tty;
    options.check = Check::no;
    if (own.tty) {
        // Its terminal does not know the size of ours; programs that ask these variables do.
        options.environment.push_back(fmt::format("COLUMNS={}", context.out_screen().columns));
        options.environment.push_back(fmt::format("LINES={}", context.out_screen().rows));
        if (const auto term = context.variables()("TERM"); term && !term->empty()) {
            options.environment.push_back("TERM=" + *term);
        }
    }
    if (own.interactive) {
        options.attach_stdin = true;
        options.read_input = read_some;
    }
    bool reader_gone = false;
    options.on_output = [&](int stream, std::string_view bytes) {
        if (stream == 2) {
            context.warn(bytes);
        } else if (!reader_gone) {
            reader_gone = !context.print(bytes);
        }
    };
    std::optional<RawTerminal> raw;
    if (own.tty && own.interactive) {
        raw.emplace(STDIN_FILENO);
    }
    return running.engine.containers().exec(service.container.id, options, context.deadline()).exit_code;
}

}  // namespace berth::cli

// SPDX-License-Identifier: Apache-2.0
#include <berth/cli/terminal.hpp>

#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>

namespace berth::cli {
namespace {

struct Saved {
    int descriptor{-1};
    termios settings{};
};
Saved saved;  // one terminal, one owner
std::atomic<bool> is_raw{false};

/// The character of UTF-8 at `at`, and how many bytes it has; a broken byte stands for itself.
char32_t character_at(std::string_view text, std::size_t at, std::size_t& length) noexcept {
    const auto first = static_cast<unsigned char>(text[at]);
    length = first < 0xc0 || first > 0xf7 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    char32_t code = length == 1 ? first : first & (0xffU >> (length + 1));
    for (std::size_t i = 1; i < length; ++i) {
        const unsigned next = at + i < text.size() ? static_cast<unsigned char>(text[at + i]) : 0U;
        if ((next & 0xc0U) != 0x80U) {
            length = 1;
            return first;
        }
        code = (code << 6U) | (next & 0x3fU);
    }
    return code;
}

std::size_t cells_of(char32_t c) noexcept {
    const auto between = [c](char32_t first, char32_t last) { return c >= first && c <= last; };
    if (between(0x300, 0x36f) || between(0x200b, 0x200f) || between(0xfe00, 0xfe0f)) {
        return 0;
    }
    const bool wide = between(0x1100, 0x115f) || between(0x2e80, 0xa4cf) || between(0xac00, 0xd7a3) ||
                      between(0xf900, 0xfaff) || between(0xfe30, 0xfe6f) || between(0xff00, 0xff60) ||
                      between(0xffe0, 0xffe6) || between(0x1f300, 0x1faff) || between(0x20000, 0x3fffd);
    return wide ? 2 : 1;
}

bool is_set(const VariableSource& variables, const char* name) {
    const auto value = variables(name);
    return value && !value->empty();
}

}  // namespace

Screen screen_of(int descriptor) noexcept {
    Screen screen;
    screen.terminal = ::isatty(descriptor) == 1;
    winsize size{};
    if (screen.terminal && ::ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 && size.ws_row > 0) {
        screen.columns = size.ws_col;
        screen.rows = size.ws_row;
    }
    return screen;
}

bool in_ci(const VariableSource& variables) {
    const auto value = variables("CI");
    return value && !value->empty() && *value != "false";
}

Colour colour_for(When asked, const Screen& screen, const VariableSource& variables) {
    if (asked != When::automatic) {
        return asked == When::always ? Colour::always : Colour::never;
    }
    const bool plain =
        !screen.terminal || is_set(variables, "NO_COLOR") || variables("TERM") == "dumb" || in_ci(variables);
    return plain ? Colour::never : Colour::always;
}

ProgressStyle progress_for(const GlobalOptions& options, const Screen& screen, const VariableSource& variables) {
    if (options.quiet) {
        return ProgressStyle::none;
    }
    if (options.progress != ProgressStyle::automatic) {
        return options.progress;
    }
    const bool redraws = screen.terminal && variables("TERM") != "dumb" && !in_ci(variables);
    return redraws ? ProgressStyle::bars : ProgressStyle::lines;
}

int write_all(int descriptor, std::string_view text) noexcept {
    while (!text.empty()) {
        const ssize_t written = ::write(descriptor, text.data(), text.size());
        if (written < 0) {
            if (errno == EINTR) {
                continue;
            }
            return errno;
        }
        text.remove_prefix(static_cast<std::size_t>(written));
    }
    return 0;
}

std::size_t display_width(std::string_view text) noexcept {
    std::size_t width = 0;
    std::size_t length = 0;
    for (std::size_t at = 0; at < text.size(); at += length) {
        width += cells_of(character_at(text, at, length));
    }
    return width;
}

std::string cut_to(std::string_view text, std::size_t columns) {
    if (display_width(text) <= columns) {
        return std::string(text);
    }
    std::size_t width = 0;
    std::size_t length = 0;
    std::size_t at = 0;
    for (; at < text.size(); at += length) {
        const std::size_t cells = cells_of(character_at(text, at, length));
        if (width + cells + 1 > columns) {
            break;
        }
        width += cells;
    }
    return std::string(text.substr(0, at)) + (columns > 0 ? "~" : "");
}

RawTerminal::RawTerminal(int descriptor) {
    if (::tcgetattr(descriptor, &saved.settings) != 0) {
        return;
    }
    saved.descriptor = descriptor;
    termios raw = saved.settings;
    ::cfmakeraw(&raw);
    if (::tcsetattr(descriptor, TCSADRAIN, &raw) == 0) {
        is_raw = true;
    }
}

RawTerminal::~RawTerminal() {
    restore_now();
}

void RawTerminal::restore_now() noexcept {
    if (is_raw.exchange(false)) {
        // NOW: what cannot be written any more must not keep us from restoring.
        ::tcsetattr(saved.descriptor, TCSANOW, &saved.settings);
    }
}

}  // namespace berth::cli

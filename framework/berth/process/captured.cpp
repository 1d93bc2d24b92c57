// SPDX-License-Identifier: Apache-2.0
#include <berth/core/error.hpp>
#include <berth/process/child.hpp>
#include <berth/process/wake.hpp>

#include <fmt/format.h>

#include <fcntl.h>
#include <unistd.h>
#include <algorithm>
#include <array>
#include <cerrno>

namespace berth::process {
namespace {

/// While the child runs, one read at a time: a child that prints without end must not keep us from the deadline.
constexpr int k_one_read = 1;
/// After its end: more than a pipe can hold, and still an end when a grandchild goes on printing.
constexpr int k_what_is_left = 256;

/// Reads what is there now. Closes `from` at its end.
void drain(Descriptor& from, std::string& into, std::size_t limit, bool& cut, int reads) {
    std::array<char, 16384> piece;
    for (; from && reads > 0; --reads) {
        const ssize_t count = ::read(from.get(), piece.data(), piece.size());
        if (count > 0) {
            const auto came = static_cast<std::size_t>(count);
            const auto kept = std::min(came, limit - into.size());
            into.append(piece.data(), kept);
            cut = cut || kept < came;
        } else if (count == 0 || (errno != EAGAIN && errno != EINTR)) {
            from.close();
        } else if (errno == EAGAIN) {
            return;
        }
    }
}

}  // namespace

Captured run_captured(Options options, Deadline deadline, CaptureLimits limits) {
    options.standard_output = Standard::pipe();
    options.standard_error = Standard::pipe();
    if (options.standard_input.kind != Standard::Kind::descriptor) {
        options.standard_input = Standard::null();
    }
    Child child(options);
    Descriptor& out = child.standard_output();
    Descriptor& err = child.standard_error();
    ::fcntl(out.get(), F_SETFL, O_NONBLOCK);
    ::fcntl(err.get(), F_SETFL, O_NONBLOCK);

    Captured captured;
    Wake wake;
    for (;;) {
        // Asked first: what it printed before its end is in the pipes by then.
        const auto status = child.poll();
        const int reads = status ? k_what_is_left : k_one_read;
        drain(out, captured.out, limits.out, captured.cut, reads);
        drain(err, captured.err, limits.err, captured.cut, reads);
        if (status) {
            captured.status = *status;
            return captured;
        }
        Watch watched_out{.descriptor = out.get(), .for_reading = true};
        Watch watched_err{.descriptor = err.get(), .for_reading = true};
        Watch ended{.descriptor = child.descriptor(), .for_reading = true};
        if (!wake.wait({&watched_out, &watched_err, &ended}, deadline) || deadline.passed()) {
            throw TimedOut(
                {.code = "BR0103", .summary = fmt::format("'{}' did not end in time", options.argv.front())});
        }
    }
}

}  // namespace berth::process

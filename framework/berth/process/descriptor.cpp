// SPDX-License-Identifier: Apache-2.0
#include <berth/core/error.hpp>
#include <berth/process/descriptor.hpp>

#include <fmt/format.h>

#include <fcntl.h>
#include <unistd.h>
#include <cerrno>
#include <system_error>

namespace berth::process {

Descriptor::~Descriptor() {
    if (number_ >= 0) {
        ::close(number_);
    }
}

Pipe make_pipe() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) {
        throw Error({.code = "BR0116",
                     .summary = fmt::format("cannot make a pipe: {}", std::generic_category().message(errno))});
    }
    return {Descriptor(ends[0]), Descriptor(ends[1])};
}

}  // namespace berth::process

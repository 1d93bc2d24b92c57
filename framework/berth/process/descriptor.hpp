// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <utility>

namespace berth::process {

/// Owns one file descriptor and closes it when it goes.
class Descriptor {
  public:
    Descriptor() noexcept = default;
    explicit Descriptor(int number) noexcept : number_(number) {}
    Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
    /// By value: what this owned before goes with `other`, and is closed.
    Descriptor& operator=(Descriptor other) noexcept {
        std::swap(number_, other.number_);
        return *this;
    }
    ~Descriptor();

    [[nodiscard]] int get() const noexcept { return number_; }
    explicit operator bool() const noexcept { return number_ >= 0; }
    /// The caller closes it from here on.
    [[nodiscard]] int release() noexcept { return std::exchange(number_, -1); }
    void close() noexcept { *this = Descriptor(); }

  private:
    int number_{-1};
};

/// Two ends of a pipe, both close-on-exec.
struct Pipe {
    Descriptor read{};
    Descriptor write{};
};

/// @throws Error (BR0116) when the process has no descriptors left
Pipe make_pipe();

}  // namespace berth::process

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/core/deadline.hpp>
#include <berth/process/descriptor.hpp>

#include <initializer_list>

namespace berth::process {

/// A descriptor to wait for, and what it turned out to be ready for. A descriptor of -1 is never ready.
struct Watch {
    int descriptor{-1};
    bool for_reading{false};
    bool for_writing{false};
    bool readable{false};  ///< Bytes, an end or an error wait to be read.
    bool writable{false};  ///< Bytes are taken, or writing would fail at once.
};

/// Blocks on descriptors, and on the stop token of a deadline at the same time. Keeps one event descriptor, made when
/// it is first needed; one thread at a time.
class Wake {
  public:
    /// Until one of `watches` (at most four) is ready.
    /// @returns false when the deadline passed first
    /// @throws Cancelled within milliseconds of the stop request
    bool wait(std::initializer_list<Watch*> watches, const Deadline& deadline);

  private:
    Descriptor event_;
};

}  // namespace berth::process

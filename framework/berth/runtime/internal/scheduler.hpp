// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/core/deadline.hpp>

#include <cstddef>
#include <functional>
#include <vector>

namespace berth::runtime {

/// Runs phases as soon as those they need are done, each on a thread when several can run at once. A thread takes the
/// next phase when its own is done, so a chain needs no further thread, and one alone runs on the caller's.
class Scheduler {
  public:
    /// Blocks until its phase is done. The deadline is the environment's; its token also stops when a sibling failed.
    using Work = std::function<void(const Deadline&)>;

    /// What a failure means for the others.
    enum class Failure {
        stops_all,  ///< Running phases are asked to stop, others are not begun.
        goes_on,    ///< All others run all the same (teardown).
    };

    explicit Scheduler(Failure failure = Failure::stops_all, std::size_t most_threads = 256) noexcept
        : failure_(failure), most_threads_(most_threads) {}

    /// A phase that runs after those in `after`. @returns its number
    std::size_t add(Work work, std::vector<std::size_t> after = {});
    /// `phase` runs after `other` too. Only before run().
    void order(std::size_t phase, std::size_t other);

    /// Runs everything and returns once no phase runs any more.
    /// @throws the first error of a phase, with the summaries of the others as notes; Cancelled when the token stops
    void run(const Deadline& deadline);

  private:
    struct Phase {
        Work work;
        std::vector<std::size_t> after;
    };
    struct Pass;

    Failure failure_;
    std::size_t most_threads_;
    std::vector<Phase> phases_{};
};

}  // namespace berth::runtime

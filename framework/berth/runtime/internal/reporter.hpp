// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/report/timeline.hpp>
#include <berth/runtime/environment.hpp>

#include <functional>
#include <mutex>
#include <string>

namespace berth::runtime {

/// Tells of phases: a span in the timeline, a line in the log, and whoever listens. Thread-safe; the listener is called
/// by one thread at a time.
class Reporter {
  public:
    Reporter(Timeline timeline, std::function<void(const Progress&)> listener)
        : timeline_(std::move(timeline)), listener_(std::move(listener)) {}

    /// Does `work` as a phase of `service` (empty: of the environment). What it throws is thrown on.
    void phase(const std::string& service, const std::string& phase, const std::string& detail,
               const std::function<void()>& work);
    /// Something within a phase.
    void moving(Progress progress);

  private:
    void tell(const Progress& progress);

    Timeline timeline_;
    std::function<void(const Progress&)> listener_;
    std::mutex mutex_;
};

}  // namespace berth::runtime

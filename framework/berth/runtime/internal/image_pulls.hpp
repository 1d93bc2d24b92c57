// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/engine/engine.hpp>
#include <berth/runtime/internal/plan.hpp>
#include <berth/runtime/internal/reporter.hpp>

#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <string>

namespace berth::runtime {

/// Pulls each image of an environment at most once, however many services need it. Thread-safe.
class ImagePulls {
  public:
    ImagePulls(Engine engine, Reporter& reporter, std::chrono::nanoseconds patience)
        : engine_(std::move(engine)), reporter_(reporter), patience_(patience) {}

    /// Returns when the image is there. Engine API: POST /images/create. @throws PullFailed, TimedOut, Cancelled
    void pull(const ServicePlan& service, const Deadline& deadline);
    /// The same for an image that a create did not find. @throws Error (BR0204) when `pull_policy` is `never`
    void pull_missing(const ServicePlan& service, const Deadline& deadline);

  private:
    enum class State { none, under_way, done };
    void do_pull(const ServicePlan& service, const Deadline& deadline);

    Engine engine_;
    Reporter& reporter_;
    std::chrono::nanoseconds patience_;
    std::mutex mutex_{};
    std::condition_variable_any changed_{};
    std::map<std::string, State> images_{};
};

}  // namespace berth::runtime

// SPDX-License-Identifier: Apache-2.0
#include <berth/core/log.hpp>
#include <berth/core/units.hpp>
#include <berth/runtime/internal/reporter.hpp>

#include <fmt/format.h>

#include <chrono>

namespace berth::runtime {

void Reporter::phase(const std::string& service, const std::string& phase, const std::string& detail,
                     const std::function<void()>& work) {
    const auto begin = std::chrono::steady_clock::now();
    const auto elapsed = [&] { return std::chrono::steady_clock::now() - begin; };
    Progress progress{.service = service, .phase = phase, .text = detail};
    tell(progress);
    try {
        auto span = timeline_.begin(service, phase, detail);
        work();
        span.done();
    } catch (...) {
        progress.state = Progress::State::failed;
        progress.elapsed = elapsed();
        tell(progress);
        throw;
    }
    progress.state = Progress::State::done;
    progress.elapsed = elapsed();
    tell(progress);
    if (log::enabled(log::Level::info)) {
        log::info(fmt::format("{}: {}{}{} after {}", service.empty() ? "environment" : service, phase,
                              detail.empty() ? "" : " ", detail, readable_duration(progress.elapsed)));
    }
}

void Reporter::moving(Progress progress) {
    progress.state = Progress::State::moving;
    tell(progress);
}

void Reporter::tell(const Progress& progress) {
    if (listener_) {
        const std::lock_guard lock(mutex_);
        listener_(progress);
    }
}

}  // namespace berth::runtime

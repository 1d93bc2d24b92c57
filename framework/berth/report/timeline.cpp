// SPDX-License-Identifier: Apache-2.0
#include <berth/core/units.hpp>
#include <berth/report/timeline.hpp>

#include <nlohmann/json.hpp>

#include <exception>
#include <utility>

namespace berth {

struct Timeline::Record {
    std::chrono::steady_clock::time_point zero = std::chrono::steady_clock::now();
    std::chrono::system_clock::time_point started = std::chrono::system_clock::now();
    std::mutex mutex{};
    std::vector<Span> spans{};

    [[nodiscard]] std::chrono::nanoseconds now() const { return std::chrono::steady_clock::now() - zero; }
};

struct Timeline::Running::State {
    std::shared_ptr<Record> record;
    Span span;
    int exceptions = std::uncaught_exceptions();
};

Timeline::Timeline() : record_(std::make_shared<Record>()) {}

Timeline::Running::Running(std::unique_ptr<State> state) noexcept : state_(std::move(state)) {}
Timeline::Running::Running(Running&&) noexcept = default;

Timeline::Running::~Running() {
    if (!state_) {
        return;
    }
    state_->span.failed = std::uncaught_exceptions() > state_->exceptions;
    try {
        done();
    } catch (const std::exception&) {
        return;  // no memory for one more span: the record has a gap, and nothing else depends on it
    }
}

void Timeline::Running::detail(std::string text) {
    if (state_) {
        state_->span.detail = std::move(text);
    }
}

void Timeline::Running::done() {
    if (!state_) {
        return;
    }
    const auto state = std::move(state_);
    state->span.end = state->record->now();
    const std::lock_guard lock(state->record->mutex);
    state->record->spans.push_back(std::move(state->span));
}

Timeline::Running Timeline::begin(std::string service, std::string phase, std::string detail) {
    auto state = std::make_unique<Running::State>();
    state->record = record_;
    state->span.service = std::move(service);
    state->span.phase = std::move(phase);
    state->span.detail = std::move(detail);
    state->span.begin = record_->now();
    return Running(std::move(state));
}

std::vector<Span> Timeline::spans() const {
    const std::lock_guard lock(record_->mutex);
    return record_->spans;
}

std::chrono::system_clock::time_point Timeline::started() const noexcept {
    return record_->started;
}

std::string timeline_json(const Timeline& timeline) {
    const auto milliseconds = [](std::chrono::nanoseconds time) {
        return static_cast<double>(std::chrono::duration_cast<std::chrono::microseconds>(time).count()) / 1'000.0;
    };
    nlohmann::ordered_json spans = nlohmann::ordered_json::array();
    for (const auto& span : timeline.spans()) {
        spans.push_back({{"service", span.service},
                         {"phase", span.phase},
                         {"detail", span.detail},
                         {"begin_ms", milliseconds(span.begin)},
                         {"end_ms", milliseconds(span.end)},
                         {"failed", span.failed}});
    }
    const nlohmann::ordered_json document{
        {"schema", 1}, {"started", format_time(timeline.started())}, {"spans", std::move(spans)}};
    // Details may quote what a container said, which need not be UTF-8.
    return document.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + '\n';
}

}  // namespace berth

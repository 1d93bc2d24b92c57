// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/cli/options.hpp>
#include <berth/cli/terminal.hpp>
#include <berth/core/diagnostic.hpp>
#include <berth/runtime/environment.hpp>

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace berth::cli {

/// A phase change as one line, without its end; empty for what is not worth one.
std::string progress_line(const Progress& progress);

/// As one JSON object: `{"t": 12, "service": "db", "phase": "pull", "state": "moving", "current": 1, "total": 2, …}`.
std::string progress_json(const Progress& progress, std::chrono::milliseconds since_start);

/// What is known of each service while it goes up or down, and the lines that show it.
class ProgressBlock {
  public:
    using Clock = std::chrono::steady_clock;

    void take(const Progress& progress, Clock::time_point now);

    /// A line a service, none wider than `columns`, at most `rows` of them: what is still at work goes first when there
    /// is no room for all, and the last line counts the others.
    [[nodiscard]] std::vector<std::string> lines(std::size_t columns, std::size_t rows, Clock::time_point now,
                                                 Colour colour) const;

  private:
    enum class State { working, ready, failed };
    struct Row {
        std::string service;
        std::string phase;
        std::string text;
        State state{State::working};
        Clock::time_point begun;  ///< Of the service.
        Clock::time_point pull_begun;
        std::chrono::nanoseconds took{0};  ///< Once it is done.
        struct Layer {
            std::uint64_t current{0};
            std::uint64_t total{0};
        };
        std::map<std::string, Layer> layers;
    };
    [[nodiscard]] static std::string line_of(const Row& row, std::size_t name_width, std::size_t columns,
                                             Clock::time_point now, Colour colour);
    std::vector<Row> rows_;
};

/// What has to be written to a terminal so that `lines` stand where `drawn` stood. Each of `drawn` was written at some
/// width; at `columns` it may have been wrapped into more rows by now.
std::string redraw(const std::vector<std::string>& drawn, const std::vector<std::string>& lines, std::size_t columns);

/// Shows progress on standard error in the style asked for. Thread-safe.
class ProgressDisplay {
  public:
    ProgressDisplay(ProgressStyle style, Colour colour);
    ProgressDisplay(const ProgressDisplay&) = delete;
    ProgressDisplay& operator=(const ProgressDisplay&) = delete;
    ~ProgressDisplay();

    void take(const Progress& progress);
    /// Writes text (whole lines) so that it stands above the block.
    void write_above(std::string_view text);
    /// The block stays as it is, and nothing more is drawn.
    void finish();

  private:
    void keep_drawing(const std::stop_token& stop);
    void draw();  // under mutex_

    ProgressStyle style_;
    Colour colour_;
    ProgressBlock::Clock::time_point start_;
    std::mutex mutex_;
    std::condition_variable_any changed_;
    ProgressBlock block_;
    std::vector<std::string> drawn_;
    std::size_t drawn_columns_{0};
    bool dirty_{false};
    bool finished_{false};
    std::jthread drawer_;
};

}  // namespace berth::cli

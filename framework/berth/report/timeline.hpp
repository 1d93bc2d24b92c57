// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace berth {

/// One phase of one service (or of the environment, when `service` is empty).
struct Span {
    std::string service{};
    std::string phase{};   ///< `pull`, `create`, `copy`, `start`, `ready`, `post_ready`, `remove`, `network`.
    std::string detail{};  ///< `redis:7.4-alpine`, `port 6379`.
    std::chrono::nanoseconds begin{0};  ///< Since the timeline's start.
    std::chrono::nanoseconds end{0};
    bool failed{false};
};

/// What happened when. Thread-safe; cheap to copy, copies share the record.
class Timeline {
  public:
    Timeline();

    /// Ends its span when it goes.
    class Running {
      public:
        Running(Running&&) noexcept;
        Running& operator=(Running&&) = delete;
        ~Running();  ///< As failed when an exception is in flight.
        void detail(std::string text);
        void done();

      private:
        friend class Timeline;
        struct State;
        explicit Running(std::unique_ptr<State> state) noexcept;
        std::unique_ptr<State> state_;
    };
    Running begin(std::string service, std::string phase, std::string detail = {});

    [[nodiscard]] std::vector<Span> spans() const;
    [[nodiscard]] std::chrono::system_clock::time_point started() const noexcept;

  private:
    struct Record;
    std::shared_ptr<Record> record_;
};

/// A text of one line a service with a bar a phase, the total and what took the longest, at most `width` columns.
std::string render_timeline(const std::vector<Span>& spans, std::size_t width = 100);

/// `timeline.json`: `{"schema": 1, "started": …, "spans": [{"service", "phase", "detail", "begin_ms", "end_ms",
/// "failed"}]}`.
std::string timeline_json(const Timeline& timeline);

}  // namespace berth

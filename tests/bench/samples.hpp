// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <vector>

namespace bench {

using Milliseconds = std::chrono::duration<double, std::milli>;

/// Times of repeated runs.
class Samples {
  public:
    void add(std::chrono::nanoseconds time) { times_.push_back(Milliseconds(time).count()); }
    template <class Work>
    void measure(Work work) {
        const auto begin = std::chrono::steady_clock::now();
        work();
        add(std::chrono::steady_clock::now() - begin);
    }
    [[nodiscard]] double at(double share) const {
        auto sorted = times_;
        std::sort(sorted.begin(), sorted.end());
        return sorted.empty() ? 0 : sorted[static_cast<std::size_t>(share * static_cast<double>(sorted.size() - 1))];
    }
    [[nodiscard]] double median() const { return at(0.5); }
    [[nodiscard]] std::size_t size() const { return times_.size(); }

  private:
    std::vector<double> times_;
};

/// A line `name: value unit (goal: …) ok|MISSED`. Returns whether the goal was met.
inline bool report(const char* name, double value, const char* unit, double goal) {
    const bool met = value <= goal;
    std::printf("%-58s %8.2f %-4s goal <= %.6g %s\n", name, value, unit, goal, met ? "ok" : "MISSED");
    return met;
}

}  // namespace bench

// SPDX-License-Identifier: Apache-2.0
#include <berth/cli/times.hpp>

#include <gtest/gtest.h>

namespace berth::cli {
namespace {

using namespace std::chrono_literals;

constexpr std::int64_t k_now = 1'769'853'600;  // 2026-01-31T10:00:00Z
const std::chrono::system_clock::time_point k_point{std::chrono::seconds(k_now)};

TEST(Since, IsADurationBeforeNow) {
    EXPECT_EQ(parse_since("10m", k_point), k_now - 600);
    EXPECT_EQ(parse_since("1h30m", k_point), k_now - 5400);
    EXPECT_EQ(parse_since("0", k_point), k_now);
}

TEST(Since, IsATimeWithItsZone) {
    EXPECT_EQ(parse_since("2026-01-31T10:00:00Z", k_point), k_now);
    EXPECT_EQ(parse_since("2026-01-31T10:00:00.123Z", k_point), k_now);
    EXPECT_EQ(parse_since("2026-01-31T11:00:00+01:00", k_point), k_now);
    EXPECT_EQ(parse_since("2026-01-31T04:30:00-0530", k_point), k_now);
    EXPECT_EQ(parse_since("2026-01-31", k_point), k_now - 36'000);
    EXPECT_EQ(parse_since("1769853600", k_point), k_now);
}

TEST(Since, IsNothingElse) {
    for (const char* text : {"", "yesterday", "10", "2026-01-31T10:00:00", "2026-01-31T10:00:00+1", "2026-01-31Tx",
                             "2026-01-31T10:00:00Z!", "-10m", "2026-13-01"}) {
        EXPECT_EQ(parse_since(text, k_point), std::nullopt) << text;
    }
}

}  // namespace
}  // namespace berth::cli

// SPDX-License-Identifier: Apache-2.0
#include <berth/core/units.hpp>

#include <gtest/gtest.h>

#include <random>

namespace berth {
namespace {

using namespace std::chrono_literals;
using std::chrono::nanoseconds;

TEST(Durations, AreReadAsComposeWritesThem) {
    const std::pair<const char*, nanoseconds> table[] = {
        {"0", 0ns},       {"0s", 0ns},        {"10s", 10s},     {"500ms", 500ms}, {"1m30s", 90s},
        {"1.5s", 1500ms}, {"250us", 250us},   {"0.5us", 500ns}, {"24h", 24h},     {"1h1m1s1ms1us", 3661001001us},
        {"0.1ms", 100us}, {"1s500ms", 1500ms}};
    for (const auto& [text, wanted] : table) {
        EXPECT_EQ(parse_duration(text), wanted) << text;
    }
}

TEST(Durations, AreRefusedWhenTheyAreAnythingElse) {
    for (const char* text : {"",
                             "10",
                             "s",
                             "10 s",
                             "-1s",
                             "+1s",
                             "1e3s",
                             "1_000ms",
                             ".5s",
                             "1.s",
                             "10S",
                             "10d",
                             "24h1us",
                             "1s2",
                             "0x10s",
                             "1..5s",
                             "99999999999999999999h",
                             "00",
                             "1ns",
                             "1.5.5s",
                             " 1s",
                             "1s "}) {
        EXPECT_EQ(parse_duration(text), std::nullopt) << text;
    }
}

TEST(Durations, ComeBackFromTheirText) {
    std::mt19937_64 random(7);
    std::uniform_int_distribution<std::int64_t> any(0, nanoseconds(24h).count());
    for (int i = 0; i < 2000; ++i) {
        const nanoseconds duration(any(random) >> (static_cast<unsigned>(i) % 40U));
        EXPECT_EQ(parse_duration(format_duration(duration)), duration) << format_duration(duration);
    }
}

TEST(Durations, AreWrittenWithoutEmptyUnits) {
    EXPECT_EQ(format_duration(0ns), "0s");
    EXPECT_EQ(format_duration(-5s), "0s");
    EXPECT_EQ(format_duration(90s), "1m30s");
    EXPECT_EQ(format_duration(3600s), "1h");
    EXPECT_EQ(format_duration(1500us), "1ms500us");
    EXPECT_EQ(format_duration(1ns), "0.001us");
}

TEST(Durations, AreRoundedForPeople) {
    EXPECT_EQ(readable_duration(0ns), "0.0ms");
    EXPECT_EQ(readable_duration(1234us), "1.2ms");
    EXPECT_EQ(readable_duration(9'960us), "10ms");
    EXPECT_EQ(readable_duration(812ms), "812ms");
    EXPECT_EQ(readable_duration(999'700us), "1.0s");
    EXPECT_EQ(readable_duration(1234ms), "1.2s");
    EXPECT_EQ(readable_duration(59'960ms), "1m00s");
    EXPECT_EQ(readable_duration(185s), "3m05s");
}

TEST(Sizes, ArePowersOf1024) {
    const std::pair<const char*, std::uint64_t> table[] = {{"0", 0},
                                                           {"1000", 1000},
                                                           {"512b", 512},
                                                           {"1k", 1024},
                                                           {"1KB", 1024},
                                                           {"2ki", 2048},
                                                           {"1kib", 1024},
                                                           {"512mb", 512ULL << 20},
                                                           {"1.5g", 3ULL << 29},
                                                           {"1TiB", 1ULL << 40},
                                                           {"0.5k", 512},
                                                           {"9007199254740993", 9007199254740993ULL}};
    for (const auto& [text, wanted] : table) {
        EXPECT_EQ(parse_size(text), Bytes{wanted}) << text;
    }
}

TEST(Sizes, AreRefusedWhenTheyAreAnythingElse) {
    for (const char* text : {"", "b", "1 k", "-1", "1e3", "1kk", "1bb", "1p", "1_000", "0x10", "1.k", ".5k", "8388608t",
                             "9223372036854775807k", "99999999999999999999"}) {
        EXPECT_EQ(parse_size(text), std::nullopt) << text;
    }
}

TEST(Sizes, ComeBackFromTheirText) {
    std::mt19937_64 random(11);
    for (int i = 0; i < 2000; ++i) {
        const Bytes size{random() >> (2U + static_cast<unsigned>(i) % 60U)};
        EXPECT_EQ(parse_size(format_size(size)), size) << format_size(size);
    }
    EXPECT_EQ(format_size(Bytes{512ULL << 20}), "512mb");
    EXPECT_EQ(format_size(Bytes{1000}), "1000");
    EXPECT_EQ(format_size(Bytes{0}), "0");
}

TEST(Integers, AreDecimalWithNothingAround) {
    EXPECT_EQ(parse_integer("0"), 0);
    EXPECT_EQ(parse_integer("-42"), -42);
    EXPECT_EQ(parse_integer("007"), 7);
    EXPECT_EQ(parse_integer("9223372036854775807"), INT64_MAX);
    for (const char* text : {"", "-", "+1", " 1", "1 ", "0x1", "1_0", "1.0", "9223372036854775808", "--1"}) {
        EXPECT_EQ(parse_integer(text), std::nullopt) << text;
    }
}

TEST(Numbers, HaveAFractionButNoExponent) {
    EXPECT_EQ(parse_number("0.5"), 0.5);
    EXPECT_EQ(parse_number("-2"), -2.0);
    for (const char* text : {"", "-", "1e3", ".5", "1.", "1.2.3", "nan", "inf", "+1"}) {
        EXPECT_EQ(parse_number(text), std::nullopt) << text;
    }
}

TEST(Modes, AreOctalHoweverTheyAreWritten) {
    EXPECT_EQ(parse_mode("0644"), 0644U);
    EXPECT_EQ(parse_mode("644"), 0644U);
    EXPECT_EQ(parse_mode("0o755"), 0755U);
    EXPECT_EQ(parse_mode("07777"), 07777U);
    for (const char* text : {"", "0o", "888", "10000", "-644", "0x1ff", "rw-r--r--"}) {
        EXPECT_EQ(parse_mode(text), std::nullopt) << text;
    }
}

TEST(Times, AreUtcWithMilliseconds) {
    const auto epoch = std::chrono::system_clock::time_point{};

    EXPECT_EQ(format_time(epoch + 1769853600s + 7ms), "2026-01-31T10:00:00.007Z");
    EXPECT_EQ(format_time(epoch), "1970-01-01T00:00:00.000Z");
    EXPECT_EQ(format_time(epoch - 1ms), "1969-12-31T23:59:59.999Z");
}

}  // namespace
}  // namespace berth

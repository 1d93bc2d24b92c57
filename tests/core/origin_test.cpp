// SPDX-License-Identifier: Apache-2.0
#include <berth/core/origin.hpp>
#include <berth/core/pattern.hpp>

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace berth {
namespace {

Origin here(Caller caller = BERTH_CALLER) {
    return caller.origin();
}

TEST(Origins, AreTheLineThatCalls) {
    const Origin place = here();

    EXPECT_EQ(place.line, __LINE__ - 2);
    EXPECT_STREQ(place.file, __FILE__);
    EXPECT_TRUE(place.known());
    EXPECT_FALSE(Origin{}.known());
}

TEST(Origins, AreWrittenAsFarAsTheyAreKnown) {
    EXPECT_EQ(to_string(Origin{}), "");
    EXPECT_EQ(to_string(Origin{"a.yaml", 0, 0, 0, 0}), "a.yaml");
    EXPECT_EQ(to_string(Origin{"a.cpp", 7, 0, 0, 0}), "a.cpp:7");
    EXPECT_EQ(to_string(Origin{"a.yaml", 7, 3, 7, 9}), "a.yaml:7:3");
}

TEST(Origins, TakeNoPartInComparisonsButCanBeTold) {
    const Origin left{"a.yaml", 1, 2, 0, 0};
    const Origin right{"b.yaml", 1, 2, 0, 0};

    EXPECT_EQ(left, right);
    EXPECT_FALSE(same_place(left, right));
    EXPECT_TRUE(same_place(left, {intern_file_name("a.yaml"), 1, 2, 9, 9}));
    EXPECT_TRUE(stands_before(left, right));
    EXPECT_FALSE(stands_before(right, left));
    EXPECT_TRUE(stands_before({"a", 1, 9, 0, 0}, {"a", 2, 1, 0, 0}));
    EXPECT_TRUE(stands_before({"a", 1, 1, 0, 0}, {"a", 1, 2, 0, 0}));
}

TEST(FileNames, AreKeptOnceFromAnyThread) {
    std::vector<const char*> kept(8);
    {
        std::vector<std::jthread> threads;
        for (auto& pointer : kept) {
            threads.emplace_back([&pointer] { pointer = intern_file_name(std::string("shop") + ".yaml"); });
        }
    }
    for (const char* pointer : kept) {
        EXPECT_EQ(pointer, kept.front());
    }
    EXPECT_STREQ(kept.front(), "shop.yaml");
}

TEST(Patterns, FindAnywhereInALine) {
    EXPECT_TRUE(Pattern("listening on .*:8080").found_in("app: listening on 0.0.0.0:8080."));
    EXPECT_TRUE(Pattern("started$").found_in("is started"));
    EXPECT_FALSE(Pattern("^started").found_in("is started"));
    EXPECT_TRUE(Pattern("").found_in("anything"));
    EXPECT_EQ(Pattern("a+").text(), "a+");
}

TEST(Patterns, OfALiteralMeanItAsWritten) {
    EXPECT_TRUE(Pattern::of_literal("a.b*(c)[d]").found_in("x a.b*(c)[d] y"));
    EXPECT_FALSE(Pattern::of_literal("a.b").found_in("axb"));
    EXPECT_TRUE(Pattern::of_literal("caf\xE9").found_in("a caf\xE9 in Latin-1"));
    EXPECT_FALSE(Pattern::of_literal("\xE9").found_in("\xC3\xA8"));
    EXPECT_TRUE(Pattern::of_literal("\xC3\xA9").found_in("\xC3\xA9"));
}

TEST(Patterns, SayWhatIsWrongAndWhere) {
    const std::tuple<const char*, const char*, std::size_t> table[] = {{"a(b", "missing )", 1},
                                                                       {"ab[c", "missing ]", 3},
                                                                       {"a(?=b)", "invalid perl operator", 2},
                                                                       {"x**", "bad repetition operator", 2},
                                                                       {"ab\\8", "invalid escape sequence", 3}};
    for (const auto& [text, why, position] : table) {
        try {
            Pattern pattern(text);
            FAIL() << text << " compiled";
        } catch (const BadPattern& bad) {
            EXPECT_STREQ(bad.what(), why) << text;
            EXPECT_EQ(bad.position(), position) << text;
        }
    }
}

}  // namespace
}  // namespace berth

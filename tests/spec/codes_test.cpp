// SPDX-License-Identifier: Apache-2.0
#include <berth/spec/codes.hpp>

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace berth {
namespace {

TEST(Codes, AreUniqueAndSoAreTheirSlugs) {
    std::set<std::string_view> codes;
    std::set<std::string_view> slugs;
    for (const auto& code : all_codes()) {
        EXPECT_TRUE(codes.insert(code.code).second) << code.code;
        EXPECT_TRUE(slugs.insert(code.slug).second) << code.slug;
        EXPECT_FALSE(code.message.empty()) << code.code;
    }
}

TEST(Codes, SayTheirSeverityInTheirSecondLetter) {
    for (const auto& code : all_codes()) {
        const Severity expected = code.code[1] == 'E'   ? Severity::error
                                  : code.code[1] == 'W' ? Severity::warning
                                                        : Severity::note;
        EXPECT_EQ(code.severity, expected) << code.code;
        EXPECT_EQ(code.code.size(), 6U) << code.code;
        EXPECT_EQ(code.code[0], 'B') << code.code;
    }
}

TEST(Codes, AreFoundByName) {
    ASSERT_NE(find_code("BE0201"), nullptr);
    EXPECT_EQ(find_code("BE0201")->slug, "unknown-key");
    EXPECT_EQ(find_code("BE9999"), nullptr);
}

}  // namespace
}  // namespace berth

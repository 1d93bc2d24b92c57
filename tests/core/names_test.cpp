// SPDX-License-Identifier: Apache-2.0
#include <berth/core/names.hpp>
#include <berth/core/text_distance.hpp>

#include <gmock/gmock.h>

#include <random>

namespace berth {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(RunIds, AreTheProjectAndEightHexDigits) {
    const RunId id = new_run_id("shop");

    EXPECT_EQ(id.text(), "shop-" + id.random);
    EXPECT_THAT(id.random, testing::MatchesRegex("[0-9a-f]{8}"));
    EXPECT_NE(id, new_run_id("shop"));
}

TEST(ObjectNames, AreOursByTheirPrefix) {
    const RunId id{"shop", "7f3a2c91"};

    EXPECT_EQ(container_name(id, 1, "db"), "berth-7f3a2c91-1-db");
    EXPECT_EQ(object_name(id, "default"), "berth-7f3a2c91-default");
}

TEST(ProjectNames, AreMadeOfAnyDirectory) {
    const std::pair<const char*, const char*> table[] = {
        {"shop", "shop"}, {"My Shop!", "my-shop"}, {"__x", "x"},           {"--", "berth"},
        {"", "berth"},    {"a..b", "a-b"},         {"caf\xc3\xa9", "caf"}, {"1st_Project", "1st_project"}};
    for (const auto& [directory, wanted] : table) {
        EXPECT_EQ(project_name_from(directory), wanted) << directory;
        EXPECT_TRUE(is_project_name(project_name_from(directory))) << directory;
    }
    EXPECT_EQ(project_name_from(std::string(39, 'a') + " b").size(), 39U);
}

TEST(Names, AreJudgedByTheirRules) {
    for (const char* text : {"a", "db", "my-db", "My.db_1", "0"}) {
        EXPECT_TRUE(is_name(text)) << text;
    }
    for (const char* text : {"", "-a", ".a", "a b", "a/b", "caf\xc3\xa9"}) {
        EXPECT_FALSE(is_name(text)) << text;
    }
    EXPECT_TRUE(is_name(std::string(63, 'a')));
    EXPECT_FALSE(is_name(std::string(64, 'a')));
    EXPECT_FALSE(is_project_name("Shop"));
    EXPECT_FALSE(is_project_name(std::string(41, 'a')));
    EXPECT_TRUE(is_variable_name("_A1"));
    EXPECT_FALSE(is_variable_name("1A"));
    EXPECT_FALSE(is_variable_name("A-B"));
    EXPECT_FALSE(is_variable_name(""));
    EXPECT_TRUE(is_host_name("db.lan"));
    EXPECT_TRUE(is_host_name("1a-b"));
    for (const std::string text : {"", "my_db", "-a", "a-", "a..b", "a."}) {
        EXPECT_FALSE(is_host_name(text)) << text;
    }
    EXPECT_FALSE(is_host_name(std::string(64, 'a')));
    EXPECT_EQ(variable_part("my-db.1"), "MY_DB_1");
    EXPECT_EQ(short_id(std::string(64, 'f')), "ffffffffffff");
    EXPECT_EQ(short_id("abc"), "abc");
}

TEST(TextDistance, CountsTheFourSlips) {
    EXPECT_EQ(text_distance("image", "image"), 0U);
    EXPECT_EQ(text_distance("imge", "image"), 1U);
    EXPECT_EQ(text_distance("imagee", "image"), 1U);
    EXPECT_EQ(text_distance("inage", "image"), 1U);
    EXPECT_EQ(text_distance("iamge", "image"), 1U);
    EXPECT_EQ(text_distance("", "abc"), 3U);
    EXPECT_EQ(text_distance("abc", ""), 3U);
    EXPECT_EQ(text_distance("kitten", "sitting"), 3U);
}

TEST(TextDistance, IsTheSameBothWaysAndNeverAboveTheLongerOne) {
    std::mt19937 random(3);
    const auto word = [&] {
        std::string text(random() % 9, 'a');
        for (char& c : text) {
            c = static_cast<char>('a' + random() % 3);
        }
        return text;
    };
    for (int i = 0; i < 3000; ++i) {
        const std::string a = word();
        const std::string b = word();
        EXPECT_EQ(text_distance(a, b), text_distance(b, a)) << a << ' ' << b;
        EXPECT_LE(text_distance(a, b), std::max(a.size(), b.size()));
        EXPECT_EQ(text_distance(a, b) == 0, a == b);
    }
}

TEST(NearMatches, KnowWhatWasMeant) {
    const std::vector<std::string> keys = {"image", "command", "depends_on", "environment", "ports", "port"};

    EXPECT_THAT(near_matches("imge", keys), ElementsAre("image"));
    EXPECT_THAT(near_matches("Depends-On", keys), ElementsAre("depends_on"));
    EXPECT_THAT(near_matches("enviroment", keys), ElementsAre("environment"));
    EXPECT_THAT(near_matches("prts", keys), ElementsAre("ports"));
    EXPECT_THAT(near_matches("porto", keys), ElementsAre("ports", "port"));
    EXPECT_THAT(near_matches("wrongField", keys), IsEmpty());
    EXPECT_THAT(near_matches("x", {"a", "b"}), IsEmpty());
    EXPECT_THAT(near_matches("ax", {"aa", "ab", "ac", "ad"}), ElementsAre("aa", "ab", "ac"));
}

TEST(NearMatches, ReadAsAQuestion) {
    EXPECT_EQ(did_you_mean({}), "");
    EXPECT_EQ(did_you_mean({"a"}), "did you mean 'a'?");
    EXPECT_EQ(did_you_mean({"a", "b"}), "did you mean 'a' or 'b'?");
    EXPECT_EQ(did_you_mean({"a", "b", "c"}), "did you mean 'a', 'b' or 'c'?");
}

}  // namespace
}  // namespace berth

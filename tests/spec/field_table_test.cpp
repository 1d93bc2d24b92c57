// SPDX-License-Identifier: Apache-2.0
#include <berth/spec/codes.hpp>
#include <berth/spec/field_table.hpp>
#include <berth/spec/fields/enums.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

namespace berth {
namespace {

TEST(FieldTable, StartsWithTheRootAndNamesEachOwnerAndKeyOnce) {
    std::set<std::string_view> owners;
    EXPECT_EQ(field_owners().front().name, "Root");
    for (const auto& owner : field_owners()) {
        EXPECT_TRUE(owners.insert(owner.name).second) << owner.name;
        std::set<std::string_view> keys;
        for (const auto& row : owner.rows) {
            EXPECT_TRUE(keys.insert(row.key).second) << owner.name << '.' << row.key;
        }
    }
}

TEST(FieldTable, SaysOfEachRowWhatPeopleNeed) {
    for (const auto& owner : field_owners()) {
        for (const auto& row : owner.rows) {
            const std::string name = std::string(owner.name) + '.' + std::string(row.key);
            EXPECT_FALSE(row.type.empty()) << name;
            EXPECT_FALSE(row.doc.empty()) << name;
            EXPECT_TRUE(row.stage >= 1 && row.stage <= 3) << name;
            EXPECT_FALSE(row.since.empty()) << name;
            EXPECT_FALSE(row.example.empty()) << name << " has no example";
        }
    }
}

TEST(FieldTable, NamesOnlyOwnersAndCodesThatExist) {
    for (const auto& owner : field_owners()) {
        for (const auto& row : owner.rows) {
            const std::string name = std::string(owner.name) + '.' + std::string(row.key);
            const std::string_view inner = owner_in_type(row.type);
            EXPECT_TRUE(inner.empty() || find_field_owner(inner) != nullptr) << name << ": " << row.type;
            for (std::string_view codes = row.codes; !codes.empty();) {
                const auto space = codes.find(' ');
                EXPECT_NE(find_code(codes.substr(0, space)), nullptr) << name << ": " << codes;
                codes = space == std::string_view::npos ? std::string_view{} : codes.substr(space + 1);
            }
        }
    }
}

TEST(FieldTable, IsFoundByOwnerAndKey) {
    ASSERT_NE(find_field("Service", "image"), nullptr);
    EXPECT_EQ(find_field("Service", "image")->type, "template");
    EXPECT_TRUE(find_field("Service", "image")->runs);
    ASSERT_NE(find_field("Service", "build"), nullptr);
    EXPECT_EQ(find_field("Service", "build")->type, "Build");
    EXPECT_EQ(find_field("Service", "imge"), nullptr);
    EXPECT_EQ(find_field("Nobody", "image"), nullptr);
}

TEST(FieldTypes, NameOwnersAndWords) {
    EXPECT_EQ(owner_in_type("map:Service"), "Service");
    EXPECT_EQ(owner_in_type("Healthcheck"), "Healthcheck");
    EXPECT_EQ(owner_in_type("list:string"), "");
    EXPECT_EQ(owner_in_type(""), "");
    EXPECT_EQ(enum_words("enum:a | b"), "a | b");
    EXPECT_EQ(enum_words("duration"), "");
}

template <class Enum>
std::string words_of() {
    std::string text;
    for (const auto& [name, value] : EnumNames<Enum>::k_names) {
        text += (text.empty() ? "" : " | ") + std::string(name);
    }
    return text;
}

// The words that a row promises are those that the reader knows.
TEST(FieldTypes, ListTheWordsOfTheirEnums) {
    const auto words = [](std::string_view owner, std::string_view key) {
        return std::string(enum_words(find_field(owner, key)->type));
    };

    EXPECT_THAT(words("Service", "pull_policy"), ::testing::StartsWith(words_of<PullPolicy>()));
    EXPECT_EQ(words("Service", "publish"), words_of<Publish>());
    EXPECT_EQ(words("Port", "protocol"), words_of<Protocol>());
    for (const auto& [name, value] : EnumNames<DependsCondition>::k_names) {
        EXPECT_THAT(words("DependsOn", "condition"), ::testing::HasSubstr(std::string(name)));
    }
    EXPECT_THAT(words("Mount", "type"), ::testing::StartsWith(words_of<MountSpec::Type>()));
    EXPECT_EQ(words("WaitHttp", "scheme"), words_of<WaitHttp::Scheme>());
    EXPECT_EQ(words("WaitHttp", "method"), words_of<WaitHttp::Method>());
    EXPECT_EQ(words("WaitLog", "stream"), words_of<WaitLog::Stream>());
    EXPECT_EQ(words("WaitHealth", "on_unhealthy"), words_of<WaitHealth::OnUnhealthy>());
    EXPECT_EQ(words("Artifact", "when"), words_of<KeepWhen>());
    EXPECT_EQ(words("ArtifactsRoot", "when"), words_of<KeepWhen>());
    EXPECT_EQ(words("Isolation", "scope"), words_of<Scope>());
    EXPECT_EQ(words("Isolation", "keep"), words_of<Keep>());
    EXPECT_EQ(words("Isolation", "teardown"), words_of<Teardown>());
    EXPECT_EQ(words("Defaults", "bind"), words_of<Defaults::Bind>());
    EXPECT_EQ(words("Defaults", "unset_variables"), words_of<Defaults::UnsetVariables>());
}

}  // namespace
}  // namespace berth

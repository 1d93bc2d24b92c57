// SPDX-License-Identifier: Apache-2.0
#include <berth/core/image_reference.hpp>

#include <gtest/gtest.h>

namespace berth {
namespace {

const std::string k_digest = "sha256:" + std::string(64, 'a');

TEST(ImageReferences, AreNormalisedAsTheEngineDoes) {
    const std::tuple<std::string, std::string, std::string> table[] = {
        {"redis", "docker.io/library/redis:latest", "redis:latest"},
        {"redis:7.4-alpine", "docker.io/library/redis:7.4-alpine", "redis:7.4-alpine"},
        {"team/app:1", "docker.io/team/app:1", "team/app:1"},
        {"docker.io/redis:7", "docker.io/library/redis:7", "redis:7"},
        {"docker.io/library/redis:7", "docker.io/library/redis:7", "redis:7"},
        {"localhost/app:1", "localhost/app:1", "localhost/app:1"},
        {"localhost:5000/app", "localhost:5000/app:latest", "localhost:5000/app:latest"},
        {"registry.lan:5000/a/b/c:x_Y.z-1", "registry.lan:5000/a/b/c:x_Y.z-1", "registry.lan:5000/a/b/c:x_Y.z-1"},
        {"berth.local/postgres:15.8", "berth.local/postgres:15.8", "berth.local/postgres:15.8"},
        {"[::1]:5000/app:1", "[::1]:5000/app:1", "[::1]:5000/app:1"},
        {"docker.io/a.b/c:1", "docker.io/a.b/c:1", "docker.io/a.b/c:1"},
        {"docker.io/library/a/b:1", "docker.io/library/a/b:1", "library/a/b:1"},
        {"a--b__c/d.e_f", "docker.io/a--b__c/d.e_f:latest", "a--b__c/d.e_f:latest"},
        {"redis@" + k_digest, "docker.io/library/redis@" + k_digest, "redis@" + k_digest},
        {"redis:7@" + k_digest, "docker.io/library/redis:7@" + k_digest, "redis:7@" + k_digest}};
    for (const auto& [text, normalised, familiar] : table) {
        ImageReference reference;
        ImageReferenceError error;
        ASSERT_TRUE(parse_image_reference(text, reference, error)) << text << ": " << error.why;
        EXPECT_EQ(reference.normalised(), normalised) << text;
        EXPECT_EQ(reference.familiar(), familiar) << text;
        ImageReference again;
        ASSERT_TRUE(parse_image_reference(normalised, again, error)) << normalised;
        EXPECT_EQ(again.normalised(), normalised);
    }
}

TEST(ImageReferences, SayWhatIsWrongAndAtWhichCharacter) {
    constexpr const char* k_path =
        "a repository is made of lower-case letters, digits and single '.', '_', '-', '/' between them";
    constexpr const char* k_upper = "a repository is written in lower case";
    constexpr const char* k_tag = "a tag is made of letters, digits, '_', '.' and '-'";
    constexpr const char* k_registry = "a registry is a host name with an optional port";
    constexpr const char* k_hex = "a digest is an algorithm, a colon and hex digits ('sha256:' and 64 of them)";
    const std::tuple<std::string, std::string, std::size_t> table[] = {
        {"", "it is empty", 1},
        {"Redis", k_upper, 1},
        {"team/App:1", k_upper, 6},
        {"redis:", "the tag is empty", 6},
        {"redis:7 4", k_tag, 8},
        {"redis:.7", k_tag, 7},
        {"redis:" + std::string(129, 'x'), "a tag has at most 128 characters", 135},
        {"redis server", k_path, 6},
        {"-redis", k_path, 1},
        {"redis-", k_path, 7},
        {"re..dis", k_path, 4},
        {"re___dis", k_path, 5},
        {"a//b", k_path, 3},
        {"a/", k_path, 3},
        {"/a", k_path, 1},
        {"https://registry.lan/app", k_registry, 6},
        {"registry.lan:/app", k_registry, 13},
        {"registry.lan:5x/app", k_registry, 15},
        {":5000/app", k_registry, 1},
        {"redis@sha256:abc", k_hex, 7},
        {"redis@:" + std::string(64, 'a'), k_hex, 7},
        {"redis@sha256:" + std::string(64, 'G'), k_hex, 7},
        {"redis@", k_hex, 7},
        {":7", k_path, 1}};
    for (const auto& [text, why, position] : table) {
        ImageReference reference;
        ImageReferenceError error;
        EXPECT_FALSE(parse_image_reference(text, reference, error)) << text;
        EXPECT_EQ(error.why, why) << text;
        EXPECT_EQ(error.position, position) << text;
    }
}

TEST(ImageReferences, FloatWithoutATagOfTheirOwn) {
    const std::pair<std::string, bool> table[] = {
        {"redis", true}, {"redis:latest", true}, {"redis:7", false}, {"redis@" + k_digest, false}};
    for (const auto& [text, floating] : table) {
        ImageReference reference;
        ImageReferenceError error;
        ASSERT_TRUE(parse_image_reference(text, reference, error));
        EXPECT_EQ(reference.floating(), floating) << text;
    }
}

TEST(Substitutions, AreReadAsPairs) {
    std::map<std::string, std::string> read;

    ASSERT_TRUE(parse_substitutions("redis:7=berth.local/redis:7.0.15,docker.io/=mirror.lan/hub/", read));

    EXPECT_EQ(read, (std::map<std::string, std::string>{{"redis:7", "berth.local/redis:7.0.15"},
                                                        {"docker.io/", "mirror.lan/hub/"}}));
    for (const char* text : {"redis", "=x", "x=", "a=b,,c=d"}) {
        EXPECT_FALSE(parse_substitutions(text, read)) << text;
    }
    ASSERT_TRUE(parse_substitutions("", read));
    EXPECT_TRUE(read.empty());
}

TEST(Substitutions, ReplaceAWholeReferenceBeforeThePrefixes) {
    const std::map<std::string, std::string> all = {{"postgres:16-alpine", "berth.local/postgres:15.8"},
                                                    {"docker.io/", "mirror.lan/hub/"},
                                                    {"docker.io/library/", "mirror.lan/official/"},
                                                    {"nginx", "mirror.lan/web"}};
    EXPECT_EQ(substitute_image("postgres:16-alpine", all), "berth.local/postgres:15.8");
    EXPECT_EQ(substitute_image("docker.io/library/postgres:16-alpine", all), "berth.local/postgres:15.8");
    EXPECT_EQ(substitute_image("postgres:16", all), "mirror.lan/official/postgres:16");
    EXPECT_EQ(substitute_image("team/app:1", all), "mirror.lan/hub/team/app:1");
    EXPECT_EQ(substitute_image("nginx:1.27", all), "mirror.lan/web:1.27");
    EXPECT_EQ(substitute_image("nginx-unit:1", all), "mirror.lan/official/nginx-unit:1");
    EXPECT_EQ(substitute_image("registry.lan/app:1", all), "registry.lan/app:1");
    EXPECT_EQ(substitute_image("No Image", all), "No Image");
}

}  // namespace
}  // namespace berth

// SPDX-License-Identifier: Apache-2.0
#include <berth/core/digest.hpp>

#include <gmock/gmock.h>

namespace berth {
namespace {

TEST(Digests, AreThoseOfThePublishedVectors) {
    EXPECT_EQ(sha256_hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(sha256_hex(std::string(1'000'000, 'a')),
              "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Base64, IsThatOfTheStandard) {
    const std::pair<const char*, const char*> table[] = {{"", ""},
                                                         {"f", "Zg=="},
                                                         {"fo", "Zm8="},
                                                         {"foo", "Zm9v"},
                                                         {"foob", "Zm9vYg=="},
                                                         {"fooba", "Zm9vYmE="},
                                                         {"foobar", "Zm9vYmFy"}};
    for (const auto& [bytes, text] : table) {
        EXPECT_EQ(base64(bytes), text);
        std::string decoded = "before";
        EXPECT_TRUE(decode_base64(text, decoded));
        EXPECT_EQ(decoded, bytes);
    }
    EXPECT_EQ(base64("\xfb\xff\xfe"), "+//+");
    EXPECT_EQ(base64_url("\xfb\xff\xfe"), "-__-");
}

TEST(Base64, ComesBackFromBothAlphabetsAndWithoutPadding) {
    std::string all;
    for (int i = 0; i < 256; ++i) {
        all += static_cast<char>(i);
    }
    std::string decoded;
    EXPECT_TRUE(decode_base64(base64(all), decoded));
    EXPECT_EQ(decoded, all);
    EXPECT_TRUE(decode_base64(base64_url(all), decoded));
    EXPECT_EQ(decoded, all);
    EXPECT_TRUE(decode_base64("Zg", decoded));
    EXPECT_EQ(decoded, "f");
    for (const char* text : {"Z", "Zm9v!", "Z g=", "Zm9vY"}) {
        EXPECT_FALSE(decode_base64(text, decoded)) << text;
    }
}

TEST(RandomHex, HasTheAskedNumberOfDigits) {
    for (const std::size_t digits : {0U, 1U, 7U, 8U, 33U}) {
        EXPECT_EQ(random_hex(digits).size(), digits);
    }
    EXPECT_NE(random_hex(16), random_hex(16));
    EXPECT_THAT(random_hex(64), testing::MatchesRegex("[0-9a-f]*"));
}

}  // namespace
}  // namespace berth

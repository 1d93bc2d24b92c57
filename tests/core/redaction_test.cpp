// SPDX-License-Identifier: Apache-2.0
#include <berth/core/error.hpp>
#include <berth/core/log.hpp>
#include <berth/core/redaction.hpp>

#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace berth {
namespace {

using testing::ElementsAre;

TEST(Redaction, MasksWhatWasRememberedInItsUsualDisguises) {
    remember_secret("s3cr3t/+value");
    remember_secret("s3cr3t/+value-and-more");
    remember_secret("abc");

    EXPECT_EQ(redact("a s3cr3t/+value b"), "a *** b");
    EXPECT_EQ(redact("s3cr3t/+value-and-more"), "***");
    EXPECT_EQ(redact("s3cr3t%2F%2Bvalue"), "***");
    EXPECT_EQ(redact("czNjcjN0Lyt2YWx1ZQ=="), "***");
    EXPECT_EQ(redact("abc is too short to be hidden"), "abc is too short to be hidden");
}

TEST(Redaction, MasksTheUserInfoOfUrls) {
    EXPECT_EQ(redact("postgresql://shop:pw@db:5432/shop"), "postgresql://***@db:5432/shop");
    EXPECT_EQ(redact("http://u:p@x@h/ and https://a:b@c"), "http://***@h/ and https://***@c");
    EXPECT_EQ(redact("http://h:80/a@b"), "http://h:80/a@b");
    EXPECT_EQ(redact("ssh://ci@build-7"), "ssh://ci@build-7");
}

TEST(Redaction, KnowsNamesThatSmellOfSecrets) {
    for (const char* name :
         {"POSTGRES_PASSWORD", "api_token", "AWS_SECRET", "PRIVATE_KEY", "SENTRY_DSN", "DbCredentials"}) {
        EXPECT_TRUE(looks_secret(name)) << name;
    }
    for (const char* name : {"TZ", "PGHOST", "DATABASE_URL", ""}) {
        EXPECT_FALSE(looks_secret(name)) << name;
    }
}

TEST(Controls, AreShownAndNotObeyed) {
    EXPECT_EQ(escape_controls("a\tb\nc"), "a\tb\nc");
    EXPECT_EQ(escape_controls("\x1b[31m\x7f\r"), "\\x1b[31m\\x7f\\x0d");
    EXPECT_EQ(escape_controls("\xc2\x9b"
                              "x"),
              "\\x9bx");
    EXPECT_EQ(escape_controls("\xe2\x80\xae"
                              "evil"),
              "\\u202eevil");
    EXPECT_EQ(escape_controls("\xe2\x82\xac \xe2\x80\x94 \xc3\xa9"), "\xe2\x82\xac \xe2\x80\x94 \xc3\xa9");
    EXPECT_EQ(escape_controls("\xe2"), "\xe2");
    EXPECT_EQ(escape_controls(std::string("\0x", 2)), "\\x00x");
    EXPECT_EQ(escape_line("a\tb\nc\r"), "a\\tb\\nc\\x0d");
}

/// Collects lines, and puts back what was before.
class Log : public testing::Test {
  protected:
    void SetUp() override {
        log::set_sink([this](log::Level level, std::string_view text) {
            lines_.push_back(std::to_string(static_cast<int>(level)) + ' ' + std::string(text));
        });
    }
    void TearDown() override {
        log::set_sink({});
        log::set_level(log::Level::warn);
    }
    std::vector<std::string> lines_;
};

TEST_F(Log, WritesFromItsLevelUp) {
    log::set_level(log::Level::info);

    log::trace("t");
    log::debug("d");
    log::info("i");
    log::warn("w");
    log::error("e");

    EXPECT_THAT(lines_, ElementsAre("2 i", "3 w", "4 e"));
    EXPECT_TRUE(log::enabled(log::Level::info));
    EXPECT_FALSE(log::enabled(log::Level::debug));
    EXPECT_FALSE(log::enabled(log::Level::off));
}

TEST_F(Log, IsSilentWhenOff) {
    log::set_level(log::Level::off);

    log::error("e");

    EXPECT_TRUE(lines_.empty());
}

TEST_F(Log, TakesTextAsItIsButForSecretsAndControls) {
    remember_secret("opensesame");

    log::warn("{} %s opensesame \x1b[1m");

    EXPECT_THAT(lines_, ElementsAre("3 {} %s *** \\x1b[1m"));
}

TEST_F(Log, AlsoAppendsToAFileOfItsOwner) {
    const std::string path = testing::TempDir() + "berth-log-" + std::to_string(::getpid());
    std::filesystem::remove(path);

    log::set_file(path);
    log::warn("kept");

    std::stringstream text;
    text << std::ifstream(path).rdbuf();
    EXPECT_THAT(text.str(), testing::EndsWith("kept\n"));
    struct ::stat status {};
    ASSERT_EQ(::stat(path.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0600U);
    std::filesystem::remove(path);
}

TEST_F(Log, SaysWhichFileItCannotOpen) {
    try {
        log::set_file("/nowhere/berth.log");
        FAIL() << "opened a file in a folder that is not there";
    } catch (const Error& error) {
        EXPECT_STREQ(error.what(),
                     "error[BR0001]: cannot open the log file '/nowhere/berth.log': No such file or directory\n"
                     "  hint: name another file with '--log-file'");
    }
}

TEST_F(Log, KnowsItsLevelsByName) {
    log::Level level{};

    EXPECT_TRUE(log::parse_level("debug", level));
    EXPECT_EQ(level, log::Level::debug);
    EXPECT_TRUE(log::parse_level("off", level));
    EXPECT_EQ(level, log::Level::off);
    EXPECT_FALSE(log::parse_level("loud", level));
}

}  // namespace
}  // namespace berth

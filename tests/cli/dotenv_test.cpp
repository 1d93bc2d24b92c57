// SPDX-License-Identifier: Apache-2.0
#include <berth/cli/dotenv.hpp>
#include <berth/process/child.hpp>

#include <gtest/gtest.h>

namespace berth::cli {
namespace {

using namespace std::chrono_literals;

TEST(Dotenv, QuotesOnlyWhereItHasTo) {
    EXPECT_EQ(dotenv_value(""), "");
    EXPECT_EQ(dotenv_value("postgresql://shop:x@127.0.0.1:5432/shop"), "postgresql://shop:x@127.0.0.1:5432/shop");
    EXPECT_EQ(dotenv_value("two words"), "'two words'");
    EXPECT_EQ(dotenv_value("a$b\"c`d\\e"), "'a$b\"c`d\\e'");
    EXPECT_EQ(dotenv_value("it's $5"), "\"it's \\$5\"");
    EXPECT_EQ(dotenv_value("a\nb"), "'a\nb'");
    EXPECT_EQ(dotenv_value("~"), "'~'");
    EXPECT_EQ(dotenv_value("#x"), "'#x'");
}

TEST(Dotenv, IsALineAVariable) {
    EXPECT_EQ(dotenv_text({{"B", "2"}, {"A", "x y"}}), "A='x y'\nB=2\n");
    EXPECT_EQ(dotenv_text({}), "");
}

TEST(Dotenv, IsReadByAShellAsItWasMeant) {
    const std::string nasty = "it's \"$HOME\" `id` \\n !x; ~ # ${a} $(b)\n\ttab 'end'";
    process::Options options;
    options.argv = {"/bin/sh", "-c", dotenv_text({{"VALUE", nasty}}) + "printf %s \"$VALUE\""};

    EXPECT_EQ(process::run_captured(options, within(30s)).out, nasty);
}

}  // namespace
}  // namespace berth::cli

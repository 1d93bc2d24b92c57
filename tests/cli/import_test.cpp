// SPDX-License-Identifier: Apache-2.0
// `berth import` and `--compose`, where they need no engine.
#include <tests/cli/program.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

namespace berth::cli::tests {
namespace {

using testing::HasSubstr;

class ImportTest : public testing::Test {
  protected:
    void SetUp() override {
        folder_.write("compose.yaml",
                      "services:\n"
                      "  web:\n"
                      "    image: nginx:1.27\n"
                      "    ports: [\"8080:80\"]\n"
                      "    restart: always\n");
    }

    [[nodiscard]] std::string content(const std::string& name) const {
        std::ifstream file(folder_.file(name), std::ios::binary);
        return {std::istreambuf_iterator<char>(file), {}};
    }

    const support::TempDir folder_;
    Program program_{folder_};
};

constexpr const char* k_spec = R"(# Made by 'berth import compose.yaml'. What means something else here than there:
#   compose.yaml:2:3: 'web' is ready when port 80 accepts connections; compose does not wait for it
#   compose.yaml:4:14: ports are published on loopback; compose takes all interfaces
#   compose.yaml:4:14: host port 8080 of 'web' is left to the engine
#   compose.yaml:5:14: 'restart: always' is not applied: a crash must fail the test

services:
  web:
    image: nginx:1.27
    ports: ["80"]
)";

constexpr const char* k_notes =
    R"(note[BN0920]: 'web' is ready when port 80 accepts connections; compose does not wait for it
 --> compose.yaml:2:3
  |
2 |   web:
  |   ^^^

note[BN0914]: ports are published on loopback; compose takes all interfaces
 --> compose.yaml:4:14
  |
4 |     ports: ["8080:80"]
  |              ^^^^^^^

note[BN0910]: host port 8080 of 'web' is left to the engine
 --> compose.yaml:4:14
  |
4 |     ports: ["8080:80"]
  |              ^^^^^^^ the engine's choice is '${web.port.80}'

note[BN0913]: 'restart: always' is not applied: a crash must fail the test
 --> compose.yaml:5:14
  |
5 |     restart: always
  |              ^^^^^^
)";

TEST_F(ImportTest, PrintsTheSpecAndSaysWhatHasChanged) {
    const auto made = program_.run({"import", "compose.yaml"});

    EXPECT_EQ(made.status.code, 0);
    EXPECT_EQ(made.out, k_spec);
    EXPECT_THAT(made.err, testing::StartsWith(k_notes));
}

TEST_F(ImportTest, WritesAFileAndNeverOverOne) {
    const auto made = program_.run({"import", "-o", "berth.yaml", "compose.yaml"});
    const auto again = program_.run({"import", "-o", "berth.yaml", "compose.yaml", "-q"});

    EXPECT_EQ(made.status.code, 0);
    EXPECT_EQ(made.out, "");
    EXPECT_EQ(content("berth.yaml"), k_spec);
    EXPECT_EQ(again.status.code, 64);
    EXPECT_THAT(again.err, HasSubstr("'berth.yaml' is there already\n  hint: remove it, or name another file\n"));
    EXPECT_EQ(program_.run({"validate"}).status.code, 0);
}

TEST_F(ImportTest, FindsTheFileOfThisFolder) {
    const auto made = program_.run({"import"});

    EXPECT_EQ(made.status.code, 0);
    EXPECT_THAT(made.out, HasSubstr("image: nginx:1.27"));
}

TEST_F(ImportTest, AFileThatIsWrongExits65) {
    folder_.write("compose.yaml", "services: {web: {imge: nginx}}\n");

    const auto made = program_.run({"import", "compose.yaml"});

    EXPECT_EQ(made.status.code, 65);
    EXPECT_EQ(made.out, "");
    EXPECT_EQ(made.err,
              "error[BE0201]: unknown key 'imge' in service 'web'\n"
              " --> compose.yaml:1:18\n"
              "  |\n"
              "1 | services: {web: {imge: nginx}}\n"
              "  |                  ^^^^ did you mean 'image'?\n"
              "\n"
              "1 error in compose.yaml (explain one: 'berth explain BE0201')\n");
}

TEST_F(ImportTest, AComposeFileAloneIsASpec) {
    const auto valid = program_.run({"--compose", "compose.yaml", "validate", "--format", "short"});

    EXPECT_EQ(valid.status.code, 0);
    EXPECT_EQ(valid.out,
              "compose.yaml:2:3: note[BN0920]: 'web' is ready when port 80 accepts connections; compose does not wait "
              "for it\n"
              "compose.yaml:4:14: note[BN0914]: ports are published on loopback; compose takes all interfaces\n"
              "compose.yaml:4:14: note[BN0910]: host port 8080 of 'web' is left to the engine; the engine's choice is "
              "'${web.port.80}'\n"
              "compose.yaml:5:14: note[BN0913]: 'restart: always' is not applied: a crash must fail the test\n");
}

TEST_F(ImportTest, APlanTellsEachChange) {
    const auto plan = program_.run({"--compose", "compose.yaml", "plan"});

    EXPECT_EQ(plan.status.code, 0) << plan.err;
    EXPECT_THAT(plan.err, testing::StartsWith(k_notes));
}

TEST_F(ImportTest, ASpecGoesOverAComposeFile) {
    folder_.write("berth.yaml", "name: over\nservices: {web: {restart: \"on-failure:2\", image: \"nginx:1.28\"}}\n");

    const auto valid = program_.run({"-f", "berth.yaml", "--compose", "compose.yaml", "plan"});

    EXPECT_EQ(valid.status.code, 0) << valid.err;
    EXPECT_THAT(valid.out, HasSubstr("nginx:1.28"));
}

}  // namespace
}  // namespace berth::cli::tests

// SPDX-License-Identifier: Apache-2.0
// Test programs with environments on a real engine: what they start, when, and that it is gone afterwards. What they
// ask of the engine is written down by a proxy; what is there is counted by a client that is not ours.
#include <berth/engine/containers.hpp>
#include <berth/session/cleaning.hpp>
#include <tests/gtest/sample_run.hpp>
#include <tests/support/recording_proxy.hpp>
#include <tests/support/second_client.hpp>
#include <tests/support/temp_dir.hpp>
#include <tests/support/test_image.hpp>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <optional>

namespace berth {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr const char* k_project = "berth.project=gtest-sample";

class TestProgram : public ::testing::Test {
  protected:
    static void SetUpTestSuite() { image() = support::load_test_image(Engine::connect(), "busybox"); }
    static std::string& image() {
        static std::string name;
        return name;
    }

    [[nodiscard]] process::Variables variables() const {
        return {{"DOCKER_HOST", "unix://" + proxy_->path()}, {"BERTH_SAMPLE_IMAGE", image()}};
    }
    [[nodiscard]] process::Captured run(const std::string& sample,
                                        const std::vector<std::string>& arguments = {}) const {
        return support::run_sample(sample, arguments, variables(), folder_.path().string());
    }
    [[nodiscard]] std::ptrdiff_t requests(const std::string& part) const {
        const auto lines = proxy_->lines();
        return std::count_if(lines.begin(), lines.end(),
                             [&](const std::string& line) { return line.find(part) != std::string::npos; });
    }
    void expect_nothing_left() const {
        EXPECT_EQ(eyes_.containers(k_project), 0U);
        EXPECT_EQ(eyes_.networks(k_project), 0U);
        EXPECT_EQ(eyes_.volumes(k_project), 0U);
        EXPECT_EQ(eyes_.anonymous_volumes(), anonymous_before_);
    }
    [[nodiscard]] bool has_log() const {
        const auto runs = std::filesystem::recursive_directory_iterator(folder_.path());
        return std::any_of(begin(runs), end(runs),
                           [](const auto& entry) { return entry.path().filename() == "box.log"; });
    }
    void TearDown() override { clean_by_labels(engine_, {k_project}, within(support::k_patience)); }

    const Engine engine_ = Engine::connect();
    const support::SecondClient eyes_{};
    const std::size_t anonymous_before_ = eyes_.anonymous_volumes();
    const support::TempDir folder_;
    std::optional<support::RecordingProxy> proxy_{std::in_place,
                                                  engine_.facts().endpoint.substr(std::string("unix://").size())};
};

TEST_F(TestProgram, HasOneEnvironmentForAllItsTestsAndLeavesNothing) {
    const auto ended = run("global", {"--gtest_filter=Box.*"});

    EXPECT_EQ(ended.status.text(), "exit 0") << ended.out << ended.err;
    EXPECT_THAT(ended.out, HasSubstr("[  PASSED  ] 2 tests.\n"));
    EXPECT_EQ(ended.err, "");
    EXPECT_EQ(requests("/containers/create"), 1);
    EXPECT_FALSE(has_log());
    expect_nothing_left();
}

TEST_F(TestProgram, HasAnEnvironmentForASuiteAndForEachTest) {
    const auto ended = run("scopes");

    EXPECT_EQ(ended.status.text(), "exit 0") << ended.out << ended.err;
    EXPECT_THAT(ended.out, HasSubstr("[  PASSED  ] 6 tests.\n"));
    EXPECT_EQ(requests("/containers/create"), 3);
    expect_nothing_left();
}

TEST_F(TestProgram, DoesNotAskTheEngineForAListOfItsTests) {
    const auto ended = run("global", {"--gtest_list_tests"});

    EXPECT_EQ(ended.status.text(), "exit 0");
    EXPECT_THAT(proxy_->lines(), IsEmpty());
}

TEST_F(TestProgram, DoesNotAskTheEngineWhenNoTestIsSelected) {
    EXPECT_EQ(run("global", {"--gtest_filter=Nothing.*"}).status.text(), "exit 0");
    EXPECT_EQ(run("scopes", {"--gtest_filter=After.*-*"}).status.text(), "exit 0");

    EXPECT_THAT(proxy_->lines(), IsEmpty());
}

TEST_F(TestProgram, DoesNotAskTheEngineForSuitesThatAreNotSelected) {
    EXPECT_THAT(run("scopes", {"--gtest_filter=Unrelated.*"}).out, HasSubstr("[  PASSED  ] 1 test.\n"));

    EXPECT_THAT(proxy_->lines(), IsEmpty());
}

TEST_F(TestProgram, StartsNothingInDeathTestsOfTheThreadsafeStyle) {
    const auto ended = run("global", {"--gtest_filter=BoxDeathTest.OfTheThreadsafe*"});

    EXPECT_EQ(ended.status.text(), "exit 0") << ended.out << ended.err;
    EXPECT_EQ(requests("/_ping"), 1);
    EXPECT_EQ(requests("/containers/create"), 1);
    EXPECT_EQ(requests("DELETE"), 1);
    expect_nothing_left();
}

TEST_F(TestProgram, TakesNothingDownInDeathTestsOfTheFastStyle) {
    const auto ended = run("global", {"--gtest_filter=BoxDeathTest.OfTheFast*"});

    EXPECT_EQ(ended.status.text(), "exit 0") << ended.out << ended.err;
    EXPECT_EQ(requests("/containers/create"), 1);
    EXPECT_EQ(requests("DELETE"), 1);
    expect_nothing_left();
}

TEST_F(TestProgram, BringsItUpAnewWhenTestsAreRepeated) {
    const auto ended = run("global", {"--gtest_filter=Box.IsUp", "--gtest_repeat=2"});

    EXPECT_EQ(ended.status.text(), "exit 0") << ended.out << ended.err;
    EXPECT_EQ(requests("/containers/create"), requests("DELETE"));
    expect_nothing_left();
}

TEST_F(TestProgram, KeepsTheLogOfAFailedRun) {
    const auto ended = run("global", {"--gtest_also_run_disabled_tests", "--gtest_filter=Box.DISABLED_Fails"});

    EXPECT_EQ(ended.status.text(), "exit 1");
    EXPECT_TRUE(has_log());
    expect_nothing_left();
}

TEST_F(TestProgram, LeavesNothingWhenATestExits) {
    const auto ended = run("global", {"--gtest_also_run_disabled_tests", "--gtest_filter=Box.DISABLED_Exits"});

    EXPECT_EQ(ended.status.text(), "exit 3");
    EXPECT_EQ(requests("/containers/create"), 1);
    EXPECT_TRUE(has_log());
    expect_nothing_left();
}

TEST_F(TestProgram, FailsWhenSomethingIsLeftBehind) {
    auto options = support::sample_options(
        "global", {"--gtest_also_run_disabled_tests", "--gtest_filter=Box.DISABLED_LosesItsEngine"}, variables(),
        folder_.path().string());
    const std::string ready = folder_.file("ready");
    const std::string gone = folder_.file("gone");
    ASSERT_EQ(::mkfifo(gone.c_str(), 0600), 0);
    options.additions.emplace_back("BERTH_SAMPLE_READY", ready);
    options.additions.emplace_back("BERTH_SAMPLE_GONE", gone);
    const std::string out = folder_.file("out");
    const process::Descriptor file(::open(out.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
    options.standard_output = process::Standard::descriptor(file.get());
    process::Child child(options);
    ASSERT_TRUE(support::wait_until([&] { return std::filesystem::exists(ready); }));

    proxy_.reset();
    std::ofstream(gone) << "gone\n";

    EXPECT_EQ(child.wait(within(support::k_patience)).text(), "exit 1");
    std::ifstream printed(out);
    const std::string text{std::istreambuf_iterator<char>(printed), std::istreambuf_iterator<char>()};
    const auto left = engine_.containers().list({.all = true, .labels = {k_project}, .name = {}});
    ASSERT_EQ(left.size(), 1U);
    EXPECT_EQ(support::plain(text),
              "Note: Google Test filter = Box.DISABLED_LosesItsEngine\n"
              "[==========] Running 1 test from 1 test suite.\n"
              "[----------] Global test environment set-up.\n"
              "[----------] 1 test from Box\n"
              "[ RUN      ] Box.DISABLED_LosesItsEngine\n"
              "[       OK ] Box.DISABLED_LosesItsEngine\n"
              "[----------] Global test environment tear-down\n"
              "SAMPLES/global.cpp:10: Failure\n"
              "environment 'box' did not go down cleanly\n"
              "error[BR0501]: one object of environment 'gtest-sample' could not be removed\n"
              "  left: container '" +
                  left[0].names[0] + "': cannot remove container '" + left[0].id.text.substr(0, 12) +
                  "': cannot connect: No such file or directory\n"
                  "  hint: 'berth down --all --project gtest-sample' tries again; they carry the label berth.run=" +
                  left[0].labels.at("berth.run") +
                  "\n"
                  "[==========] 1 test from 1 test suite ran.\n"
                  "[  PASSED  ] 1 test.\n"
                  "[  FAILED  ] 0 tests, listed below:\n"
                  "\n"
                  " 0 FAILED TESTS\n");
}

}  // namespace
}  // namespace berth

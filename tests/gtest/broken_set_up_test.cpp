// SPDX-License-Identifier: Apache-2.0
// What a test program says, and how it ends, when its environment does not come up. No engine is needed for that: the
// specs cannot even be read.
#include <tests/gtest/sample_run.hpp>
#include <tests/support/temp_dir.hpp>

#include <gtest/gtest.h>

namespace berth {
namespace {

using support::plain;

class BrokenSetUp : public ::testing::Test {
  protected:
    process::Captured run(const std::string& sample, const std::vector<std::string>& arguments = {},
                          process::Variables variables = {}) {
        // An engine that is nowhere, should anybody look for one.
        variables.emplace_back("DOCKER_HOST", "unix://" + folder_.file("no-engine.sock"));
        return support::run_sample(sample, arguments, std::move(variables), folder_.path().string());
    }

    support::TempDir folder_;
};

constexpr const char* k_reason =
    "error[BE0001]: cannot open 'no-such.yaml': no such file or directory\n"
    " --> no-such.yaml\n"
    "\n"
    "1 error in no-such.yaml (explain one: 'berth explain BE0001')\n";

TEST_F(BrokenSetUp, OfAProgramFailsEachTestAndSaysWhyOnce) {
    const auto ended = run("broken_program");

    EXPECT_EQ(plain(ended.out),
              "[==========] Running 2 tests from 2 test suites.\n"
              "[----------] Global test environment set-up.\n"
              "[----------] 1 test from First\n"
              "[ RUN      ] First.UsesIt\n"
              "SAMPLES/broken_program.cpp:10: Failure\n"
              "environment 'broken' did not come up: cannot open 'no-such.yaml': no such file or directory\n"
              "[  FAILED  ] First.UsesIt\n"
              "[----------] 1 test from Second\n"
              "[ RUN      ] Second.UsesIt\n"
              "SAMPLES/broken_program.cpp:14: Failure\n"
              "environment 'broken' did not come up: cannot open 'no-such.yaml': no such file or directory\n"
              "[  FAILED  ] Second.UsesIt\n"
              "[----------] Global test environment tear-down\n"
              "[==========] 2 tests from 2 test suites ran.\n"
              "[  PASSED  ] 0 tests.\n"
              "[  FAILED  ] 2 tests, listed below:\n"
              "[  FAILED  ] First.UsesIt\n"
              "[  FAILED  ] Second.UsesIt\n"
              "\n"
              " 2 FAILED TESTS\n");
    EXPECT_EQ(plain(ended.err),
              std::string("SAMPLES/broken_program.cpp:6: environment 'broken' did not come up, so its tests fail; "
                          "BERTH_ON_SETUP_FAILURE=skip skips them\n") +
                  k_reason);
    EXPECT_EQ(ended.status.text(), "exit 1");
}

TEST_F(BrokenSetUp, OfAProgramSkipsItsTestsWhenThatIsAskedFor) {
    const auto ended = run("broken_program", {"--gtest_filter=First.*"}, {{"BERTH_ON_SETUP_FAILURE", "skip"}});

    EXPECT_EQ(plain(ended.out),
              "Note: Google Test filter = First.*\n"
              "[==========] Running 1 test from 1 test suite.\n"
              "[----------] Global test environment set-up.\n"
              "[----------] 1 test from First\n"
              "[ RUN      ] First.UsesIt\n"
              "SAMPLES/broken_program.cpp:10: Skipped\n"
              "environment 'broken' did not come up: cannot open 'no-such.yaml': no such file or directory\n"
              "[  SKIPPED ] First.UsesIt\n"
              "[----------] Global test environment tear-down\n"
              "[==========] 1 test from 1 test suite ran.\n"
              "[  PASSED  ] 0 tests.\n"
              "[  SKIPPED ] 1 test, listed below:\n"
              "[  SKIPPED ] First.UsesIt\n");
    EXPECT_EQ(
        plain(ended.err),
        std::string("SAMPLES/broken_program.cpp:6: environment 'broken' did not come up, so its tests are skipped, "
                    "as asked for\n") +
            k_reason);
    EXPECT_EQ(ended.status.text(), "exit 0");
}

TEST_F(BrokenSetUp, ThatMayBeSkippedStillFailsWhenTheEnvironmentSaysSo) {
    const auto ended = run("broken_scopes", {"--gtest_filter=Skipping.*"}, {{"BERTH_ON_SETUP_FAILURE", "fail"}});

    EXPECT_EQ(ended.status.text(), "exit 1");
    EXPECT_EQ(ended.err, std::string("the environment of suite 'Skipping' did not come up, so its tests fail; "
                                     "BERTH_ON_SETUP_FAILURE=skip skips them\n") +
                             k_reason);
}

TEST_F(BrokenSetUp, IgnoresAWishItDoesNotKnow) {
    const auto ended = run("broken_scopes", {"--gtest_filter=Skipping.*"}, {{"BERTH_ON_SETUP_FAILURE", "ignore"}});

    EXPECT_EQ(ended.status.text(), "exit 0");
    EXPECT_EQ(ended.err,
              std::string("BERTH_ON_SETUP_FAILURE is 'ignore', and may be 'fail' or 'skip'; it is ignored\n"
                          "the environment of suite 'Skipping' did not come up, so its tests are skipped, as asked "
                          "for\n") +
                  k_reason);
}

TEST_F(BrokenSetUp, OfOneThatMayBeSkippedDoesNotHideAnotherThatMayNot) {
    const auto ended = run("skipping_program");

    EXPECT_EQ(ended.status.text(), "exit 1");
    EXPECT_EQ(plain(ended.err),
              std::string("SAMPLES/skipping_program.cpp:16: environment 'first' did not come up, so its tests are "
                          "skipped, as asked for\n") +
                  k_reason +
                  "SAMPLES/skipping_program.cpp:17: environment 'second' did not come up, so its tests fail; "
                  "BERTH_ON_SETUP_FAILURE=skip skips them\n"
                  "the spec cannot be made\n"
                  "for a reason of two lines\n");
    EXPECT_EQ(plain(ended.out),
              "[==========] Running 1 test from 1 test suite.\n"
              "[----------] Global test environment set-up.\n"
              "[----------] 1 test from First\n"
              "[ RUN      ] First.UsesIt\n"
              "SAMPLES/skipping_program.cpp:21: Failure\n"
              "environment 'second' did not come up: the spec cannot be made\n"
              "[  FAILED  ] First.UsesIt\n"
              "[----------] Global test environment tear-down\n"
              "[==========] 1 test from 1 test suite ran.\n"
              "[  PASSED  ] 0 tests.\n"
              "[  FAILED  ] 1 test, listed below:\n"
              "[  FAILED  ] First.UsesIt\n"
              "\n"
              " 1 FAILED TEST\n");
}

TEST_F(BrokenSetUp, OfASuiteOrATestConcernsItsOwnTests) {
    const auto ended = run("broken_scopes");

    EXPECT_EQ(
        plain(ended.out),
        std::string("[==========] Running 5 tests from 4 test suites.\n"
                    "[----------] Global test environment set-up.\n"
                    "[----------] 2 tests from Suite\n"
                    "[ RUN      ] Suite.First\n"
                    "SAMPLES/broken_scopes.cpp:14: Failure\n"
                    "the environment of suite 'Suite' did not come up: cannot open 'no-such.yaml': no such file or "
                    "directory\n"
                    "[  FAILED  ] Suite.First\n"
                    "[ RUN      ] Suite.Second\n"
                    "SAMPLES/broken_scopes.cpp:18: Failure\n"
                    "the environment of suite 'Suite' did not come up: cannot open 'no-such.yaml': no such file or "
                    "directory\n"
                    "[  FAILED  ] Suite.Second\n"
                    "[----------] 1 test from Each\n"
                    "[ RUN      ] Each.First\n"
                    "SAMPLES/broken_scopes.cpp:27: Failure\n"
                    "the environment of test 'Each.First' did not come up\n") +
            k_reason +
            "[  FAILED  ] Each.First\n"
            "[----------] 1 test from Skipping\n"
            "[ RUN      ] Skipping.First\n"
            "SAMPLES/broken_scopes.cpp:37: Skipped\n"
            "the environment of suite 'Skipping' did not come up: cannot open 'no-such.yaml': no such file or "
            "directory\n"
            "[  SKIPPED ] Skipping.First\n"
            "[----------] 1 test from Unrelated\n"
            "[ RUN      ] Unrelated.StillRuns\n"
            "[       OK ] Unrelated.StillRuns\n"
            "[----------] Global test environment tear-down\n"
            "[==========] 5 tests from 4 test suites ran.\n"
            "[  PASSED  ] 1 test.\n"
            "[  SKIPPED ] 1 test, listed below:\n"
            "[  SKIPPED ] Skipping.First\n"
            "[  FAILED  ] 3 tests, listed below:\n"
            "[  FAILED  ] Suite.First\n"
            "[  FAILED  ] Suite.Second\n"
            "[  FAILED  ] Each.First\n"
            "\n"
            " 3 FAILED TESTS\n");
    EXPECT_EQ(ended.status.text(), "exit 1");
}

}  // namespace
}  // namespace berth

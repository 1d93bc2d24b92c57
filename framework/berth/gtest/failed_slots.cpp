// SPDX-License-Identifier: Apache-2.0
#include <berth/gtest/internal/failed_slots.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <utility>
#include <vector>

namespace berth::testing::internal {
namespace {

struct Failed {
    const void* slot;
    SetupFailure failure;
};

// In the order in which they failed. Never destroyed: exit() may come at any time.
std::vector<Failed>& failures() {
    static auto* const all = new std::vector<Failed>();
    return *all;
}

// One that may be skipped does not hide another that may not.
const SetupFailure* first_that_concerns(const std::string& suite) {
    const SetupFailure* found = nullptr;
    for (const auto& [slot, failure] : failures()) {
        if ((failure.suite.empty() || failure.suite == suite) && (found == nullptr || (found->skip && !failure.skip))) {
            found = &failure;
        }
    }
    return found;
}

/// GoogleTest takes a failure in Environment::SetUp or SetUpTestSuite as a reason to call every test skipped. A failure
/// as each test starts is what makes them read as failed; being fatal, it also keeps the test's body from running.
class EndsTests : public ::testing::EmptyTestEventListener {
  public:
    void OnTestStart(const ::testing::TestInfo& test) override {
        if (const SetupFailure* const failure = first_that_concerns(test.test_suite_name())) {
            report(test.file(), test.line(), failure->skip ? Verdict::skipped : Verdict::failed_at_once, failure->line);
        }
    }
};

}  // namespace

void concern_tests(const void* slot, SetupFailure failure) {
    static const bool listening = [] {
        ::testing::UnitTest::GetInstance()->listeners().Append(new EndsTests);  // owned by GoogleTest
        return true;
    }();
    static_cast<void>(listening);
    failures().push_back({slot, std::move(failure)});
}

void no_longer(const void* slot) noexcept {
    auto& all = failures();
    all.erase(std::remove_if(all.begin(), all.end(), [&](const Failed& each) { return each.slot == slot; }), all.end());
}

void report(const char* file, int line, Verdict verdict, const std::string& text) {
    using Result = ::testing::TestPartResult;
    const auto type = verdict == Verdict::skipped     ? Result::kSkip
                      : verdict == Verdict::failed_on ? Result::kNonFatalFailure
                                                      : Result::kFatalFailure;
    // GoogleTest has no public macro for a skip at a given place.
    GTEST_MESSAGE_AT_(file, line, text.c_str(), type);
}

}  // namespace berth::testing::internal

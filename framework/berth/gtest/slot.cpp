// SPDX-License-Identifier: Apache-2.0
#include <berth/core/error.hpp>
#include <berth/core/redaction.hpp>
#include <berth/gtest/internal/failed_slots.hpp>
#include <berth/gtest/slot.hpp>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace berth::testing {
namespace {

constexpr const char* k_not_now = "it is up only while its tests run";
constexpr const char* k_mode_variable = "BERTH_ON_SETUP_FAILURE";

// The `threadsafe` style runs the program anew, and with it every set-up, for the one statement that is to die.
bool is_death_test_child() {
    return !GTEST_FLAG_GET(internal_run_death_test).empty();
}

void print(const std::string& text) {
    std::fflush(stdout);  // GoogleTest writes there: the lines keep their order on a terminal
    std::fputs(text.c_str(), stderr);
    std::fflush(stderr);
}

bool skips(OnSetupFailure declared) {
    const char* const given = std::getenv(k_mode_variable);
    const std::string_view mode = given == nullptr ? "" : given;
    if (mode == "skip" || mode == "fail") {
        return mode == "skip";
    }
    if (!mode.empty()) {
        print(fmt::format("{} is '{}', and may be 'fail' or 'skip'; it is ignored\n", k_mode_variable,
                          redact(escape_controls(mode))));
    }
    return declared == OnSetupFailure::skip;
}

struct Reason {
    std::string line{};
    std::string whole{};
};

// Of the exception in flight.
Reason reason() {
    try {
        throw;
    } catch (const Error& error) {
        std::string whole = error.what();
        whole.erase(whole.find_last_not_of('\n') + 1);
        return {redact(escape_controls(error.summary())), whole};
    } catch (const std::exception& error) {
        const std::string text = redact(escape_controls(error.what()));
        return {text.substr(0, text.find('\n')), text};
    } catch (...) {
        return {"an exception of an unknown type", "an exception of an unknown type"};
    }
}

}  // namespace

struct Slot::State {
    Scope scope;
    std::string title;
    Origin place;
    pid_t owner = ::getpid();
    std::optional<Environment> environment{};
    std::string why_not = k_not_now;

    // What is up, in the order in which it came up. Never destroyed, as exit() may come at any time.
    static std::vector<State*>& live() {
        static auto* const all = new std::vector<State*>();
        return *all;
    }

    void came_up();
    void failed(const Reason& why, bool skip);
    void take_down(bool a_test_failed);
    static void take_all_down_at_exit() noexcept;
};

void Slot::State::came_up() {
    live().push_back(this);
    // Registered after the first environment came up, so that it runs before the destructors of everything that one
    // uses.
    static const bool registered = std::atexit(&take_all_down_at_exit) == 0;
    static_cast<void>(registered);
}

void Slot::State::failed(const Reason& why, bool skip) {
    why_not = why.line;
    const std::string what = fmt::format("{} did not come up", title);
    if (scope == Scope::test) {
        const auto* const test = ::testing::UnitTest::GetInstance()->current_test_info();
        internal::report(test->file(), test->line(),
                         skip ? internal::Verdict::skipped : internal::Verdict::failed_at_once,
                         fmt::format("{}\n{}", what, why.whole));
        return;
    }
    const std::string where = place.known() ? to_string(place) + ": " : std::string{};
    print(skip ? fmt::format("{}{}, so its tests are skipped, as asked for\n{}\n", where, what, why.whole)
               : fmt::format("{}{}, so its tests fail; {}=skip skips them\n{}\n", where, what, k_mode_variable,
                             why.whole));
    const std::string suite =
        scope == Scope::suite ? ::testing::UnitTest::GetInstance()->current_test_suite()->name() : "";
    internal::concern_tests(this, {skip, suite, fmt::format("{}: {}", what, why.line)});
}

void Slot::State::take_down(bool a_test_failed) {
    auto& all = live();
    all.erase(std::remove(all.begin(), all.end(), this), all.end());
    why_not = k_not_now;
    if (a_test_failed) {
        environment->mark_failed();
    }
    try {
        environment->down();
    } catch (...) {
        environment->release();  // the error names what is left; a second attempt would only say it again
        environment.reset();
        throw;
    }
    environment.reset();
}

// A test called exit(): no tear-down of GoogleTest's comes any more.
void Slot::State::take_all_down_at_exit() noexcept {
    auto& all = live();
    while (!all.empty() && all.back()->owner == ::getpid()) {
        try {
            all.back()->take_down(true);
        } catch (...) {
            print(reason().whole + '\n');
        }
    }
}

Slot::Slot(Scope scope, std::string title, Origin place) : state_(new State{scope, std::move(title), place}) {}

Slot::~Slot() {
    internal::no_longer(state_.get());
    if (state_->environment && state_->owner != ::getpid()) {
        // A fork of the process that owns it: the environment's threads are not here, and nothing may be removed.
        static_cast<void>(state_.release());
        return;
    }
    tear_down(true);
}

void Slot::set_up(const std::function<Declared()>& declare) noexcept {
    State& state = *state_;
    internal::no_longer(&state);
    if (is_death_test_child()) {
        state.why_not = "this is the child of a death test, which starts nothing";
        return;
    }
    auto mode = OnSetupFailure::fail;
    try {
        const Declared declared = declare();
        mode = declared.options.on_setup_failure;
        state.owner = ::getpid();
        state.environment.emplace(up(declared.spec(), declared.options.up));
        state.came_up();
    } catch (...) {
        state.failed(reason(), skips(mode));
    }
}

void Slot::tear_down(bool failed) noexcept {
    State& state = *state_;
    internal::no_longer(&state);
    if (!state.environment || state.owner != ::getpid()) {
        return;
    }
    try {
        state.take_down(failed);
    } catch (...) {
        internal::report(state.place.known() ? state.place.file : nullptr, state.place.line,
                         internal::Verdict::failed_on,
                         fmt::format("{} did not go down cleanly\n{}", state.title, reason().whole));
    }
}

const Environment& Slot::environment() const {
    if (!state_->environment) {
        throw Error({.code = "BR0901", .summary = fmt::format("{} is not up: {}", state_->title, state_->why_not)});
    }
    return *state_->environment;
}

}  // namespace berth::testing

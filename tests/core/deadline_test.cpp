// SPDX-License-Identifier: Apache-2.0
#include <berth/core/deadline.hpp>

#include <gtest/gtest.h>

#include <thread>

namespace berth {
namespace {

using namespace std::chrono_literals;

constexpr auto k_patience = 30s;  // never passes in a test that goes well
constexpr auto k_soon = 20ms;     // passes in every test that waits for it

TEST(Deadlines, SayWhatIsLeft) {
    EXPECT_EQ(within(-1s).left(), 0ms);
    EXPECT_TRUE(within(0s).passed());
    EXPECT_GT(within(k_patience).left(), 29s);
    EXPECT_LE(within(k_patience).left(), k_patience);
    EXPECT_EQ(within(1ns).left() <= 1ms, true);
    EXPECT_FALSE(within(k_patience).passed());
}

TEST(Deadlines, NeverPassWhenNeverMeant) {
    EXPECT_TRUE(Deadline::never().is_never());
    EXPECT_FALSE(Deadline::never().passed());
    EXPECT_EQ(Deadline::never().left(), std::chrono::milliseconds::max());
    EXPECT_TRUE(within(std::chrono::nanoseconds::max()).is_never());
}

TEST(Deadlines, TakeTheSoonerPointAndKeepTheToken) {
    std::stop_source source;
    const Deadline far = within(k_patience, source.get_token());

    const Deadline near = far.sooner(1s);
    const Deadline same = near.sooner(k_patience);

    EXPECT_LE(near.left(), 1s);
    EXPECT_EQ(same.at(), near.at());
    EXPECT_LE(Deadline::never().sooner(1s).left(), 1s);
    source.request_stop();
    EXPECT_TRUE(near.cancelled());
}

TEST(Deadlines, EndAWaitThatNothingFulfils) {
    std::mutex mutex;
    std::condition_variable_any condition;
    std::unique_lock lock(mutex);

    EXPECT_FALSE(within(k_soon).wait(condition, lock, [] { return false; }));
}

TEST(Deadlines, ReturnAsSoonAsTheConditionHolds) {
    std::mutex mutex;
    std::condition_variable_any condition;
    bool done = false;
    std::jthread other([&] {
        const std::lock_guard lock(mutex);
        done = true;
        condition.notify_all();
    });
    std::unique_lock lock(mutex);

    EXPECT_TRUE(within(k_patience).wait(condition, lock, [&] { return done; }));
    EXPECT_TRUE(Deadline::never().wait(condition, lock, [&] { return done; }));
}

TEST(Deadlines, AreCutShortByTheirToken) {
    std::mutex mutex;
    std::condition_variable_any condition;
    std::stop_source source;
    for (const Deadline& deadline : {within(k_patience, source.get_token()), Deadline::never(source.get_token())}) {
        std::jthread other([&] { source.request_stop(); });
        std::unique_lock lock(mutex);

        EXPECT_THROW(deadline.wait(condition, lock, [] { return false; }), Cancelled);
        EXPECT_THROW(deadline.throw_if_cancelled(), Cancelled);
        EXPECT_NO_THROW(deadline.with_stop({}).throw_if_cancelled());
    }
}

}  // namespace
}  // namespace berth

// SPDX-License-Identifier: Apache-2.0
#include <berth/core/error.hpp>
#include <berth/runtime/internal/scheduler.hpp>
#include <berth/runtime/internal/start_gate.hpp>
#include <tests/support/gate.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <random>
#include <set>
#include <string>
#include <thread>

namespace berth::runtime {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;

/// Blocks like a wait for a container: until it is asked to stop.
void block(const Deadline& deadline) {
    std::mutex mutex;
    std::condition_variable_any never;
    std::unique_lock lock(mutex);
    deadline.wait(never, lock, [] { return false; });
}

TEST(Scheduler, RunsAPhaseOnceAllThatItNeedsIsDone) {
    for (unsigned seed = 0; seed < 50; ++seed) {
        std::mt19937 random(seed);
        constexpr std::size_t k_phases = 40;
        Scheduler scheduler;
        std::mutex mutex;
        std::set<std::size_t> done;
        std::vector<std::vector<std::size_t>> needs(k_phases);
        bool in_order = true;
        for (std::size_t i = 0; i < k_phases; ++i) {
            for (std::size_t other = 0; other < i; ++other) {
                if (random() % 8 == 0) {
                    needs[i].push_back(other);
                }
            }
            scheduler.add(
                [&, i](const Deadline&) {
                    const std::lock_guard lock(mutex);
                    for (const std::size_t other : needs[i]) {
                        in_order = in_order && done.count(other) == 1;
                    }
                    done.insert(i);
                },
                needs[i]);
        }

        scheduler.run(Deadline::never());

        EXPECT_TRUE(in_order) << seed;
        EXPECT_EQ(done.size(), k_phases) << seed;
    }
}

TEST(Scheduler, RunsAllThatCanRunAtTheSameTime) {
    constexpr int k_phases = 8;
    Scheduler scheduler;
    std::mutex mutex;
    std::condition_variable_any changed;
    int here = 0;
    for (int i = 0; i < k_phases; ++i) {
        scheduler.add([&](const Deadline& deadline) {
            std::unique_lock lock(mutex);
            ++here;
            changed.notify_all();
            EXPECT_TRUE(deadline.wait(changed, lock, [&] { return here == k_phases; }));
        });
    }

    scheduler.run(within(30s));  // long: passes only when a phase waits for a thread

    EXPECT_EQ(here, k_phases);
}

TEST(Scheduler, RunsAChainOnTheCallersThread) {
    Scheduler scheduler;
    std::set<std::thread::id> threads;
    const auto note = [&](const Deadline&) { threads.insert(std::this_thread::get_id()); };
    const auto first = scheduler.add(note);
    const auto second = scheduler.add(note, {first});
    scheduler.add(note, {second});

    scheduler.run(Deadline::never());

    EXPECT_THAT(threads, ElementsAre(std::this_thread::get_id()));
}

TEST(Scheduler, StopsTheOthersWhenOneFailsAndTellsTheFirstError) {
    Scheduler scheduler;
    std::atomic<bool> stopped{false};
    std::atomic<bool> begun{false};
    const auto waiting = scheduler.add([&](const Deadline& deadline) {
        try {
            block(deadline);
        } catch (const Cancelled&) {
            stopped = true;
            throw;
        }
    });
    scheduler.add([](const Deadline&) { throw Error({.code = "BR0302", .summary = "service 'a' exited"}); });
    scheduler.add([&](const Deadline&) { begun = true; }, {waiting});

    try {
        scheduler.run(Deadline::never());
        FAIL() << "no error";
    } catch (const Error& error) {
        EXPECT_STREQ(error.what(), "error[BR0302]: service 'a' exited");
    }
    EXPECT_TRUE(stopped);
    EXPECT_FALSE(begun);
}

TEST(Scheduler, TellsFurtherErrorsAsNotes) {
    Scheduler scheduler;
    const support::Gate begun;  // what has not begun when another fails does not begin at all
    scheduler.add([&](const Deadline& deadline) {
        begun.open();
        try {
            block(deadline);
        } catch (const Cancelled&) {
            throw Error({.code = "BR0103", .summary = "the engine went away"});
        }
    });
    scheduler.add([&](const Deadline& deadline) {
        EXPECT_TRUE(begun.wait(deadline));
        throw NotReady({}, {.code = "BR0302", .summary = "service 'a' exited"});
    });

    try {
        scheduler.run(Deadline::never());
        FAIL() << "no error";
    } catch (const NotReady& error) {
        EXPECT_STREQ(error.what(), "error[BR0302]: service 'a' exited\n  note: the engine went away");
    }
}

TEST(Scheduler, ThrowsCancelledOnceNothingRunsAnyMore) {
    Scheduler scheduler;
    std::stop_source stop;
    std::atomic<int> running{0};
    for (int i = 0; i < 4; ++i) {
        scheduler.add([&](const Deadline& deadline) {
            if (++running == 4) {
                stop.request_stop();
            }
            try {
                block(deadline);
            } catch (const Cancelled&) {
                --running;
                throw;
            }
        });
    }

    EXPECT_THROW(scheduler.run(Deadline::never(stop.get_token())), Cancelled);

    EXPECT_EQ(running, 0);
}

TEST(Scheduler, StopsAtEveryPhaseThatMayFail) {
    constexpr std::size_t k_phases = 12;
    for (std::size_t failing = 0; failing < k_phases; ++failing) {
        Scheduler scheduler;
        std::atomic<std::size_t> done{0};
        for (std::size_t i = 0; i < k_phases; ++i) {
            scheduler.add(
                [&, i](const Deadline&) {
                    if (i == failing) {
                        throw Error({.code = "BR0302", .summary = "it failed"});
                    }
                    ++done;
                },
                i == 0 ? std::vector<std::size_t>{} : std::vector<std::size_t>{i - 1});
        }

        EXPECT_THROW(scheduler.run(Deadline::never()), Error);
        EXPECT_EQ(done, failing);
    }
}

TEST(Scheduler, GoesOnAfterAFailureWhenThatIsWanted) {
    Scheduler scheduler(Scheduler::Failure::goes_on);
    std::atomic<bool> done{false};
    const auto first =
        scheduler.add([](const Deadline&) { throw Error({.code = "BR0501", .summary = "it is stuck"}); });
    scheduler.add([&](const Deadline&) { done = true; }, {first});

    EXPECT_THROW(scheduler.run(Deadline::never()), Error);

    EXPECT_TRUE(done);
}

TEST(Scheduler, SaysSoWhenPhasesWaitForEachOther) {
    Scheduler scheduler;
    const auto first = scheduler.add([](const Deadline&) {});
    const auto second = scheduler.add([](const Deadline&) {}, {first});
    scheduler.order(first, second);

    EXPECT_THROW(scheduler.run(Deadline::never()), std::logic_error);
}

TEST(StartGate, LetsInSoManyAndTheNextOnceOneLeaves) {
    StartGate gate(1);
    {
        const auto slot = gate.enter(Deadline::never());
        EXPECT_THROW((void)gate.enter(within(1ms)), TimedOut);
    }

    EXPECT_NO_THROW((void)gate.enter(within(1ms)));
}

}  // namespace
}  // namespace berth::runtime

// SPDX-License-Identifier: Apache-2.0
#include <berth/process/wake.hpp>
#include <tests/support/eventually.hpp>

#include <gtest/gtest.h>

#include <unistd.h>
#include <thread>

namespace berth::process {
namespace {

using namespace std::chrono_literals;
using support::k_patience;

TEST(Wake, SaysWhichDescriptorIsReady) {
    const Pipe quiet = make_pipe();
    const Pipe full = make_pipe();
    ASSERT_EQ(::write(full.write.get(), "x", 1), 1);
    Watch waits{.descriptor = quiet.read.get(), .for_reading = true};
    Watch reads{.descriptor = full.read.get(), .for_reading = true};
    Watch writes{.descriptor = quiet.write.get(), .for_writing = true};
    Watch none{.descriptor = -1, .for_reading = true};
    Wake wake;

    EXPECT_TRUE(wake.wait({&waits, &reads, &writes, &none}, within(k_patience)));

    EXPECT_FALSE(waits.readable);
    EXPECT_TRUE(reads.readable);
    EXPECT_TRUE(writes.writable);
    EXPECT_FALSE(none.readable);
}

TEST(Wake, SeesTheEndOfAPipeAsReadable) {
    Pipe pipe = make_pipe();
    pipe.write.close();
    Watch watch{.descriptor = pipe.read.get(), .for_reading = true};
    Wake wake;

    EXPECT_TRUE(wake.wait({&watch}, within(k_patience)));
    EXPECT_TRUE(watch.readable);
}

TEST(Wake, EndsWithTheDeadline) {
    const Pipe pipe = make_pipe();
    Watch watch{.descriptor = pipe.read.get(), .for_reading = true};
    Wake wake;
    const auto begin = Deadline::Clock::now();

    EXPECT_FALSE(wake.wait({&watch}, within(20ms)));
    EXPECT_GE(Deadline::Clock::now() - begin, 20ms);
}

TEST(Wake, EndsWithTheTokenAndWaitsAgainForTheNext) {
    const Pipe pipe = make_pipe();
    Watch watch{.descriptor = pipe.read.get(), .for_reading = true};
    Wake wake;
    for (int i = 0; i < 50; ++i) {
        std::stop_source stop;
        std::thread asker([&stop] { stop.request_stop(); });
        EXPECT_THROW(wake.wait({&watch}, Deadline::never(stop.get_token())), Cancelled);
        asker.join();
        const std::stop_source quiet;
        EXPECT_FALSE(wake.wait({&watch}, within(1ms, quiet.get_token())));
    }
}

}  // namespace
}  // namespace berth::process

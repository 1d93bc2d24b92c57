// SPDX-License-Identifier: Apache-2.0
#include <berth/process/descriptor.hpp>
#include <berth/runtime/internal/event_hub.hpp>
#include <berth/runtime/internal/log_follower.hpp>
#include <berth/runtime/internal/probes.hpp>
#include <berth/runtime/internal/waiting.hpp>
#include <tests/runtime/plan_of.hpp>

#include <gtest/gtest.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <thread>

namespace berth::testing_runtime {
namespace {

using namespace std::chrono_literals;
using runtime::describe;
using runtime::EventHub;
using runtime::LogFollower;

const ContainerId k_id{"abc"};

class Listening : public ::testing::Test {
  protected:
    PlanOf of_{spec_of({service("one", "a:1")})};
    EventHub hub_{of_.engine(), "shop-1"};

    static Event event(const std::string& action, const Labels& attributes = {}) {
        return {.type = "container", .action = action, .id = k_id.text, .attributes = attributes};
    }
};

TEST_F(Listening, ToAnEndTellsItsStatus) {
    hub_.take(event("start"));
    hub_.take(event("oom"));
    hub_.take(event("die", {{"exitCode", "137"}}));

    const auto seen = hub_.seen(k_id);
    EXPECT_TRUE(seen.ended);
    EXPECT_EQ(seen.exit_code, 137);
    EXPECT_TRUE(seen.out_of_memory);
    EXPECT_FALSE(hub_.seen(ContainerId{"other"}).ended);
}

TEST_F(Listening, ToANewStartForgetsTheEndAndTheHealthBefore) {
    hub_.take(event("health_status: healthy"));
    hub_.take(event("die", {{"exitCode", "1"}}));
    hub_.take(event("start"));

    const auto seen = hub_.seen(k_id);
    EXPECT_FALSE(seen.ended);
    EXPECT_FALSE(seen.exit_code.has_value());
    EXPECT_EQ(seen.health, HealthState::Status::starting);
}

TEST_F(Listening, ToHealthTellsHealthyAndUnhealthyApart) {
    hub_.take(event("health_status: unhealthy"));
    EXPECT_EQ(hub_.seen(k_id).health, HealthState::Status::unhealthy);
    hub_.take(event("health_status: healthy"));
    EXPECT_EQ(hub_.seen(k_id).health, HealthState::Status::healthy);
    EXPECT_FALSE(hub_.take(event("rename")));
}

TEST_F(Listening, WakesWhoeverWaits) {
    std::jthread teller([this] { hub_.take(event("die", {{"exitCode", "0"}})); });

    EXPECT_TRUE(hub_.wait(
        k_id, [](const EventHub::Seen& seen) { return seen.ended; }, within(30s)));
    EXPECT_FALSE(hub_.wait(
        ContainerId{"other"}, [](const EventHub::Seen& seen) { return seen.ended; }, within(1ms)));
}

TEST_F(Listening, CallsAWatchOnceAtTheEndOrAtOnceAfterIt) {
    int called = 0;
    {
        const EventHub::Watch watch(hub_, k_id, [&] { ++called; });
        EXPECT_EQ(called, 0);
        hub_.take(event("die"));
        EXPECT_EQ(called, 1);
    }
    hub_.take(event("die"));
    EXPECT_EQ(called, 1) << "it is watched no more";

    const EventHub::Watch late(hub_, k_id, [&] { ++called; });
    EXPECT_EQ(called, 2);
}

TEST_F(Listening, ToAnEngineThatIsNotThereFails) {
    EXPECT_THROW(hub_.open(within(30s)), Error);
    EXPECT_TRUE(hub_.broken());
}

TEST_F(Listening, ToALogCountsLinesOfItsStream) {
    LogFollower follower(of_.engine(), {{Pattern("^ready"), 2, WaitLog::Stream::err}, {Pattern("up"), 1}});

    EXPECT_TRUE(follower.take({.stream = LogLine::Stream::out, .text = "ready"}));
    EXPECT_TRUE(follower.take({.stream = LogLine::Stream::err, .text = "ready 1"}));
    EXPECT_TRUE(follower.take({.stream = LogLine::Stream::err, .text = "not ready"}));
    EXPECT_TRUE(follower.take({.stream = LogLine::Stream::out, .text = "up"}));
    EXPECT_FALSE(follower.wait(0, within(1ms)));
    EXPECT_TRUE(follower.wait(1, within(1ms)));
    EXPECT_FALSE(follower.take({.stream = LogLine::Stream::err, .text = "ready 2"})) << "nothing is wanted any more";

    EXPECT_TRUE(follower.wait(0, within(1ms)));
    EXPECT_EQ(follower.found(0).matches, 2);
    EXPECT_EQ(follower.found(0).lines, 5U);
}

TEST(Waits, AreDescribedInAFewWords) {
    EXPECT_EQ(describe(wait::port(6379)), "port 6379");
    EXPECT_EQ(describe(wait::all({wait::log("ready"), wait::http("/health")})), "log /ready/ and http /health");
    EXPECT_EQ(describe(wait::any({wait::exec({"pg_isready"}), wait::healthcheck()})), "exec pg_isready or healthcheck");
    EXPECT_EQ(describe(wait::none()), "none");
}

TEST(Waits, NeedEventsUnlessThereIsNothingToWaitFor) {
    EXPECT_FALSE(runtime::needs_events(wait::none()));
    EXPECT_FALSE(runtime::needs_events(wait::running()));
    EXPECT_TRUE(runtime::needs_events(wait::port(1)));
    EXPECT_TRUE(runtime::needs_events(wait::any({wait::none(), wait::log("x")})));
}

/// A listener on loopback that accepts when told to.
class Listener {
  public:
    Listener() : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof(address);
        EXPECT_EQ(::bind(socket_.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
        EXPECT_EQ(::getsockname(socket_.get(), reinterpret_cast<sockaddr*>(&address), &size), 0);
        port_ = ntohs(address.sin_port);
    }
    void listen() const { EXPECT_EQ(::listen(socket_.get(), 4), 0); }
    [[nodiscard]] process::Descriptor accept() const {
        return process::Descriptor(::accept(socket_.get(), nullptr, nullptr));
    }
    [[nodiscard]] runtime::ProbeTarget target(bool proxied) const { return {"127.0.0.1", port_, proxied}; }

  private:
    process::Descriptor socket_;
    std::uint16_t port_{0};
};

TEST(Probe, OfAPortThatNobodyListensOnIsRefused) {
    const Listener listener;

    const auto look = runtime::look_at_port(listener.target(false), within(30s));

    EXPECT_FALSE(look.held);
    EXPECT_EQ(look.seen, "connection refused");
}

TEST(Probe, OfAnOpenPortHoldsAtOnce) {
    const Listener listener;
    listener.listen();

    EXPECT_TRUE(runtime::look_at_port(listener.target(false), within(30s)).held);
}

TEST(Probe, BehindAProxyHoldsWhenTheConnectionStaysUp) {
    const Listener listener;
    listener.listen();
    const auto begin = std::chrono::steady_clock::now();

    const auto look = runtime::look_at_port(listener.target(true), within(30s));

    EXPECT_TRUE(look.held);
    EXPECT_GE(std::chrono::steady_clock::now() - begin, 95ms);
}

TEST(Probe, BehindAProxyDoesNotHoldWhenItHangsUp) {
    const Listener listener;
    listener.listen();
    std::jthread proxy([&] { (void)listener.accept(); });

    const auto look = runtime::look_at_port(listener.target(true), within(30s));

    EXPECT_FALSE(look.held);
    EXPECT_EQ(look.seen, "connected, then closed");
}

TEST(Probe, EndsWhenItIsAskedToStop) {
    const Listener listener;
    listener.listen();
    std::stop_source stop;
    stop.request_stop();

    EXPECT_THROW((void)runtime::look_at_port(listener.target(true), Deadline::never(stop.get_token())), Cancelled);
}

TEST(Pace, StartsQuicklyAndGrows) {
    auto pace = runtime::Pace::of_connects({});
    const auto begin = std::chrono::steady_clock::now();
    for (int i = 0; i < 4; ++i) {  // 1 + 2 + 4 + 8 ms
        EXPECT_TRUE(pace.pause(Deadline::never()));
    }
    const auto took = std::chrono::steady_clock::now() - begin;

    EXPECT_GE(took, 15ms);
    EXPECT_FALSE(runtime::Pace::of_commands({}).pause(within(1ms)));
}

}  // namespace
}  // namespace berth::testing_runtime

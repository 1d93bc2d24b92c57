// SPDX-License-Identifier: Apache-2.0
// Each fault does what it says, and none of them hangs the client.
#include <berth/engine/containers.hpp>
#include <berth/engine/engine.hpp>
#include <berth/fake/engine.hpp>
#include <berth/http/client.hpp>
#include <tests/support/eventually.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <thread>

namespace berth {
namespace {

using namespace std::chrono_literals;
using fake::Fault;
using support::k_patience;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class FakeFaults : public ::testing::Test {
  protected:
    FakeFaults() { engine_.image("a/b:1"); }

    ContainerId create(Deadline deadline = within(k_patience)) {
        return client_.containers().create("x1", {.image = "a/b:1", .labels = {{"whose", "ours"}}}, deadline).id;
    }

    fake::Engine engine_{};
    Engine client_ = Engine::connect(engine_.endpoint());
};

TEST_F(FakeFaults, CloseUnansweredCarriesNothingOut) {
    engine_.fault({.method = "POST", .path = "/containers/create"}, {.kind = Fault::Kind::close_unanswered});

    EXPECT_THROW(create(), http::BrokenExchange);

    EXPECT_THAT(engine_.containers(), IsEmpty());
    create();
    EXPECT_THAT(engine_.containers(), SizeIs(1));
}

TEST_F(FakeFaults, RefuseAnswersWithStatusAndText) {
    engine_.fault({.path = "/containers/create"}, {.kind = Fault::Kind::refuse, .status = 500, .text = "disk full"});

    try {
        create();
        FAIL() << "it was created";
    } catch (const EngineRefused& refused) {
        EXPECT_EQ(refused.http_status(), 500);
        EXPECT_EQ(refused.facts().engine, "disk full");
    }
    EXPECT_THAT(engine_.containers(), IsEmpty());
}

TEST_F(FakeFaults, GarbageIsSentAsItIs) {
    const auto id = create();
    engine_.fault({.path = "/containers/*/json"}, {.kind = Fault::Kind::garbage, .text = "this is no HTTP\r\n\r\n"});

    EXPECT_THROW(client_.containers().inspect(id), ExchangeFailed);

    EXPECT_EQ(client_.containers().inspect(id).id, id);
}

TEST_F(FakeFaults, ACutRequestIsNotCarriedOut) {
    engine_.fault({.path = "/containers/create"}, {.kind = Fault::Kind::cut_request, .bytes = 100});

    EXPECT_THROW(create(), http::BrokenExchange);

    EXPECT_THAT(engine_.containers(), IsEmpty());
}

TEST_F(FakeFaults, ADroppedAnswerIsOfACallThatWasCarriedOut) {
    engine_.fault({.path = "/containers/create"}, {.kind = Fault::Kind::drop_answer});

    const auto id = create();

    EXPECT_EQ(engine_.container("x1")->id, id.text);
    EXPECT_THAT(engine_.containers(), SizeIs(1));
}

TEST_F(FakeFaults, ACutAnswerEndsAfterItsBytes) {
    const auto id = create();
    for (const std::size_t bytes : {0U, 1U, 20U, 200U, 600U}) {
        engine_.fault({.path = "/containers/*/json"}, {.kind = Fault::Kind::cut_answer, .bytes = bytes});
        if (bytes == 0) {
            EXPECT_EQ(client_.containers().inspect(id).id, id);  // a connection that just closed: asked again
        } else {
            EXPECT_THROW(client_.containers().inspect(id), http::BrokenExchange) << bytes;
        }
    }
}

TEST_F(FakeFaults, AStalledAnswerGoesOnOnceReleased) {
    const auto id = create();
    const auto stalled =
        engine_.fault({.path = "/containers/*/json"}, {.kind = Fault::Kind::stall_answer, .bytes = 50});
    std::string found;
    std::jthread asking([&] { found = client_.containers().inspect(id, within(k_patience)).id.text; });
    ASSERT_TRUE(stalled.wait_until_reached(k_patience));

    stalled.release();
    asking.join();

    EXPECT_EQ(found, id.text);
}

TEST_F(FakeFaults, AStalledAnswerDoesNotOutliveTheDeadline) {
    const auto id = create();
    engine_.fault({.path = "/containers/*/json"}, {.kind = Fault::Kind::stall_answer});

    EXPECT_THROW(client_.containers().inspect(id, within(100ms)), TimedOut);
}

TEST_F(FakeFaults, AStalledCreateStopsNobodyElse) {
    engine_.fault({.path = "/containers/create"}, {.kind = Fault::Kind::stall_answer});

    create(within(100ms));  // gives up, looks the name up, and finds it

    EXPECT_THAT(engine_.containers(), SizeIs(1));
}  // it is never released: the engine goes all the same

TEST_F(FakeFaults, AHeldCallIsCarriedOutLate) {
    const auto held = engine_.fault({.path = "/containers/create"}, {.kind = Fault::Kind::hold});
    std::jthread creating([&] { create(within(100ms)); });
    ASSERT_TRUE(held.wait_until_reached(k_patience));
    EXPECT_THAT(engine_.containers(), IsEmpty());
    // The client gives up, and looks the name up.
    ASSERT_TRUE(support::wait_until([&] {
        const auto requests = engine_.requests();
        return std::any_of(requests.begin(), requests.end(), [](const fake::Request& each) {
            return each.method == "GET" && each.target.find("/containers/") != std::string::npos;
        });
    }));

    held.release();
    creating.join();  // and it finds what was made late

    EXPECT_THAT(engine_.containers(), SizeIs(1));
}

TEST_F(FakeFaults, AHeldCallIsReleasedByItself) {
    engine_.fault({.path = "/containers/create"}, {.kind = Fault::Kind::hold, .released_after = 50ms});

    create();

    EXPECT_THAT(engine_.containers(), SizeIs(1));
}

TEST_F(FakeFaults, ActOnTheCallThatIsMeant) {
    const auto id = create();
    engine_.fault({.method = "GET", .path = "/containers/*/json", .nth = 2},
                  {.kind = Fault::Kind::refuse, .status = 500, .text = "second"});

    EXPECT_EQ(client_.containers().inspect(id).id, id);
    EXPECT_THROW(client_.containers().inspect(id), EngineRefused);
    EXPECT_EQ(client_.containers().inspect(id).id, id);
}

TEST_F(FakeFaults, OfTwoTheFirstActsFirst) {
    const auto id = create();
    for (const int status : {500, 503}) {
        engine_.fault({.path = "/containers/*"}, {.kind = Fault::Kind::refuse, .status = status, .text = "no"});
    }
    for (const int status : {500, 503}) {
        try {
            client_.containers().inspect(id);
            FAIL() << "it was told";
        } catch (const EngineRefused& refused) {
            EXPECT_EQ(refused.http_status(), status);
        }
    }
    EXPECT_EQ(client_.containers().inspect(id).id, id);
}

TEST(AFakeEngineThatGoes, CutsOffWhatWaits) {
    auto engine = std::make_unique<fake::Engine>();
    engine->image("a/b:1");
    Engine client = Engine::connect(engine->endpoint());
    const auto id = client.containers().create("x1", {.image = "a/b:1"}).id;
    client.containers().start(id);
    const auto held = engine->fault({.path = "/containers/*/json"}, {.kind = Fault::Kind::hold});
    std::string inspected;
    std::string waited;
    {
        std::jthread inspecting([&] {
            try {
                client.containers().inspect(id, within(k_patience));
            } catch (const Error& error) {
                inspected = error.code();
            }
        });
        ASSERT_TRUE(held.wait_until_reached(k_patience));
        std::jthread following([&] {
            try {
                client.containers().follow(
                    id, {}, [](const LogLine&) { return true; }, within(k_patience));
            } catch (const Error& error) {
                waited = error.code();
            }
        });
        ASSERT_TRUE(support::wait_until([&] {
            const auto requests = engine->requests();
            return !requests.empty() && requests.back().target.find("/logs") != std::string::npos;
        }));

        engine.reset();
    }

    EXPECT_EQ(inspected, "BR0102");
    EXPECT_THAT(waited, HasSubstr("BR010"));
}

}  // namespace
}  // namespace berth

// SPDX-License-Identifier: Apache-2.0
// Owners and cleaning against a real engine; what is there and what is gone is counted by a client that is not ours.
#include <berth/engine/images.hpp>
#include <berth/session/cleaning.hpp>
#include <berth/session/owners.hpp>
#include <tests/support/eventually.hpp>
#include <tests/support/recording_proxy.hpp>
#include <tests/support/second_client.hpp>
#include <tests/support/test_image.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <optional>
#include <thread>

namespace berth {
namespace {

using namespace std::chrono_literals;
using support::Fault;
using testing::IsEmpty;

class RealEngineTest : public testing::Test {
  protected:
    static void SetUpTestSuite() { image() = support::load_test_image(Engine::connect(), "busybox"); }
    static std::string& image() {
        static std::string name;
        return name;
    }

    [[nodiscard]] std::string mine() const { return "berth.session=" + session_.id(); }
    [[nodiscard]] ContainerConfig config() const {
        return {.image = image(), .command = {{"sleep", "600"}}, .labels = session_.labels("db")};
    }
    [[nodiscard]] std::string name(const char* service) {
        return container_name(run_, session_.next_number(), service);
    }

    // One owner with a running container, network and volume.
    struct Owned {
        OwnedVolume volume;
        OwnedNetwork network;
        OwnedContainer container;
    };
    Owned bring_up() {
        Owned owned{
            {session_, object_name(run_, "data")}, {session_, object_name(run_, "default")}, {session_, name("db")}};
        owned.volume.create("local", within(k_call_patience));
        owned.network.create({.labels = session_.labels()}, within(k_call_patience));
        auto wanted = config();
        wanted.networks = {{owned.network.id(), {"db"}}};
        wanted.mounts = {{.source = owned.volume.name(), .target = "/data"}, {.target = "/anonymous"}};
        owned.container.create(wanted, within(k_call_patience));
        engine_.containers().start(owned.container.id());
        return owned;
    }
    void expect_nothing_left() const {
        EXPECT_EQ(eyes_.containers(mine()), 0U);
        EXPECT_EQ(eyes_.networks(mine()), 0U);
        EXPECT_EQ(eyes_.volumes(mine()), 0U);
        EXPECT_EQ(eyes_.anonymous_volumes(), anonymous_before_);
    }
    void TearDown() override {
        clean_by_labels(engine_, {mine()}, within(k_cleanup_budget));
        expect_nothing_left();
    }

    const Engine engine_ = Engine::connect();
    const support::SecondClient eyes_{};
    const std::size_t anonymous_before_ = eyes_.anonymous_volumes();
    const RunId run_ = new_run_id("owners");
    Session session_{engine_, run_, {"owners", KeepLabel::nothing}};
};

TEST_F(RealEngineTest, AllThatIsOwnedGoesWithItsOwners) {
    {
        const Owned owned = bring_up();
        EXPECT_EQ(eyes_.containers(mine()), 1U);
        EXPECT_EQ(eyes_.networks(mine()), 1U);
        EXPECT_EQ(eyes_.volumes(mine()), 1U);
    }

    expect_nothing_left();
    EXPECT_THAT(session_.ledger().live(), IsEmpty());
}

TEST_F(RealEngineTest, AContainerWhoseCreateAnswerWasLostIsFoundAndRemoved) {
    support::RecordingProxy proxy(engine_.facts().endpoint.substr(std::string("unix://").size()));
    proxy.inject({.kind = Fault::Kind::drop_answer, .method = "POST", .target = "/containers/create"});
    session_ = Session(Engine::connect(proxy.endpoint().text()), run_, {"owners", KeepLabel::nothing});
    {
        OwnedContainer owned(session_, name("db"));
        owned.create(config(), within(k_call_patience));
        EXPECT_EQ(eyes_.containers(mine()), 1U);
    }

    expect_nothing_left();
}

TEST_F(RealEngineTest, AContainerWhoseCreateWasInterruptedIsRemovedByName) {
    support::RecordingProxy proxy(engine_.facts().endpoint.substr(std::string("unix://").size()));
    Fault held{.kind = Fault::Kind::hold_answer, .method = "POST", .target = "/containers/create"};
    proxy.inject(held);
    session_ = Session(Engine::connect(proxy.endpoint().text()), run_, {"owners", KeepLabel::nothing});
    std::stop_source stop;
    std::jthread interrupts([&] {
        EXPECT_TRUE(held.reached.wait(within(support::k_patience)));
        stop.request_stop();
    });
    {
        OwnedContainer owned(session_, name("db"));
        EXPECT_THROW(owned.create(config(), Deadline::never(stop.get_token())), Cancelled);
        EXPECT_EQ(eyes_.containers(mine()), 1U);
    }
    held.release.open();

    expect_nothing_left();
}

TEST_F(RealEngineTest, AFailedCreateLeavesNothing) {
    {
        OwnedContainer owned(session_, name("db"));
        auto wanted = config();
        wanted.image = "berth.local/no-such-image:1";
        EXPECT_THROW(owned.create(wanted, within(k_call_patience)), NotFound);
    }

    expect_nothing_left();
}

TEST_F(RealEngineTest, AForkedChildLeavesTheParentsContainerAlone) {
    std::optional<Owned> owned(bring_up());
    const pid_t child = ::fork();
    if (child == 0) {
        owned.reset();
        ::_exit(0);
    }
    int status = -1;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
    EXPECT_EQ(eyes_.containers(mine()), 1U);
    EXPECT_EQ(eyes_.networks(mine()), 1U);

    owned.reset();

    expect_nothing_left();
}

TEST_F(RealEngineTest, ReleasedObjectsStayUntilTheyAreCleanedByLabel) {
    {
        Owned owned = bring_up();
        owned.container.release();
        owned.network.release();
        owned.volume.release();
    }
    EXPECT_EQ(eyes_.containers(mine()), 1U);

    const auto report = clean_by_labels(engine_, {mine()}, within(k_cleanup_budget));

    EXPECT_EQ(report.removed.size(), 3U);
    EXPECT_THAT(report.left, IsEmpty());
    expect_nothing_left();
}

TEST_F(RealEngineTest, CleaningLeavesOtherSessionsAlone) {
    Session other(engine_, new_run_id("others"), {"others", KeepLabel::nothing});
    OwnedContainer theirs(other, container_name(other.run(), 1, "db"));
    auto wanted = config();
    wanted.labels = other.labels();
    theirs.create(wanted, within(k_call_patience));
    const Owned owned = bring_up();

    clean_by_labels(engine_, {mine()}, within(k_cleanup_budget));

    EXPECT_EQ(eyes_.containers(mine()), 0U);
    EXPECT_EQ(eyes_.containers("berth.session=" + other.id()), 1U);
}

TEST_F(RealEngineTest, ANetworkThatAForeignContainerHoldsIsTakenAwayFromIt) {
    Session other(engine_, new_run_id("others"), {"others", KeepLabel::nothing});
    OwnedContainer foreign(other, container_name(other.run(), 1, "db"));
    OwnedNetwork network(session_, object_name(run_, "default"));
    network.create({.labels = session_.labels()}, within(k_call_patience));
    auto wanted = config();
    wanted.labels = other.labels();
    wanted.networks = {{network.id(), {}}};
    foreign.create(wanted, within(k_call_patience));
    engine_.containers().start(foreign.id());

    network.remove(within(k_cleanup_budget));

    EXPECT_EQ(eyes_.networks(mine()), 0U);
    EXPECT_EQ(eyes_.containers("berth.session=" + other.id()), 1U);
}

TEST_F(RealEngineTest, ManyContainersAreCleanedFromALedger) {
    std::vector<OwnedContainer> owned;
    for (int i = 0; i < 10; ++i) {
        owned.emplace_back(session_, name("many"));
        owned.back().create(config(), within(k_call_patience));
    }
    EXPECT_EQ(eyes_.containers(mine()), 10U);

    const auto report = clean_session(session_, within(k_cleanup_budget));

    EXPECT_EQ(report.removed.size(), 10U);
    expect_nothing_left();
}

}  // namespace
}  // namespace berth

// SPDX-License-Identifier: Apache-2.0
#include <berth/core/log.hpp>
#include <berth/session/owners.hpp>
#include <tests/engine/scripted_engine.hpp>
#include <tests/session/made_by.hpp>
#include <tests/support/eventually.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <optional>
#include <stdexcept>
#include <thread>
#include <utility>

namespace berth {
namespace {

using namespace std::chrono_literals;
using support::container_json;
using support::long_id;
using support::Peer;
using support::Received;
using testing::AllOf;
using testing::Contains;
using testing::Each;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

constexpr const char* k_absent = R"({"message":"No such object"})";
constexpr const char* k_create = "POST /v1.41/containers/create?name=db";
const std::string k_look = "GET /v1.41/containers/db/json";
const std::string k_delete = "DELETE /v1.41/containers/" + std::string(64, 'a') + "?force=1&v=1";

class OwnersTest : public testing::Test {
  protected:
    OwnersTest() {
        log::set_sink([this](log::Level level, std::string_view line) {
            if (level == log::Level::error) {
                logged_.emplace_back(line);
            }
        });
    }
    ~OwnersTest() override { log::set_sink({}); }

    [[nodiscard]] ContainerConfig config() const { return {.image = "x", .labels = session_.labels()}; }
    void answers_created() { engine_.answers(201, R"({"Id":")" + long_id() + R"(","Warnings":[]})"); }

    // The next answer never comes. What follows it is to be scripted before interrupt().
    support::ScriptedEngine& stalls() {
        return engine_.then([](const Received&, Peer& peer) { peer.stall(); });
    }
    // Leaves `create` in doubt: its request is there, and somebody asks to stop.
    template <class Create>
    void interrupt(Create create) {
        std::stop_source stop;
        std::jthread asks([&] {
            EXPECT_TRUE(engine_.server().wait_for_requests(2));
            stop.request_stop();
        });
        EXPECT_THROW(create(Deadline::never(stop.get_token())), Cancelled);
    }

    std::vector<std::string> logged_;
    support::ScriptedEngine engine_;
    Session session_{engine_.engine(), {"shop", "7f3a2c91"}, {"shop", KeepLabel::nothing}};
};

TEST_F(OwnersTest, AContainerIsRemovedWithItsOwner) {
    answers_created();
    engine_.answers(204, "");
    {
        OwnedContainer owned(session_, "db");
        owned.create(config(), within(support::k_patience));
        EXPECT_EQ(owned.id().text, long_id());
        EXPECT_TRUE(owned.created());
    }

    EXPECT_THAT(engine_.lines(), ElementsAre(k_create, k_delete));
    EXPECT_THAT(session_.ledger().live(), IsEmpty());
    EXPECT_THAT(logged_, IsEmpty());
}

TEST_F(OwnersTest, AnIntentIsWrittenBeforeTheRequest) {
    std::vector<LedgerEntry> seen;
    engine_
        .then([&](const Received&, Peer& peer) {
            seen = session_.ledger().live();
            peer.answer(201, R"({"Id":")" + long_id() + R"("})");
        })
        .answers(204, "");
    OwnedContainer owned(session_, "db");

    owned.create(config(), within(support::k_patience));

    ASSERT_EQ(seen.size(), 1U);
    EXPECT_EQ(seen[0].name, "db");
    EXPECT_EQ(seen[0].id, "");
    ASSERT_EQ(session_.ledger().live().size(), 1U);
    EXPECT_EQ(session_.ledger().live()[0].id, long_id());
}

TEST_F(OwnersTest, NothingIsSentWhenTheIntentCannotBeWritten) {
    engine_.answers(500, "");
    session_.ledger().listen([](Ledger::Change, const LedgerEntry&) { throw std::runtime_error("nobody takes it"); });

    EXPECT_THROW(OwnedContainer(session_, "db"), std::runtime_error);

    EXPECT_THAT(engine_.lines(), IsEmpty());
}

TEST_F(OwnersTest, OfACreateThatWasNeverSentNothingIsAsked) {
    engine_.answers(500, "");
    { const OwnedContainer owned(session_, "db"); }

    EXPECT_THAT(engine_.lines(), IsEmpty());
    EXPECT_THAT(session_.ledger().live(), IsEmpty());
}

TEST_F(OwnersTest, ARefusedCreateLeavesNothingToAskFor) {
    engine_.answers(404, R"({"message":"No such image: x"})");
    {
        OwnedContainer owned(session_, "db");
        EXPECT_THROW(owned.create(config(), within(support::k_patience)), NotFound);
        EXPECT_FALSE(owned.created());
    }

    EXPECT_THAT(engine_.lines(), ElementsAre(k_create));
    EXPECT_THAT(session_.ledger().live(), IsEmpty());
}

TEST_F(OwnersTest, ARefusedCreateMayBeTriedAgain) {
    engine_.answers(404, R"({"message":"No such image: x"})");
    answers_created();
    engine_.answers(204, "");
    {
        OwnedContainer owned(session_, "db");
        EXPECT_THROW(owned.create(config(), within(support::k_patience)), NotFound);
        owned.create(config(), within(support::k_patience));
    }

    EXPECT_THAT(engine_.lines(), ElementsAre(k_create, k_create, k_delete));
}

TEST_F(OwnersTest, AFailedConnectToASecondNetworkDoesNotHideTheContainer) {
    answers_created();
    engine_.answers(404, R"({"message":"network second not found"})")
        .answers(200, container_json(long_id(), "db", session_.labels()))
        .answers(204, "");
    {
        OwnedContainer owned(session_, "db");
        auto two = config();
        two.networks = {{"first", {}}, {"second", {}}};
        EXPECT_THROW(owned.create(two, within(support::k_patience)), NotFound);
    }

    EXPECT_THAT(engine_.lines(), ElementsAre(k_create, "POST /v1.41/networks/second/connect", k_look, k_delete));
}

TEST_F(OwnersTest, ALostAnswerIsSettledAndTheContainerRemoved) {
    const ContainerConfig asked = config();
    engine_.loses_the_answer().answers(200, container_json(long_id(), "db", asked.labels)).answers(204, "");
    {
        OwnedContainer owned(session_, "db");
        owned.create(asked, within(support::k_patience));
    }

    EXPECT_THAT(engine_.lines(), ElementsAre(k_create, k_look, k_delete));
}

TEST_F(OwnersTest, AnInterruptedCreateIsLookedUpByNameAndRemovedWhenItComesLate) {
    {
        OwnedContainer owned(session_, "db");
        stalls()
            .answers(404, k_absent)
            .answers(500, R"({"message":"busy"})")
            .answers(200, container_json(long_id(), "db", session_.labels()))
            .answers(204, "");
        interrupt([&](Deadline deadline) { owned.create(config(), deadline); });
    }

    EXPECT_THAT(engine_.lines(), ElementsAre(k_create, k_look, k_look, k_look, k_delete));
    EXPECT_THAT(session_.ledger().live(), IsEmpty());
}

TEST_F(OwnersTest, AnInterruptedCreateThatNeverComesIsLookedForAsLongAsItMayBeLate) {
    OwnedContainer owned(session_, "db");
    stalls().answers(404, k_absent);
    interrupt([&](Deadline deadline) { owned.create(config(), deadline); });
    const auto begin = Deadline::Clock::now();

    owned.remove(within(support::k_patience));

    EXPECT_GE(Deadline::Clock::now() - begin, 2s);
    const auto lines = engine_.lines();
    EXPECT_GT(lines.size(), 3U);
    EXPECT_THAT(std::vector(lines.begin() + 1, lines.end()), Each(k_look));
    EXPECT_THAT(session_.ledger().live(), IsEmpty());
}

TEST_F(OwnersTest, AnotherSessionsContainerOfTheSameNameIsNotTouched) {
    const Session other(engine_.engine(), {"shop", "11111111"}, {"shop", KeepLabel::nothing});
    OwnedContainer owned(session_, "db");
    stalls().answers(200, container_json(long_id(), "db", other.labels()));
    interrupt([&](Deadline deadline) { owned.create(config(), deadline); });

    owned.remove(within(support::k_patience));

    EXPECT_THAT(engine_.lines(), Not(Contains(StartsWith("DELETE"))));
}

TEST_F(OwnersTest, ADoubtThatCannotBeSettledSaysSo) {
    OwnedContainer owned(session_, "db");
    stalls().answers(500, R"({"message":"busy"})");
    interrupt([&](Deadline deadline) { owned.create(config(), deadline); });

    EXPECT_EQ(support::text_of_error([&] { owned.remove(within(200ms)); }),
              "error[BR0502]: cannot tell whether container 'db' was made: the answer to its create was lost\n"
              "  endpoint: " +
                  engine_.endpoint() +
                  "\n"
                  "  last look: cannot inspect container 'db'\n"
                  "  hint: when the engine answers again, look for the label berth.session=" +
                  session_.id());
    ASSERT_EQ(session_.ledger().live().size(), 1U);
    owned.release();
}

TEST_F(OwnersTest, RemovingTriesAgainWhileTheEngineIsBusy) {
    answers_created();
    engine_.answers(500, R"({"message":"driver failed"})")
        .answers(500, R"({"message":"driver failed"})")
        .answers(204, "");
    OwnedContainer owned(session_, "db");
    owned.create(config(), within(support::k_patience));

    owned.remove(within(support::k_patience));
    owned.remove(within(support::k_patience));

    EXPECT_THAT(engine_.lines(), ElementsAre(k_create, k_delete, k_delete, k_delete));
}

TEST_F(OwnersTest, WhatIsGoneAlreadyIsFine) {
    answers_created();
    engine_.answers(404, k_absent);
    {
        OwnedContainer owned(session_, "db");
        owned.create(config(), within(support::k_patience));
    }

    EXPECT_THAT(engine_.lines(), ElementsAre(k_create, k_delete));
    EXPECT_THAT(logged_, IsEmpty());
}

TEST_F(OwnersTest, ReleasedOnesStay) {
    answers_created();
    {
        OwnedContainer owned(session_, "db");
        owned.create(config(), within(support::k_patience));
        EXPECT_EQ(owned.release().text, long_id());
    }

    EXPECT_THAT(engine_.lines(), ElementsAre(k_create));
    EXPECT_THAT(session_.ledger().live(), IsEmpty());
}

TEST_F(OwnersTest, AMovedFromOwnerOwnsNothing) {
    answers_created();
    engine_.answers(204, "");
    std::optional<OwnedContainer> second;
    {
        OwnedContainer first(session_, "db");
        first.create(config(), within(support::k_patience));
        second.emplace(std::move(first));
    }
    EXPECT_THAT(engine_.lines(), ElementsAre(k_create));
    EXPECT_EQ(second->name(), "db");

    second.reset();

    EXPECT_THAT(engine_.lines(), ElementsAre(k_create, k_delete));
}

TEST_F(OwnersTest, AssignmentRemovesWhatWasOwnedBefore) {
    answers_created();
    engine_.answers(204, "");
    OwnedContainer owned(session_, "db");
    owned.create(config(), within(support::k_patience));

    owned = OwnedContainer(session_, "web");

    EXPECT_THAT(engine_.lines(), ElementsAre(k_create, k_delete));
    EXPECT_EQ(owned.name(), "web");
    EXPECT_FALSE(owned.created());
}

TEST_F(OwnersTest, AForkedChildRemovesNothing) {
    answers_created();
    engine_.answers(204, "");
    std::optional<OwnedContainer> owned(std::in_place, session_, "db");
    owned->create(config(), within(support::k_patience));

    const pid_t child = ::fork();
    if (child == 0) {
        owned->remove(within(1s));
        owned.reset();
        ::_exit(0);
    }
    int status = -1;
    ASSERT_EQ(::waitpid(child, &status, 0), child);

    EXPECT_EQ(status, 0);
    EXPECT_THAT(engine_.lines(), ElementsAre(k_create));
    EXPECT_EQ(session_.ledger().live().size(), 1U);
}

TEST_F(OwnersTest, ADestructorLogsWhatItCannotRemove) {
    answers_created();
    engine_.answers(400, R"({"message":"no, thank you"})");
    {
        OwnedContainer owned(session_, "db");
        owned.create(config(), within(support::k_patience));
    }

    EXPECT_THAT(logged_, ElementsAre("container 'db' is left behind: error[BR0105]: cannot remove container "
                                     "'aaaaaaaaaaaa'\n  engine: no, thank you\n  call: DELETE /containers/" +
                                     long_id() + " answered HTTP 400 at " + engine_.endpoint() +
                                     "\n  hint: change what the engine names"));
}

TEST_F(OwnersTest, ANetworkIsRemovedById) {
    engine_.answers(201, R"({"Id":"n1","Warning":""})").answers(204, "");
    {
        OwnedNetwork owned(session_, "net");
        owned.create({.labels = session_.labels()}, within(support::k_patience));
        EXPECT_EQ(owned.id(), "n1");
    }

    EXPECT_THAT(engine_.lines(), ElementsAre("POST /v1.41/networks/create", "DELETE /v1.41/networks/n1"));
}

TEST_F(OwnersTest, AnInterruptedNetworkIsFoundByLabelAndName) {
    const Labels labels = session_.labels();
    {
        OwnedNetwork owned(session_, "net");
        stalls()
            .answers(200, nlohmann::json::array({support::network_json("other", "another", labels),
                                                 support::network_json("n1", "net", labels)})
                              .dump())
            .answers(204, "");
        interrupt([&](Deadline deadline) { owned.create({.labels = labels}, deadline); });
    }

    EXPECT_THAT(engine_.lines(), ElementsAre("POST /v1.41/networks/create", StartsWith("GET /v1.41/networks?filters="),
                                             "DELETE /v1.41/networks/n1"));
}

TEST_F(OwnersTest, ReleasedNetworksAndVolumesStay) {
    engine_.answers(201, R"({"Id":"n1"})").then([&](const Received& request, Peer& peer) {
        const auto labels = nlohmann::json::parse(request.body)["Labels"].get<Labels>();
        peer.answer(201, support::volume_json("data", labels).dump());
    });
    {
        OwnedNetwork network(session_, "net");
        network.create({.labels = session_.labels()}, within(support::k_patience));
        OwnedVolume volume(session_, "data");
        volume.create("local", within(support::k_patience));
        EXPECT_EQ(network.release(), "n1");
        EXPECT_EQ(volume.release(), "data");
    }

    EXPECT_THAT(engine_.lines(), ElementsAre("POST /v1.41/networks/create", "POST /v1.41/volumes/create"));
    EXPECT_THAT(session_.ledger().live(), IsEmpty());
}

TEST_F(OwnersTest, AVolumeCarriesTheLabelsAndIsRemovedOnceNothingUsesIt) {
    Labels sent;
    engine_
        .then([&](const Received& request, Peer& peer) {
            sent = nlohmann::json::parse(request.body)["Labels"].get<Labels>();
            peer.answer(201, support::volume_json("data", sent).dump());
        })
        .answers(409, R"({"message":"volume is in use"})")
        .answers(204, "");
    {
        OwnedVolume owned(session_, "data");
        owned.create("local", within(support::k_patience));
    }

    EXPECT_EQ(sent.at("berth.session"), session_.id());
    EXPECT_THAT(engine_.lines(),
                ElementsAre("POST /v1.41/volumes/create", "DELETE /v1.41/volumes/data", "DELETE /v1.41/volumes/data"));
}

TEST_F(OwnersTest, AnInterruptedVolumeIsLookedUpByName) {
    {
        OwnedVolume owned(session_, "data");
        stalls().answers(200, support::volume_json("data", session_.labels()).dump()).answers(204, "");
        interrupt([&](Deadline deadline) { owned.create("local", deadline); });
    }

    EXPECT_THAT(engine_.lines(),
                ElementsAre("POST /v1.41/volumes/create", "GET /v1.41/volumes/data", "DELETE /v1.41/volumes/data"));
}

}  // namespace
}  // namespace berth

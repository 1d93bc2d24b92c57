// SPDX-License-Identifier: Apache-2.0
#include <berth/session/cleaning.hpp>
#include <berth/session/owners.hpp>
#include <tests/engine/scripted_engine.hpp>
#include <tests/session/made_by.hpp>
#include <tests/support/eventually.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
#include <set>

namespace berth {
namespace {

using namespace std::chrono_literals;
using support::Peer;
using support::Received;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

/// As much of an engine as cleaning needs: objects that can be listed and removed.
class SmallEngine {
  public:
    SmallEngine()
        : server_([this](const Received& request, Peer& peer) { answer(request, peer); }),
          engine_(Engine::connect(server_.endpoint().text())) {}

    struct Object {
        std::string name{};
        Labels labels{};
        std::vector<int> refusals{};  ///< Statuses that come before the 204.
    };
    std::map<std::string, Object> containers{};
    std::map<std::string, Object> networks{};
    std::map<std::string, Object> volumes{};
    std::vector<std::string> deleted{};
    support::Gate removals_go_on{};  ///< Container removals wait for it when `hold` is set.
    bool hold{false};
    std::atomic<std::size_t> at_once{0};
    std::atomic<std::size_t> most_at_once{0};

    [[nodiscard]] const Engine& engine() const { return engine_; }
    [[nodiscard]] const support::ScriptedServer& server() const { return server_; }

  private:
    void answer(const Received& request, Peer& peer) {
        if (request.target == "/_ping") {
            peer.answer(200, "", "Api-Version: 1.41\r\nServer: Docker/20.10.24 (linux)\r\nOstype: linux\r\n");
        } else if (request.method == "GET") {
            list(request.target, peer);
        } else {
            remove(request.target, peer);
        }
    }

    void list(const std::string& target, Peer& peer) {
        const std::lock_guard lock(mutex_);
        auto found = nlohmann::json::array();
        if (target.find("/containers/json") != std::string::npos) {
            for (const auto& [id, object] : containers) {
                found.push_back(support::listed_container(id, object.name, object.labels));
            }
        } else if (target.find("/networks") != std::string::npos) {
            for (const auto& [id, object] : networks) {
                found.push_back(support::network_json(id, object.name, object.labels));
            }
        } else {
            for (const auto& [id, object] : volumes) {
                found.push_back(support::volume_json(id, object.labels));
            }
            found = {{"Volumes", found}};
        }
        peer.answer(200, found.dump());
    }

    void remove(const std::string& target, Peer& peer) {
        const auto path = target.substr(0, target.find('?'));
        const std::string id = path.substr(path.rfind('/') + 1);
        auto& objects = path.find("/containers/") != std::string::npos ? containers
                        : path.find("/networks/") != std::string::npos ? networks
                                                                       : volumes;
        const std::size_t now = ++at_once;
        for (auto most = most_at_once.load(); now > most && !most_at_once.compare_exchange_weak(most, now);) {
        }
        if (hold && &objects == &containers) {
            peer.wait(removals_go_on);
        }
        const std::lock_guard lock(mutex_);
        --at_once;
        auto& refusals = objects.at(id).refusals;
        if (!refusals.empty()) {
            const int status = refusals.front();
            refusals.erase(refusals.begin());
            peer.answer(status, R"({"message":"not now"})");
            return;
        }
        objects.erase(id);
        deleted.push_back(id);
        peer.answer(204, "");
    }

    std::mutex mutex_;
    support::ScriptedServer server_;
    Engine engine_;
};

class CleaningTest : public testing::Test {
  protected:
    std::vector<std::string> names(const std::vector<LedgerEntry>& entries) const {
        std::vector<std::string> all;
        for (const auto& entry : entries) {
            all.push_back(entry.name);
        }
        return all;
    }

    SmallEngine engine_;
    Session session_{engine_.engine(), {"shop", "7f3a2c91"}, {"shop", KeepLabel::up}};
    const Labels labels_ = session_.labels();
    const std::vector<std::string> filter_{"berth.project=shop"};
};

TEST_F(CleaningTest, RemovesContainersThenNetworksThenVolumes) {
    engine_.containers = {{"c1", {"db", labels_, {}}}};
    engine_.networks = {{"n1", {"default", labels_, {}}}};
    engine_.volumes = {{"data", {"data", labels_, {}}}};

    const auto report = clean_by_labels(engine_.engine(), filter_, within(support::k_patience));

    EXPECT_THAT(engine_.deleted, ElementsAre("c1", "n1", "data"));
    EXPECT_THAT(names(report.removed), ElementsAre("db", "default", "data"));
    EXPECT_THAT(report.left, IsEmpty());
}

TEST_F(CleaningTest, AsksTheEngineForTheLabels) {
    clean_by_labels(engine_.engine(), {"berth.project=shop", "berth.keep=up"}, within(support::k_patience));

    const auto requests = engine_.server().requests();
    ASSERT_EQ(requests.size(), 4U);
    const std::string filters = "filters=%7B%22label%22%3A%5B%22berth.project%3Dshop%22%2C%22berth.keep%3Dup%22%5D%7D";
    EXPECT_THAT(requests[1].target, testing::HasSubstr(filters));
    EXPECT_THAT(requests[2].target, testing::HasSubstr(filters));
    EXPECT_THAT(requests[3].target, testing::HasSubstr(filters));
}

TEST_F(CleaningTest, LeavesAloneWhatDoesNotCarryTheFullSetOfLabels) {
    for (const std::string missing : {"berth.session", "berth.host", "berth.created", "berth.project", "berth.run"}) {
        Labels labels = labels_;
        labels.erase(missing);
        engine_.containers["without-" + missing] = {missing, labels, {}};
    }
    engine_.networks["foreign"] = {"foreign", {{"berth.project", "shop"}}, {}};

    const auto report = clean_by_labels(engine_.engine(), filter_, within(support::k_patience));

    EXPECT_THAT(engine_.deleted, IsEmpty());
    EXPECT_THAT(report.removed, IsEmpty());
    EXPECT_EQ(engine_.containers.size(), 5U);
}

TEST_F(CleaningTest, RemovesAtMostEightContainersAtOnce) {
    for (int i = 0; i < 20; ++i) {
        engine_.containers["c" + std::to_string(i)] = {"c" + std::to_string(i), labels_, {}};
    }
    engine_.hold = true;
    std::jthread opens([&] {
        EXPECT_TRUE(support::wait_until([&] { return engine_.at_once == 8; }));
        engine_.removals_go_on.open();
    });

    const auto report = clean_by_labels(engine_.engine(), filter_, within(support::k_patience));

    EXPECT_EQ(report.removed.size(), 20U);
    EXPECT_EQ(engine_.most_at_once, 8U);
}

TEST_F(CleaningTest, TriesAgainWhatCannotBeRemovedYet) {
    engine_.containers = {{"c1", {"db", labels_, {500, 500}}}, {"c2", {"web", labels_, {}}}};
    engine_.volumes = {{"data", {"data", labels_, {409}}}};

    const auto report = clean_by_labels(engine_.engine(), filter_, within(support::k_patience));

    EXPECT_THAT(names(report.removed), UnorderedElementsAre("web", "db", "data"));
    EXPECT_THAT(report.left, IsEmpty());
}

TEST_F(CleaningTest, ReportsWhatItCouldNotRemoveInTime) {
    engine_.containers = {{"c1", {"db", labels_, std::vector<int>(1000, 500)}}, {"c2", {"web", labels_, {}}}};

    const auto report = clean_by_labels(engine_.engine(), filter_, within(300ms));

    EXPECT_THAT(names(report.removed), ElementsAre("web"));
    ASSERT_EQ(report.left.size(), 1U);
    EXPECT_EQ(report.left[0].entry.name, "db");
    EXPECT_EQ(report.left[0].why, "cannot remove container 'c1'");
}

TEST_F(CleaningTest, DoesNotInsistOnWhatIsRefusedForGood) {
    engine_.containers = {{"c1", {"db", labels_, {400}}}};

    const auto report = clean_by_labels(engine_.engine(), filter_, within(support::k_patience));

    ASSERT_EQ(report.left.size(), 1U);
    EXPECT_EQ(report.left[0].entry.name, "db");
    EXPECT_EQ(engine_.containers.size(), 1U);
}

TEST_F(CleaningTest, EndsWhenSomebodyAsksItToStop) {
    engine_.containers = {{"c1", {"db", labels_, std::vector<int>(1000, 500)}}};
    std::stop_source stop;
    stop.request_stop();

    EXPECT_THROW(clean_by_labels(engine_.engine(), filter_, Deadline::never(stop.get_token())), Cancelled);
}

TEST_F(CleaningTest, OfASessionRemovesWhatItsLedgerHolds) {
    engine_.containers = {{"c1", {"db", labels_, {500}}}, {"c2", {"another's", labels_, {}}}};
    engine_.networks = {{"n1", {"default", labels_, {}}}};
    session_.ledger().intend(ObjectKind::network, "default");
    session_.ledger().done(ObjectKind::network, "default", "n1");
    session_.ledger().intend(ObjectKind::container, "db");
    session_.ledger().done(ObjectKind::container, "db", "c1");

    const auto report = clean_session(session_, within(support::k_patience));

    EXPECT_THAT(engine_.deleted, ElementsAre("c1", "n1"));
    EXPECT_THAT(names(report.removed), ElementsAre("db", "default"));
    EXPECT_THAT(session_.ledger().live(), IsEmpty());
    EXPECT_EQ(engine_.containers.size(), 1U);
}

TEST_F(CleaningTest, OfASessionSettlesIntentsByName) {
    engine_.networks = {{"n1", {"default", labels_, {}}}};
    session_.ledger().intend(ObjectKind::network, "default");

    const auto report = clean_session(session_, within(support::k_patience));

    EXPECT_THAT(engine_.deleted, ElementsAre("n1"));
    EXPECT_THAT(names(report.removed), ElementsAre("default"));
}

TEST_F(CleaningTest, OfASessionKeepsInTheLedgerWhatIsLeft) {
    engine_.containers = {{"c1", {"db", labels_, {400}}}};
    session_.ledger().intend(ObjectKind::container, "db");
    session_.ledger().done(ObjectKind::container, "db", "c1");

    const auto report = clean_session(session_, within(support::k_patience));

    ASSERT_EQ(report.left.size(), 1U);
    EXPECT_EQ(report.left[0].why, "cannot remove container 'c1'");
    EXPECT_EQ(session_.ledger().live().size(), 1U);
}

TEST(Cleaning, OfAnEngineThatWentAwayEndsAtOnce) {
    std::optional<support::ScriptedEngine> scripted(std::in_place);
    const Engine engine = scripted->engine();
    const std::string endpoint = scripted->endpoint();
    scripted.reset();
    const auto begin = Deadline::Clock::now();

    EXPECT_THROW(clean_by_labels(engine, {"berth.project=shop"}, within(support::k_patience)), Error);

    EXPECT_LT(Deadline::Clock::now() - begin, 5s);
}

}  // namespace
}  // namespace berth

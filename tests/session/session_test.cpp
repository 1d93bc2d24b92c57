// SPDX-License-Identifier: Apache-2.0
#include <berth/session/session.hpp>
#include <tests/engine/scripted_engine.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <stdexcept>
#include <thread>

namespace berth {
namespace {

using testing::ElementsAre;
using testing::MatchesRegex;

class SessionTest : public testing::Test {
  protected:
    support::ScriptedEngine engine_;
    const RunId run_{"shop", "7f3a2c91"};
    const Session session_{engine_.engine(), run_, {"shop", KeepLabel::nothing}};
};

std::vector<std::string> keys(const Labels& labels) {
    std::vector<std::string> all;
    for (const auto& [key, value] : labels) {
        all.push_back(key);
    }
    return all;
}

TEST_F(SessionTest, LabelsSayWhoOwnsAnObject) {
    const Labels labels = session_.labels("db", "abc123");

    EXPECT_THAT(keys(labels), ElementsAre("berth.created", "berth.host", "berth.owner", "berth.project", "berth.run",
                                          "berth.service", "berth.session", "berth.spec"));
    EXPECT_THAT(labels.at("berth.session"), MatchesRegex("[0-9a-f]{32}"));
    EXPECT_EQ(labels.at("berth.session"), session_.id());
    EXPECT_EQ(labels.at("berth.owner"), owner_label());
    EXPECT_THAT(labels.at("berth.host"), MatchesRegex("[0-9a-f]{16}"));
    EXPECT_THAT(labels.at("berth.created"), MatchesRegex("....-..-..T..:..:..\\....Z"));
    EXPECT_EQ(labels.at("berth.project"), "shop");
    EXPECT_EQ(labels.at("berth.run"), "shop-7f3a2c91");
    EXPECT_EQ(labels.at("berth.service"), "db");
    EXPECT_EQ(labels.at("berth.spec"), "abc123");
}

TEST_F(SessionTest, LabelsOfWhatOutlivesItNameNoOwner) {
    const Session session(engine_.engine(), run_, {"shop", KeepLabel::up});

    EXPECT_THAT(keys(session.labels()), ElementsAre("berth.created", "berth.host", "berth.keep", "berth.project",
                                                    "berth.run", "berth.session"));
    EXPECT_EQ(session.labels().at("berth.keep"), "up");
}

TEST_F(SessionTest, IsAnotherOneEachTime) {
    const Session other(engine_.engine(), run_, {"shop", KeepLabel::nothing});

    EXPECT_NE(session_.id(), other.id());
    EXPECT_EQ(session_.next_number(), 1);
    EXPECT_EQ(session_.next_number(), 2);
    EXPECT_EQ(other.next_number(), 1);
}

TEST_F(SessionTest, IsOwnedByTheProcessThatMadeItAlone) {
    EXPECT_TRUE(session_.is_owner_process());

    const pid_t child = ::fork();
    if (child == 0) {
        ::_exit(session_.is_owner_process() ? 1 : 0);
    }
    int status = -1;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
}

TEST(OwnerLabel, IsBootNamespaceProcessAndItsStart) {
    const std::string label = owner_label();

    EXPECT_THAT(label, MatchesRegex("[0-9a-f-]{36}/[0-9]+/" + std::to_string(::getpid()) + "/[0-9]+"));
    EXPECT_EQ(label, owner_label());
}

TEST(OwnerLabel, OfAChildDiffers) {
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    const pid_t child = ::fork();
    if (child == 0) {
        const std::string label = owner_label();
        ::_exit(::write(ends[1], label.data(), label.size()) > 0 ? 0 : 1);
    }
    ::close(ends[1]);
    std::string label(256, '\0');
    label.resize(static_cast<std::size_t>(std::max<ssize_t>(::read(ends[0], label.data(), label.size()), 0)));
    ::close(ends[0]);
    int status = -1;
    ASSERT_EQ(::waitpid(child, &status, 0), child);

    EXPECT_THAT(label, MatchesRegex("[0-9a-f-]{36}/[0-9]+/" + std::to_string(child) + "/[0-9]+"));
}

std::string text(const LedgerEntry& entry) {
    constexpr const char* k_kinds[] = {"container", "network", "volume"};
    return std::string(k_kinds[static_cast<int>(entry.kind)]) + ' ' + entry.name + ' ' + entry.id;
}

std::vector<std::string> texts(const std::vector<LedgerEntry>& entries) {
    std::vector<std::string> all;
    for (const auto& entry : entries) {
        all.push_back(text(entry));
    }
    return all;
}

TEST(Ledger, KeepsWhatIsNotGoneInTheOrderOfTheIntents) {
    Ledger ledger;
    ledger.intend(ObjectKind::network, "net");
    ledger.intend(ObjectKind::container, "db");
    ledger.intend(ObjectKind::volume, "db");
    ledger.done(ObjectKind::container, "db", "1234");
    ledger.gone(ObjectKind::network, "net");
    ledger.gone(ObjectKind::network, "never intended");

    EXPECT_THAT(texts(ledger.live()), ElementsAre("container db 1234", "volume db "));
}

TEST(Ledger, TellsItsListenerOfEachChange) {
    Ledger ledger;
    std::vector<std::string> told;
    ledger.listen([&](Ledger::Change change, const LedgerEntry& entry) {
        constexpr const char* k_changes[] = {"intended ", "done ", "gone "};
        told.push_back(k_changes[static_cast<int>(change)] + text(entry));
    });

    ledger.intend(ObjectKind::container, "db");
    ledger.done(ObjectKind::container, "db", "1234");
    ledger.gone(ObjectKind::container, "db");

    EXPECT_THAT(told, ElementsAre("intended container db ", "done container db 1234", "gone container db 1234"));
}

TEST(Ledger, DoesNotKeepAnIntentThatItsListenerRefused) {
    Ledger ledger;
    ledger.listen([](Ledger::Change, const LedgerEntry&) { throw std::runtime_error("nobody there to take it"); });

    EXPECT_THROW(ledger.intend(ObjectKind::container, "db"), std::runtime_error);
    EXPECT_THAT(texts(ledger.live()), ElementsAre());
}

TEST(Ledger, TakesIntentsFromManyThreads) {
    Ledger ledger;
    std::vector<std::jthread> threads;
    for (int i = 0; i < 8; ++i) {
        threads.emplace_back([&ledger, i] {
            for (int k = 0; k < 50; ++k) {
                const std::string name = std::to_string(i) + '-' + std::to_string(k);
                ledger.intend(ObjectKind::container, name);
                ledger.done(ObjectKind::container, name, "id");
                if (k % 2 == 0) {
                    ledger.gone(ObjectKind::container, name);
                }
            }
        });
    }
    threads.clear();

    EXPECT_EQ(ledger.live().size(), 200U);
}

}  // namespace
}  // namespace berth

// SPDX-License-Identifier: Apache-2.0
// How often an image is pulled when many want it: threads, processes, and get_or_pull() by its policies.
#include <berth/core/digest.hpp>
#include <berth/process/child.hpp>
#include <tests/engine/pulls.hpp>
#include <tests/support/eventually.hpp>

#include <atomic>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>

namespace berth {
namespace {

using namespace std::chrono_literals;
using support::Gate;
using support::Peer;
using support::Received;
using support::ScriptedEngine;
using support::text_of_error;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

// --- once ----------------------------------------------------------------------------------------------------------

/// Answers pulls once the gate is open, and that the image is there.
void answer_when_open(ScriptedEngine& engine, const Gate& gate) {
    engine.then([gate](const Received& request, Peer& peer) {
        if (request.method == "GET") {
            peer.answer(200, k_image);
            return;
        }
        peer.wait(gate);
        peer.answer(200, k_pulled);
    });
}

std::size_t pulls_in(const ScriptedEngine& engine) {
    std::size_t count = 0;
    for (const auto& line : engine.lines()) {
        count += line.find("POST /v1.41/images/create") == 0 ? 1U : 0U;
    }
    return count;
}

TEST_F(Pull, HappensOnceForManyThreads) {
    constexpr std::size_t k_threads = 16;
    ScriptedEngine engine;
    const Gate gate;
    answer_when_open(engine, gate);
    std::atomic<std::size_t> waiting{0};
    std::atomic<std::size_t> by_another{0};
    PullOptions options;
    options.on_progress = [&](const PullProgress& step) {
        waiting += step.phase == PullProgress::Phase::waiting ? 1U : 0U;
    };
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < k_threads; ++i) {
        threads.emplace_back(
            [&] { by_another += engine.engine().images().pull("redis:7", options) == Pulled::by_another ? 1U : 0U; });
    }

    EXPECT_TRUE(support::wait_until([&] { return waiting == k_threads - 1; }));
    gate.open();
    threads.clear();

    EXPECT_EQ(pulls_in(engine), 1U);
    EXPECT_EQ(by_another, k_threads - 1);
}

process::Child another_process(const std::string& place, const support::TempDir& folder) {
    return process::Child({.argv = {BERTH_PULL_PROGRAM, place, folder.path().string()},
                           .additions = {{"XDG_RUNTIME_DIR", folder.path().string()}}});
}

std::size_t waiting_processes(const support::TempDir& folder) {
    std::size_t count = 0;
    for (const auto& entry : std::filesystem::directory_iterator(folder.path())) {
        count += entry.path().filename().string().find("waits-") == 0 ? 1U : 0U;
    }
    return count;
}

TEST_F(Pull, HappensOnceForManyProcesses) {
    constexpr std::size_t k_processes = 6;
    ScriptedEngine engine;
    const Gate gate;
    answer_when_open(engine, gate);
    std::jthread first([&] { engine.engine().images().pull("redis:7"); });
    ASSERT_TRUE(engine.server().wait_for_requests(2));
    std::vector<process::Child> children;
    for (std::size_t i = 0; i < k_processes; ++i) {
        children.push_back(another_process(engine.endpoint(), folder_));
    }

    EXPECT_TRUE(support::wait_until([&] { return waiting_processes(folder_) == k_processes; }));
    gate.open();

    for (auto& child : children) {
        EXPECT_EQ(child.wait(within(support::k_patience)).code, 0);
    }
    EXPECT_EQ(pulls_in(engine), 1U);
}

TEST_F(Pull, GoesOnWhenAnotherProcessDiesInItsMiddle) {
    ScriptedEngine engine;
    const Gate gate;
    answer_when_open(engine, gate);
    process::Child other = another_process(engine.endpoint(), folder_);
    ASSERT_TRUE(engine.server().wait_for_requests(3));  // two pings, one pull
    Gate waits;
    std::jthread mine([&] {
        PullOptions options;
        options.on_progress = [&](const PullProgress& step) {
            if (step.phase == PullProgress::Phase::waiting) {
                waits.open();
            }
        };
        EXPECT_EQ(engine.engine().images().pull("redis:7", options), Pulled::now);
    });
    ASSERT_TRUE(waits.wait(within(support::k_patience)));

    other.signal(SIGKILL);
    gate.open();
    mine.join();

    EXPECT_EQ(pulls_in(engine), 2U);
}

TEST_F(Pull, IsTriedByWhoeverWaitedForOneThatFailed) {
    ScriptedEngine engine;
    const Gate gate;
    engine
        .then([gate](const Received&, Peer& peer) {
            peer.wait(gate);
            peer.answer(500, R"({"message":"denied"})");
        })
        .answers(200, k_pulled);
    std::jthread first([&] { EXPECT_THROW(engine.engine().images().pull("redis:7"), PullFailed); });
    ASSERT_TRUE(engine.server().wait_for_requests(2));
    std::jthread second([&] {
        PullOptions options;
        options.on_progress = [&](const PullProgress&) { gate.open(); };
        EXPECT_EQ(engine.engine().images().pull("redis:7", options), Pulled::now);
    });

    first.join();
    second.join();

    EXPECT_EQ(pulls_in(engine), 2U);
}

TEST_F(Pull, ThatWaitsForAnotherTooLongSaysSo) {
    ScriptedEngine engine;
    const Gate gate;
    answer_when_open(engine, gate);
    std::jthread first([&] { engine.engine().images().pull("redis:7"); });
    ASSERT_TRUE(engine.server().wait_for_requests(2));

    EXPECT_EQ(text_of_error([&] { engine.engine().images().pull("redis:7", {}, within(50ms)); }),
              "error[BR0103]: cannot pull image 'redis:7': another pull of the same image took too long\n"
              "  hint: allow more time, or look what the other process waits for");
    gate.open();
}

TEST_F(Pull, DoesWithoutOthersWhenTheFolderIsNotOursAlone) {
    const std::string shared = folder_.file("berth");
    std::filesystem::create_directory(shared);
    ::chmod(shared.c_str(), 0755);
    ScriptedEngine engine;
    engine.answers(200, k_pulled);

    EXPECT_EQ(engine.engine().images().pull("redis:7"), Pulled::now);

    EXPECT_THAT(logged_, HasSubstr("'" + shared +
                                   "' cannot be used: it is not this user's alone (its mode has to be 0700); pulls do "
                                   "not wait for those of other processes\n"));
    EXPECT_FALSE(std::filesystem::exists(shared + "/pulls"));
}

TEST_F(Pull, FollowsNoLinkThatSomebodyPlanted) {
    const std::string victim = folder_.write("victim", "precious");
    std::filesystem::create_directory(folder_.file("berth"));
    ::chmod(folder_.file("berth").c_str(), 0700);
    std::filesystem::create_symlink(victim, folder_.file("berth/pulls"));
    ScriptedEngine engine;
    engine.answers(200, k_pulled);

    EXPECT_EQ(engine.engine().images().pull("redis:7"), Pulled::now);

    std::ifstream file(victim);
    EXPECT_EQ(std::string(std::istreambuf_iterator<char>(file), {}), "precious");
}

// --- get_or_pull ---------------------------------------------------------------------------------------------------

constexpr const char* k_none = R"({"message":"no such image"})";
constexpr const char* k_look = "GET /v1.41/images/redis:7/json";
constexpr const char* k_pull = "POST /v1.41/images/create?fromImage=docker.io%2Flibrary%2Fredis&tag=7";

class GetOrPull : public Pull {
  protected:
    /// An engine with or without the image, where pulls succeed.
    static void prepare(ScriptedEngine& engine, bool there) {
        engine.then([there, pulled = false](const Received& request, Peer& peer) mutable {
            if (request.method == "POST") {
                pulled = true;
                peer.answer(200, k_pulled);
            } else if (there || pulled) {
                peer.answer(200, std::string(k_image));
            } else {
                peer.answer(404, k_none);
            }
        });
    }
};

TEST_F(GetOrPull, TakesWhatIsThere) {
    ScriptedEngine engine;
    prepare(engine, true);

    EXPECT_EQ(engine.engine().images().get_or_pull("redis:7").id, "sha256:1");

    EXPECT_THAT(engine.lines(), ElementsAre(k_look));
}

TEST_F(GetOrPull, PullsWhatIsMissing) {
    ScriptedEngine engine;
    std::atomic<bool> pulled{false};
    engine.then([&](const Received& request, Peer& peer) {
        if (request.method == "POST") {
            pulled = true;
            peer.answer(200, k_pulled);
        } else {
            peer.answer(pulled ? 200 : 404, pulled ? k_image : k_none);
        }
    });

    EXPECT_EQ(engine.engine().images().get_or_pull("redis:7").id, "sha256:1");

    EXPECT_THAT(engine.lines(), ElementsAre(k_look, k_pull, k_look));
}

TEST_F(GetOrPull, PullsAlways) {
    ScriptedEngine engine;
    prepare(engine, true);

    engine.engine().images().get_or_pull("redis:7", {.when = PullWhen::always});

    EXPECT_THAT(engine.lines(), ElementsAre(k_pull, k_look));
}

TEST_F(GetOrPull, NeverPulls) {
    ScriptedEngine engine;
    prepare(engine, false);

    EXPECT_EQ(text_of_error([&] { engine.engine().images().get_or_pull("redis:7", {.when = PullWhen::never}); }),
              "error[BR0202]: image 'redis:7' is not on the engine, and may not be pulled\n"
              "  call: GET /images/redis:7/json at " +
                  engine.endpoint() +
                  "\n"
                  "  hint: pull it first: docker pull redis:7");
    EXPECT_THAT(engine.lines(), ElementsAre(k_look));
}

TEST_F(GetOrPull, PullsByAge) {
    ScriptedEngine engine;
    prepare(engine, true);
    Images images = engine.engine().images();

    images.get_or_pull("redis:7", {.when = PullWhen::age, .older_than = 1h});  // nobody knows how old it is
    images.get_or_pull("redis:7", {.when = PullWhen::age, .older_than = 1h});
    images.get_or_pull("redis:7", {.when = PullWhen::age, .older_than = 0s});

    EXPECT_THAT(engine.lines(), ElementsAre(k_look, k_pull, k_look, k_look, k_look, k_pull, k_look));
}

TEST_F(GetOrPull, KnowsThatADigestNeverChanges) {
    ScriptedEngine engine;
    prepare(engine, true);
    const std::string digest = "redis@sha256:" + std::string(64, '0');

    engine.engine().images().get_or_pull(digest, {.when = PullWhen::always});

    EXPECT_THAT(engine.lines(), ElementsAre("GET /v1.41/images/redis%40sha256:" + std::string(64, '0') + "/json"));
}

TEST_F(GetOrPull, PullsForThePlatformThatIsAskedFor) {
    ScriptedEngine engine;
    prepare(engine, true);
    GetOptions options;
    options.pull.platform = "linux/arm64";

    EXPECT_EQ(text_of_error([&] { engine.engine().images().get_or_pull("redis:7", options); }),
              "error[BR0207]: image 'redis:7' is for linux/amd64, not for linux/arm64 as asked\n"
              "  hint: the registry may have it for no other; look with 'docker manifest inspect'");
    EXPECT_THAT(engine.lines(), ElementsAre(k_look, std::string(k_pull) + "&platform=linux%2Farm64", k_look));
}

}  // namespace
}  // namespace berth

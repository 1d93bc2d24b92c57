// SPDX-License-Identifier: Apache-2.0
#include <berth/http/client.hpp>
#include <tests/support/eventually.hpp>
#include <tests/support/scripted_server.hpp>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <functional>
#include <optional>
#include <thread>

namespace berth::http {
namespace {

using namespace std::chrono_literals;
using support::Gate;
using support::k_patience;
using support::Peer;
using support::Received;
using support::ScriptedServer;

/// Short: must expire.
constexpr auto k_soon = 50ms;
/// Far more than the milliseconds that an end may take, far less than k_patience.
constexpr auto k_promptly = 2s;

/// A peer that lets a call come as far as a stage, and no further.
class Stopper {
  public:
    explicit Stopper(Stage stage) : stage_(stage) {
        if (stage == Stage::connecting) {
            // A queue of one caller, whom nobody lets in.
            listener_ = support::listen_unix(folder_.file("full.sock"), 0);
            caller_ = support::connect_unix(folder_.file("full.sock"));
            reached_.open();
            return;
        }
        server_.emplace();
        server_->then([this](const Received&, Peer& peer) {
            if (stage_ == Stage::answering) {
                peer.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
            }
            reached_.open();
            peer.stall();
        });
    }
    [[nodiscard]] Endpoint endpoint() const {
        return server_ ? server_->endpoint() : Endpoint{.path = folder_.file("full.sock")};
    }
    [[nodiscard]] bool reached() const { return reached_.wait(within(k_patience)); }

  private:
    Stage stage_;
    Gate reached_;
    support::TempDir folder_;
    process::Descriptor listener_;
    process::Descriptor caller_;
    std::optional<ScriptedServer> server_;  // last: its threads use the rest
};

const std::pair<Stage, const char*> k_stages[] = {
    {Stage::connecting, "no connection in time"},
    {Stage::sending, "no answer in time"},
    {Stage::answering, "the answer did not end in time"},
};

TEST(Deadline, EndsACallAtEachStage) {
    for (const auto& [stage, summary] : k_stages) {
        const Stopper stopper(stage);
        Client client(stopper.endpoint());
        const auto begin = Deadline::Clock::now();
        try {
            client.send({.method = "POST", .target = "/x"}, within(k_soon));
            FAIL() << "an answer came";
        } catch (const ExchangeTimedOut& error) {
            EXPECT_EQ(error.what(),
                      fmt::format("error[BR0103]: {}\n  call: POST /x at {}", summary, stopper.endpoint().text()));
            EXPECT_EQ(error.stage(), stage);
        }
        EXPECT_GE(Deadline::Clock::now() - begin, k_soon);
        EXPECT_LT(Deadline::Clock::now() - begin, k_promptly);
        EXPECT_EQ(client.idle_connections(), 0U);
    }
}

TEST(Deadline, ThatHasPassedAlreadySendsNothing) {
    ScriptedServer server;
    try {
        Client(server.endpoint()).send({.method = "POST"}, within(0s));
        FAIL() << "an answer came";
    } catch (const ExchangeTimedOut& error) {
        EXPECT_EQ(error.stage(), Stage::connecting);
    }
    EXPECT_EQ(server.connections(), 0U);
}

TEST(Deadline, CountsForTheWholeAnswerNotForEachByte) {
    ScriptedServer server([](const Received&, Peer& peer) {
        peer.send("HTTP/1.1 200 OK\r\n\r\n");
        const std::string piece(1000, 'x');
        while (!peer.closed()) {
            peer.send(piece);  // without end, so that the client never has to wait
        }
    });
    Client client(server.endpoint(), {.buffered_body = std::size_t{1} << 40});

    EXPECT_THROW(client.open({}, within(k_patience)).read_all(within(k_soon), std::size_t{1} << 40), ExchangeTimedOut);
}

/// Runs `blocked` with a token, asks it to stop once `reached` says so, and sees that it ends with Cancelled.
void expect_cancelled(const std::function<bool()>& reached, const std::function<void(std::stop_token)>& blocked) {
    std::stop_source stop;
    Deadline::Clock::time_point asked;
    std::thread asker([&] {
        EXPECT_TRUE(reached());
        asked = Deadline::Clock::now();
        stop.request_stop();
    });
    EXPECT_THROW(blocked(stop.get_token()), Cancelled);
    const auto ended = Deadline::Clock::now();
    asker.join();
    EXPECT_LT(ended - asked, k_promptly);
}

TEST(Cancel, EndsACallAtEachStage) {
    for (const auto& row : k_stages) {
        const Stopper stopper(row.first);
        Client client(stopper.endpoint());

        expect_cancelled([&] { return stopper.reached(); },
                         [&](std::stop_token stop) { client.send({}, within(k_patience, std::move(stop))); });

        EXPECT_EQ(client.idle_connections(), 0U);
    }
}

TEST(Cancel, EndsAnUploadThatNobodyReads) {
    Gate reached;
    Gate release;
    ScriptedServer server;
    server.then_at_head([&](const Received&, Peer& peer) {
        reached.open();
        peer.wait(release);
    });
    Client client(server.endpoint());
    const Request request{.method = "PUT", .body = std::string(64 << 20, 'x')};

    expect_cancelled([&] { return reached.wait(within(k_patience)); },
                     [&](std::stop_token stop) { client.send(request, within(k_patience, std::move(stop))); });
    release.open();
}

TEST(Cancel, EndsTheReadAndTheWriteOfAStream) {
    Gate release;
    ScriptedServer server;  // after what its handlers use
    server.then([&](const Received&, Peer& peer) {
        peer.send("HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n");
        peer.wait(release);
    });
    Client client(server.endpoint());
    auto stream = client.open({.method = "POST", .upgrade = true}, within(k_patience));
    const auto at_once = [] { return true; };
    char byte = 0;

    expect_cancelled(at_once, [&](std::stop_token stop) { stream.read(&byte, 1, Deadline::never(std::move(stop))); });
    expect_cancelled(at_once, [&](std::stop_token stop) {
        stream.write(std::string(64 << 20, 'x'), Deadline::never(std::move(stop)));
    });
    release.open();
}

TEST(Cancel, LeavesTheConnectionUsableWhenItComesTooLate) {
    ScriptedServer server([](const Received&, Peer& peer) { peer.answer(200, "x"); });
    Client client(server.endpoint());

    for (int i = 0; i < 200; ++i) {
        std::stop_source stop;
        std::thread asker([&stop] { stop.request_stop(); });
        try {
            client.send({}, within(k_patience, stop.get_token()));
        } catch (const Cancelled&) {
            // it came in time
        }
        asker.join();
        EXPECT_EQ(client.send({}, within(k_patience)).body, "x");
    }
}

}  // namespace
}  // namespace berth::http

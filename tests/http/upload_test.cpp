// SPDX-License-Identifier: Apache-2.0
#include <berth/http/client.hpp>
#include <tests/support/eventually.hpp>
#include <tests/support/scripted_server.hpp>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <map>
#include <stdexcept>

namespace berth::http {
namespace {

using support::Gate;
using support::k_patience;
using support::Peer;
using support::Received;
using support::ScriptedServer;

constexpr std::size_t k_64_mib = 64 << 20;

/// Gives `total` bytes in pieces of `piece`, and counts what it gave.
struct Supply {
    std::size_t total;
    std::string piece;
    std::size_t given{0};

    BodySource source() {
        return [this]() -> std::string_view {
            const auto count = std::min(piece.size(), total - given);
            given += count;
            return std::string_view(piece).substr(0, count);
        };
    }
};

TEST(Upload, OfALargeBodyArrivesWhole) {
    ScriptedServer server([](const Received& request, Peer& peer) {
        peer.answer(200, fmt::format("{} {}", request.body.size(), request.header("Content-Length")));
    });
    Client client(server.endpoint());

    for (const std::size_t size :
         {std::size_t{1}, std::size_t{16 << 10}, std::size_t{(16 << 10) + 1}, std::size_t{3 << 20}}) {
        const auto answer = client.send({.method = "PUT", .body = std::string(size, 'x')}, within(k_patience));
        EXPECT_EQ(answer.body, fmt::format("{} {}", size, size));
    }
    EXPECT_EQ(server.connections(), 1U);
}

TEST(Upload, FromASourceArrivesInChunksOf64KiBAtMost) {
    ScriptedServer server([](const Received& request, Peer& peer) {
        peer.answer(200, fmt::format("{} {}", request.body, request.header("Transfer-Encoding")));
    });
    Client client(server.endpoint());
    Supply small{.total = 10, .piece = "abcd"};
    Supply large{.total = 100'000, .piece = std::string(100'000, 'x')};

    client.send({.method = "PUT", .source = small.source()}, within(k_patience));
    client.send({.method = "PUT", .source = large.source()}, within(k_patience));
    client.send({.method = "PUT", .source = [] { return std::string_view(); }}, within(k_patience));

    const auto requests = server.requests();
    const std::string head = "PUT / HTTP/1.1\r\nHost: berth\r\nTransfer-Encoding: chunked\r\n\r\n";
    ASSERT_EQ(requests.size(), 3U);
    EXPECT_EQ(requests[0].raw, head + "4\r\nabcd\r\n4\r\nabcd\r\n2\r\nab\r\n0\r\n\r\n");
    EXPECT_EQ(requests[1].raw, head + "10000\r\n" + std::string(65536, 'x') + "\r\n86a0\r\n" + std::string(34464, 'x') +
                                   "\r\n0\r\n\r\n");
    EXPECT_EQ(requests[2].raw, head + "0\r\n\r\n");
    EXPECT_EQ(server.connections(), 1U);
}

TEST(Upload, ThatIsAnsweredEarlyGivesTheAnswer) {
    for (const bool closes : {true, false}) {
        for (const bool chunked : {true, false}) {
            Gate done;
            ScriptedServer server;
            server.then_at_head([&](const Received&, Peer& peer) {
                peer.answer(404, "no such folder");
                if (!closes) {
                    peer.wait(done);
                }
            });
            Client client(server.endpoint());
            Supply supply{.total = k_64_mib, .piece = std::string(65536, 'x')};
            Request request{.method = "PUT", .target = "/archive"};
            if (chunked) {
                request.source = supply.source();
            } else {
                request.body = std::string(k_64_mib, 'x');
            }

            const auto answer = client.send(request, within(k_patience));

            EXPECT_EQ(answer.head.status, 404);
            EXPECT_EQ(answer.body, "no such folder");
            EXPECT_LT(supply.given, k_64_mib);
            EXPECT_EQ(client.idle_connections(), 0U);
            done.open();
        }
    }
}

TEST(Upload, ThatBreaksWithoutAnAnswerSaysSo) {
    ScriptedServer server;
    server.then_at_head([](const Received&, Peer& peer) { peer.close(); });
    Client client(server.endpoint());
    const Request request{.method = "PUT", .target = "/archive", .body = std::string(k_64_mib, 'x')};
    try {
        client.send(request, within(k_patience));
        FAIL() << "an answer came";
    } catch (const BrokenExchange& error) {
        // Which of the three it is depends on what the kernel was doing with our bytes at that moment.
        const std::map<int, std::string> summaries = {
            {0, "the connection was closed before an answer came"},
            {EPIPE, "connection lost before an answer came: Broken pipe"},
            {ECONNRESET, "connection lost before an answer came: Connection reset by peer"},
        };
        ASSERT_EQ(summaries.count(error.system_error()), 1U) << error.system_error();
        EXPECT_EQ(error.what(), fmt::format("error[BR0102]: {}\n  call: PUT /archive at {}",
                                            summaries.at(error.system_error()), server.endpoint().text()));
        EXPECT_EQ(error.code(), "BR0102");
        EXPECT_EQ(error.stage(), Stage::sending);
    }
}

TEST(Upload, WhoseSourceFailsIsNeverEndedAsIfWhole) {
    ScriptedServer server([](const Received&, Peer& peer) { peer.answer(200, "taken"); });
    Client client(server.endpoint());
    for (const int pieces_before : {0, 1, 3}) {
        int given = 0;
        const BodySource source = [&]() -> std::string_view {
            if (given++ == pieces_before) {
                throw std::runtime_error("the file shrank");
            }
            return "piece";
        };
        try {
            client.send({.method = "PUT", .target = "/x", .source = source}, within(k_patience));
            FAIL() << "an answer came";
        } catch (const std::runtime_error& error) {
            EXPECT_STREQ(error.what(), "the file shrank");
        }
        EXPECT_EQ(client.idle_connections(), 0U);
    }
    // The first failed before anything was sent; of the others a part came.
    ASSERT_TRUE(server.wait_for_requests(2));
    for (const auto& request : server.requests()) {
        EXPECT_FALSE(request.body_complete);
    }
}

TEST(Upload, FromASourceIsNotSentTwice) {
    ScriptedServer server;
    server.then([](const Received&, Peer& peer) { peer.answer(200, ""); });
    server.then([](const Received&, Peer& peer) { peer.close(); });
    Client client(server.endpoint());
    client.send({}, within(k_patience));
    Supply supply{.total = 4, .piece = "abcd"};

    EXPECT_THROW(client.send({.source = supply.source()}, within(k_patience)), BrokenExchange);
    EXPECT_EQ(server.requests().size(), 2U);
}

}  // namespace
}  // namespace berth::http

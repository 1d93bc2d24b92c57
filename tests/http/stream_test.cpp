// SPDX-License-Identifier: Apache-2.0
#include <berth/http/client.hpp>
#include <tests/support/eventually.hpp>
#include <tests/support/scripted_server.hpp>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <thread>

namespace berth::http {
namespace {

using support::Gate;
using support::k_patience;
using support::Peer;
using support::Received;
using support::ScriptedServer;

const std::string k_upgraded = "HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n";

std::string read_some(Stream& stream) {
    char bytes[1024];
    return {bytes, stream.read(bytes, sizeof bytes, within(k_patience))};
}

TEST(Stream, GivesEachChunkAsItComes) {
    Gate next;
    ScriptedServer server([next](const Received&, Peer& peer) {
        peer.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n");
        peer.wait(next);
        peer.send("3\r\ntwo\r\n0\r\n\r\n");
    });
    Client client(server.endpoint());
    auto stream = client.open({.target = "/events"}, within(k_patience));

    EXPECT_EQ(stream.head().status, 200);
    EXPECT_EQ(read_some(stream), "one");
    next.open();
    EXPECT_EQ(read_some(stream), "two");
    EXPECT_EQ(read_some(stream), "");
    EXPECT_EQ(read_some(stream), "");
}

TEST(Stream, HasAConnectionOfItsOwn) {
    ScriptedServer server([](const Received&, Peer& peer) { peer.answer(200, "x"); });
    Client client(server.endpoint());
    client.send({}, within(k_patience));
    {
        auto stream = client.open({}, within(k_patience));
        EXPECT_EQ(stream.read_all(within(k_patience)), "x");
        EXPECT_EQ(client.send({}, within(k_patience)).body, "x");
    }
    EXPECT_EQ(server.connections(), 2U);
    EXPECT_EQ(client.idle_connections(), 1U);
}

TEST(Stream, SaysWhenItWasCutShort) {
    ScriptedServer server;
    server.then_send_and_close("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n");
    Client client(server.endpoint());
    auto stream = client.open({.target = "/logs?follow=1"}, within(k_patience));

    EXPECT_EQ(read_some(stream), "one");
    try {
        read_some(stream);
        FAIL() << "an end came";
    } catch (const BrokenExchange& error) {
        EXPECT_EQ(error.what(),
                  "error[BR0104]: the answer is incomplete: the connection was closed before the last chunk\n"
                  "  call: GET /logs at " +
                      server.endpoint().text());
    }
}

TEST(Stream, ReadsNoMoreThanItIsAllowedTo) {
    ScriptedServer server;
    server.then_send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n");
    Client client(server.endpoint());
    auto stream = client.open({}, within(k_patience));
    try {
        stream.read_all(within(k_patience), 2);
        FAIL() << "it was read";
    } catch (const BrokenExchange& error) {
        EXPECT_EQ(error.what(),
                  "error[BR0112]: the answer is larger than 2 bytes\n  call: GET / at " + server.endpoint().text());
    }
}

TEST(Stream, IsRawInBothDirectionsAfterAnUpgrade) {
    for (const auto& head :
         {k_upgraded, std::string("HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\n\r\n")}) {
        ScriptedServer server([&head](const Received& request, Peer& peer) {
            peer.send(head + "first" + request.body);  // in one packet with the head
            std::string all;
            for (auto some = peer.receive(); !some.empty(); some = peer.receive()) {
                all += some;
            }
            peer.send("<" + all + ">");  // our half-close ends what it reads, and not what we read
            peer.close();
        });
        Client client(server.endpoint());

        auto stream = client.open({.method = "POST", .target = "/exec/x/start", .body = "{}", .upgrade = true},
                                  within(k_patience));
        EXPECT_EQ(read_some(stream), "first{}");
        stream.write("some ", within(k_patience));
        stream.write("input", within(k_patience));
        stream.finish_writing();

        EXPECT_EQ(stream.read_all(within(k_patience)), "<some input>");
        EXPECT_EQ(server.requests().front().header("Connection"), "Upgrade");
        EXPECT_EQ(server.requests().front().header("Upgrade"), "tcp");
    }
}

TEST(Stream, CarriesMuchInBothDirectionsAtOnce) {
    ScriptedServer server([](const Received&, Peer& peer) {
        peer.send(k_upgraded);
        for (auto some = peer.receive(); !some.empty(); some = peer.receive()) {
            peer.send(some);
        }
        peer.close();
    });
    Client client(server.endpoint());
    auto stream = client.open({.method = "POST", .upgrade = true}, within(k_patience));
    std::string sent(4 << 20, '\0');
    for (std::size_t i = 0; i < sent.size(); ++i) {
        sent[i] = static_cast<char>(i * 31 >> 3);
    }
    std::thread writer([&] {
        stream.write(sent, within(k_patience));
        stream.finish_writing();
    });

    const std::string echoed = stream.read_all(within(k_patience));
    writer.join();

    EXPECT_TRUE(echoed == sent);
}

TEST(Stream, TakesARefusedUpgradeAsAnOrdinaryAnswer) {
    ScriptedServer server([](const Received&, Peer& peer) { peer.answer(409, "not running"); });
    Client client(server.endpoint());
    auto stream = client.open({.method = "POST", .target = "/x", .upgrade = true}, within(k_patience));

    EXPECT_EQ(stream.head().status, 409);
    EXPECT_EQ(stream.read_all(within(k_patience)), "not running");
    try {
        stream.write("input", within(k_patience));
        FAIL() << "it was written";
    } catch (const Error& error) {
        EXPECT_EQ(error.what(),
                  "error[BR0111]: nothing can be written: the answer is no raw stream\n"
                  "  call: POST /x at " +
                      server.endpoint().text());
    }
}

TEST(Stream, IsEndedFromAnotherThread) {
    ScriptedServer server;
    server.then_send(k_upgraded);
    Client client(server.endpoint());
    auto stream = client.open({.method = "POST", .target = "/x", .upgrade = true}, within(k_patience));
    std::thread closer([&stream] { stream.close(); });
    try {
        read_some(stream);
        FAIL() << "an end came";
    } catch (const BrokenExchange& error) {
        EXPECT_EQ(error.what(), "error[BR0102]: the stream was closed while it was read\n  call: POST /x at " +
                                    server.endpoint().text());
    }
    closer.join();
}

TEST(Stream, HasADeadlineForEachRead) {
    using namespace std::chrono_literals;
    ScriptedServer server;
    server.then_send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nsome");
    Client client(server.endpoint());
    auto stream = client.open({}, within(k_patience));

    EXPECT_EQ(read_some(stream), "some");
    char byte = 0;
    EXPECT_THROW(stream.read(&byte, 1, within(20ms)), ExchangeTimedOut);
    EXPECT_THROW(stream.read(&byte, 1, within(20ms)), ExchangeTimedOut);  // and the stream lives on
}

}  // namespace
}  // namespace berth::http

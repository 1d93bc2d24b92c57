// SPDX-License-Identifier: Apache-2.0
#include <berth/core/log.hpp>
#include <berth/http/client.hpp>
#include <tests/support/eventually.hpp>
#include <tests/support/scripted_server.hpp>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <csignal>
#include <thread>

namespace berth::http {
namespace {

using support::Gate;
using support::k_patience;
using support::Peer;
using support::Received;
using support::ScriptedServer;

const ScriptedServer::Handler k_say_target = [](const Received& request, Peer& peer) {
    peer.answer(200, request.target);
};
const ScriptedServer::Handler k_close = [](const Received&, Peer& peer) { peer.close(); };

std::string call_line(const ScriptedServer& server, std::string_view call) {
    return fmt::format("\n  call: {} at {}", call, server.endpoint().text());
}

TEST(Connection, IsKeptForTheNextCall) {
    ScriptedServer server(k_say_target);
    Client client(server.endpoint());
    const Client copy = client;

    for (int i = 0; i < 5; ++i) {
        EXPECT_EQ(Client(copy).send({.target = "/x"}, within(k_patience)).body, "/x");
    }

    EXPECT_EQ(server.connections(), 1U);
    EXPECT_EQ(client.idle_connections(), 1U);
}

TEST(Connection, IsNotKeptWhenItsPeerWillCloseIt) {
    const std::string answers[] = {
        "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: Upgrade, Close\r\n\r\n",
        "HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n",
    };
    for (const auto& answer : answers) {
        ScriptedServer server;
        server.then_send(answer);
        Client client(server.endpoint());

        client.send({}, within(k_patience));

        EXPECT_EQ(client.idle_connections(), 0U) << answer;
    }
    ScriptedServer server;
    server.then_send("HTTP/1.0 200 OK\r\nContent-Length: 0\r\nConnection: keep-alive\r\n\r\n");
    Client client(server.endpoint());
    client.send({}, within(k_patience));
    EXPECT_EQ(client.idle_connections(), 1U);
}

TEST(Connection, ThatWasClosedMeanwhileIsReplacedForAnyCall) {
    Gate closed;
    ScriptedServer server;
    server.then([closed](const Received&, Peer& peer) {
        peer.answer(200, "first");
        peer.close();
        closed.open();
    });
    server.then(k_say_target);
    Client client(server.endpoint());
    client.send({}, within(k_patience));
    ASSERT_TRUE(closed.wait(within(k_patience)));

    EXPECT_EQ(client.send({.method = "POST", .target = "/second"}, within(k_patience)).body, "/second");
    EXPECT_EQ(server.connections(), 2U);
}

TEST(Connection, ThatIsClosedUnderACallIsReplacedOnceForGetAndHead) {
    for (const auto* method : {"GET", "HEAD"}) {
        ScriptedServer server;
        server.then(k_say_target).then(k_close).then([](const Received&, Peer& peer) {
            peer.send("HTTP/1.1 204 No Content\r\n\r\n");
        });
        Client client(server.endpoint());
        client.send({}, within(k_patience));

        EXPECT_EQ(client.send({.method = method}, within(k_patience)).head.status, 204);
        EXPECT_EQ(server.requests().size(), 3U);
    }
}

TEST(Connection, ThatIsClosedUnderACallIsReplacedOnlyOnce) {
    ScriptedServer server;
    server.then(k_say_target).then(k_close);
    Client client(server.endpoint());
    client.send({}, within(k_patience));

    try {
        client.send({.target = "/x"}, within(k_patience));
        FAIL() << "an answer came";
    } catch (const BrokenExchange& error) {
        EXPECT_EQ(error.what(),
                  "error[BR0102]: the connection was closed before an answer came" + call_line(server, "GET /x"));
        EXPECT_EQ(error.stage(), Stage::sending);
    }
    EXPECT_EQ(server.requests().size(), 3U);
}

TEST(Connection, ThatIsClosedUnderAPostIsAnErrorAndThePostIsSentOnce) {
    ScriptedServer server;
    server.then(k_say_target).then(k_close);
    Client client(server.endpoint());
    client.send({}, within(k_patience));

    try {
        client.send({.method = "POST", .target = "/containers/create?name=x"}, within(k_patience));
        FAIL() << "an answer came";
    } catch (const BrokenExchange& error) {
        EXPECT_EQ(error.what(), "error[BR0102]: the connection was closed before an answer came" +
                                    call_line(server, "POST /containers/create"));
        EXPECT_EQ(error.stage(), Stage::sending);
        EXPECT_EQ(error.system_error(), 0);
    }
    EXPECT_EQ(server.requests().size(), 2U);
}

TEST(Connection, ThatWasClosedInAnAnswerIsNotReplaced) {
    ScriptedServer server;
    server.then(k_say_target).then_send_and_close("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx");
    Client client(server.endpoint());
    client.send({}, within(k_patience));

    EXPECT_THROW(client.send({}, within(k_patience)), BrokenExchange);
    EXPECT_EQ(server.requests().size(), 2U);
}

TEST(Connection, WithUnreadBytesIsNotUsedAgain) {
    Gate sent;
    ScriptedServer server;
    server.then([sent](const Received&, Peer& peer) {
        peer.answer(200, "first");
        peer.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nwrong");
        sent.open();
    });
    server.then(k_say_target);
    Client client(server.endpoint());
    try {
        EXPECT_EQ(client.send({}, within(k_patience)).body, "first");
    } catch (const BrokenExchange& error) {
        EXPECT_EQ(error.code(), "BR0104");  // they came together with the answer
    }
    ASSERT_TRUE(sent.wait(within(k_patience)));

    EXPECT_EQ(client.send({.target = "/second"}, within(k_patience)).body, "/second");
}

TEST(Connection, ToNobodySaysWhyNot) {
    const support::TempDir folder;
    const std::string path = folder.file("nobody.sock");
    const auto failure_of = [](const Endpoint& endpoint, int system_error) -> std::string {
        try {
            Client(endpoint).send({.target = "/_ping"}, within(k_patience));
            return "an answer came";
        } catch (const BrokenExchange& error) {
            EXPECT_EQ(error.stage(), Stage::connecting);
            EXPECT_EQ(error.system_error(), system_error);
            return error.what();
        }
    };
    const auto expected = [](const Endpoint& endpoint, std::string_view reason) {
        return fmt::format("error[BR0102]: cannot connect: {}\n  call: GET /_ping at {}", reason, endpoint.text());
    };
    const Endpoint absent{.path = path};
    EXPECT_EQ(failure_of(absent, ENOENT), expected(absent, "No such file or directory"));
    support::listen_unix(path);  // and gone again: the file stays
    EXPECT_EQ(failure_of(absent, ECONNREFUSED), expected(absent, "Connection refused"));
    const Endpoint too_long{.path = "/" + std::string(200, 'x')};
    EXPECT_EQ(failure_of(too_long, ENAMETOOLONG), expected(too_long, "File name too long"));
    const Endpoint port_1 = parse_endpoint("tcp://127.0.0.1:1");
    EXPECT_EQ(failure_of(port_1, ECONNREFUSED), expected(port_1, "Connection refused"));
}

TEST(Connection, IsSharedByManyThreads) {
    constexpr int k_threads = 50;
    constexpr int k_calls = 20;
    ScriptedServer server(k_say_target);
    Client client(server.endpoint());
    {
        std::vector<std::thread> threads;
        threads.reserve(k_threads);
        for (int thread = 0; thread < k_threads; ++thread) {
            threads.emplace_back([&client, thread] {
                for (int call = 0; call < k_calls; ++call) {
                    const std::string target = fmt::format("/{}/{}", thread, call);
                    EXPECT_EQ(client.send({.target = target}, within(k_patience)).body, target);
                }
            });
        }
        for (auto& thread : threads) {
            thread.join();
        }
    }
    EXPECT_EQ(server.requests().size(), static_cast<std::size_t>(k_threads * k_calls));
    EXPECT_LE(client.idle_connections(), 8U);
}

TEST(Connection, LeavesNoDescriptorBehind) {
    const auto before = support::open_descriptors();
    {
        ScriptedServer server;
        server.then(k_say_target).then_send_and_close("HTTP/1.1 200 OK\r\nContent-Le").then(k_say_target);
        Client client(server.endpoint());
        const std::stop_source stop;  // makes the client watch a token, which takes a descriptor of its own
        for (int i = 0; i < 3; ++i) {
            try {
                client.send({}, within(k_patience, stop.get_token()));
                client.open({}, within(k_patience, stop.get_token())).read_all(within(k_patience, stop.get_token()));
            } catch (const BrokenExchange& error) {
                EXPECT_EQ(error.code(), "BR0104");
            }
        }
        EXPECT_GT(support::open_descriptors(), before);
    }
    EXPECT_EQ(support::open_descriptors(), before);
}

TEST(Connection, LogsOneLineAnExchangeWithoutItsQuery) {
    std::vector<std::string> lines;
    log::set_sink([&lines](log::Level, std::string_view line) { lines.emplace_back(line); });
    log::set_level(log::Level::debug);
    ScriptedServer server(k_say_target);
    Client client(server.endpoint());

    client.send({.target = "/v1.41/containers/json?all=1"}, within(k_patience));
    client.open({.target = "/events?since=0"}, within(k_patience));

    log::set_level(log::Level::warn);
    log::set_sink({});
    EXPECT_THAT(lines,
                testing::ElementsAre(testing::MatchesRegex("GET /v1\\.41/containers/json -> 200 in [0-9]+\\.[0-9]ms"),
                                     testing::MatchesRegex("GET /events -> 200 in [0-9]+\\.[0-9]ms")));
}

TEST(Connection, LeavesTheSignalMaskOfTheProgramAlone) {
    sigset_t mask;
    ASSERT_EQ(::pthread_sigmask(SIG_BLOCK, nullptr, &mask), 0);

    EXPECT_EQ(sigismember(&mask, SIGPIPE), 0);
}

}  // namespace
}  // namespace berth::http

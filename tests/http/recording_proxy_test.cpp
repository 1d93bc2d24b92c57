// SPDX-License-Identifier: Apache-2.0
#include <berth/http/client.hpp>
#include <tests/support/eventually.hpp>
#include <tests/support/recording_proxy.hpp>
#include <tests/support/scripted_server.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

// The proxy is what later tests trust for their counts of calls and their lost answers, so it is tested itself.
namespace berth::http {
namespace {

using support::Fault;
using support::k_patience;
using support::Peer;
using support::Received;
using support::RecordingProxy;
using support::ScriptedServer;
using testing::ElementsAre;

const ScriptedServer::Handler k_say_body = [](const Received& request, Peer& peer) { peer.answer(200, request.body); };

TEST(RecordingProxy, WritesDownEachRequestAndPassesItOn) {
    ScriptedServer server(k_say_body);
    RecordingProxy proxy(server.path());
    Client client(proxy.endpoint());

    EXPECT_EQ(client.send({.method = "POST", .target = "/a?b=c", .body = std::string(1 << 20, 'x')}, within(k_patience))
                  .body.size(),
              std::size_t{1 << 20});
    client.send({.target = "/second"}, within(k_patience));
    client.open({.target = "/third"}, within(k_patience));

    EXPECT_THAT(proxy.lines(), ElementsAre("POST /a?b=c", "GET /second", "GET /third"));
    EXPECT_EQ(proxy.calls().at(1).connection, 1U);
    EXPECT_EQ(proxy.calls().at(2).connection, 2U);
    proxy.forget();
    EXPECT_TRUE(proxy.lines().empty());
}

TEST(RecordingProxy, PassesAnUpgradedStreamBothWays) {
    ScriptedServer server([](const Received&, Peer& peer) {
        peer.send("HTTP/1.1 101 UPGRADED\r\n\r\n");
        std::string all;
        for (auto some = peer.receive(); !some.empty(); some = peer.receive()) {
            all += some;
        }
        peer.send(all);
        peer.close();
    });
    RecordingProxy proxy(server.path());
    Client client(proxy.endpoint());
    auto stream =
        client.open({.method = "POST", .target = "/start", .body = "{}", .upgrade = true}, within(k_patience));
    stream.write("GET /not-a-request HTTP/1.1\r\n\r\n", within(k_patience));
    stream.finish_writing();

    EXPECT_EQ(stream.read_all(within(k_patience)), "GET /not-a-request HTTP/1.1\r\n\r\n");
    EXPECT_THAT(proxy.lines(), ElementsAre("POST /start"));
}

TEST(RecordingProxy, DropsTheAnswerOfTheCallThatIsNamed) {
    ScriptedServer server(k_say_body);
    RecordingProxy proxy(server.path());
    Client client(proxy.endpoint());
    proxy.inject({.kind = Fault::Kind::drop_answer, .method = "POST", .target = "^/create", .nth = 2});

    client.send({.method = "POST", .target = "/create?name=1"}, within(k_patience));
    client.send({.method = "POST", .target = "/start"}, within(k_patience));
    EXPECT_THROW(client.send({.method = "POST", .target = "/create?name=2"}, within(k_patience)), BrokenExchange);
    client.send({.method = "POST", .target = "/create?name=3"}, within(k_patience));

    EXPECT_EQ(server.requests().size(), 4U) << "the request whose answer was dropped arrived all the same";
}

TEST(RecordingProxy, CutsRequestsAndAnswersBehindAByte) {
    ScriptedServer server(k_say_body);
    RecordingProxy proxy(server.path());
    Client client(proxy.endpoint());
    Fault cut{.kind = Fault::Kind::cut_request, .bytes = 70};
    proxy.inject(cut);

    EXPECT_THROW(client.send({.method = "POST", .body = std::string(100, 'x')}, within(k_patience)), BrokenExchange);
    ASSERT_TRUE(cut.reached.wait(within(k_patience)));
    ASSERT_TRUE(server.wait_for_requests(1));
    EXPECT_EQ(server.requests().front().raw.size(), 70U);

    proxy.inject({.kind = Fault::Kind::cut_answer, .bytes = 12});
    try {
        client.send({.method = "POST"}, within(k_patience));
        FAIL() << "an answer came";
    } catch (const BrokenExchange& error) {
        EXPECT_EQ(error.stage(), Stage::answering);
        EXPECT_EQ(error.facts().details.at(0).second, "HTTP/1.1 200");
    }
}

TEST(RecordingProxy, HoldsAnAnswerUntilItIsReleased) {
    ScriptedServer server(k_say_body);
    RecordingProxy proxy(server.path());
    Client client(proxy.endpoint());
    const Fault hold{.kind = Fault::Kind::hold_answer};
    proxy.inject(hold);
    std::string body;
    std::thread caller([&] { body = client.send({.method = "POST", .body = "x"}, within(k_patience)).body; });

    EXPECT_TRUE(hold.reached.wait(within(k_patience)));
    EXPECT_EQ(server.requests().size(), 1U);
    hold.release.open();
    caller.join();

    EXPECT_EQ(body, "x");
}

}  // namespace
}  // namespace berth::http

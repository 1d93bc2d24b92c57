// SPDX-License-Identifier: Apache-2.0
// Each fault of the proxy does what it says, and it writes down what passed: the tests on real engines lean on both.
#include <berth/http/client.hpp>
#include <tests/support/eventually.hpp>
#include <tests/support/recording_proxy.hpp>
#include <tests/support/scripted_server.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <thread>

namespace berth::support {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Kind = Fault::Kind;

class FaultProxy : public ::testing::Test {
  protected:
    http::Response ask(const std::string& method, const std::string& body = {},
                       Deadline deadline = within(k_patience)) {
        return client_.send({.method = method, .target = "/x", .body = body}, deadline);
    }

    /// Says what it was told; HEAD has no body, and `chunks` come one by one.
    ScriptedServer server_{[](const Received& request, Peer& peer) {
        if (request.body == "chunks") {
            peer.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n");
            peer.send("6\r\nsecond\r\n0\r\n\r\n");
        } else {
            peer.answer(200, request.body);
        }
    }};
    RecordingProxy proxy_{server_.path()};
    http::Client client_{proxy_.endpoint()};
};

TEST_F(FaultProxy, WritesDownWhatWasAskedAndAnswered) {
    ask("POST", "hello");
    ask("POST", "chunks");

    const auto exchanges = proxy_.exchanges();
    ASSERT_EQ(exchanges.size(), 2U);
    EXPECT_EQ(exchanges[0].request.line(), "POST /x");
    EXPECT_EQ(exchanges[0].request.body, "hello");
    EXPECT_EQ(exchanges[0].answer.status, 200);
    EXPECT_EQ(exchanges[0].answer.body, "hello");
    EXPECT_EQ(exchanges[0].answer.header("content-length"), "5");
    EXPECT_TRUE(exchanges[0].answer.whole);
    EXPECT_EQ(exchanges[0].answer.size, exchanges[0].answer.raw.size());
    EXPECT_EQ(exchanges[1].answer.body, "firstsecond");
    EXPECT_TRUE(exchanges[1].answer.whole);
    proxy_.forget();
    EXPECT_THAT(proxy_.exchanges(), IsEmpty());
}

TEST_F(FaultProxy, StallsARequestUntilItIsReleased) {
    const Fault stalled{.kind = Kind::stall_request, .bytes = 10};
    proxy_.inject(stalled);
    std::string body;
    std::jthread asking([&] { body = ask("POST", "hello").body; });

    ASSERT_TRUE(stalled.reached.wait(within(k_patience)));
    EXPECT_THAT(server_.requests(), IsEmpty());
    stalled.release.open();
    asking.join();

    EXPECT_EQ(body, "hello");
}

TEST_F(FaultProxy, RefusesWithoutAskingTheEngine) {
    proxy_.inject({.kind = Kind::refuse, .times = 2, .text = answer_text(503, "no")});

    EXPECT_EQ(ask("POST", "first").head.status, 503);
    EXPECT_EQ(ask("POST", "second").body, "no");
    EXPECT_EQ(ask("POST", "third").body, "third");

    EXPECT_EQ(server_.requests().size(), 1U);
    EXPECT_EQ(proxy_.calls().back().connection, 1U) << "a refusal keeps the connection";
}

TEST_F(FaultProxy, CutsTheLastChunkAway) {
    proxy_.inject({.kind = Kind::cut_last_chunk});

    http::Stream stream = client_.open({.method = "POST", .body = "chunks"}, within(k_patience));
    std::string came;
    std::array<char, 64> piece{};
    try {
        for (std::size_t count = 1; count > 0;) {
            count = stream.read(piece.data(), piece.size(), within(k_patience));
            came.append(piece.data(), count);
        }
        FAIL() << "it ended well";
    } catch (const http::BrokenExchange&) {
        EXPECT_EQ(came, "firstsecond");
    }
}

TEST_F(FaultProxy, HoldsAnAnswerBehindAByte) {
    const Fault held{.kind = Kind::hold_answer, .bytes = 20};
    proxy_.inject(held);

    EXPECT_THROW(ask("POST", "hello", within(200ms)), http::ExchangeTimedOut);

    EXPECT_TRUE(held.reached.wait(within(k_patience)));
    held.release.open();
    EXPECT_EQ(ask("POST", "again").body, "again");
}

TEST_F(FaultProxy, DelaysAnAnswer) {
    proxy_.inject({.kind = Kind::delay_answer, .time = 150ms});
    const auto begin = std::chrono::steady_clock::now();

    EXPECT_EQ(ask("POST", "hello").body, "hello");

    EXPECT_GE(std::chrono::steady_clock::now() - begin, 150ms);
}

TEST_F(FaultProxy, ReplacesAnAnswerOfACallThatWasCarriedOut) {
    proxy_.inject({.kind = Kind::replace_answer, .method = "POST", .text = answer_text(500, "{}")});

    EXPECT_EQ(ask("POST", "chunks").head.status, 500);
    EXPECT_EQ(ask("POST", "next").body, "next");

    EXPECT_EQ(server_.requests().size(), 2U);
    EXPECT_EQ(proxy_.exchanges().at(0).answer.body, "firstsecond") << "the record is of the engine's answer";
}

TEST_F(FaultProxy, RewritesAnAnswer) {
    proxy_.inject({.kind = Kind::rewrite_answer,
                   .rewrite = [](const Answered& answer) { return answer_text(201, answer.body + " and more"); }});

    const auto answer = ask("POST", "hello");

    EXPECT_EQ(answer.head.status, 201);
    EXPECT_EQ(answer.body, "hello and more");
}

TEST_F(FaultProxy, SendsGarbageAndEnds) {
    proxy_.inject({.kind = Kind::garbage, .text = "no HTTP at all\r\n\r\n"});

    EXPECT_THROW(ask("POST", "hello"), ExchangeFailed);

    EXPECT_EQ(server_.requests().size(), 1U);
}

TEST_F(FaultProxy, PassesEverythingByteByByte) {
    proxy_.inject({.kind = Kind::slow, .times = 2, .bytes = 1});
    EXPECT_EQ(ask("POST", "hello").body, "hello");
    EXPECT_EQ(ask("POST", "chunks").body, "firstsecond");

    proxy_.inject({.kind = Kind::slow, .bytes = 10, .time = 10ms});
    const auto begin = std::chrono::steady_clock::now();
    EXPECT_EQ(ask("POST", std::string(100, 'x')).body.size(), 100U);
    EXPECT_GE(std::chrono::steady_clock::now() - begin, 200ms);
}

TEST_F(FaultProxy, ForgetsFaultsThatAreHealed) {
    proxy_.inject({.kind = Kind::drop_answer, .times = 100});
    EXPECT_THROW(ask("POST"), http::BrokenExchange);

    proxy_.heal();

    EXPECT_EQ(ask("POST", "well").body, "well");
}

TEST(AnswerParser, FindsTheEndByAnyFraming) {
    const auto whole = [](const std::string& method, const std::string& bytes) {
        AnswerParser at_once(method);
        at_once.feed(bytes);
        AnswerParser one_by_one(method);
        for (const char& byte : bytes) {
            EXPECT_FALSE(one_by_one.answer().whole) << bytes;
            one_by_one.feed({&byte, 1});
        }
        EXPECT_EQ(at_once.answer().whole, one_by_one.answer().whole) << bytes;
        EXPECT_EQ(at_once.answer().body, one_by_one.answer().body) << bytes;
        return at_once.answer().whole;
    };

    EXPECT_TRUE(whole("GET", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nab"));
    EXPECT_FALSE(whole("GET", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab"));
    EXPECT_TRUE(whole("HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"));
    EXPECT_TRUE(whole("POST", "HTTP/1.1 204 No Content\r\n\r\n"));
    EXPECT_TRUE(whole("POST", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 304 Not Modified\r\n\r\n"));
    EXPECT_TRUE(whole("GET", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n"));
    EXPECT_FALSE(whole("GET", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n"));
    EXPECT_FALSE(whole("GET", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\na\r\n0\r\n\r\n"));
    EXPECT_FALSE(whole("GET", "no HTTP at all\r\n\r\n"));

    AnswerParser raw("POST");
    raw.feed("HTTP/1.1 101 UPGRADED\r\n\r\nbytes");
    EXPECT_FALSE(raw.answer().whole);
    raw.end();
    EXPECT_TRUE(raw.answer().whole);
    EXPECT_EQ(raw.answer().body, "bytes");
}

}  // namespace
}  // namespace berth::support

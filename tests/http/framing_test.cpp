// SPDX-License-Identifier: Apache-2.0
#include <berth/http/client.hpp>
#include <tests/support/eventually.hpp>
#include <tests/support/scripted_server.hpp>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <atomic>

namespace berth::http {
namespace {

using support::k_patience;
using support::Peer;
using support::Received;
using support::ScriptedServer;

const std::string k_ok = "HTTP/1.1 200 OK\r\n";
const std::string k_chunked = k_ok + "Transfer-Encoding: chunked\r\n\r\n";

/// What a caller sees of an answer: `200 body`, or the whole text of the error (with its endpoint as ENDPOINT).
std::string outcome(const std::string& answer, const Request& request = {}, bool close = true, Limits limits = {}) {
    ScriptedServer server;
    if (close) {
        server.then_send_and_close(answer);
    } else {
        server.then_send(answer);
    }
    Client client(server.endpoint(), limits);
    try {
        const auto response = client.send(request, within(k_patience));
        return fmt::format("{} {}", response.head.status, response.body);
    } catch (const BrokenExchange& error) {
        std::string text = error.what();
        if (const auto at = text.find(server.endpoint().text()); at != std::string::npos) {
            text.replace(at, server.endpoint().text().size(), "ENDPOINT");
        }
        return text;
    }
}

std::string broken(std::string_view code, std::string_view summary, std::string_view received = {}) {
    std::string text = fmt::format("error[{}]: {}\n  call: GET / at ENDPOINT", code, summary);
    if (!received.empty()) {
        text += fmt::format("\n  received: {}", received);
    }
    return text;
}

TEST(Framing, TakesEachProperAnswer) {
    const std::pair<std::string, std::string> rows[] = {
        {k_ok + "Content-Length: 5\r\n\r\nhello", "200 hello"},
        {k_ok + "content-length:5   \r\n\r\nhello", "200 hello"},
        {k_ok + "Content-Length: 0\r\n\r\n", "200 "},
        {"HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n", "200 "},
        {"HTTP/1.0 404 Not Found\r\nContent-Length: 1\r\n\r\nx", "404 x"},
        {"HTTP/1.1 204 No Content\r\n\r\n", "204 "},
        {"HTTP/1.1 304 Not Modified\r\nContent-Length: 99\r\n\r\n", "304 "},
        {k_ok + "\r\nup to the end", "200 up to the end"},
        {k_chunked + "5\r\nhello\r\n0\r\n\r\n", "200 hello"},
        {k_chunked + "1\r\na\r\n00A\r\n0123456789\r\n0\r\n\r\n", "200 a0123456789"},
        {k_chunked + "2;name=value\r\nhi\r\n0\r\nX-Trailer: y\r\n\r\n", "200 hi"},
        {k_chunked + "0\r\n\r\n", "200 "},
        {"HTTP/1.1 100 Continue\r\n\r\n" + k_ok + "Content-Length: 2\r\n\r\nok", "200 ok"},
        {k_ok + "X-Long: " + std::string(20000, 'x') + "\r\nContent-Length: 1\r\n\r\ny", "200 y"},
    };
    for (const auto& [answer, expected] : rows) {
        EXPECT_EQ(outcome(answer), expected) << answer.substr(0, 200);
    }
    EXPECT_EQ(outcome(k_ok + "Content-Length: 5\r\n\r\n", {.method = "HEAD"}), "200 ");
}

TEST(Framing, RefusesEachAnswerThatIsCutShort) {
    const std::string cut = "the answer is incomplete: the connection was closed ";
    EXPECT_EQ(outcome(""), broken("BR0102", "the connection was closed before an answer came"));
    EXPECT_EQ(outcome("HTTP/1.1 20"), broken("BR0104", cut + "inside its head", "HTTP/1.1 20"));
    EXPECT_EQ(outcome(k_ok + "Content-Length: 10\r\n\r\nhello"), broken("BR0104", cut + "after 5 of 10 bytes"));
    EXPECT_EQ(outcome(k_chunked), broken("BR0104", cut + "before the last chunk"));
    EXPECT_EQ(outcome(k_chunked + "5"), broken("BR0104", cut + "before the last chunk"));
    EXPECT_EQ(outcome(k_chunked + "5\r\nhe"), broken("BR0104", cut + "inside a chunk"));
    EXPECT_EQ(outcome(k_chunked + "5\r\nhello"), broken("BR0104", cut + "before the last chunk"));
    EXPECT_EQ(outcome(k_chunked + "5\r\nhello\r\n"), broken("BR0104", cut + "before the last chunk"));
    EXPECT_EQ(outcome(k_chunked + "0\r\n"), broken("BR0104", cut + "before the end of the last chunk"));
    EXPECT_EQ(outcome(k_chunked + "0\r\nA: b\r\n"), broken("BR0104", cut + "before the end of the last chunk"));
}

TEST(Framing, RefusesEachAnswerThatIsNoHttp) {
    const std::string invalid = "the answer is no valid HTTP: ";
    const std::string no_field = invalid + "a line of its head is no field";
    const std::string no_size = invalid + "a chunk has no proper size";
    const auto refused = [](const std::string& answer, const std::string& summary, const std::string& received = {}) {
        // The connection stays open: nonsense is told from what came, not from an end that may never come.
        EXPECT_EQ(outcome(answer, {}, false), broken("BR0104", summary, received));
    };
    refused("SSH-2.0-OpenSSH\r\n", "the answer is no HTTP", "SSH-2.0-OpenSSH\\x0d\n            ");
    refused("\x15\x03\x01", "the answer is no HTTP", "\\x15\\x03\\x01");
    refused("HTTP/2.0 200 OK\r\n\r\n", "the answer is no HTTP",
            "HTTP/2.0 200 OK\\x0d\n            \\x0d\n            ");
    refused("HTTP/1.1 2x0 OK\r\n\r\n", "the answer is no HTTP", "HTTP/1.1 2x0 OK");
    refused("HTTP/1.1 999 OK\r\n\r\n", "the answer is no HTTP", "HTTP/1.1 999 OK");
    refused("HTTP/1.1 2000 OK\r\n\r\n", "the answer is no HTTP", "HTTP/1.1 2000 OK");
    refused("HTTP/1.1 200 OK\n\n", invalid + "a line ends without a carriage return",
            "HTTP/1.1 200 OK\n            \n            ");
    refused(k_ok + "no field\r\n\r\n", no_field, "no field");
    refused(k_ok + "Spaced : x\r\n\r\n", no_field, "Spaced : x");
    refused(k_ok + ": x\r\n\r\n", no_field, ": x");
    refused(k_ok + "A: b\r\n folded\r\n\r\n", no_field, " folded");
    refused(k_ok + "A: b\x01\r\n\r\n", no_field, "A: b\\x01");
    refused(k_ok + "Content-Length: -1\r\n\r\n", invalid + "'-1' is no Content-Length");
    refused(k_ok + "Content-Length: +1\r\n\r\n", invalid + "'+1' is no Content-Length");
    refused(k_ok + "Content-Length: \r\n\r\n", invalid + "'' is no Content-Length");
    refused(k_ok + "Content-Length: 1, 1\r\n\r\n", invalid + "'1, 1' is no Content-Length");
    refused(k_ok + "Content-Length: 12345678901234567890\r\n\r\n",
            invalid + "'12345678901234567890' is no Content-Length");
    refused(k_ok + "Content-Length: 1\r\nContent-Length: 1\r\n\r\nx", invalid + "it has two Content-Length fields");
    refused(k_ok + "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
            invalid + "it has a Content-Length and a Transfer-Encoding");
    refused(k_ok + "Transfer-Encoding: gzip\r\n\r\n", "the answer has the unknown transfer encoding 'gzip'");
    refused("HTTP/1.1 101 UPGRADED\r\n\r\n", "the answer is 101, and no upgrade was asked for");
    refused(k_chunked + "ZZ\r\n", no_size, "ZZ");
    refused(k_chunked + "\r\n", no_size, "");
    refused(k_chunked + "0x5\r\n", no_size, "0x5");
    refused(k_chunked + "-5\r\n", no_size, "-5");
    refused(k_chunked + " 5\r\n", no_size, " 5");
    refused(k_chunked + "5 \r\n", no_size, "5 ");
    refused(k_chunked + "12345678901234567890\r\n", no_size, "12345678901234567890");
    refused(k_chunked + "5\nhello", invalid + "a line ends without a carriage return", "5\n            hello");
    refused(k_chunked + "5\r\nhelloXX", invalid + "a chunk does not end where its size says", "XX");
    refused(k_chunked + "5\r\nhello\rX", invalid + "a chunk does not end where its size says", "\\x0dX");
    refused(k_chunked + std::string(1100, '1'), invalid + "a line is longer than 1024 bytes", std::string(200, '1'));
    refused(k_chunked + "0\r\nno field\r\n\r\n", no_field, "no field");
}

TEST(Framing, RefusesWhatIsLongerThanItSays) {
    const std::string more = "the answer is longer than it says: 3 more bytes came";
    EXPECT_EQ(outcome(k_ok + "Content-Length: 5\r\n\r\nhelloxyz"), broken("BR0104", more, "xyz"));
    EXPECT_EQ(outcome(k_chunked + "0\r\n\r\nxyz"), broken("BR0104", more, "xyz"));
    EXPECT_EQ(outcome("HTTP/1.1 204 No Content\r\n\r\nxyz"), broken("BR0104", more, "xyz"));
}

TEST(Framing, StopsAtItsLimits) {
    const Limits limits{.head = 1000, .buffered_body = 100};
    const std::string body(101, 'b');
    const std::string too_large = broken("BR0112", "the answer is larger than 100 bytes");

    EXPECT_EQ(outcome(k_ok + "X: " + std::string(2000, 'x'), {}, false, limits),
              broken("BR0112", "the head of the answer is larger than 1000 bytes"));
    EXPECT_EQ(outcome(k_ok + "Content-Length: 101\r\n\r\n", {}, false, limits), too_large);
    EXPECT_EQ(outcome(k_chunked + "65\r\n" + body, {}, false, limits), too_large);
    EXPECT_EQ(outcome(k_ok + "\r\n" + body, {}, false, limits), too_large);
    EXPECT_EQ(outcome(k_ok + "Content-Length: 100\r\n\r\n" + body.substr(1), {}, true, limits),
              "200 " + body.substr(1));
    EXPECT_EQ(outcome(k_chunked + "0\r\nX: " + std::string(600, 'x') + "\r\nX: " + std::string(600, 'x') + "\r\n", {},
                      false, limits),
              broken("BR0112", "the trailer of the answer is larger than 1000 bytes"));
}

TEST(Framing, DoesNotWaitForEverForInterimAnswers) {
    std::string interim;
    for (int i = 0; i < 17; ++i) {
        interim += "HTTP/1.1 100 Continue\r\n\r\n";
    }
    EXPECT_EQ(outcome(interim, {}, false), broken("BR0104", "more than 16 interim answers came, and no answer"));
}

/// Cuts `answer` behind each of its bytes in turn.
/// @returns how many cuts were taken for a whole answer, having seen that each of those gave `body`
std::size_t cuts_taken_as_whole(const std::string& answer, const std::string& body) {
    std::atomic<std::size_t> size{0};
    ScriptedServer server([&](const Received&, Peer& peer) {
        peer.send(std::string_view(answer).substr(0, size));
        peer.close();
    });
    Client client(server.endpoint());
    std::size_t whole = 0;
    for (size = 0; size <= answer.size(); ++size) {
        try {
            EXPECT_EQ(client.send({}, within(k_patience)).body, body) << "cut behind byte " << size;
            ++whole;
        } catch (const BrokenExchange& error) {
            EXPECT_EQ(error.stage(), size == 0 ? Stage::sending : Stage::answering) << "cut behind byte " << size;
            EXPECT_EQ(error.code(), size == 0 ? "BR0102" : "BR0104");
        }
    }
    return whole;
}

TEST(Framing, NeverTakesAPartForTheWhole) {
    const std::string fields = "Content-Type: application/json\r\nServer: Docker/28.5.2 (linux)\r\n";
    const std::string body = "[{\"Id\":\"3f2a1c9d04be\",\"Names\":[\"/db\"]}]\n";

    EXPECT_EQ(cuts_taken_as_whole(k_ok + fields + fmt::format("Content-Length: {}\r\n\r\n{}", body.size(), body), body),
              1U);
    EXPECT_EQ(cuts_taken_as_whole(k_ok + fields + "Transfer-Encoding: chunked\r\n\r\n" +
                                      fmt::format("{:x}\r\n{}\r\n1\r\n \r\n0\r\n\r\n", body.size(), body),
                                  body + " "),
              1U);
}

TEST(Framing, DoesNotMindHowTheBytesAreSliced) {
    const std::string answer = k_chunked + "5\r\nhello\r\n10;x=y\r\n0123456789abcdef\r\n0\r\nA: b\r\n\r\n";
    ScriptedServer server([&](const Received&, Peer& peer) {
        for (const char byte : answer) {
            peer.send({&byte, 1});
        }
    });
    Client client(server.endpoint());

    for (int i = 0; i < 20; ++i) {
        EXPECT_EQ(client.send({}, within(k_patience)).body, "hello0123456789abcdef");
    }
    EXPECT_EQ(server.connections(), 1U);
}

}  // namespace
}  // namespace berth::http

// SPDX-License-Identifier: Apache-2.0
#include <berth/core/error.hpp>
#include <berth/http/client.hpp>
#include <tests/support/eventually.hpp>
#include <tests/support/scripted_server.hpp>

#include <gtest/gtest.h>

namespace berth::http {
namespace {

using support::k_patience;
using support::Peer;
using support::Received;
using support::ScriptedServer;

TEST(Message, EncodesWhatAPathOrAQueryMustNotCarry) {
    EXPECT_EQ(encode_segment("a-b._~C9"), "a-b._~C9");
    EXPECT_EQ(encode_segment("a/b:c d?e#f%"), "a%2Fb%3Ac%20d%3Fe%23f%25");
    EXPECT_EQ(encode_segment("\xc3\xa4"), "%C3%A4");
    EXPECT_EQ(encode_path("reg:5000/a b:1@sha256"), "reg:5000/a%20b:1%40sha256");
    EXPECT_EQ(encode_query({}), "");
    EXPECT_EQ(encode_query({{"a", "1"}, {"b&", "x=y\r\n"}}), "?a=1&b%26=x%3Dy%0D%0A");
}

TEST(Message, RefusesControlCharactersInAPath) {
    try {
        encode_segment("a\nb\x01");
        FAIL() << "accepted";
    } catch (const Error& error) {
        EXPECT_STREQ(error.what(), "error[BR0111]: 'a\\nb\\x01' has a control character");
    }
}

TEST(Message, FindsHeaderFieldsWithoutCase) {
    Headers headers;
    headers.add("Content-Type", "first");
    headers.add("content-type", "second");

    EXPECT_EQ(headers.find("CONTENT-type"), "first");
    EXPECT_EQ(headers.find("Content"), std::nullopt);
    EXPECT_EQ(headers.all().size(), 2U);
}

TEST(Message, SendsTheHeadThatIsMeant) {
    ScriptedServer server([](const Received&, Peer& peer) { peer.answer(200, ""); });
    Client client(server.endpoint());
    Headers fields;
    fields.add("Content-Type", "application/json");

    client.send({.target = "/a?b=c"}, within(k_patience));
    client.send({.method = "POST", .target = "/empty"}, within(k_patience));
    client.send({.method = "POST", .target = "/full", .headers = fields, .body = "{}"}, within(k_patience));

    const auto requests = server.requests();
    ASSERT_EQ(requests.size(), 3U);
    EXPECT_EQ(requests[0].raw, "GET /a?b=c HTTP/1.1\r\nHost: berth\r\n\r\n");
    EXPECT_EQ(requests[1].raw, "POST /empty HTTP/1.1\r\nHost: berth\r\nContent-Length: 0\r\n\r\n");
    EXPECT_EQ(requests[2].raw,
              "POST /full HTTP/1.1\r\nHost: berth\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}");
}

TEST(Message, RefusesARequestThatWouldNotArriveAsMeantBeforeItConnects) {
    const auto with_field = [](std::string name, std::string value) {
        Request request;
        request.headers.add(std::move(name), std::move(value));
        return request;
    };
    const std::string no_target =
        " is no target of a request: it begins with '/', and all but plain ASCII is percent-encoded";
    const std::pair<Request, std::string> rows[] = {
        {{.method = "GET /x"}, "error[BR0111]: 'GET /x' is no method"},
        {{.method = ""}, "error[BR0111]: '' is no method"},
        {{.target = ""}, "error[BR0111]: ''" + no_target},
        {{.target = "x"}, "error[BR0111]: 'x'" + no_target},
        {{.target = "/a b"}, "error[BR0111]: '/a b'" + no_target},
        {{.target = "/a\r\nX: y"}, "error[BR0111]: '/a\\x0d\nX: y'" + no_target},
        {{.target = "/a?token=\x7f"}, "error[BR0111]: '/a'" + no_target},
        {{.target = "/\xc3\xa4"}, "error[BR0111]: '/\xc3\xa4'" + no_target},
        {with_field("X-Auth", "secret\r\nX: y"),
         "error[BR0111]: the value of header field 'X-Auth' has a control character"},
        {with_field("X-Auth", std::string("a\0b", 3)),
         "error[BR0111]: the value of header field 'X-Auth' has a control character"},
        {with_field("X Y", "z"), "error[BR0111]: 'X Y' is no name of a header field"},
        {with_field("", "z"), "error[BR0111]: '' is no name of a header field"},
        {with_field("host", "z"), "error[BR0111]: header field 'host' is not the caller's to set"},
        {with_field("Content-Length", "1"), "error[BR0111]: header field 'Content-Length' is not the caller's to set"},
        {with_field("Transfer-Encoding", "x"),
         "error[BR0111]: header field 'Transfer-Encoding' is not the caller's to set"},
    };
    ScriptedServer server;
    Client client(server.endpoint());
    for (const auto& [request, text] : rows) {
        for (const bool stream : {false, true}) {
            try {
                if (stream) {
                    client.open(request, within(k_patience));
                } else {
                    client.send(request, within(k_patience));
                }
                ADD_FAILURE() << "accepted: " << text;
            } catch (const Error& error) {
                EXPECT_EQ(error.what(), text);
            }
        }
    }
    EXPECT_EQ(server.connections(), 0U);
}

}  // namespace
}  // namespace berth::http

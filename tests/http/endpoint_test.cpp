// SPDX-License-Identifier: Apache-2.0
#include <berth/core/error.hpp>
#include <berth/http/endpoint.hpp>

#include <gtest/gtest.h>

namespace berth::http {
namespace {

std::string refusal_of(std::string_view text) {
    try {
        return "accepted as " + parse_endpoint(text).text();
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), "BR0110");
        return error.what();
    }
}

TEST(Endpoint, IsReadInEachOfItsForms) {
    const struct {
        const char* text;
        Endpoint expected;
        const char* again;
    } rows[] = {
        {"unix:///run/x.sock", {Endpoint::Scheme::unix_socket, "/run/x.sock", "", 0}, "unix:///run/x.sock"},
        {"unix://", {Endpoint::Scheme::unix_socket, "/var/run/docker.sock", "", 0}, "unix:///var/run/docker.sock"},
        {"tcp://127.0.0.1:2376", {Endpoint::Scheme::tcp, "", "127.0.0.1", 2376}, "tcp://127.0.0.1:2376"},
        {"tcp://engine.example", {Endpoint::Scheme::tcp, "", "engine.example", 2375}, "tcp://engine.example:2375"},
        {"tcp://host:80/", {Endpoint::Scheme::tcp, "", "host", 80}, "tcp://host:80"},
        {"tcp://[::1]:65535", {Endpoint::Scheme::tcp, "", "::1", 65535}, "tcp://[::1]:65535"},
        {"tcp://[fe80::1]", {Endpoint::Scheme::tcp, "", "fe80::1", 2375}, "tcp://[fe80::1]:2375"},
        {"localhost:1", {Endpoint::Scheme::tcp, "", "localhost", 1}, "tcp://localhost:1"},
        {"tcp://host:80/base/", {Endpoint::Scheme::tcp, "/base", "host", 80}, "tcp://host:80/base"},
        {"http://host", {Endpoint::Scheme::tcp, "", "host", 2375}, "tcp://host:2375"},
        {"ssh://host", {Endpoint::Scheme::ssh, "", "host", 0}, "ssh://host"},
        {"ssh://host/", {Endpoint::Scheme::ssh, "", "host", 0}, "ssh://host"},
        {"ssh://me@host:22", {Endpoint::Scheme::ssh, "", "host", 22, "me"}, "ssh://me@host:22"},
        {"ssh://[::1]:22/run/x y.sock",
         {Endpoint::Scheme::ssh, "/run/x y.sock", "::1", 22},
         "ssh://[::1]:22/run/x y.sock"},
    };
    for (const auto& row : rows) {
        const auto endpoint = parse_endpoint(row.text);
        EXPECT_EQ(endpoint, row.expected) << row.text;
        EXPECT_EQ(endpoint.text(), row.again);
        EXPECT_EQ(parse_endpoint(endpoint.text()), endpoint) << row.text;
    }
}

TEST(Endpoint, SaysWhatIsWrongWithIt) {
    EXPECT_EQ(refusal_of("gopher://me@host"),
              "error[BR0110]: scheme 'gopher' of 'gopher://me@host' is not supported\n"
              "  hint: use 'unix:///PATH', 'tcp://HOST:PORT' or 'ssh://USER@HOST'");
    EXPECT_EQ(
        refusal_of("npipe:////./pipe/docker_engine"),
        "error[BR0110]: 'npipe:////./pipe/docker_engine' is a named pipe of Windows, which there are none of here\n"
        "  hint: in WSL, let Docker Desktop integrate this distribution, and use its "
        "'unix:///var/run/docker.sock'");
    EXPECT_EQ(refusal_of("fd://"),
              "error[BR0110]: 'fd://' is how an engine is told where to listen, and no place to connect to\n"
              "  hint: use 'unix:///var/run/docker.sock'");
    EXPECT_EQ(refusal_of("tcp://host/a?b"),
              "error[BR0110]: '/a?b' in 'tcp://host/a?b' is no path\n"
              "  hint: a path is plain text without '?' and '#'");
    EXPECT_EQ(refusal_of("unix://run/x"),
              "error[BR0110]: socket path 'run/x' does not begin with '/'\n"
              "  hint: write 'unix:///run/x'");
    EXPECT_EQ(refusal_of("tcp://host:0"),
              "error[BR0110]: '0' in 'tcp://host:0' is no port\n"
              "  hint: a port is a number from 1 to 65535");
    EXPECT_EQ(refusal_of("tcp://host:65536"),
              "error[BR0110]: '65536' in 'tcp://host:65536' is no port\n"
              "  hint: a port is a number from 1 to 65535");
    EXPECT_EQ(refusal_of("tcp://host:"),
              "error[BR0110]: '' in 'tcp://host:' is no port\n"
              "  hint: a port is a number from 1 to 65535");
    EXPECT_EQ(refusal_of("tcp://[::1]x"),
              "error[BR0110]: 'x' in 'tcp://[::1]x' is no port\n"
              "  hint: a port is a number from 1 to 65535");
    EXPECT_EQ(refusal_of("tcp://"),
              "error[BR0110]: 'tcp://' names no host\n"
              "  hint: write 'tcp://HOST:PORT'");
    EXPECT_EQ(refusal_of("tcp://a b:1"),
              "error[BR0110]: 'a b' in 'tcp://a b:1' is no host name\n"
              "  hint: write 'tcp://HOST:PORT'");
    EXPECT_EQ(refusal_of("tcp://[::1"), "error[BR0110]: 'tcp://[::1' has no ']' after its address");
    EXPECT_EQ(refusal_of("tcp://a\r\nb"), "error[BR0110]: endpoint 'tcp://a\\x0d\\nb' has a control character");
}

TEST(Endpoint, OfSshHasNothingThatCouldBeAnOptionOrACommand) {
    const std::string form = "  hint: write 'ssh://[USER@]HOST[:PORT][/PATH]'";
    EXPECT_EQ(refusal_of("ssh://-oProxyCommand=x"),
              "error[BR0110]: '-oProxyCommand=x' in 'ssh://-oProxyCommand=x' is no host name\n" + form);
    EXPECT_EQ(refusal_of("ssh://-host"), "error[BR0110]: '-host' in 'ssh://-host' is no host name\n" + form);
    EXPECT_EQ(refusal_of("ssh://a$(x)"), "error[BR0110]: 'a$(x)' in 'ssh://a$(x)' is no host name\n" + form);
    EXPECT_EQ(refusal_of("ssh://%h"), "error[BR0110]: '%h' in 'ssh://%h' is no host name\n" + form);
    EXPECT_EQ(refusal_of("ssh://-l@host"), "error[BR0110]: '-l' in 'ssh://-l@host' is no user's name\n" + form);
    EXPECT_EQ(refusal_of("ssh://a;b@host"), "error[BR0110]: 'a;b' in 'ssh://a;b@host' is no user's name\n" + form);
    EXPECT_EQ(refusal_of("ssh://@host"), "error[BR0110]: '' in 'ssh://@host' is no user's name\n" + form);
    EXPECT_EQ(refusal_of("ssh://"), "error[BR0110]: 'ssh://' names no host\n" + form);
    EXPECT_EQ(refusal_of("ssh://host?x"), "error[BR0110]: 'ssh://host?x' has a query or a fragment\n" + form);
    EXPECT_EQ(refusal_of("ssh://me:secret@host"),
              "error[BR0110]: an ssh endpoint has a password in it\n"
              "  hint: write 'ssh://[USER@]HOST[:PORT][/PATH]' and let ssh find a key");
}

TEST(Endpoint, IsSpokenToOverTlsWhereThatIsAskedFor) {
    const Tls files{.authorities = "ca.pem"};

    EXPECT_EQ(parse_endpoint("tcp://host", files),
              (Endpoint{.scheme = Endpoint::Scheme::tls, .host = "host", .port = 2376, .tls = files}));
    EXPECT_EQ(parse_endpoint("tcp://host:1", files).port, 1);
    EXPECT_EQ(parse_endpoint("https://host").scheme, Endpoint::Scheme::tls);
    EXPECT_EQ(parse_endpoint("https://host").port, 2376);
    EXPECT_EQ(parse_endpoint("http://host", files).scheme, Endpoint::Scheme::tcp);
    EXPECT_EQ(parse_endpoint("unix:///x", files).scheme, Endpoint::Scheme::unix_socket);
    EXPECT_EQ(parse_endpoint("tcp://[::1]", files).text(), "tcp://[::1]:2376");
}

TEST(Endpoint, RefusesAPathThatTheSystemWouldCutShort) {
    const std::string longest = "/" + std::string(106, 'x');
    const std::string longer = longest + "x";

    EXPECT_EQ(parse_endpoint("unix://" + longest).path, longest);
    EXPECT_EQ(refusal_of("unix://" + longer), "error[BR0110]: socket path '" + longer +
                                                  "' is 108 bytes long, and the system takes 107\n"
                                                  "  hint: use a shorter path, or a symbolic link to the folder");
}

TEST(Endpoint, KnowsWhetherItIsOnThisMachine) {
    EXPECT_TRUE(parse_endpoint("unix:///x").local());
    EXPECT_TRUE(parse_endpoint("tcp://127.8.8.8:1").local());
    EXPECT_TRUE(parse_endpoint("tcp://[::1]:1").local());
    EXPECT_TRUE(parse_endpoint("localhost:1").local());
    EXPECT_FALSE(parse_endpoint("tcp://10.0.0.1:1").local());
    EXPECT_FALSE(parse_endpoint("tcp://127.0.0.1.example.net:1").local());
    EXPECT_FALSE(parse_endpoint("tcp://localhost.example:1").local());
    EXPECT_TRUE(parse_endpoint("https://localhost").local());
    EXPECT_FALSE(parse_endpoint("ssh://localhost").local());
}

}  // namespace
}  // namespace berth::http

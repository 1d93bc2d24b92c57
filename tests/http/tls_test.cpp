// SPDX-License-Identifier: Apache-2.0
#include <berth/http/client.hpp>
#include <tests/support/eventually.hpp>
#include <tests/support/forwarder.hpp>
#include <tests/support/scripted_server.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <thread>

namespace berth::http {
namespace {

using namespace std::chrono_literals;
using support::Certificates;
using support::Forwarder;
using support::Peer;
using support::Received;
using support::ScriptedServer;
using support::TempDir;

constexpr auto k_patience = 20s;  // long: must not expire

class Tls : public ::testing::Test {
  protected:
    static const Certificates& certificates() {
        static const auto made = [] {
            auto owned = std::make_unique<Certificates>();
            const Certificates& all = *owned;
            all.authority("authority");
            all.authority("stranger");
            all.signed_by("authority", "server", "IP:127.0.0.1,DNS:localhost");
            all.signed_by("authority", "elsewhere", "IP:127.0.0.2,DNS:engine.example");
            all.signed_by("authority", "expired", "IP:127.0.0.1", "-1");
            all.signed_by("", "itself", "IP:127.0.0.1");
            all.signed_by("authority", "client", "DNS:client");
            all.signed_by("stranger", "strange-client", "DNS:client");
            return owned;
        }();
        return *made;
    }
    std::vector<std::string> served_by(const std::string& name, const std::string& clients = "") {
        std::vector<std::string> options{"--certificate", certificates().file(name + ".pem"), "--key",
                                         certificates().file(name + ".key")};
        if (!clients.empty()) {
            options.insert(options.end(), {"--clients", certificates().file(clients + ".pem")});
        }
        return options;
    }
    static Endpoint endpoint(const Forwarder& forwarder, const http::Tls& files,
                             const std::string& host = "127.0.0.1") {
        return {.scheme = Endpoint::Scheme::tls, .host = host, .port = forwarder.port(), .tls = files};
    }
    /// The whole text of what a call throws, its port taken out.
    static std::string failure(const Endpoint& endpoint, const Request& request = {.target = "/_ping"}) {
        try {
            Client(endpoint).send(request, within(k_patience));
            return "no error";
        } catch (const std::exception& error) {
            std::string text = error.what();
            const std::string port = ":" + std::to_string(endpoint.port);
            if (const auto at = text.find(port); at != std::string::npos) {
                text.replace(at, port.size(), ":PORT");
            }
            return text;
        }
    }

    ScriptedServer server_{[](const Received&, Peer& peer) { peer.answer(200, "OK"); }};
};

constexpr const char* k_where = "  call: GET /_ping at tcp://127.0.0.1:PORT\n";

TEST_F(Tls, CarriesManyExchangesOnOneConnection) {
    const Forwarder forwarder(server_.path(), served_by("server", "authority"));
    Client client(endpoint(forwarder, certificates().files("authority", "client")));

    for (int i = 0; i < 5; ++i) {
        EXPECT_EQ(client.send({.target = "/x"}, within(k_patience)).body, "OK");
    }

    EXPECT_EQ(server_.connections(), 1U);
    EXPECT_EQ(client.idle_connections(), 1U);
}

TEST_F(Tls, CarriesLargeBodiesBothWays) {
    server_.then([](const Received& request, Peer& peer) { peer.answer(200, request.body); });
    ScriptedServer echo([](const Received& request, Peer& peer) { peer.answer(200, request.body); });
    const Forwarder forwarder(echo.path(), served_by("server"));
    Client client(endpoint(forwarder, certificates().files("authority")));
    std::string body;
    for (std::size_t i = 0; body.size() < 3'000'000; ++i) {
        body += std::to_string(i) + ",";
    }

    EXPECT_EQ(client.send({.method = "POST", .target = "/x", .body = body}, within(k_patience)).body, body);

    bool given = false;
    const Request streamed{.method = "PUT", .target = "/x", .source = [&]() -> std::string_view {
                               return std::exchange(given, true) ? std::string_view() : std::string_view(body);
                           }};
    EXPECT_EQ(client.send(streamed, within(k_patience)).body, body);
}

TEST_F(Tls, HalfClosesAnUpgradedStream) {
    ScriptedServer server([](const Received&, Peer& peer) {
        peer.send("HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n");
        std::string all;
        for (std::string piece = peer.receive(); !piece.empty(); piece = peer.receive()) {
            all += piece;
        }
        peer.send("got " + all);
        peer.close();
    });
    const Forwarder forwarder(server.path(), served_by("server"));
    Client client(endpoint(forwarder, certificates().files("authority")));

    Stream stream = client.open({.method = "POST", .target = "/attach", .upgrade = true}, within(k_patience));
    stream.write("some ", within(k_patience));
    stream.write("input", within(k_patience));
    stream.finish_writing();

    EXPECT_EQ(stream.read_all(within(k_patience)), "got some input");
}

TEST_F(Tls, GivesAnEarlyAnswerToAnUpload) {
    ScriptedServer server;
    server.then_at_head([](const Received&, Peer& peer) {
        peer.answer(404, "no such folder", "Connection: close\r\n");
        peer.close();
    });
    const Forwarder forwarder(server.path(), served_by("server"));
    Client client(endpoint(forwarder, certificates().files("authority")));
    const std::string piece(1 << 20, 'x');

    const Response answer = client.send(
        {.method = "PUT", .target = "/x", .source = [&] { return std::string_view(piece); }}, within(k_patience));

    EXPECT_EQ(answer.head.status, 404);
}

TEST_F(Tls, ChecksNamesAsWellAsAddresses) {
    const Forwarder forwarder(server_.path(), served_by("server"));
    const http::Tls files = certificates().files("authority");

    EXPECT_EQ(Client(endpoint(forwarder, files, "localhost")).send({.target = "/x"}, within(k_patience)).body, "OK");
}

TEST_F(Tls, RefusesACertificateForAnotherName) {
    const Forwarder forwarder(server_.path(), served_by("elsewhere"));

    EXPECT_EQ(failure(endpoint(forwarder, certificates().files("authority"))),
              std::string("error[BR0120]: the peer's certificate is not for '127.0.0.1'\n") + k_where +
                  "  it is for: IP Address:127.0.0.2, DNS:engine.example\n"
                  "  hint: use one of those names, or have a certificate made that has this one (subjectAltName)");
    EXPECT_TRUE(server_.requests().empty());
}

TEST_F(Tls, RefusesACertificateOfAnAuthorityThatIsNotTrusted) {
    const Forwarder forwarder(server_.path(), served_by("server"));

    const std::string text = std::string(
                                 "error[BR0120]: the peer's certificate is signed by an authority that is not "
                                 "trusted\n") +
                             k_where +
                             "  signed by: CN = authority\n"
                             "  hint: give the certificate of the authority that signed it as ca.pem "
                             "(DOCKER_CERT_PATH, or the Docker context)";
    EXPECT_EQ(failure(endpoint(forwarder, certificates().files("stranger"))), text);
    EXPECT_EQ(failure(endpoint(forwarder, certificates().files(""))), text) << "nor by the system";
}

TEST_F(Tls, RefusesACertificateThatHasExpired) {
    const Forwarder forwarder(server_.path(), served_by("expired"));
    std::string expired =
        support::run_tool({"openssl", "x509", "-noout", "-enddate", "-in", certificates().file("expired.pem")});
    expired = expired.substr(expired.find('=') + 1);
    expired.pop_back();

    EXPECT_EQ(failure(endpoint(forwarder, certificates().files("authority"))),
              std::string("error[BR0120]: the peer's certificate has expired\n") + k_where + "  expired: " + expired +
                  "\n  hint: have a new one made for the engine, and look at the clocks of both machines");
}

TEST_F(Tls, RefusesACertificateSignedByItself) {
    const Forwarder forwarder(server_.path(), served_by("itself"));

    EXPECT_EQ(failure(endpoint(forwarder, certificates().files("authority"))),
              std::string("error[BR0120]: the peer's certificate is signed by itself, and not trusted\n") + k_where +
                  "  hint: give that certificate itself as ca.pem (DOCKER_CERT_PATH, or the Docker context)");
    EXPECT_EQ(
        Client(endpoint(forwarder, certificates().files("itself"))).send({.target = "/x"}, within(k_patience)).body,
        "OK");
}

TEST_F(Tls, TakesAnyCertificateWhereNobodyIsToBeVerified) {
    const Forwarder forwarder(server_.path(), served_by("elsewhere"));
    http::Tls files = certificates().files("stranger");
    files.verify = http::Tls::Verify::nobody;

    EXPECT_EQ(failure(endpoint(forwarder, files)), "no error");
}

TEST_F(Tls, SaysThatACertificateOfOursIsWanted) {
    for (const char* newest : {"TLSv1_3", "TLSv1_2"}) {
        auto options = served_by("server", "authority");
        options.insert(options.end(), {"--most", newest});
        const Forwarder forwarder(server_.path(), options);

        EXPECT_EQ(failure(endpoint(forwarder, certificates().files("authority"))),
                  std::string("error[BR0120]: the peer wants a certificate of ours, or speaks no kind of TLS that we "
                              "do\n") +
                      k_where + "  hint: give cert.pem and key.pem (DOCKER_CERT_PATH, or the Docker context)")
            << newest;
    }
}

TEST_F(Tls, SaysThatOurCertificateIsNotTrusted) {
    const Forwarder forwarder(server_.path(), served_by("server", "authority"));

    EXPECT_EQ(failure(endpoint(forwarder, certificates().files("authority", "strange-client"))),
              std::string("error[BR0120]: the peer does not trust the authority that signed our certificate\n") +
                  k_where + "  hint: use a cert.pem that the engine's own authority signed (its 'tlscacert')");
}

TEST_F(Tls, IsNotOlderThan12) {
    auto options = served_by("server");
    options.insert(options.end(), {"--most", "TLSv1_1"});
    const Forwarder forwarder(server_.path(), options);

    EXPECT_EQ(failure(endpoint(forwarder, certificates().files("authority"))),
              std::string("error[BR0120]: the peer speaks no TLS as new as 1.2\n") + k_where +
                  "  hint: bring the engine up to date");
}

TEST_F(Tls, TellsAPeerThatSpeaksNone) {
    TempDir folder;
    const process::Descriptor listener = support::listen_unix(folder.file("plain.sock"));
    const Forwarder forwarder(folder.file("plain.sock"));
    std::thread plain([&] {
        const process::Descriptor peer = support::accept_one(listener, within(k_patience));
        support::receive_some(peer, within(k_patience));
        support::send_all(peer, "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n", within(k_patience));
    });

    const std::string text = failure(endpoint(forwarder, certificates().files("authority")));

    plain.join();
    EXPECT_EQ(text,
              std::string("error[BR0120]: what listens there speaks no TLS\n") + k_where +
                  "  hint: unset DOCKER_TLS_VERIFY if that is meant, or name the port where it does (usually 2376)");
}

TEST_F(Tls, DoesNotTakeACutConnectionForAnEnd) {
    ScriptedServer server;
    server.then_send_and_close("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nas if that were all");
    auto options = served_by("server");
    options.emplace_back("--rude");
    const Forwarder forwarder(server.path(), options);

    EXPECT_EQ(failure(endpoint(forwarder, certificates().files("authority"))),
              std::string("error[BR0102]: connection lost while the answer came: Connection reset by peer\n"
                          "  call: GET /_ping at tcp://127.0.0.1:PORT"));
}

TEST_F(Tls, HasADeadlineInEveryStep) {
    TempDir folder;
    const process::Descriptor listener = support::listen_unix(folder.file("silent.sock"));
    const Forwarder mute(folder.file("silent.sock"));  // takes our hello, and never answers it
    ScriptedServer silent([](const Received&, Peer& peer) { peer.stall(); });
    const Forwarder stalling(silent.path(), served_by("server"));
    const http::Tls files = certificates().files("authority");

    for (const Forwarder* forwarder : {&mute, &stalling}) {
        const auto begin = Deadline::Clock::now();
        EXPECT_THROW(Client(endpoint(*forwarder, files)).send({.target = "/x"}, within(200ms)), ExchangeTimedOut);
        EXPECT_LT(Deadline::Clock::now() - begin, 5s);

        std::stop_source stop;
        std::thread later([&] {
            std::this_thread::yield();
            stop.request_stop();
        });
        EXPECT_THROW(Client(endpoint(*forwarder, files)).send({.target = "/x"}, within(k_patience, stop.get_token())),
                     Cancelled);
        later.join();
    }
}

TEST_F(Tls, SaysWhichFileIsWrong) {
    TempDir folder;
    const std::string rubbish = folder.write("rubbish.pem", "no certificate");
    const std::string gone = folder.file("gone.pem");
    const std::string certificate = certificates().file("client.pem");
    const auto text = [](const http::Tls& files) {
        try {
            Client(Endpoint{.scheme = Endpoint::Scheme::tls, .host = "h", .port = 1, .tls = files});
            return std::string("no error");
        } catch (const Error& error) {
            return std::string(error.what());
        }
    };

    EXPECT_EQ(text({.authorities = gone}),
              "error[BR0122]: cannot read the certificates of authorities '" + gone +
                  "': No such file or directory\n"
                  "  hint: DOCKER_CERT_PATH or the Docker context says where TLS files are");
    EXPECT_EQ(text({.authorities = rubbish}),
              "error[BR0122]: '" + rubbish +
                  "' has no certificate of an authority\n  reason: no certificate or crl found\n"
                  "  hint: it is a text file that begins with '-----BEGIN CERTIFICATE-----'");
    EXPECT_EQ(text({.certificate = certificate}), "error[BR0122]: the certificate '" + certificate +
                                                      "' comes without its key\n"
                                                      "  hint: give both cert.pem and key.pem, or neither");
    EXPECT_EQ(text({.certificate = rubbish, .key = rubbish}),
              "error[BR0122]: '" + rubbish +
                  "' is no certificate\n  reason: no start line\n"
                  "  hint: it is a text file that begins with '-----BEGIN CERTIFICATE-----'");
    EXPECT_EQ(text({.certificate = certificate, .key = certificates().file("server.key")}),
              "error[BR0122]: '" + certificates().file("server.key") + "' is not the key of '" + certificate +
                  "'\n  reason: key values mismatch\n  hint: cert.pem and key.pem are made together");
}

}  // namespace
}  // namespace berth::http

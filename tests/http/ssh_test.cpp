// SPDX-License-Identifier: Apache-2.0
#include <berth/http/client.hpp>
#include <berth/http/internal/ssh.hpp>
#include <tests/support/forwarder.hpp>
#include <tests/support/scripted_server.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/stat.h>
#include <cstdlib>
#include <fstream>
#include <sstream>

namespace berth::http {
namespace {

using namespace std::chrono_literals;
using support::Peer;
using support::Received;
using support::ScriptedServer;
using support::TempDir;
using ::testing::ElementsAre;

constexpr auto k_patience = 20s;  // long: must not expire

/// A program `ssh` in front of PATH that does what a test wants.
class Ssh : public ::testing::Test {
  protected:
    void SetUp() override {
        before_ = std::getenv("PATH");
        ::setenv("PATH", (folder_.path().string() + ":" + before_).c_str(), 1);
    }
    void TearDown() override { ::setenv("PATH", before_.c_str(), 1); }

    void ssh_is(const std::string& script) const {
        const std::string path = folder_.write("ssh", "#!/bin/sh\n" + script + "\n");
        ASSERT_EQ(::chmod(path.c_str(), S_IRWXU), 0);
    }
    /// Its arguments are kept, and its input and output lead to the server, as dial-stdio does it over there.
    void ssh_leads_to(const ScriptedServer& server) const {
        folder_.write("dial.py", R"(
import socket, sys, threading, os
peer = socket.socket(socket.AF_UNIX)
peer.connect(sys.argv[1])
def up():
    while data := os.read(0, 65536):
        peer.sendall(data)
    peer.shutdown(socket.SHUT_WR)
threading.Thread(target=up, daemon=True).start()
while data := peer.recv(65536):
    os.write(1, data)
os._exit(0)
)");
        ssh_is("for a in \"$@\"; do echo \"$a\"; done >" + folder_.file("arguments") + "\nexec python3 " +
               folder_.file("dial.py") + " " + server.path());
    }
    [[nodiscard]] std::vector<std::string> arguments() const {
        std::ifstream file(folder_.file("arguments"));
        std::vector<std::string> lines;
        for (std::string line; std::getline(file, line);) {
            lines.push_back(line);
        }
        return lines;
    }
    static std::string failure(const std::string& endpoint) {
        try {
            Client(parse_endpoint(endpoint)).send({.target = "/_ping"}, within(k_patience));
            return "no error";
        } catch (const std::exception& error) {
            return error.what();
        }
    }

    TempDir folder_;
    std::string before_;
};

const std::string k_by_hand =
    "  hint: this has to work by hand, without asking for anything: ssh -T -o BatchMode=yes -o ConnectTimeout=20 -l me "
    "-- engine.example docker system dial-stdio; ssh has to know the host and to have a key, and 'docker' has to be "
    "there";
constexpr const char* k_where = "  call: GET /_ping at ssh://me@engine.example\n";

TEST_F(Ssh, CarriesManyExchangesOnOneConnection) {
    ScriptedServer server([](const Received&, Peer& peer) { peer.answer(200, "OK"); });
    ssh_leads_to(server);
    Client client(parse_endpoint("ssh://me@engine.example:2222/run/user/1000/it's.sock"));

    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(client.send({.target = "/x"}, within(k_patience)).body, "OK");
    }

    EXPECT_EQ(server.connections(), 1U);
    EXPECT_THAT(arguments(), ElementsAre("-T", "-o", "BatchMode=yes", "-o", "ConnectTimeout=20", "-l", "me", "-p",
                                         "2222", "--", "engine.example", "docker",
                                         "--host='unix:///run/user/1000/it'\\''s.sock'", "system", "dial-stdio"));
}

TEST(SshCommand, WaitsForAConnectionAsLongAsTheDeadlineLeaves) {
    const Endpoint endpoint = parse_endpoint("ssh://h");
    const auto patience = [&](const Deadline& deadline) { return internal::ssh_command(endpoint, deadline).at(5); };

    EXPECT_EQ(patience(Deadline::never()), "ConnectTimeout=30");
    EXPECT_EQ(patience(within(1h)), "ConnectTimeout=30");
    EXPECT_EQ(patience(within(1ms)), "ConnectTimeout=1");
}

TEST_F(Ssh, HalfClosesAnUpgradedStream) {
    ScriptedServer server([](const Received&, Peer& peer) {
        peer.send("HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n");
        std::string all;
        for (std::string piece = peer.receive(); !piece.empty(); piece = peer.receive()) {
            all += piece;
        }
        peer.send("got " + all);
        peer.close();
    });
    ssh_leads_to(server);
    Client client(parse_endpoint("ssh://h"));

    Stream stream = client.open({.method = "POST", .target = "/attach", .upgrade = true}, within(k_patience));
    stream.write("input", within(k_patience));
    stream.finish_writing();

    EXPECT_EQ(stream.read_all(within(k_patience)), "got input");
}

TEST_F(Ssh, ThatFailsSaysItsLastWord) {
    ssh_is("echo 'me@engine.example: Permission denied (publickey).' >&2; exit 255");

    EXPECT_EQ(
        failure("ssh://me@engine.example"),
        std::string("error[BR0121]: ssh ended with exit 255: me@engine.example: Permission denied (publickey).\n") +
            k_where + k_by_hand);
}

TEST_F(Ssh, ThatFailsWithMoreToSaySaysAllOfIt) {
    ssh_is("printf 'Warning: unknown host\\r\\nsh: docker: not found\\n' >&2; cat >/dev/null & sleep 0.1; exit 127");

    EXPECT_EQ(failure("ssh://me@engine.example"),
              std::string("error[BR0121]: ssh ended with exit 127: sh: docker: not found\n") + k_where +
                  "  ssh: Warning: unknown host\n  ssh: sh: docker: not found\n" + k_by_hand);
}

TEST_F(Ssh, ThatCannotBeRunSaysSo) {
    ::setenv("PATH", folder_.path().c_str(), 1);

    EXPECT_EQ(failure("ssh://me@engine.example"),
              std::string("error[BR0121]: cannot run 'ssh': No such file or directory\n") + k_where +
                  "  hint: install the OpenSSH client");
}

TEST_F(Ssh, ThatNeverAnswersEndsWithTheDeadlineAndWithItsStopToken) {
    ssh_is("exec sleep 60");
    Client client(parse_endpoint("ssh://h"));
    std::stop_source stop;
    stop.request_stop();

    const auto begin = Deadline::Clock::now();
    EXPECT_THROW(client.send({.target = "/x"}, within(200ms)), ExchangeTimedOut);
    EXPECT_THROW(client.send({.target = "/x"}, within(k_patience, stop.get_token())), Cancelled);

    EXPECT_LT(Deadline::Clock::now() - begin, 5s) << "and the child went with its connection";
}

TEST_F(Ssh, ThatWasCutOffAfterAnAnswerIsLostAndNotBelieved) {
    ssh_is(
        "head -c 20 >/dev/null; printf 'HTTP/1.1 200 OK\\r\\nContent-Length: 10\\r\\n\\r\\nhalf'; echo 'Connection "
        "closed' >&2; exit 255");

    EXPECT_EQ(failure("ssh://me@engine.example"),
              std::string("error[BR0121]: ssh ended with exit 255: Connection closed\n") + k_where + k_by_hand);
}

}  // namespace
}  // namespace berth::http

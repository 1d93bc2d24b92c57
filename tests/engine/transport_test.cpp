// SPDX-License-Identifier: Apache-2.0
#include <berth/http/endpoint.hpp>
#include <berth/process/child.hpp>
#include <tests/engine/real_engine.hpp>
#include <tests/support/eventually.hpp>
#include <tests/support/forwarder.hpp>

#include <sys/stat.h>
#include <filesystem>
#include <memory>
#include <optional>
#include <system_error>

namespace berth::support {
namespace {

/// A variable of the environment that is as it was afterwards.
class Variable {
  public:
    Variable(std::string name, const std::string& value) : name_(std::move(name)) {
        if (const char* before = std::getenv(name_.c_str()); before != nullptr) {
            before_ = before;
        }
        ::setenv(name_.c_str(), value.c_str(), 1);
    }
    Variable(const Variable&) = delete;
    Variable& operator=(const Variable&) = delete;
    ~Variable() {
        if (before_) {
            ::setenv(name_.c_str(), before_->c_str(), 1);
        } else {
            ::unsetenv(name_.c_str());
        }
    }

  private:
    std::string name_;
    std::optional<std::string> before_;
};

/// The same engine, reached in another way each time. What happened is looked at through its own socket.
class Transport : public RealEngine {
  protected:
    [[nodiscard]] std::string socket() const { return http::parse_endpoint(endpoint()).path; }

    /// One of everything that a transport has to carry: short calls, bodies both ways, a stream that is followed, one
    /// that is hijacked and half-closed, and a command of many bytes.
    void carries_everything(const Engine& over) {
        EXPECT_EQ(over.verify().version, engine_.facts().version);
        Containers containers = over.containers();
        const ContainerId id =
            containers.create(name("carried"), shell("trap exit TERM; while :; do sleep 1; done")).id;
        containers.start(id);
        EXPECT_TRUE(containers_.inspect(id).running) << "as seen through the engine's own socket";
        std::string input;
        for (std::size_t i = 0; input.size() < 600'000; ++i) {
            input += std::to_string(i) + "\n";
        }
        EXPECT_EQ(containers.exec(id, {.command = {"cat"}, .input = input}).standard_output, input);
        const CommandResult failed =
            containers.exec(id, {.command = {"sh", "-c", "echo out; echo err >&2; exit 3"}, .check = Check::no});
        EXPECT_EQ(failed.exit_code, 3);
        EXPECT_EQ(failed.standard_output, "out\n");
        EXPECT_EQ(failed.standard_error, "err\n");
        EXPECT_EQ(error_text<NotFound>([&] { containers.start(ContainerId{name("none")}); }).substr(0, 13),
                  "error[BR0106]");
        containers.remove(id);
    }
};

TEST_F(Transport, OfPlainTcpOnLoopback) {
    const Forwarder forwarder(socket());
    const std::string where = "tcp://127.0.0.1:" + std::to_string(forwarder.port());

    const Engine over = Engine::connect(where);

    EXPECT_EQ(over.facts().endpoint, where);
    EXPECT_TRUE(over.facts().local);
    carries_everything(over);
}

TEST_F(Transport, OfTlsByTheUsualVariables) {
    TempDir folder;
    const Certificates certificates;
    certificates.authority("authority");
    certificates.signed_by("authority", "server", "IP:127.0.0.1");
    certificates.signed_by("authority", "client", "DNS:client");
    for (const auto& [from, to] :
         {std::pair{"authority.pem", "ca.pem"}, {"client.pem", "cert.pem"}, {"client.key", "key.pem"}}) {
        std::filesystem::copy_file(certificates.file(from), folder.file(to));
    }
    const Forwarder forwarder(
        socket(), {"--certificate", certificates.file("server.pem"), "--key", certificates.file("server.key"),
                   "--clients", certificates.file("authority.pem")});
    const std::string where = "tcp://127.0.0.1:" + std::to_string(forwarder.port());
    const Variable host("DOCKER_HOST", where);
    const Variable verify("DOCKER_TLS_VERIFY", "1");
    {
        const Variable path("DOCKER_CERT_PATH", folder.path().string());

        const Engine over = Engine::connect();

        EXPECT_EQ(over.facts().endpoint, where);
        EXPECT_EQ(over.facts().source, "DOCKER_HOST");
        carries_everything(over);
    }
    TempDir empty;
    const Variable path("DOCKER_CERT_PATH", empty.path().string());
    EXPECT_EQ(error_text([] { Engine::connect(); }),
              "error[BR0101]: no engine answers at " + where + "\n  signed by: CN = authority\n  tried: " + where +
                  " (DOCKER_HOST): the peer's certificate is signed by an authority that is not trusted\n"
                  "  hint: give the certificate of the authority that signed it as ca.pem (DOCKER_CERT_PATH, or the "
                  "Docker context)");
}

TEST_F(Transport, OfTlsByADockerContext) {
    TempDir configuration;
    const Certificates certificates;
    certificates.authority("authority");
    certificates.signed_by("authority", "server", "IP:127.0.0.1");
    const Forwarder forwarder(
        socket(), {"--certificate", certificates.file("server.pem"), "--key", certificates.file("server.key")});
    const std::string where = "tcp://127.0.0.1:" + std::to_string(forwarder.port());
    const std::string id = sha256_hex("loop");
    configuration.write("contexts/meta/" + id + "/meta.json",
                        R"({"Name":"loop","Endpoints":{"docker":{"Host":")" + where + R"("}}})");
    const std::string ca = configuration.write("contexts/tls/" + id + "/docker/ca.pem", "");
    std::filesystem::copy_file(certificates.file("authority.pem"), ca,
                               std::filesystem::copy_options::overwrite_existing);
    const Variable folder("DOCKER_CONFIG", configuration.path().string());

    const Engine over = Engine::connect("loop");

    EXPECT_EQ(over.facts().source, "Docker context 'loop', asked for");
    carries_everything(over);
}

/// Debian's sshd on loopback, with keys that live as long as it does.
class SshServer {
  public:
    SshServer() {
        for (const char* key : {"host", "user"}) {
            run_tool({"ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder_.file(key)});
        }
        std::filesystem::copy_file(folder_.file("user.pub"), folder_.file("authorized"));
        {
            // A port that was free a moment ago.
            const Forwarder nobody(folder_.file("nobody"));
            port_ = nobody.port();
        }
        const std::string port = std::to_string(port_);
        folder_.write("sshd_config", "ListenAddress 127.0.0.1\nPort " + port + "\nHostKey " + folder_.file("host") +
                                         "\nAuthorizedKeysFile " + folder_.file("authorized") +
                                         "\nPermitRootLogin prohibit-password\nPasswordAuthentication no\n"
                                         "KbdInteractiveAuthentication no\nUsePAM no\nStrictModes no\nPidFile none\n");
        // sshd changes into it, and Debian makes it when the service starts.
        std::error_code there_already;
        std::filesystem::create_directories("/run/sshd", there_already);
        child_.emplace(process::Options{.argv = {"/usr/sbin/sshd", "-D", "-e", "-f", folder_.file("sshd_config")},
                                        .standard_input = process::Standard::null(),
                                        .standard_error = process::Standard::null()});
        // ssh looks for keys in the home that the system knows for the user, and there it is not to look.
        const std::string ssh =
            folder_.write("bin/ssh", "#!/bin/sh\nexec /usr/bin/ssh -F " + folder_.file("config") + " \"$@\"\n");
        std::filesystem::permissions(ssh, std::filesystem::perms::owner_all);
        know_host(true);
        path_.emplace("PATH", folder_.file("bin") + ":" + std::getenv("PATH"));
        if (!wait_until([&] { return answers(); })) {
            throw std::runtime_error("sshd does not answer");
        }
    }

    void know_host(bool known) const {
        std::string host_key;
        std::getline(std::ifstream(folder_.file("host.pub")), host_key);
        folder_.write("known_hosts", known ? "[127.0.0.1]:" + std::to_string(port_) + " " + host_key + "\n" : "");
        configure("user");
    }
    void configure(const std::string& identity) const {
        folder_.write("config", "IdentityFile " + folder_.file(identity) +
                                    "\nIdentitiesOnly yes\nIdentityAgent none\n" +
                                    "StrictHostKeyChecking yes\nUserKnownHostsFile " + folder_.file("known_hosts") +
                                    "\nGlobalKnownHostsFile none\n");
    }
    void forget_user() const { folder_.write("authorized", ""); }
    [[nodiscard]] std::uint16_t port() const noexcept { return port_; }

  private:
    [[nodiscard]] bool answers() const {
        return process::run_captured(
                   {.argv = {"ssh", "-o", "BatchMode=yes", "-p", std::to_string(port_), "127.0.0.1", "true"}},
                   within(k_patience))
            .status.success();
    }

    TempDir folder_;
    std::uint16_t port_{0};
    std::optional<process::Child> child_;
    std::optional<Variable> path_;
};

TEST_F(Transport, OfSsh) {
    const SshServer server;
    const std::string where = "ssh://127.0.0.1:" + std::to_string(server.port()) + socket();

    const Engine over = Engine::connect({.endpoint = where}, within(k_patience));

    EXPECT_EQ(over.facts().endpoint, where);
    EXPECT_EQ(over.facts().host, "127.0.0.1");
    EXPECT_FALSE(over.facts().local);
    carries_everything(over);
}

TEST_F(Transport, OfSshSaysWhatSshSays) {
    const SshServer server;
    const std::string port = std::to_string(server.port());
    const std::string where = "ssh://127.0.0.1:" + port + "/nowhere.sock";
    const auto text = [&] { return error_text([&] { Engine::connect({.endpoint = where}, within(k_patience)); }); };
    const auto expected = [&](const std::string& status, const std::vector<std::string>& said) {
        std::string all = "error[BR0101]: no engine answers at " + where;
        for (const auto& line : said) {
            all += said.size() > 1 ? "\n  ssh: " + line : "";
        }
        all += "\n  tried: " + where + " (asked for): ssh ended with " + status + ": " + said.back();
        return all +
               "\n  hint: this has to work by hand, without asking for anything: ssh -T -o BatchMode=yes -o "
               "ConnectTimeout=30 -p " +
               port +
               " -- 127.0.0.1 docker --host='unix:///nowhere.sock' system dial-stdio; ssh has to know the host "
               "and to have a key, and 'docker' has to be there";
    };

    server.know_host(false);
    EXPECT_EQ(text(), expected("exit 255", {"No ED25519 host key is known for [127.0.0.1]:" + port +
                                                " and you have requested strict checking.",
                                            "Host key verification failed."}));
    server.know_host(true);
    const std::string no_engine = text();
    EXPECT_EQ(no_engine.substr(0, no_engine.find(": ssh ended with exit 1: ")),
              "error[BR0101]: no engine answers at " + where + "\n  tried: " + where + " (asked for)");
    EXPECT_NE(no_engine.find("nowhere.sock: connect: no such file or directory"), std::string::npos) << no_engine;
    server.forget_user();
    const std::string refused = text();
    EXPECT_NE(refused.find(": ssh ended with exit 255: "), std::string::npos) << refused;
    EXPECT_NE(refused.find("@127.0.0.1: Permission denied (publickey)."), std::string::npos) << refused;
}

}  // namespace
}  // namespace berth::support

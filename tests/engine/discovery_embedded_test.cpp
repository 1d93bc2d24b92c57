// SPDX-License-Identifier: Apache-2.0
#include <berth/engine/internal/discovery.hpp>
#include <berth/engine/internal/embedded.hpp>
#include <tests/engine/scripted_engine.hpp>
#include <tests/support/eventually.hpp>
#include <tests/support/temp_dir.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <sstream>

namespace berth::engine {
namespace {

using namespace std::chrono_literals;
using support::TempDir;
using support::text_of_error;

constexpr auto k_patience = 20s;  // long: must not expire

/// A program `podman` that does what a test wants, and all that is made lies in a folder of the test's.
class Embedded : public ::testing::Test {
  protected:
    void SetUp() override { std::filesystem::create_directory(runtime()); }

    void podman_is(const std::string& script) const {
        const std::string path = folder_.write("podman", "#!/bin/sh\n" + script + "\n");
        ASSERT_EQ(::chmod(path.c_str(), S_IRWXU), 0);
    }
    /// Answers like Podman's service; its arguments and environment are kept.
    void podman_serves() const {
        folder_.write("serve.py", R"(
import socketserver, sys
from http.server import BaseHTTPRequestHandler
class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def address_string(self): return "-"
    def do_HEAD(self):
        self.send_response(200)
        self.send_header("Api-Version", "1.41")
        self.send_header("Libpod-Api-Version", "4.3.1")
        self.send_header("Content-Length", "0")
        self.end_headers()
    def do_GET(self):
        open(sys.argv[2] + "/kept-open", "w").write(self.path)
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.rfile.read(1)
class Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True
Server(sys.argv[1].removeprefix("unix://"), Handler).serve_forever()
)");
        podman_is("echo \"$@\" >" + folder_.file("arguments") + "; env >" + folder_.file("environment") +
                  "; exec python3 " + folder_.file("serve.py") + " \"$5\" " + folder_.path().string());
    }
    [[nodiscard]] std::string runtime() const { return folder_.file("run"); }
    [[nodiscard]] std::string read(const std::string& name) const {
        std::ostringstream text;
        text << std::ifstream(folder_.file(name)).rdbuf();
        return text.str();
    }
    [[nodiscard]] Variables variables() const {
        return [runtime = runtime()](const std::string& name) {
            if (name == "XDG_RUNTIME_DIR" || name == "HOME") {
                return runtime;
            }
            return name == "CONTAINERS_CONF" ? std::string{} : process_variable(name);
        };
    }
    [[nodiscard]] std::shared_ptr<EmbeddedEngine> share() const {
        return EmbeddedEngine::share(folder_.file("podman"), variables(), within(k_patience));
    }
    [[nodiscard]] bool leaves_nothing() const { return std::filesystem::is_empty(runtime()); }

    TempDir folder_;
};

TEST_F(Embedded, RunsAsLongAsSomebodyHoldsIt) {
    podman_serves();

    auto first = share();
    auto second = share();

    EXPECT_EQ(first, second);
    const int pid = first->pid();
    EXPECT_EQ(read("arguments"), "system service --time 60 " + first->endpoint().text() + "\n");
    EXPECT_EQ(read("kept-open"), "/v1.40/events?filters=%7B%22label%22%3A%5B%22berth.kept-open%3D1%22%5D%7D");
    struct stat facts {};
    ASSERT_EQ(::stat(std::filesystem::path(first->endpoint().path).parent_path().c_str(), &facts), 0);
    EXPECT_EQ(facts.st_mode & 0777U, 0700U);
    first.reset();
    EXPECT_EQ(::kill(pid, 0), 0);
    second.reset();
    EXPECT_EQ(::kill(pid, 0), -1);
    EXPECT_TRUE(leaves_nothing());
    EXPECT_NE(share(), nullptr) << "and can be had again";
}

TEST_F(Embedded, IsStartedAnewWhenItHasDied) {
    podman_serves();
    const auto first = share();
    ::kill(first->pid(), SIGKILL);
    siginfo_t ended{};
    ASSERT_EQ(::waitid(P_PID, static_cast<id_t>(first->pid()), &ended, WEXITED | WNOWAIT), 0);

    const auto second = share();

    EXPECT_NE(second, first);
    EXPECT_EQ(::kill(second->pid(), 0), 0);
}

TEST_F(Embedded, IsNoClientOfAnotherService) {
    podman_serves();
    ::setenv("CONTAINER_HOST", "unix:///x", 1);

    const auto engine = share();

    ::unsetenv("CONTAINER_HOST");
    EXPECT_EQ(read("environment").find("CONTAINER_HOST="), std::string::npos);
    EXPECT_NE(read("environment").find("PATH="), std::string::npos);
}

TEST_F(Embedded, GivesContainersNoMoreThanItHasItself) {
    podman_serves();
    rlimit limit{};
    ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &limit), 0);
    // Below Podman's own default, which it would fail to give away without the right to raise it.
    limit.rlim_max = std::min<rlim_t>(limit.rlim_max, 4096);
    limit.rlim_cur = std::min(limit.rlim_cur, limit.rlim_max);
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &limit), 0);
    const bool configured = std::filesystem::exists("/etc/containers/containers.conf");

    const auto engine = share();

    const auto file = std::filesystem::path(engine->endpoint().path).parent_path() / "containers.conf";
    std::ostringstream text;
    text << std::ifstream(file).rdbuf();
    const std::string expected = "[containers]\ndefault_ulimits = [\"nofile=" + std::to_string(limit.rlim_max) + ":";
    const bool ours =
        ::geteuid() == 0 && !configured;  // a user's Podman, and one that somebody configured, knows its limits
    EXPECT_EQ(text.str().substr(0, expected.size()), ours ? expected : "");
    EXPECT_EQ(read("environment").find("CONTAINERS_CONF=" + file.string() + "\n") != std::string::npos, ours);
}

TEST_F(Embedded, OutlivesAForkedChildOfItsOwner) {
    podman_serves();
    auto engine = share();

    const pid_t child = ::fork();
    if (child == 0) {
        engine.reset();
        ::_exit(0);
    }
    int status = -1;
    ASSERT_EQ(::waitpid(child, &status, 0), child);

    EXPECT_EQ(status, 0);
    EXPECT_EQ(::kill(engine->pid(), 0), 0);
    EXPECT_FALSE(leaves_nothing());
}

TEST_F(Embedded, RemovesWhatOneLeftWhoseOwnerDied) {
    podman_serves();
    const auto left_by_another = [&](const std::string& name, std::chrono::seconds age) {
        folder_.write("run/" + name + "/log", "");
        const auto then = std::filesystem::file_time_type::clock::now() - age;
        std::filesystem::last_write_time(folder_.file("run/" + name), then);
        return folder_.file("run/" + name);
    };
    const std::string abandoned = left_by_another("berth-engine-AAAAAA", 1h);
    const std::string young = left_by_another("berth-engine-BBBBBB", 1s);
    const std::string in_use = left_by_another("berth-engine-CCCCCC", 1h);
    const std::string of_others = left_by_another("something", 1h);
    const process::Descriptor lock(::open((in_use + "/log").c_str(), O_RDONLY | O_CLOEXEC));
    ASSERT_EQ(::flock(lock.get(), LOCK_EX | LOCK_NB), 0);

    const auto engine = share();

    EXPECT_FALSE(std::filesystem::exists(abandoned));
    EXPECT_TRUE(std::filesystem::exists(young));
    EXPECT_TRUE(std::filesystem::exists(in_use));
    EXPECT_TRUE(std::filesystem::exists(of_others));
    const auto log = std::filesystem::path(engine->endpoint().path).parent_path() / "log";
    const process::Descriptor another(::open(log.c_str(), O_RDONLY | O_CLOEXEC));
    EXPECT_EQ(::flock(another.get(), LOCK_EX | LOCK_NB), -1) << "the service holds its own";
}

TEST_F(Embedded, ThatDoesNotStartSaysWhyAndLeavesNothing) {
    podman_is("echo 'warning: something' >&2; echo 'Error: cannot set up namespace' >&2; exit 125");

    EXPECT_EQ(text_of_error([&] { (void)share(); }),
              "error[BR0101]: podman ended with exit 125: Error: cannot set up namespace");
    EXPECT_TRUE(leaves_nothing());
}

TEST_F(Embedded, ThatNeverAnswersEndsWithTheDeadlineAndLeavesNothing) {
    podman_is("exec sleep 60");

    EXPECT_THROW((void)EmbeddedEngine::share(folder_.file("podman"), variables(), within(200ms)), TimedOut);
    EXPECT_TRUE(leaves_nothing());
}

TEST_F(Embedded, IsOnePlaceAmongThoseThatWereTried) {
    podman_is("echo 'Error: no' >&2; exit 1");
    const Candidate gone{.endpoint = "unix:///gone.sock", .source = "the usual place", .usual = true};
    const auto text = [&](const std::string& program) {
        const Candidate embedded{.endpoint = "embedded", .source = "started by Berth", .program = program};
        return text_of_error([&] { connect_to_first({gone, embedded}, "", within(k_patience)); });
    };
    const std::string start =
        "error[BR0101]: no container engine was found\n"
        "  tried: unix:///gone.sock (the usual place): no such file\n"
        "  tried: embedded (started by Berth): ";
    const std::string end =
        "\n  hint: start an engine ('systemctl start docker'), or name one with BERTH_ENGINE or DOCKER_HOST";

    EXPECT_EQ(text(""), start + "there is no 'podman' program in PATH" + end);
    EXPECT_EQ(text(folder_.file("podman")), start + "podman ended with exit 1: Error: no" + end);
}

TEST_F(Embedded, IsKeptByTheEngineThatUsesIt) {
    podman_serves();
    const Candidate embedded{.endpoint = "embedded", .source = "asked for", .program = folder_.file("podman")};
    {
        const Engine engine = connect_to_first({embedded}, "", within(k_patience));
        const Engine copy = engine;
        EXPECT_EQ(copy.facts().source, "embedded");
        EXPECT_EQ(copy.facts().name, "embedded");
        EXPECT_EQ(copy.facts().kind, EngineKind::podman);
        EXPECT_EQ(copy.verify().api.text(), "1.41");
    }
    const std::string arguments = read("arguments");
    std::string socket = arguments.substr(arguments.find("unix://") + 7);
    socket.pop_back();
    EXPECT_NE(socket, "");
    EXPECT_FALSE(std::filesystem::exists(std::filesystem::path(socket).parent_path()));
}

}  // namespace
}  // namespace berth::engine

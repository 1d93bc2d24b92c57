// SPDX-License-Identifier: Apache-2.0
#include <berth/core/redaction.hpp>
#include <berth/http/internal/ssh.hpp>

#include <Poco/Exception.h>
#include <fmt/format.h>

#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
#include <algorithm>
#include <array>
#include <cerrno>

namespace berth::http::internal {
namespace {

constexpr std::chrono::seconds k_longest_connect{30};
/// From the end of its output to the end of ssh itself.
constexpr std::chrono::seconds k_last_moments{1};
constexpr std::size_t k_said = 4096;
constexpr std::size_t k_most_lines = 10;

/// ssh joins its arguments, and a shell over there reads them.
std::string quoted(std::string_view text) {
    std::string result = "'";
    for (const char c : text) {
        if (c == '\'') {
            result += "'\\''";
        } else {
            result += c;
        }
    }
    return result + "'";
}

/// The last lines of what ssh wrote.
std::vector<std::string> lines_of(const process::Descriptor& said) {
    struct stat facts {};
    if (::fstat(said.get(), &facts) != 0) {
        return {};
    }
    std::string text(k_said, '\0');
    const auto from = std::max<off_t>(0, facts.st_size - static_cast<off_t>(k_said));
    const auto count = ::pread(said.get(), text.data(), text.size(), from);
    text.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
    std::vector<std::string> lines;
    std::string line;
    for (const char c : text + "\n") {
        if (c != '\n') {
            if (c != '\r') {
                line += c;
            }
        } else if (!line.empty()) {
            lines.push_back(escape_controls(line));
            line.clear();
        }
    }
    if (lines.size() > k_most_lines) {
        lines.erase(lines.begin(), lines.end() - static_cast<std::ptrdiff_t>(k_most_lines));
    }
    return lines;
}

}  // namespace

std::vector<std::string> ssh_command(const Endpoint& endpoint, const Deadline& deadline) {
    auto patience = k_longest_connect;
    if (!deadline.is_never()) {
        patience =
            std::clamp(std::chrono::ceil<std::chrono::seconds>(deadline.left()), std::chrono::seconds(1), patience);
    }
    std::vector<std::string> argv{"ssh",           "-T", "-o",
                                  "BatchMode=yes", "-o", fmt::format("ConnectTimeout={}", patience.count())};
    if (!endpoint.user.empty()) {
        argv.insert(argv.end(), {"-l", endpoint.user});
    }
    if (endpoint.port != 0) {
        argv.insert(argv.end(), {"-p", std::to_string(endpoint.port)});
    }
    argv.insert(argv.end(), {"--", endpoint.host, "docker"});
    if (!endpoint.path.empty()) {
        argv.push_back("--host=" + quoted("unix://" + endpoint.path));
    }
    argv.insert(argv.end(), {"system", "dial-stdio"});
    return argv;
}

SshSocket::SshSocket(int descriptor, process::Child child, process::Descriptor said, std::string by_hand)
    : WireSocket(descriptor), child_(std::move(child)), said_(std::move(said)), by_hand_(std::move(by_hand)) {}

void SshSocket::look_at_child() {
    const std::lock_guard lock(mutex_);
    std::optional<process::ExitStatus> status;
    try {
        status = child_.wait(within(k_last_moments));
    } catch (const TimedOut&) {
        return;  // it lives on, so the end came from over there
    }
    if (status->success()) {
        return;
    }
    const auto lines = lines_of(said_);
    ErrorFacts facts;
    if (lines.size() > 1) {
        for (const auto& line : lines) {
            facts.details.emplace_back("ssh", line);
        }
    }
    facts.hints = {
        fmt::format("this has to work by hand, without asking for anything: {} ssh has to know the host and "
                    "to have a key, and 'docker' has to be there",
                    by_hand_ + ";")};
    throw TransportFailure(
        k_ssh_failed,
        fmt::format("ssh ended with {}: {}", status->text(), lines.empty() ? "it did not say why" : lines.back()),
        std::move(facts));
}

int SshSocket::receiveBytes(void* buffer, int length, int flags) {
    int count = 0;
    try {
        count = WireSocket::receiveBytes(buffer, length, flags);
    } catch (const Poco::TimeoutException&) {
        throw;
    } catch (const Poco::Exception&) {
        look_at_child();
        throw;
    }
    if (count == 0) {
        look_at_child();
    }
    return count;
}

int SshSocket::sendBytes(const Poco::Net::SocketBufVec& buffers, int flags) {
    try {
        return WireSocket::sendBytes(buffers, flags);
    } catch (const Poco::TimeoutException&) {
        throw;
    } catch (const Poco::Exception&) {
        look_at_child();
        throw;
    }
}

Poco::AutoPtr<WireSocket> connect_ssh(const Endpoint& endpoint, const Progress& progress, const Deadline& deadline) {
    std::array<int, 2> pair{};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair.data()) != 0) {
        progress.lost(errno);
    }
    process::Descriptor ours(pair[0]);
    const process::Descriptor theirs(pair[1]);
    process::Descriptor said(::memfd_create("berth-ssh", MFD_CLOEXEC));
    if (!said) {
        progress.lost(errno);
    }
    const auto argv = ssh_command(endpoint, deadline);
    try {
        process::Child child({.argv = argv,
                              .standard_input = process::Standard::descriptor(theirs.get()),
                              .standard_output = process::Standard::descriptor(theirs.get()),
                              .standard_error = process::Standard::descriptor(said.get()),
                              .own_group = true});
        Poco::AutoPtr<WireSocket> socket(
            new SshSocket(ours.get(), std::move(child), std::move(said), fmt::format("{}", fmt::join(argv, " "))));
        [[maybe_unused]] const int taken_over = ours.release();
        return socket;
    } catch (const Error& error) {
        ErrorFacts facts = error.facts();
        facts.code = k_ssh_failed;
        facts.hints = {"install the OpenSSH client"};
        progress.failed(facts);
    }
}

}  // namespace berth::http::internal

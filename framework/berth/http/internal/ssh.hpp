// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/http/internal/wire.hpp>
#include <berth/process/child.hpp>
#include <berth/process/descriptor.hpp>

#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace berth::http::internal {

/// The command that carries a connection to the engine of another machine.
std::vector<std::string> ssh_command(const Endpoint& endpoint, const Deadline& deadline);

/// One end of a pair of sockets, the other of which is the standard input and output of `ssh`. The child goes with the
/// connection. When the bytes end because ssh failed, what it said is the error.
class SshSocket final : public WireSocket {
  public:
    /// Takes the descriptor over.
    SshSocket(int descriptor, process::Child child, process::Descriptor said, std::string by_hand);

    int receiveBytes(void* buffer, int length, int flags = 0) override;
    int sendBytes(const Poco::Net::SocketBufVec& buffers, int flags = 0) override;
    using StreamSocketImpl::receiveBytes;
    using WireSocket::sendBytes;

  protected:
    ~SshSocket() override = default;

  private:
    /// @throws TransportFailure (BR0121) when ssh ended badly
    void look_at_child();

    std::mutex mutex_;
    process::Child child_;
    process::Descriptor said_;  // a file in memory: nobody has to read it, and ssh never waits for that
    std::string by_hand_;
};

/// Starts it; whether it gets through shows with the first bytes.
/// @throws BrokenExchange (BR0121) when there is no ssh to run
Poco::AutoPtr<WireSocket> connect_ssh(const Endpoint& endpoint, const Progress& progress, const Deadline& deadline);

}  // namespace berth::http::internal

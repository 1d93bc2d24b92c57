// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/core/deadline.hpp>
#include <berth/engine/containers.hpp>
#include <berth/engine/exec.hpp>
#include <berth/engine/logs.hpp>
#include <berth/spec/service.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace berth {

/// Where a container port is reached from here.
struct ReachedAt {
    std::string host{};
    std::uint16_t port{0};
};

/// How a command is run in a service; the argument vector is given beside it.
struct ServiceExec {
    Check check{Check::yes};
    std::map<std::string, std::string> environment{};
    std::string user{};
    std::string working_dir{};
    std::string input{};
};

/// How a file gets into a service.
struct CopyIn {
    unsigned mode{0};  ///< 0: the source's.
    unsigned uid{0};
    unsigned gid{0};
};

/// A service that is up. Borrows from its Environment, which must outlive it; getters never ask the engine.
/// Thread-safe.
class Service {
  public:
    [[nodiscard]] const std::string& name() const noexcept;
    [[nodiscard]] const ServiceSpec& spec() const noexcept;
    [[nodiscard]] const std::string& container_name() const noexcept;
    [[nodiscard]] const ContainerId& container_id() const noexcept;

    /// Where it is reached from this process. @throws Error (BE0413) when it has no published port
    [[nodiscard]] std::string host() const;
    /// The only published port. @throws Error (BE0412) when there are several
    [[nodiscard]] std::uint16_t port() const;
    /// Of a container port. @throws Error (BE0413) when it is not published
    [[nodiscard]] std::uint16_t port(int container_port) const;
    [[nodiscard]] std::uint16_t port(std::string_view port_name) const;
    /// All of them, by `6379/tcp`.
    [[nodiscard]] std::map<std::string, ReachedAt> ports() const;
    /// `tcp://host:port` of the only published port.
    [[nodiscard]] std::string url() const;
    [[nodiscard]] std::string address() const;  ///< `host:port`.

    /// @throws CommandFailed for a status other than 0 unless told otherwise
    CommandResult exec(const std::vector<std::string>& command, const ServiceExec& options = {},
                       Deadline deadline = within(k_call_patience)) const;
    void copy_in(const std::string& from, const std::string& to, const CopyIn& options = {},
                 Deadline deadline = within(k_call_patience)) const;
    void copy_out(const std::string& from, const std::string& to_directory,
                  Deadline deadline = within(k_call_patience)) const;
    [[nodiscard]] std::string read_file(const std::string& path, Deadline deadline = within(k_call_patience)) const;
    [[nodiscard]] std::string logs(const LogOptions& options = {}, Deadline deadline = within(k_call_patience)) const;
    /// Until a line that contains `text` is in the log (from the container's start on). @throws TimedOut
    LogLine wait_for_log(std::string_view text, Deadline deadline = within(k_call_patience)) const;

    struct State;  // internal
    explicit Service(std::shared_ptr<State> state) noexcept : state_(std::move(state)) {}

  private:
    std::shared_ptr<State> state_;
};

}  // namespace berth

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/core/deadline.hpp>
#include <berth/engine/internal/contexts.hpp>
#include <berth/http/client.hpp>
#include <berth/process/child.hpp>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

namespace berth::engine {

/// Podman's API service as a child of this process, on a socket in a folder that only this user may enter. One for all
/// of the process. It ends with the last share of it; a process that dies without that leaves a service that ends by
/// itself a minute after its last caller, and a folder that the next one made beside it removes.
class EmbeddedEngine {
  public:
    /// The one that runs, or a new one once it answers.
    /// @throws Error saying why it does not come up; TimedOut, Cancelled
    static std::shared_ptr<EmbeddedEngine> share(const std::string& podman, const Variables& variable,
                                                 Deadline deadline);

    EmbeddedEngine(const std::string& podman, const Variables& variable);
    EmbeddedEngine(const EmbeddedEngine&) = delete;
    EmbeddedEngine& operator=(const EmbeddedEngine&) = delete;
    /// Asks it to end, waits for that, and removes its folder. Does nothing in a process that was forked off.
    ~EmbeddedEngine();

    [[nodiscard]] const http::Endpoint& endpoint() const noexcept { return endpoint_; }
    [[nodiscard]] int pid() const noexcept { return child_->pid(); }

  private:
    void await_answer(Deadline deadline);
    [[nodiscard]] std::string last_words() const;

    int owner_;
    std::filesystem::path folder_;
    http::Endpoint endpoint_;
    std::unique_ptr<process::Child> child_;
    /// A call that stays open keeps the service from thinking that nobody wants it.
    std::optional<http::Stream> kept_open_;
};

}  // namespace berth::engine

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/core/deadline.hpp>
#include <berth/core/error.hpp>

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace berth {

class Containers;
class Images;
class Networks;
class Volumes;
class Events;

/// An API version, compared by numbers (1.9 < 1.41).
struct ApiVersion {
    int major{1};
    int minor{40};
    [[nodiscard]] std::string text() const;
    friend auto operator<=>(const ApiVersion&, const ApiVersion&) = default;
};

enum class EngineKind { docker, podman };

/// What one `_ping` (and the `Server` header of any answer) tells.
struct EngineFacts {
    std::string endpoint{};  ///< `unix:///var/run/docker.sock`.
    std::string source{};    ///< Where that came from: `DOCKER_HOST`, `the usual place`.
    EngineKind kind{EngineKind::docker};
    std::string version{};    ///< `28.5.2`, from the `Server` header; empty when it says none.
    ApiVersion api{};         ///< What we speak: the smaller of the engine's and ours.
    ApiVersion engine_api{};  ///< The engine's newest.
    std::string os{};
    bool local{true};  ///< On this machine.
};

struct ConnectOptions {
    /// A URL or `docker`, `podman`; empty: BERTH_ENGINE, DOCKER_HOST, then the usual sockets.
    std::string endpoint{};
    /// The newest API version to speak; DOCKER_API_VERSION when empty.
    std::string api_version{};
};

/// A connection to an engine. Cheap to copy: all copies share one pool; safe from any thread.
class Engine {
  public:
    /// Finds an engine and asks it once (`HEAD /_ping`) what it is.
    /// @throws EngineUnreachable naming every place tried and why each failed, within 1 s for local ones
    static Engine connect(const ConnectOptions& options = {}, Deadline deadline = within(std::chrono::seconds(5)));
    static Engine connect(const std::string& endpoint) { return connect(ConnectOptions{endpoint, {}}); }

    [[nodiscard]] const EngineFacts& facts() const noexcept;

    [[nodiscard]] Containers containers() const;
    [[nodiscard]] Images images() const;
    [[nodiscard]] Networks networks() const;
    [[nodiscard]] Volumes volumes() const;
    [[nodiscard]] Events events() const;

    /// Asks again whether it answers. Engine API: HEAD /_ping. @throws EngineUnreachable
    void verify(Deadline deadline = within(std::chrono::seconds(5))) const;

    class Wire;  // internal
    explicit Engine(std::shared_ptr<Wire> wire) noexcept : wire_(std::move(wire)) {}

  private:
    std::shared_ptr<Wire> wire_;
};

constexpr std::chrono::seconds k_call_patience{60};  ///< Default deadline of a call that ends by itself.

using Labels = std::map<std::string, std::string>;

}  // namespace berth

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

class Builds;
class Containers;
class Images;
class Networks;
class Volumes;
class Events;
class System;

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
    /// What ConnectOptions::endpoint finds it by again, from another process too: the name of a Docker context,
    /// `embedded`, otherwise its URL.
    std::string name{};
    EngineKind kind{EngineKind::docker};
    std::string version{};    ///< `28.5.2`, from the `Server` header; empty when it says none.
    ApiVersion api{};         ///< What we speak: the smaller of the engine's and ours.
    ApiVersion engine_api{};  ///< The engine's newest.
    std::string os{};
    /// `2` when it would rather build with BuildKit, `1` the classic way; empty: it does not say.
    std::string builder{};
    bool local{true};                    ///< On this machine.
    std::string host{};                  ///< Where its published ports are: a name or an address; empty when local.
    std::vector<TriedEndpoint> tried{};  ///< Where it was looked for before, and why it was not there.
};

struct ConnectOptions {
    /// A URL, the name of a Docker context, `docker`, `podman` or `embedded`. Empty: BERTH_ENGINE, DOCKER_HOST (with
    /// DOCKER_TLS_VERIFY, DOCKER_TLS and DOCKER_CERT_PATH), DOCKER_CONTEXT, the current context of config.json, the
    /// usual sockets, then the embedded engine.
    std::string endpoint{};
    /// The newest API version to speak; DOCKER_API_VERSION when empty.
    std::string api_version{};
    /// Takes plain tcp, and TLS that verifies nobody, to another machine too; so does BERTH_INSECURE=1.
    bool insecure{false};
};

/// A connection to an engine. Cheap to copy: all copies share one pool; safe from any thread.
class Engine {
  public:
    /// Finds an engine and asks it once (`HEAD /_ping`) what it is. The embedded engine is Podman's API service, which
    /// this process starts on a socket of its own when a `podman` program is there and nothing else answers; it ends
    /// with the last handle to it.
    /// @throws EngineUnreachable naming every place tried and why each failed, within 1 s for local ones; Error
    /// (BR0110) for an endpoint that is none, BR0122 TLS files, BR0123 what is not safe, BR0124 no such Docker context,
    /// BR0125 a Docker context that cannot be read
    static Engine connect(const ConnectOptions& options = {}, Deadline deadline = within(std::chrono::seconds(5)));
    static Engine connect(const std::string& endpoint) { return connect(ConnectOptions{.endpoint = endpoint}); }

    [[nodiscard]] const EngineFacts& facts() const noexcept;

    [[nodiscard]] Containers containers() const;
    [[nodiscard]] Images images() const;
    [[nodiscard]] Builds builds() const;
    [[nodiscard]] Networks networks() const;
    [[nodiscard]] Volumes volumes() const;
    [[nodiscard]] Events events() const;
    [[nodiscard]] System system() const;

    /// Asks again whether it answers, and what it is now. Engine API: HEAD /_ping. @throws EngineUnreachable
    EngineFacts verify(Deadline deadline = within(std::chrono::seconds(5))) const;

    class Wire;  // internal
    explicit Engine(std::shared_ptr<Wire> wire) noexcept : wire_(std::move(wire)) {}

  private:
    std::shared_ptr<Wire> wire_;
};

constexpr std::chrono::seconds k_call_patience{60};  ///< Default deadline of a call that ends by itself.

using Labels = std::map<std::string, std::string>;

}  // namespace berth

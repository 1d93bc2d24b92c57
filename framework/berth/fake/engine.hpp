// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/fake/fault.hpp>
#include <berth/fake/image.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace berth::fake {

class World;
class Server;

/// What the engine says of itself. It behaves as Docker 28 whatever is written here.
struct EngineOptions {
    std::string api_version{"1.51"};  ///< The newest it speaks; requests for a newer one are refused.
    std::string oldest_api_version{"1.24"};
    std::string server{"Docker/28.5.2 (linux)"};  ///< The `Server` header.
};

/// A container as it stands.
struct Container {
    std::string id{};
    std::string name{};
    std::string image{};
    std::string status{};  ///< `created`, `running`, `paused`, `restarting`, `exited`.
    std::string health{};  ///< Empty: none.
    int exit_code{0};
    std::vector<std::pair<std::string, std::string>> labels{};
};

/// A request as it came.
struct Request {
    std::string method{};
    std::string target{};  ///< Path and query, with the version.
    std::string body{};    ///< Without chunk sizes.
    std::vector<std::pair<std::string, std::string>> headers{};
    std::size_t connection{0};  ///< 1 for the first one made.
    std::size_t bytes{0};       ///< Of head and body, as they came.

    /// `POST /v1.51/containers/create?name=x`.
    [[nodiscard]] std::string line() const { return method + ' ' + target; }
};

/// A container engine that runs nothing: it answers the Engine API on a unix socket in a folder of its own, as Docker
/// does, and lets a test say how its containers behave and what goes wrong. For tests of programs that use Berth, on a
/// machine without an engine.
///
///     fake::Engine engine;
///     engine.image("postgres:16").exposes("5432/tcp").becomes_healthy_after(50ms);
///     auto environment = up(spec, {.engine = engine.endpoint()});
///
/// Safe from any thread. Nothing of it is left when it goes: waiting calls are cut off then.
class Engine {
  public:
    explicit Engine(EngineOptions options = {});
    Engine(const Engine&) = delete;
    Engine& operator=(const Engine&) = delete;
    ~Engine();

    /// `unix:///…`, for `UpOptions::engine`, `berth::Engine::connect` or DOCKER_HOST.
    [[nodiscard]] std::string endpoint() const;

    /// The image of this name, made when it is first asked for; what is said of it holds for the containers created
    /// after that. @throws Error (BR0204) when it is no image reference
    Image& image(const std::string& reference);

    /// Makes the next calls that fit go wrong; each fault acts once. The first fault that fits a call acts.
    Held fault(const Call& call, const Fault& what);

    // What there is now, in the order in which it was made.
    [[nodiscard]] std::vector<Container> containers() const;
    [[nodiscard]] std::vector<std::string> networks() const;  ///< Names, without those that every engine has.
    [[nodiscard]] std::vector<std::string> volumes() const;   ///< Names.
    [[nodiscard]] std::vector<std::string> images() const;    ///< Names of those that need no pull.

    /// Of a container, by its id or name. Nothing when there is none.
    [[nodiscard]] std::optional<Container> container(const std::string& id_or_name) const;
    /// The bytes of a file in a container. Nothing when there is no such container or file.
    [[nodiscard]] std::optional<std::string> file(const std::string& container, const std::string& path) const;

    // What happens to a container that runs, besides what its image says. @returns false when none of that name runs
    bool exit(const std::string& container, int code, Ending ending = Ending::by_itself);
    bool print(const std::string& container, const std::string& line, Stream stream = Stream::out);
    bool report_health(const std::string& container, const std::string& status);

    /// All requests so far whose head came whole, in the order of arrival.
    [[nodiscard]] std::vector<Request> requests() const;
    /// Begins a new record.
    void forget_requests();
    /// Bytes of the answer to the request of that place in requests(), head and body, as they were made (a fault may
    /// have kept them back).
    [[nodiscard]] std::vector<std::size_t> answer_sizes() const;

  private:
    std::unique_ptr<World> world_;
    std::unique_ptr<Server> server_;
};

}  // namespace berth::fake

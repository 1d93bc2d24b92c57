// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/engine/engine.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace berth {

/// What an engine says of itself and its machine.
struct SystemInfo {
    std::string id{};
    std::string name{};     ///< The machine's.
    std::string version{};  ///< The engine's: `28.5.2`.
    std::string os{};       ///< `linux`.
    std::string operating_system{};
    std::string kernel{};
    std::string architecture{};  ///< `x86_64`.
    int processors{0};
    std::int64_t memory{0};  ///< Bytes.
    std::string storage_driver{};
    std::string log_driver{};
    std::string cgroup_driver{};
    std::string cgroup_version{};
    std::string default_runtime{};
    std::vector<std::string> runtimes{};
    std::vector<std::string> security_options{};
    bool rootless{false};
    bool user_namespaces{false};
    bool experimental{false};
    std::string root_directory{};
    std::string system_time{};  ///< RFC 3339.
    std::string swarm_state{};  ///< `inactive`, `active`, …
    std::int64_t containers{0};
    std::int64_t containers_running{0};
    std::int64_t containers_paused{0};
    std::int64_t containers_stopped{0};
    std::int64_t images{0};
    std::vector<std::string> warnings{};
    std::string raw{};
};

/// The versions of an engine's parts.
struct SystemVersion {
    std::string version{};
    ApiVersion api{};
    ApiVersion oldest_api{};
    std::string commit{};
    std::string os{};
    std::string architecture{};
    std::string kernel{};
    struct Component {
        std::string name{};
        std::string version{};
    };
    std::vector<Component> components{};
};

/// What the engine's objects take on its disk.
struct DiskUsage {
    struct Share {
        std::int64_t count{0};
        std::int64_t bytes{0};
    };
    Share images{};
    Share containers{};  ///< Their own layers.
    Share volumes{};     ///< Those whose size the engine knows.
    Share build_cache{};
    std::int64_t layers{0};  ///< Bytes of all image layers, each counted once.
};

struct Pong {
    ApiVersion api{};  ///< The engine's newest.
    std::string os{};
    std::string server{};
    std::string builder{};               ///< `1` classic, `2` BuildKit; empty when it does not say.
    std::string swarm{};                 ///< `inactive`, `active/manager`, …; empty when it does not say.
    std::optional<std::int64_t> time{};  ///< Unix seconds by the engine's clock.
};

/// Engine API: /info, /version, /system/df, /_ping.
class System {
  public:
    explicit System(std::shared_ptr<Engine::Wire> wire) noexcept : wire_(std::move(wire)) {}

    /// Engine API: GET /info.
    [[nodiscard]] SystemInfo info(Deadline deadline = within(k_call_patience)) const;
    /// Slow: the engine starts its runtimes to ask them. Engine API: GET /version.
    [[nodiscard]] SystemVersion version(Deadline deadline = within(k_call_patience)) const;
    /// Slow: the engine counts its files. Engine API: GET /system/df.
    [[nodiscard]] DiskUsage disk_usage(Deadline deadline = within(k_call_patience)) const;
    /// Engine API: HEAD /_ping.
    [[nodiscard]] Pong ping(Deadline deadline = within(std::chrono::seconds(5))) const;

  private:
    std::shared_ptr<Engine::Wire> wire_;
};

}  // namespace berth

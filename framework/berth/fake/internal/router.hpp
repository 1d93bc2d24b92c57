// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/fake/internal/connection.hpp>
#include <berth/fake/internal/world.hpp>

#include <functional>
#include <mutex>
#include <string>
#include <vector>

namespace berth::fake {

/// One call at work.
struct Exchange {
    World& world;
    const Asked& asked;
    Answer& answer;
    std::vector<std::string> names{};  ///< What stood for `{}` in the route.

    /// Locks the world.
    [[nodiscard]] std::unique_lock<std::mutex> lock() const { return std::unique_lock(world.mutex); }
    /// The container that the path names; the world is locked. @throws Refusal 404
    [[nodiscard]] BoxPointer container() const;
    /// The JSON of the body, checked as Docker does. @throws Refusal 400
    [[nodiscard]] Json body() const;
    /// The type of a stream of frames, or of a terminal's bytes: from API 1.42 on they differ.
    [[nodiscard]] std::string_view stream_type(bool tty) const;
    /// The `filters` of the query, as lists of texts. @throws Refusal 400 for a key that is not in `known`
    [[nodiscard]] std::map<std::string, std::vector<std::string>> filters(const std::vector<std::string>& known) const;
};

/// Carries one request out, and answers it.
void route(World& world, const Asked& asked, Answer& answer);

/// All of `wanted` (`key` or `key=value`) are among `labels`.
bool has_labels(const Json& labels, const std::vector<std::string>& wanted);

/// Waits on a stream's behalf until `ready()`, with the world locked. @returns false when the client or the engine goes
class StreamWait {
  public:
    explicit StreamWait(Exchange& exchange);
    template <class Ready>
    bool until(std::unique_lock<std::mutex>& lock, Ready ready) {
        exchange_.world.changed.wait(lock, [&] { return over() || ready(); });
        return !over();
    }
    template <class Ready>
    bool until(std::unique_lock<std::mutex>& lock, Ready ready, std::chrono::system_clock::time_point end) {
        exchange_.world.changed.wait_until(lock, end, [&] { return over() || ready(); });
        return !over();
    }
    [[nodiscard]] bool over() const { return gone_ || exchange_.world.closing; }

  private:
    Exchange& exchange_;
    std::atomic<bool> gone_{false};
    HangupWatch watch_;
};

// What each route does, by resource.
void ping(Exchange& exchange);
void version(Exchange& exchange);
void info(Exchange& exchange);

void inspect_image(Exchange& exchange);
void list_images(Exchange& exchange);
void pull_image(Exchange& exchange);
void tag_image(Exchange& exchange);
void remove_image(Exchange& exchange);

void create_container(Exchange& exchange);
void inspect_container(Exchange& exchange);
void list_containers(Exchange& exchange);
void start_container(Exchange& exchange);
void stop_container(Exchange& exchange);
void restart_container(Exchange& exchange);
void kill_container(Exchange& exchange);
void pause_container(Exchange& exchange);
void unpause_container(Exchange& exchange);
void rename_container(Exchange& exchange);
void remove_container(Exchange& exchange);
void wait_container(Exchange& exchange);
void read_logs(Exchange& exchange);
void follow_events(Exchange& exchange);

void create_exec(Exchange& exchange);
void start_exec(Exchange& exchange);
void inspect_exec(Exchange& exchange);

void stat_path(Exchange& exchange);
void get_archive(Exchange& exchange);
void put_archive(Exchange& exchange);

void create_network(Exchange& exchange);
void inspect_network(Exchange& exchange);
void list_networks(Exchange& exchange);
void connect_network(Exchange& exchange);
void disconnect_network(Exchange& exchange);
void remove_network(Exchange& exchange);

void create_volume(Exchange& exchange);
void inspect_volume(Exchange& exchange);
void list_volumes(Exchange& exchange);
void remove_volume(Exchange& exchange);

// Shared by the calls of containers.
Json inspect_json(World& world, const Box& box);
Json summary_json(World& world, const Box& box);
int signal_number(const std::string& text, int otherwise);

}  // namespace berth::fake

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace berth::fake {

class World;
struct ImageScript;

enum class Stream { out, err };

/// How a container's process came to its end.
enum class Ending { by_itself, out_of_memory };

/// A command that runs in a container.
struct ExecRequest {
    std::vector<std::string> command{};
    std::vector<std::string> environment{};  ///< `K=V`, as the call gave it.
    std::string user{};
    std::string working_dir{};
    std::string input{};  ///< All of its standard input, when the call attached one.
};

/// How it ends.
struct ExecResult {
    int exit_code{0};
    std::string out{};
    std::string err{};
    std::chrono::nanoseconds takes{0};
};

/// An image, and how the containers made of it behave. Times count from the start of a container. Made by
/// Engine::image().
class Image {
  public:
    // What it is.
    Image& exposes(const std::string& port);  ///< `5432/tcp`.
    Image& has_label(const std::string& key, const std::string& value);
    Image& has_environment(const std::string& name, const std::string& value);
    Image& has_command(std::vector<std::string> command);
    Image& has_volume(const std::string& path);
    /// Directories above it come with it.
    Image& has_file(const std::string& path, std::string content, unsigned mode = 0644);
    /// Not on the engine until it is pulled.
    Image& is_in_registry();
    /// A pull ends with this error of the registry, told in the stream of an answer that began with 200.
    Image& fails_to_pull(std::string error);

    // Health. Any of these gives the image a health check. A container whose health check comes from its create alone
    // is healthy after one interval, at most after 100 ms.
    Image& becomes_healthy_after(std::chrono::nanoseconds time);
    /// One status after the other: the first at the start, each next `every` later. `starting`, `healthy`, `unhealthy`.
    Image& reports_health(const std::vector<std::string>& statuses,
                          std::chrono::nanoseconds every = std::chrono::milliseconds(20));

    // Life. A container runs until it is stopped, unless told otherwise.
    /// A line of its log; the line's end is added.
    Image& prints(std::string line, std::chrono::nanoseconds after = {}, Stream stream = Stream::out);
    Image& exits(int code, std::chrono::nanoseconds after = {}, Ending ending = Ending::by_itself);
    /// How it ends when it is sent its stop signal; 0 unless told.
    Image& exits_on_stop(int code);
    /// Only SIGKILL ends it.
    Image& ignores_stop();
    /// A start is refused with the engine's text for a command that is not there.
    Image& has_no_such_command(const std::string& command);
    /// Published ports take connections from then on, on 127.0.0.1, and keep them open. Until then, and without this,
    /// connecting is refused.
    Image& accepts_connections_after(std::chrono::nanoseconds time = {});
    /// The same, and each HTTP request gets this answer.
    Image& answers_http(int status, std::string body, std::chrono::nanoseconds after = {});

    // Commands. One that nobody told of is not there: status 127.
    Image& runs(std::vector<std::string> command, ExecResult result);
    /// Asked for every command that runs() does not know. Called from another thread, one call at a time.
    Image& runs(std::function<ExecResult(const ExecRequest&)> anything);

    Image(World& world, std::shared_ptr<ImageScript> script) noexcept : world_(world), script_(std::move(script)) {}

  private:
    World& world_;
    std::shared_ptr<ImageScript> script_;
};

}  // namespace berth::fake

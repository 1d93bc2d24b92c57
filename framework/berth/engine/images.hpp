// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/engine/engine.hpp>
#include <berth/engine/files.hpp>

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace berth {

struct ImageFacts {
    std::string id{};  ///< Opaque: what it is a digest of depends on the engine's image store.
    std::vector<std::string> tags{};
    std::vector<std::string> digests{};
    std::string architecture{};
    std::string os{};
    std::uint64_t size{0};
    std::vector<std::string> exposed_ports{};  ///< `5432/tcp`.
    std::vector<std::string> volumes{};
    bool has_healthcheck{false};
    Labels labels{};
};

/// One step of a pull, by layer.
struct PullProgress {
    std::string layer{};       ///< Empty: the image as a whole.
    std::string status{};      ///< The engine's word: `Downloading`.
    std::uint64_t current{0};  ///< Bytes.
    std::uint64_t total{0};    ///< Bytes; 0 when not known.
};

struct PullOptions {
    std::string platform{};
    std::function<void(const PullProgress&)> on_progress{};
    std::chrono::seconds stall{60};  ///< Without any progress for so long it has failed.
};

/// Engine API: /images.
class Images {
  public:
    explicit Images(std::shared_ptr<Engine::Wire> wire) noexcept : wire_(std::move(wire)) {}

    /// Engine API: GET /images/{name}/json; nothing on 404.
    std::optional<ImageFacts> find(const std::string& reference, Deadline deadline = within(k_call_patience));
    /// @throws NotFound
    ImageFacts inspect(const std::string& reference, Deadline deadline = within(k_call_patience));

    /// Engine API: POST /images/create?fromImage=&tag=. Success is a stream that ends whole and names no error.
    /// @throws PullFailed (BR0201) with the registry's words and what kind of failure it is
    void pull(const std::string& reference, const PullOptions& options = {},
              Deadline deadline = within(std::chrono::minutes(10)));

    /// Loads a docker-archive tar, streamed; the names it brought. Engine API: POST /images/load.
    /// @throws Error (BR0203) when the engine found no image in it
    std::vector<std::string> load(const ArchiveSource& tar, Deadline deadline = within(std::chrono::minutes(10)));

    /// Engine API: DELETE /images/{name}. @returns false when there was none
    bool remove(const std::string& reference, Deadline deadline = within(k_call_patience));

    /// Engine API: POST /images/{name}/tag. @throws NotFound
    void tag(const std::string& reference, const std::string& as, Deadline deadline = within(k_call_patience));

    /// Engine API: GET /images/json, filtered by label.
    std::vector<ImageFacts> list(const std::vector<std::string>& labels = {},
                                 Deadline deadline = within(k_call_patience));

  private:
    std::shared_ptr<Engine::Wire> wire_;
};

}  // namespace berth

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/engine/credentials.hpp>
#include <berth/engine/engine.hpp>
#include <berth/engine/files.hpp>
#include <berth/engine/image_facts.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace berth {

/// One step of a pull or a push, by layer.
struct PullProgress {
    enum class Phase {
        waiting,      ///< For its turn, for the registry, or for another pull of the same image.
        downloading,  ///< `current` of `total` bytes; while pushing: uploading.
        downloaded,
        verifying,
        extracting,
        complete,
        exists,    ///< It was there already.
        retrying,  ///< Something went wrong, and the engine or Berth tries again.
        other,     ///< The image as a whole, or a word of the engine that is not known.
    };
    std::string layer{};       ///< Empty: the image as a whole.
    std::string status{};      ///< The engine's word: `Downloading`. Not to be compared: `phase` is.
    std::uint64_t current{0};  ///< Bytes.
    std::uint64_t total{0};    ///< Bytes; 0 when not known.
    Phase phase{Phase::other};
};

struct PullOptions {
    std::string platform{};  ///< `linux/arm64`; empty: the engine's own.
    std::function<void(const PullProgress&)> on_progress{};
    std::chrono::seconds stall{60};  ///< Without any progress for so long it has failed.
    /// What the registry is told. Absent: what the user has stored for it (find_credentials()).
    std::optional<RegistryCredentials> credentials{};
    /// How often in all a registry that does not answer properly (5xx, connection lost) is asked, with growing pauses
    /// from `pause` on. Only before the first layer: from there on the engine tries again by itself.
    int attempts{3};
    std::chrono::milliseconds pause{500};
    /// Before the one more time that a registry is asked after it has said "too many requests"; up to half as much is
    /// added by chance. Every process of this user on this machine waits for it.
    std::chrono::milliseconds rate_limit_pause{5000};
};

enum class Pulled {
    now,         ///< By this call.
    by_another,  ///< Another thread or process pulled it while this call waited for its turn.
};

/// When get_or_pull() asks the registry.
enum class PullWhen { missing, always, never, age };

struct GetOptions {
    PullWhen when{PullWhen::missing};
    /// For PullWhen::age: pulled by us longer ago than this, or nobody knows when.
    std::chrono::seconds older_than{std::chrono::hours(24)};
    PullOptions pull{};
};

struct PushOptions {
    std::function<void(const PullProgress&)> on_progress{};
    std::chrono::seconds stall{60};
    std::optional<RegistryCredentials> credentials{};
};

/// Which images a list or a prune is about; each member narrows it down.
struct ImageFilters {
    std::vector<std::string> labels{};      ///< `key` or `key=value`, all of them.
    std::vector<std::string> references{};  ///< `team/*:1.*`, any of them.
    std::string before{};                   ///< Made before this image.
    std::string since{};
    std::optional<bool> dangling{};  ///< Without any name.
    bool all{false};                 ///< Intermediate ones as well.
};

struct PruneImages {
    std::vector<std::string> labels{};      ///< Only with all of these.
    std::vector<std::string> not_labels{};  ///< Only without any of these.
    bool unused{false};                     ///< Also those with a name that no container uses.
    std::string until{};                    ///< Made before: Unix seconds, as text.
};

/// What a prune removed.
struct Pruned {
    std::vector<std::string> removed{};
    std::uint64_t bytes{0};
};

struct SearchOptions {
    int limit{25};
    bool official{false};
    int stars{0};  ///< At least.
};

struct ImportOptions {
    std::string name{};  ///< `[REGISTRY/]NAME[:TAG]`; empty: none.
    std::string message{};
    std::vector<std::string> changes{};  ///< Instructions of a Dockerfile: `CMD ["/bin/app"]`.
    std::string platform{};
};

/// Engine API: /images, /distribution.
class Images {
  public:
    explicit Images(std::shared_ptr<Engine::Wire> wire) noexcept : wire_(std::move(wire)) {}

    /// Engine API: GET /images/{name}/json; nothing on 404.
    std::optional<ImageFacts> find(const std::string& reference, Deadline deadline = within(k_call_patience));
    /// @throws NotFound
    ImageFacts inspect(const std::string& reference, Deadline deadline = within(k_call_patience));

    /// An image, pulled when that is needed, and fit to run here.
    ///
    /// @throws NotFound (BR0202) when it is missing and may not be pulled; as pull() and check_platform()
    ImageFacts get_or_pull(const std::string& reference, const GetOptions& options = {},
                           Deadline deadline = within(std::chrono::minutes(10)));

    /// Pulls whatever the registry has under that name now. The same image is pulled by one thread or process of this
    /// user at a time: whoever comes meanwhile waits, and takes what the other has pulled.
    ///
    /// Engine API: POST /images/create?fromImage=&tag=. Success is a stream that ends whole and names no error.
    /// @throws PullFailed (BR0201) with the registry's words and what kind of failure it is
    Pulled pull(const std::string& reference, const PullOptions& options = {},
                Deadline deadline = within(std::chrono::minutes(10)));

    /// Whether containers of this image can run on the engine's machine: one of another architecture that the machine
    /// emulates is worth a warning in the log. Asks the engine (GET /info) only when it looks wrong.
    /// @param platform what was asked for; empty: the machine's own
    /// @throws Error (BR0207) when it is not for `platform`, or nothing there runs it
    void check_platform(const ImageFacts& image, const std::string& platform = "",
                        Deadline deadline = within(k_call_patience));

    /// Pushes one tag. Engine API: POST /images/{name}/push?tag=.
    /// @throws NotFound; EngineRefused (BR0206) with the registry's words and what kind of failure it is
    PushedImage push(const std::string& reference, const PushOptions& options = {},
                     Deadline deadline = within(std::chrono::minutes(10)));

    /// Loads a docker-archive tar, streamed; the names it brought. Engine API: POST /images/load.
    /// @throws Error (BR0203) when the engine found no image in it
    std::vector<std::string> load(const ArchiveSource& tar, Deadline deadline = within(std::chrono::minutes(10)));

    /// Writes images to a docker-archive tar, streamed. Engine API: GET /images/get?names=.
    /// @throws NotFound; Error (BR0209) when the engine broke off in its middle: what was written is of no use
    void save(const std::vector<std::string>& references, const ArchiveSink& sink,
              Deadline deadline = within(std::chrono::minutes(10)));

    /// Makes an image of one layer from a tar of its root folder; its id. Engine API: POST /images/create?fromSrc=-.
    /// @throws Error (BR0208) with the engine's words
    std::string import(const ArchiveSource& tar, const ImportOptions& options = {},
                       Deadline deadline = within(std::chrono::minutes(10)));

    /// The steps it was made by, newest first. Engine API: GET /images/{name}/history. @throws NotFound
    std::vector<ImageHistoryStep> history(const std::string& reference, Deadline deadline = within(k_call_patience));

    /// Asks a registry by words: `redis`, `registry.lan:5000/team`. Engine API: GET /images/search.
    std::vector<FoundImage> search(const std::string& term, const SearchOptions& options = {},
                                   Deadline deadline = within(k_call_patience));

    /// What the registry has under a name, without pulling it. Engine API: GET /distribution/{name}/json.
    /// @throws PullFailed (BR0201); EngineRefused (BR0142) on an engine without it
    DistributionFacts distribution(const std::string& reference,
                                   const std::optional<RegistryCredentials>& credentials = std::nullopt,
                                   Deadline deadline = within(k_call_patience));

    /// Engine API: DELETE /images/{name}. @returns false when there was none
    bool remove(const std::string& reference, Deadline deadline = within(k_call_patience));

    /// Engine API: POST /images/prune. @throws Conflict while another prune goes on
    Pruned prune(const PruneImages& options, Deadline deadline = within(std::chrono::minutes(10)));

    /// Engine API: POST /images/{name}/tag. @throws NotFound
    void tag(const std::string& reference, const std::string& as, Deadline deadline = within(k_call_patience));

    /// Engine API: GET /images/json, filtered by label.
    std::vector<ImageFacts> list(const std::vector<std::string>& labels = {},
                                 Deadline deadline = within(k_call_patience));
    /// Engine API: GET /images/json.
    std::vector<ImageFacts> list(const ImageFilters& filters, Deadline deadline = within(k_call_patience));

  private:
    std::shared_ptr<Engine::Wire> wire_;
};

}  // namespace berth

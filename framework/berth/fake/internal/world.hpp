// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/fake/engine.hpp>
#include <berth/fake/internal/clock.hpp>
#include <berth/fake/internal/port.hpp>
#include <berth/fake/internal/script.hpp>

#include <atomic>
#include <condition_variable>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace berth::fake {

/// One line of a log, with its end.
struct LogEntry {
    std::int64_t time{0};
    Stream stream{Stream::out};
    std::string text{};
};

struct Attachment {
    std::vector<std::string> aliases{};
    std::string endpoint_id{};
    int address{0};  ///< Last part of the address while it runs; 0: none.
};

struct Box {
    std::string id{};
    std::string name{};
    std::int64_t created{0};
    ImageScript script{};  ///< As it was at the create.
    Json config{};
    Json host_config{};
    Json mounts = Json::array();
    std::vector<std::string> anonymous_volumes{};
    std::vector<std::string> named_volumes{};
    std::map<std::string, Attachment>
        networks{};  ///< By the network's name or id, as the create gave it, then by name.
    FileTree files{};

    std::string status{"created"};
    int exit_code{0};
    bool out_of_memory{false};
    std::string error{};
    std::int64_t started{0};
    std::int64_t finished{0};
    int pid{0};
    int restarts{0};
    bool stopped_by_hand{false};
    std::size_t life{0};  ///< Counts starts; what was planned for an earlier one does not happen.
    std::string health{};
    int failing{0};
    Json health_log = Json::array();
    std::vector<LogEntry> log{};
    std::vector<std::unique_ptr<Port>> ports{};
    bool removed{false};

    [[nodiscard]] bool runs() const { return status == "running" || status == "paused"; }
};
using BoxPointer = std::shared_ptr<Box>;

struct Network {
    std::string id{};
    std::string name{};
    std::string driver{"bridge"};
    std::int64_t created{0};
    Json labels = Json::object();
    bool internal{false};
    int subnet{0};
    bool predefined{false};
};

struct Volume {
    std::string name{};
    std::string driver{"local"};
    std::int64_t created{0};
    Json labels{};
};

struct Exec {
    std::string id{};
    std::string container{};
    Json config{};
    bool started{false};
    bool running{false};
    std::optional<int> exit_code{};
    int pid{0};
};

struct EventEntry {
    std::int64_t time{0};
    Json json{};
};

/// All that the engine has. Every member but `closing` is guarded by `mutex`; `changed` tells of any change.
class World {
  public:
    explicit World(EngineOptions engine_options);
    World(const World&) = delete;
    World& operator=(const World&) = delete;
    ~World();

    // Looking up; nullptr when there is none. Containers by id, name or a prefix of the id.
    [[nodiscard]] BoxPointer find_container(const std::string& id_or_name) const;
    [[nodiscard]] Network* find_network(const std::string& id_or_name);
    [[nodiscard]] Volume* find_volume(const std::string& name);
    [[nodiscard]] std::shared_ptr<ImageScript> find_image(const std::string& reference) const;
    [[nodiscard]] bool volume_in_use(const std::string& name, std::string& by) const;

    void tell(const std::string& type, const std::string& action, const std::string& id, Json attributes);
    void tell(const Box& box, const std::string& action, const Json& more = Json::object());
    void tell_network(const Network& network, const std::string& action, const std::string& container);

    // The life of a container (lifecycle.cpp).
    void start(const BoxPointer& box);
    void stop(const BoxPointer& box, std::unique_lock<std::mutex>& lock, std::chrono::seconds grace, int signal);
    void kill(const BoxPointer& box, int signal);
    void ended(const BoxPointer& box, int code, Ending ending);
    void remove(const BoxPointer& box, bool anonymous_volumes);
    void report_health(Box& box, const std::string& status);
    void print(Box& box, std::string text, Stream stream);
    /// Addresses on the networks where it has none yet. @throws Refusal 404 for a network that is gone
    void attach(Box& box);

    const EngineOptions options;
    mutable std::mutex mutex{};
    std::condition_variable changed{};
    std::mutex asking{};  ///< Held while a test's own code is asked.
    std::atomic<bool> closing{false};

    std::list<std::shared_ptr<ImageScript>> images{};
    std::list<Image> handles{};
    std::vector<BoxPointer> containers{};
    std::list<Network> networks{};
    std::list<Volume> volumes{};
    std::map<std::string, Exec> execs{};
    std::vector<EventEntry> events{};
    std::vector<Request> requests{};
    std::vector<std::shared_ptr<std::atomic<std::size_t>>> answer_sizes{};  ///< Counted without the lock.
    int next_pid{4000};
    Clock clock{mutex};

  private:
    void detach(Box& box);
    void publish(Box& box);
    void plan(const BoxPointer& box);
    void plan_health(const BoxPointer& box);
    void come_to_rest(const BoxPointer& box, int code, Ending ending, const char* further_event);
};

/// The name as people write it, with its tag; the text itself when it is no reference.
std::string familiar(const std::string& reference);
std::string address_of(const Network& network, int last);

}  // namespace berth::fake

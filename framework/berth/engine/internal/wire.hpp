// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/engine/engine.hpp>
#include <berth/engine/internal/json.hpp>
#include <berth/http/client.hpp>

#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace berth::engine {

/// One request to the engine, and what it is for.
struct Call {
    std::string purpose{};  ///< `cannot start container '3f2a1c9d04be'`: the head of any error's summary.
    std::string method{"GET"};
    std::string path{};  ///< Without the version, encoded: `/containers/json`.
    std::vector<std::pair<std::string, std::string>> query{};
    std::string json{};      ///< The body, when there is one.
    http::BodySource tar{};  ///< Or a tar, streamed.
    bool upgrade{false};
    std::vector<std::pair<std::string, std::string>> headers{};  ///< Further ones; never logged.

    [[nodiscard]] std::string operation() const { return method + ' ' + path; }
};

/// An answer whose status is one of those expected.
struct Answer {
    int status{0};
    std::string body{};
    http::Headers headers{};
    bool sent_again{false};  ///< The first answer was lost, and this is that of a second request.
};

/// What to do about an answer that never came.
enum class Lost { fail, send_again };

}  // namespace berth::engine

namespace berth {

/// The engine as the resources see it: one http client, what is known of the engine, and the one place where an answer
/// that is not the expected one becomes an error.
class Engine::Wire {
  public:
    /// @param keeper whatever has to live as long as this does (the embedded engine)
    Wire(http::Client client, EngineFacts facts, std::shared_ptr<void> keeper = nullptr)
        : keeper_(std::move(keeper)), client_(std::move(client)), facts_(std::move(facts)) {}

    [[nodiscard]] const EngineFacts& facts() const noexcept { return facts_; }
    [[nodiscard]] bool speaks(int minor) const noexcept { return facts_.api >= ApiVersion{1, minor}; }

    /// Sends and reads the whole answer. A status that is not in `expected` is thrown (refuse()).
    /// `Lost::send_again` is for calls that do no harm when they come twice (start, stop, remove).
    /// @throws EngineRefused and below; http::BrokenExchange, http::ExchangeTimedOut with purpose, operation, endpoint
    engine::Answer send(const engine::Call& call, std::initializer_list<int> expected, Deadline deadline,
                        engine::Lost lost = engine::Lost::fail) const;

    /// The same for an answer that is read as it comes.
    http::Stream open(const engine::Call& call, std::initializer_list<int> expected, Deadline deadline) const;

    /// read() of a stream with purpose, operation and endpoint in what it throws.
    std::size_t read(const engine::Call& call, http::Stream& stream, char* into, std::size_t size,
                     Deadline deadline) const;

    [[nodiscard]] engine::Json json(const engine::Call& call, std::string_view body) const {
        return engine::Json::parse(body, about(call));
    }

    /// Purpose, operation and endpoint; the start of every error of this call.
    [[nodiscard]] ErrorFacts about(const engine::Call& call) const;

    /// The typed error for `status`: NotFound BR0106, Conflict BR0107, PermissionDenied BR0108, BR0115 a version the
    /// engine does not speak, EngineRefused BR0105.
    [[noreturn]] void refuse(const engine::Call& call, int status, std::string_view body) const;

    /// Sends the unversioned ping.
    static http::Response ping(http::Client& client, Deadline deadline);

    [[nodiscard]] http::Client client() const { return client_; }

  private:
    [[nodiscard]] http::Request request(const engine::Call& call) const;
    template <class Exchange>
    auto explained(const engine::Call& call, Exchange exchange) const;

    std::shared_ptr<void> keeper_;  // goes last
    http::Client client_;
    EngineFacts facts_;
};

namespace engine {

/// The engine's words in an answer that is no success: its `message`, otherwise an excerpt of the text.
std::string message_of(std::string_view body);

/// A container as messages show it: ids are cut to 12 digits, names stay whole.
std::string shown(std::string_view id);

/// Waits; sooner when `deadline` is over. @throws Cancelled
void pause(std::chrono::nanoseconds duration, const Deadline& deadline);

/// Growing pauses between looks at something that takes its time.
class Backoff {
  public:
    explicit Backoff(std::chrono::milliseconds first = std::chrono::milliseconds(5),
                     std::chrono::milliseconds most = std::chrono::milliseconds(250))
        : next_(first), most_(most) {}
    void pause(const Deadline& deadline);

  private:
    std::chrono::milliseconds next_;
    std::chrono::milliseconds most_;
};

/// `{"label":["a=b"]}`; keys without values are left out, empty text when nothing is left.
std::string filters(const std::vector<std::pair<std::string, std::vector<std::string>>>& keys);

/// All of `wanted` are in `found`. Images add labels of their own to a container's.
bool holds(const Labels& found, const Labels& wanted);

}  // namespace engine
}  // namespace berth

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/fake/internal/faults.hpp>
#include <berth/fake/internal/request.hpp>
#include <berth/fake/internal/sockets.hpp>

#include <atomic>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace berth::fake {

/// Thrown by a call that is refused: the answer.
struct Refusal {
    int status{500};
    std::string message{};
};

using Fields = std::vector<std::pair<std::string, std::string>>;

/// The answer to one request, as Docker writes it. What a fault says of it is done here: bytes past a cut go nowhere,
/// and the connection is closed.
class Answer {
  public:
    /// `made` counts the bytes of the answer, before they are sent.
    Answer(const Socket& socket, const Asked& asked, const EngineOptions& engine, std::shared_ptr<Held::State> fault,
           std::shared_ptr<std::atomic<std::size_t>> made);

    /// A whole answer. A body of up to 2048 bytes is sent with its length, a longer one in a chunk, none with 204 and
    /// 304 and to HEAD.
    void send(int status, std::string_view type, std::string_view body, const Fields& more = {});
    void json(int status, std::string_view body) { send(status, "application/json", body); }
    /// `{"message":…}`.
    void refuse(const Refusal& refusal);
    /// 404 before any version was looked at.
    void page_not_found();

    /// An answer whose end is not known yet: the head goes at once, each piece in a chunk.
    void begin(int status, std::string_view type);
    /// @returns false when nobody is there any more
    bool chunk(std::string_view bytes);
    void end_chunks();

    /// From now on the connection belongs to a raw stream; 101, or 200 when the client did not ask for an upgrade.
    void raw(std::string_view type);
    /// What the client sends on a raw stream; empty at its end.
    std::string receive();

    /// Bytes as they are, on a raw stream too.
    /// @returns false when nobody is there any more
    bool send_bytes(std::string_view bytes);

    [[nodiscard]] const Socket& socket() const noexcept { return socket_; }
    [[nodiscard]] bool closes() const noexcept { return closes_; }
    void close_after() noexcept { closes_ = true; }

  private:
    [[nodiscard]] std::string head(int status, std::string_view type, const Fields& more, bool versioned) const;

    const Socket& socket_;
    const Asked& asked_;
    const EngineOptions& engine_;
    std::shared_ptr<Held::State> fault_;
    std::shared_ptr<std::atomic<std::size_t>> made_;
    std::size_t received_{0};  // bytes of the request, with those of a raw stream
    bool early_given_{false};
    bool closes_{false};
    bool gone_{false};
};

/// A frame of a stream without a terminal.
std::string frame(int stream, std::string_view bytes);

/// JSON text of a string.
std::string json_text(std::string_view text);

}  // namespace berth::fake

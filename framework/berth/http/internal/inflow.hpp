// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/http/internal/wire.hpp>

#include <cstddef>
#include <memory>
#include <string_view>

namespace berth::http::internal {

/// What a peer sends, through a buffer that heads and chunk lines are read from.
class Inflow {
  public:
    /// `longest` is the most that is ever looked at in one piece (a head, a line).
    Inflow(Wire& wire, std::size_t longest);

    /// Bytes that came and were not taken yet.
    [[nodiscard]] std::string_view buffered() const noexcept { return {buffer_.get() + begin_, end_ - begin_}; }
    void take(std::size_t count) noexcept { begin_ += count; }

    /// Waits for more bytes behind those buffered, of which there are at most `longest`. @returns false at the end
    bool fill(const Progress& progress, const Deadline& deadline);

    /// The next bytes, at most `size`: buffered ones first, large pieces past the buffer. 0 at the end.
    std::size_t read(char* into, std::size_t size, const Progress& progress, const Deadline& deadline);

    /// A line without its CRLF; valid until the next call. Empty optional at an end before the line's own.
    /// @throws BrokenExchange (BR0104) past `longest` bytes and for a line feed without its carriage return
    struct Line {
        bool complete{false};
        std::string_view text{};
    };
    Line take_line(std::size_t longest, const Progress& progress, const Deadline& deadline);

  private:
    std::size_t receive(char* into, std::size_t size, const Progress& progress, const Deadline& deadline);

    Wire& wire_;
    std::size_t capacity_;
    std::unique_ptr<char[]> buffer_;  // not initialised: pages that are not used cost nothing
    std::size_t begin_{0};
    std::size_t end_{0};
};

/// A connection of ours: the wire and what came over it.
struct Connection {
    Connection(Poco::AutoPtr<WireSocket> socket, std::size_t longest) : wire(std::move(socket)), in(wire, longest) {}
    Wire wire;
    Inflow in;
};

}  // namespace berth::http::internal

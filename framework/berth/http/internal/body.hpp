// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/http/internal/head.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace berth::http::internal {

/// How the end of a body is known.
struct Framing {
    enum class Kind {
        none,     ///< HEAD, 204, 304: no body.
        length,   ///< Content-Length.
        chunked,  ///< Transfer-Encoding: chunked.
        closing,  ///< Neither of them: up to the end of the connection.
        raw,      ///< After an upgrade: not HTTP any more, in both directions.
    };
    Kind kind{Kind::none};
    std::uint64_t length{0};
};

/// @throws BrokenExchange (BR0104) for lengths that are none, contradict each other, or an unknown transfer encoding
Framing framing_of(const Request& request, const ParsedHead& answer, const Progress& progress);

/// Reads one body to its proper end and not a byte further. Whatever else ends it is an error.
class BodyReader {
  public:
    /// `trailer_limit`: bytes of fields after the last chunk.
    BodyReader(Inflow& in, Framing framing, std::size_t trailer_limit) noexcept;

    /// At least one byte and at most `size` (which is not 0); 0 at the proper end, and again when asked again.
    std::size_t read(char* into, std::size_t size, const Progress& progress, const Deadline& deadline);
    /// What is left of it. @throws BrokenExchange (BR0112) past `limit` bytes
    std::string read_all(std::size_t limit, const Progress& progress, const Deadline& deadline);

    [[nodiscard]] Framing::Kind kind() const noexcept { return framing_.kind; }

  private:
    enum class Next { size, data, end_of_data, trailer };
    std::size_t read_length(char* into, std::size_t size, const Progress& progress, const Deadline& deadline);
    std::size_t read_chunked(char* into, std::size_t size, const Progress& progress, const Deadline& deadline);
    void read_chunk_size(const Progress& progress, const Deadline& deadline);
    void read_end_of_chunk(const Progress& progress, const Deadline& deadline);
    void read_trailer(const Progress& progress, const Deadline& deadline);
    void end(const Progress& progress);

    Inflow* in_;
    Framing framing_;
    std::size_t trailer_limit_;
    std::uint64_t left_;  ///< Of the body, or of the chunk.
    Next next_{Next::size};
    bool ended_{false};
};

}  // namespace berth::http::internal

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/engine/internal/wire.hpp>
#include <berth/engine/logs.hpp>

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace berth::engine {

/// Takes the frames of a stream apart: `[stream, 0, 0, 0, length]` and so many bytes. Bytes are handed on as they come,
/// so that a length of 4 GiB costs nothing; frames may be split anywhere, their heads too.
class FrameReader {
  public:
    /// Bytes of stream 1 (out) or 2 (err). `begins` is set on the first piece of a frame, `ends` on its last.
    using Sink = std::function<void(int stream, std::string_view bytes, bool begins, bool ends)>;

    FrameReader(ErrorFacts about, Sink sink) : about_(std::move(about)), sink_(std::move(sink)) {}

    /// @throws ExchangeFailed (BR0104) when a head is none; EngineRefused (BR0105) with the engine's own words (stream
    /// 3)
    void feed(std::string_view bytes);
    /// The stream ended. @throws ExchangeFailed (BR0104) in the middle of a frame
    void finish() const;

  private:
    void read_head();

    ErrorFacts about_;
    Sink sink_;
    std::array<unsigned char, 8> head_{};
    std::size_t head_size_{0};
    std::uint32_t left_{0};
    int stream_{0};
    bool begins_{false};
    std::string engine_text_;
};

/// Makes lines of a log: across frames and reads, the time split off, a line that is too long in pieces.
class LineAssembler {
  public:
    using Sink = std::function<bool(LogLine line)>;

    /// @param partial_frame bytes of a frame that a line goes on after; where a shorter one has no line end, a process
    /// ended in the middle of its line. 0: unknown (Podman, terminals), every line goes on
    LineAssembler(const LogOptions& options, Sink sink, std::size_t partial_frame = 0)
        : options_(options), sink_(std::move(sink)), partial_frame_(partial_frame) {}

    /// @param begins a frame begins here: the engine puts a time before each, also where a line goes on
    /// @param ends the frame's last bytes
    /// @returns false once the sink wants no more
    bool feed(LogLine::Stream stream, std::string_view bytes, bool begins, bool ends = false);
    /// The log ended: what has no line end is a line all the same.
    bool finish();

  private:
    struct Pending {
        LogLine line{};
        std::string time{};         // being read
        std::size_t frame_text{0};  // bytes of this frame behind the time
        bool reading_time{true};
        bool begun{false};
    };
    bool emit(Pending& pending);
    void end_line(Pending& pending);
    bool take(Pending& pending, std::string_view bytes);

    LogOptions options_;
    Sink sink_;
    std::size_t partial_frame_;
    std::array<Pending, 2> pending_{};
    bool wanted_{true};
};

}  // namespace berth::engine

// SPDX-License-Identifier: Apache-2.0
// Frames of logs and execs, and the lines in them.
#include <berth/engine/internal/frames.hpp>
#include <tests/fuzz/fuzz.hpp>

#include <algorithm>

namespace berth::fuzz {
namespace {

using engine::FrameReader;
using engine::LineAssembler;

struct Read {
    std::string code{};
    std::vector<LogLine> lines{};
    std::string bytes{};  ///< Of both streams, as they came.
};

Read read(std::string_view stream, std::size_t piece, const LogOptions& options, std::size_t partial_frame) {
    Read result;
    LineAssembler assembler(
        options,
        [&](LogLine line) {
            result.lines.push_back(std::move(line));
            return true;
        },
        partial_frame);
    FrameReader frames({.summary = "cannot read the log of container 'db'"},
                       [&](int from, std::string_view bytes, bool begins, bool ends) {
                           check(from == 1 || from == 2, "a frame of another stream than out and err");
                           check(!bytes.empty(), "a piece of nothing");
                           result.bytes += static_cast<char>('0' + from);
                           result.bytes += bytes;
                           assembler.feed(from == 1 ? LogLine::Stream::out : LogLine::Stream::err, bytes, begins, ends);
                       });
    result.code = code_of([&] {
        Pieces pieces(stream, piece);
        for (auto bytes = pieces(); !bytes.empty(); bytes = pieces()) {
            if (options.tty) {
                assembler.feed(LogLine::Stream::out, bytes, false);
            } else {
                frames.feed(bytes);
            }
        }
        if (!options.tty) {
            frames.finish();
        }
    });
    assembler.finish();
    return result;
}

void run(Input& input) {
    LogOptions options;
    const auto flags = input.byte();
    options.timestamps = (flags & 1U) != 0;
    options.tty = (flags & 2U) != 0;
    options.longest_line = (flags & 4U) != 0 ? 1 + input.choice(32) : 1 << 20;
    const std::size_t partial_frame = (flags & 8U) != 0 ? 1 + input.choice(64) : 0;
    const std::size_t piece = 1 + input.choice(16);
    const auto stream = input.rest();

    const Read whole = read(stream, stream.size() + 1, options, partial_frame);
    const Read pieces = read(stream, piece, options, partial_frame);

    check_equal(whole.code, pieces.code, "where the network cuts a stream decides whether it is right");
    check(whole.lines.size() == pieces.lines.size(), "where the network cuts a stream changes the number of lines");
    std::size_t bytes = 0;
    for (std::size_t i = 0; i < whole.lines.size(); ++i) {
        const LogLine& line = whole.lines[i];
        check(line.stream == pieces.lines[i].stream, "where the network cuts a stream changes whose line it is");
        check_equal(line.text, pieces.lines[i].text, "where the network cuts a stream changes a line");
        check_equal(line.time, pieces.lines[i].time, "where the network cuts a stream changes a time");
        check(line.text.find('\n') == std::string::npos, "a line has a line end in it");
        check(line.text.size() <= options.longest_line, "a line is longer than the longest");
        check(options.timestamps || line.time.empty(), "a time that nobody asked for");
        bytes += line.text.size();
    }
    check(bytes <= stream.size(), "there is more in the lines than came");
}

}  // namespace
}  // namespace berth::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    berth::fuzz::Input input(data, size);
    berth::fuzz::run(input);
    return 0;
}

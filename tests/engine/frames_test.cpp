// SPDX-License-Identifier: Apache-2.0
#include <berth/engine/internal/frames.hpp>
#include <tests/engine/scripted_engine.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace berth::engine {
namespace {

using support::frame;
using support::text_of_error;
using ::testing::ElementsAre;

const ErrorFacts k_about{.summary = "cannot read the log of container 'db'"};

/// `out:text` or `err:text`, with `time|` in front of it when there is one.
std::vector<std::string> lines_of(const std::string& stream, const LogOptions& options = {},
                                  std::size_t piece = std::string::npos) {
    std::vector<std::string> lines;
    LineAssembler assembler(options, [&](const LogLine& line) {
        lines.push_back((line.time.empty() ? "" : line.time + "|") +
                        (line.stream == LogLine::Stream::err ? "err:" : "out:") + line.text);
        return true;
    });
    FrameReader frames(k_about, [&](int from, std::string_view bytes, bool begins, bool) {
        assembler.feed(from == 2 ? LogLine::Stream::err : LogLine::Stream::out, bytes, begins);
    });
    for (std::size_t at = 0; at < stream.size(); at += std::min(piece, stream.size())) {
        const auto bytes = std::string_view(stream).substr(at, piece);
        if (options.tty) {
            assembler.feed(LogLine::Stream::out, bytes, false);
        } else {
            frames.feed(bytes);
        }
    }
    frames.finish();
    assembler.finish();
    return lines;
}

TEST(Frames, MakeLinesHoweverTheyAreSplit) {
    const std::string stream = frame(1, "one\ntw") + frame(2, "oops\n") + frame(1, "") + frame(1, "o\n\nrest");

    for (std::size_t piece = 1; piece <= stream.size(); ++piece) {
        EXPECT_THAT(lines_of(stream, {}, piece), ElementsAre("out:one", "err:oops", "out:two", "out:", "out:rest"))
            << piece;
    }
}

TEST(Frames, SplitTheTimeOffEachFrame) {
    const std::string stream =
        frame(1, "2026-01-31T10:00:00.000000001Z first half, ") + frame(2, "2026-01-31T10:00:00.000000002Z oops\n") +
        frame(1, "2026-01-31T10:00:00.000000003Z second half\n") + frame(1, "2026-01-31T10:00:00.000000004Z \n");

    for (std::size_t piece = 1; piece <= stream.size(); ++piece) {
        EXPECT_THAT(lines_of(stream, {.timestamps = true}, piece),
                    ElementsAre("2026-01-31T10:00:00.000000002Z|err:oops",
                                "2026-01-31T10:00:00.000000001Z|out:first half, second half",
                                "2026-01-31T10:00:00.000000004Z|out:"))
            << piece;
    }
}

TEST(Frames, AreAbsentOnATerminal) {
    EXPECT_THAT(lines_of("one\r\ntwo\r\n$ ", {.tty = true}, 2), ElementsAre("out:one", "out:two", "out:$ "));
    EXPECT_THAT(lines_of("T1 one\r\nT2 two\r\n", {.timestamps = true, .tty = true}, 3),
                ElementsAre("T1|out:one", "T2|out:two"));
}

TEST(Frames, GiveALongLineInPieces) {
    EXPECT_THAT(lines_of(frame(1, "123456789\n12\n"), {.longest_line = 4}),
                ElementsAre("out:1234", "out:5678", "out:9", "out:12"));
}

TEST(Frames, CostNothingForALengthOfFourGibibytes) {
    std::string head = frame(1, "");
    head.replace(4, 4, "\xff\xff\xff\xff");
    std::size_t seen = 0;
    FrameReader reader(k_about, [&](int, std::string_view bytes, bool, bool) { seen += bytes.size(); });

    reader.feed(head + "abc");

    EXPECT_EQ(seen, 3U);
    EXPECT_EQ(text_of_error([&] { reader.finish(); }),
              "error[BR0104]: cannot read the log of container 'db': the stream ended in the middle of a frame\n"
              "  hint: look whether the engine still runs, and into its log");
}

TEST(Frames, RefuseWhatIsNone) {
    FrameReader reader(k_about, [](int, std::string_view, bool, bool) {});

    EXPECT_EQ(text_of_error([&] { reader.feed("hello, this is a text"); }),
              "error[BR0104]: cannot read the log of container 'db': the stream is not made of frames\n"
              "  hint: look whether the engine still runs, and into its log");
}

TEST(Frames, CarryTheEnginesOwnErrors) {
    FrameReader reader(k_about, [](int, std::string_view, bool, bool) {});
    const std::string stream = frame(3, "Error grabbing logs: \x1b[31mdisk\n");

    EXPECT_EQ(text_of_error([&] {
                  for (const char c : stream) {
                      reader.feed({&c, 1});
                  }
              }),
              "error[BR0105]: cannot read the log of container 'db'\n"
              "  engine: Error grabbing logs: \\x1b[31mdisk\n"
              "  hint: the engine's own log may say more ('journalctl -u docker')");
}

TEST(Lines, EndWhenNobodyWantsMore) {
    int calls = 0;
    LineAssembler lines({}, [&](const LogLine&) { return ++calls < 2; });

    EXPECT_FALSE(lines.feed(LogLine::Stream::out, "1\n2\n3\n4", false));
    EXPECT_FALSE(lines.finish());
    EXPECT_EQ(calls, 2);
}

}  // namespace
}  // namespace berth::engine

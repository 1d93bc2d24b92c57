// SPDX-License-Identifier: Apache-2.0
#include <berth/cli/progress.hpp>
#include <tests/cli/screen.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

namespace berth::cli {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

using State = Progress::State;
using Clock = ProgressBlock::Clock;

const Clock::time_point k_start{1000s};

TEST(ProgressLine, IsOneAPhaseChangeThatMatters) {
    EXPECT_EQ(progress_line({.service = "db", .phase = "pull", .text = "postgres:16"}), "db: pull postgres:16");
    EXPECT_EQ(progress_line({.service = "db", .phase = "pull", .state = State::moving, .current = 1, .total = 2}), "");
    EXPECT_EQ(progress_line({.service = "db", .phase = "pull", .state = State::done, .elapsed = 3200ms}),
              "db: pulled after 3.2s");
    EXPECT_EQ(progress_line({.service = "db", .phase = "start"}), "db: start");
    EXPECT_EQ(progress_line({.service = "db", .phase = "start", .state = State::done}), "");
    EXPECT_EQ(progress_line({.service = "db", .phase = "ready", .text = "port 5432"}), "db: wait for port 5432");
    EXPECT_EQ(
        progress_line({.service = "db", .phase = "ready", .state = State::done, .text = "port 5432", .elapsed = 812ms}),
        "db: ready after 812ms");
    EXPECT_EQ(
        progress_line({.service = "db", .phase = "ready", .state = State::failed, .text = "port 5432", .elapsed = 30s}),
        "db: wait for port 5432 failed after 30.0s");
    EXPECT_EQ(progress_line({.phase = "network", .text = "default"}), "environment: network default");
    EXPECT_EQ(progress_line({.phase = "up", .text = "shop"}), "");
    EXPECT_EQ(progress_line({.phase = "up", .state = State::failed, .text = "shop"}), "");
}

TEST(ProgressLine, CannotDriveATerminal) {
    EXPECT_EQ(progress_line({.service = "d\x1b[2Jb", .phase = "pull", .text = "a\nb\rc"}),
              "d\\x1b[2Jb: pull a b\\x0dc");
}

TEST(ProgressJson, IsOneObjectALine) {
    EXPECT_EQ(progress_json({.service = "db",
                             .phase = "pull",
                             .state = State::moving,
                             .current = 1234,
                             .total = 5678,
                             .unit = "bytes",
                             .text = "layer 3f2a: Downloading"},
                            120ms),
              R"({"t":120,"service":"db","phase":"pull","state":"moving","current":1234,"total":5678,"unit":"bytes",)"
              R"("text":"layer 3f2a: Downloading"})");
    EXPECT_EQ(progress_json({.service = "db", .phase = "ready", .state = State::done}, 7ms),
              R"({"t":7,"service":"db","phase":"ready","state":"done"})");
    EXPECT_EQ(progress_json({.service = "\xff", .phase = "ready"}, 0ms),
              "{\"t\":0,\"service\":\"\ufffd\",\"phase\":\"ready\",\"state\":\"begun\"}");
}

/// A shop that is coming up: the database is pulled, the cache is ready, the web server has failed.
ProgressBlock shop() {
    ProgressBlock block;
    block.take({.service = "database", .phase = "pull", .text = "postgres:16-alpine"}, k_start);
    block.take({.service = "cache", .phase = "start"}, k_start);
    block.take({.service = "web", .phase = "create", .text = "berth-1-web"}, k_start + 100ms);
    const auto layer = [&](const char* text, std::uint64_t current, std::uint64_t total) {
        block.take({.service = "database",
                    .phase = "pull",
                    .state = State::moving,
                    .current = current,
                    .total = total,
                    .unit = "bytes",
                    .text = text},
                   k_start + 1s);
    };
    layer("layer aa: Downloading", 10'000'000, 20'000'000);
    layer("layer bb: Downloading", 5'000'000, 60'000'000);
    layer("layer aa: Download complete", 0, 0);
    layer("layer aa: Extracting", 1, 2);
    block.take({.service = "cache", .phase = "ready"}, k_start + 300ms);
    block.take({.service = "cache", .phase = "ready", .state = State::done}, k_start + 812ms);
    block.take({.service = "web", .phase = "create", .state = State::failed}, k_start + 1500ms);
    block.take({.phase = "network", .text = "default"}, k_start);
    return block;
}

TEST(ProgressBlock, HasALineAServiceAtEightyColumns) {
    EXPECT_THAT(shop().lines(80, 24, k_start + 5s, Colour::never),
                ElementsAre("database  pull postgres:16-alpine [######..............] 25.0/80.0 MB 5.0~  5.0s",
                            "cache     ready  812ms", "web       create failed  1.4s"));
}

TEST(ProgressBlock, UsesTheRoomOfAWideTerminal) {
    EXPECT_EQ(shop().lines(120, 24, k_start + 5s, Colour::never).front(),
              "database  pull postgres:16-alpine [######..............] 25.0/80.0 MB 5.0 MB/s  5.0s");
}

TEST(ProgressBlock, IsCutOnANarrowTerminal) {
    EXPECT_THAT(
        shop().lines(30, 24, k_start + 5s, Colour::never),
        ElementsAre("database  pull postgres~  5.0s", "cache     ready  812ms", "web       create failed  1.4s"));
    EXPECT_THAT(shop().lines(12, 24, k_start + 5s, Colour::never),
                ElementsAre("database pu~", "cache ready", "web create ~"));
    EXPECT_THAT(shop().lines(1, 24, k_start + 5s, Colour::never), ElementsAre("~", "~", "~"));
}

TEST(ProgressBlock, ShowsWhatIsAtWorkWhenThereIsNoRoomForAll) {
    EXPECT_THAT(shop().lines(60, 2, k_start + 5s, Colour::never),
                ElementsAre("database  pull postgres:16-alpine [######............~  5.0s", "and 2 more; 1 of 3 done"));
}

TEST(ProgressBlock, PaintsOutcomes) {
    const auto lines = shop().lines(80, 24, k_start + 5s, Colour::always);

    EXPECT_EQ(lines[1], "cache     \x1b[32mready\x1b[0m  \x1b[2m812ms\x1b[0m");
    EXPECT_EQ(lines[2], "web       \x1b[31mcreate failed\x1b[0m  \x1b[2m1.4s\x1b[0m");
}

TEST(ProgressBlock, GoesDownAgain) {
    ProgressBlock block = shop();
    block.take({.service = "cache", .phase = "remove"}, k_start + 10s);
    EXPECT_EQ(block.lines(80, 24, k_start + 11s, Colour::never)[1], "cache     remove  1.0s");
    block.take({.service = "cache", .phase = "remove", .state = State::done}, k_start + 12s);
    EXPECT_EQ(block.lines(80, 24, k_start + 20s, Colour::never)[1], "cache     removed  2.0s");
}

TEST(Redraw, PutsTheNewLinesWhereTheOldOnesStood) {
    tests::TestScreen screen(40);
    screen.write("$ berth up\n");
    std::vector<std::string> drawn;
    for (const std::vector<std::string>& lines : std::vector<std::vector<std::string>>{
             {"db  pull a long image"}, {"db  start", "web  create"}, {"db  ready"}, {}}) {
        screen.write(redraw(drawn, lines, 40));
        drawn = lines;
        std::vector<std::string> expected{"$ berth up"};
        expected.insert(expected.end(), lines.begin(), lines.end());
        EXPECT_EQ(screen.lines(), expected);
    }
}

TEST(Redraw, ClearsNoLineThatIsWrittenAgain) {
    EXPECT_EQ(redraw({"one", "two"}, {"one", "2"}, 80), "\x1b[2A\rone\x1b[K\n2\x1b[K\n");
    EXPECT_EQ(redraw({"one", "two"}, {"1"}, 80), "\x1b[2A\r1\x1b[K\n\x1b[J");
}

// Whatever sizes the terminal goes through between two drawings, what stood above stays and nothing is left of old
// lines.
TEST(Redraw, SurvivesResizes) {
    std::mt19937 random(20260131);  // the same runs each time
    const auto between = [&](int least, int most) {
        return static_cast<std::size_t>(std::uniform_int_distribution<int>(least, most)(random));
    };
    for (int round = 0; round < 500; ++round) {
        std::size_t columns = between(5, 60);
        tests::TestScreen screen(columns);
        screen.write("$ up\n");
        std::vector<std::string> drawn;
        for (int frame = 0; frame < 10; ++frame) {
            if (between(0, 1) == 1) {
                columns = between(5, 60);
                screen.resize(columns);
            }
            std::vector<std::string> lines;
            for (std::size_t i = between(0, 6); i > 0; --i) {
                lines.push_back(cut_to(std::string(between(1, 70), static_cast<char>('a' + frame)), columns - 1));
            }
            screen.write(redraw(drawn, lines, columns));
            drawn = lines;
            std::vector<std::string> expected{"$ up"};
            expected.insert(expected.end(), lines.begin(), lines.end());
            ASSERT_EQ(screen.lines(), expected) << "round " << round << ", frame " << frame;
        }
    }
}

}  // namespace
}  // namespace berth::cli

// SPDX-License-Identifier: Apache-2.0
#include <berth/report/timeline.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <sstream>
#include <stdexcept>
#include <thread>

using namespace std::chrono_literals;

namespace berth {
namespace {

std::vector<Span> a_shop_going_up() {
    return {
        {"", "network", "default", 0ms, 56ms},
        {"cache", "pull", "redis:7.4-alpine", 0ms, 300ms},
        {"db", "create", "", 56ms, 65ms},
        {"db", "start", "", 65ms, 260ms},
        {"db", "ready", "log 'ready to accept'", 260ms, 980ms},
        {"cache", "create", "", 300ms, 309ms},
        {"cache", "start", "", 309ms, 500ms},
        {"cache", "ready", "port 6379", 500ms, 504ms},
        {"web", "start", "", 980ms, 1'190ms},
        {"web", "ready", "http :80/health", 1'190ms, 1'200ms},
    };
}

TEST(Timeline, IsDrawnAsOneLineAService) {
    const std::string text = render_timeline(a_shop_going_up(), 80);

    EXPECT_EQ(text,
              "environment  nnn                                                            56ms\n"
              "cache        pppppppppppppppcssssssssr                                     504ms\n"
              "db              csssssssssrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrr               924ms\n"
              "web                                                         ssssssssssr    220ms\n"
              "total 1.2s, longest: db ready 720ms (log 'ready to accept')\n"
              "n network  p pull  c create  s start  r ready\n");
}

TEST(Timeline, FitsTheWidthItIsGiven) {
    auto spans = a_shop_going_up();
    spans.push_back({"a-service-with-a-very-long-name-that-does-not-fit", "start", std::string(300, 'x'), 0ms, 900ms});
    spans.push_back({"überlänge-für-schmale-spalten", "ready", "", 0ms, 100ms});

    for (std::size_t width = 20; width <= 120; ++width) {
        std::istringstream lines(render_timeline(spans, width));
        for (std::string line; std::getline(lines, line);) {
            const auto columns = std::count_if(line.begin(), line.end(), [](char byte) {
                return (static_cast<unsigned char>(byte) & 0xc0U) != 0x80U;
            });
            EXPECT_LE(static_cast<std::size_t>(columns), width) << line;
        }
    }
}

TEST(Timeline, GivesUpTheBarsWhereThereIsNoRoom) {
    EXPECT_EQ(render_timeline({{"db", "start", "", 0ms, 200ms}}, 20),
              "db    200ms\n"
              "total 200ms, longes.\n");
}

TEST(Timeline, ShowsWhatFailedAndPhasesItDoesNotKnow) {
    const std::string text =
        render_timeline({{"db", "wash", "", 0ms, 100ms}, {"db", "ready", "", 100ms, 200ms, true}}, 40);

    EXPECT_EQ(text,
              "db  ##############rrrrrrrrrrrr!    200ms\n"
              "total 200ms, longest: db wash 100ms\n"
              "r ready  # other  ! failed\n");
}

TEST(Timeline, OfNothingIsNoText) {
    EXPECT_EQ(render_timeline({}), "");
}

TEST(Timeline, KeepsControlCharactersOfServicesFromTheTerminal) {
    EXPECT_THAT(render_timeline({{"d\x1b[2Jb", "start", "\x1b[31m", 0ms, 1ms}}, 80),
                testing::AllOf(testing::HasSubstr("d\\x1b[2Jb"), testing::Not(testing::HasSubstr("\x1b"))));
}

TEST(Timeline, RecordsASpanWhenItEnds) {
    Timeline timeline;
    {
        auto running = timeline.begin("db", "start");
        running.detail("port 5432");
        EXPECT_TRUE(timeline.spans().empty());
    }

    const auto spans = timeline.spans();

    ASSERT_EQ(spans.size(), 1U);
    EXPECT_EQ(spans[0].service, "db");
    EXPECT_EQ(spans[0].phase, "start");
    EXPECT_EQ(spans[0].detail, "port 5432");
    EXPECT_FALSE(spans[0].failed);
    EXPECT_LE(spans[0].begin, spans[0].end);
}

TEST(Timeline, MarksASpanThatAnExceptionEndsAsFailed) {
    Timeline timeline;
    EXPECT_THROW(
        {
            const auto running = timeline.begin("db", "ready");
            throw std::runtime_error("never ready");
        },
        std::runtime_error);

    ASSERT_EQ(timeline.spans().size(), 1U);
    EXPECT_TRUE(timeline.spans()[0].failed);
}

TEST(Timeline, RecordsOnceWhenDoneByHandOrMoved) {
    Timeline timeline;
    {
        auto first = timeline.begin("db", "create");
        auto second = std::move(first);
        second.done();
        second.done();
    }

    EXPECT_EQ(timeline.spans().size(), 1U);
}

TEST(Timeline, TakesSpansFromManyThreads) {
    Timeline timeline;
    std::vector<std::jthread> threads;
    for (int i = 0; i < 8; ++i) {
        threads.emplace_back([timeline]() mutable {
            for (int k = 0; k < 100; ++k) {
                timeline.begin("db", "ready").done();
            }
        });
    }
    threads.clear();

    EXPECT_EQ(timeline.spans().size(), 800U);
}

TEST(TimelineJson, HoldsEverySpanInMilliseconds) {
    Timeline timeline;
    timeline.begin("db", "pull", "postgres:15 \xff").done();

    const auto document = nlohmann::json::parse(timeline_json(timeline));

    EXPECT_EQ(document["schema"], 1);
    EXPECT_THAT(document["started"].get<std::string>(), testing::MatchesRegex("....-..-..T..:..:..\\....Z"));
    ASSERT_EQ(document["spans"].size(), 1U);
    const auto& span = document["spans"][0];
    EXPECT_EQ(span["service"], "db");
    EXPECT_EQ(span["phase"], "pull");
    EXPECT_EQ(span["detail"], "postgres:15 \xef\xbf\xbd");
    EXPECT_EQ(span["failed"], false);
    EXPECT_GE(span["end_ms"].get<double>(), span["begin_ms"].get<double>());
}

}  // namespace
}  // namespace berth

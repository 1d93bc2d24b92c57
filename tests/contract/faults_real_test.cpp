// SPDX-License-Identifier: Apache-2.0
// What goes wrong on the way to a real engine, by name: each ends in time, in a typed error or well, and leaves
// nothing.
#include <berth/http/client.hpp>
#include <berth/session/owners.hpp>
#include <tests/contract/place.hpp>
#include <tests/support/eventually.hpp>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <mutex>
#include <thread>

namespace berth::contract {
namespace {

using namespace std::chrono_literals;
using support::answer_text;
using support::Fault;
using support::k_patience;
using ::testing::IsEmpty;
using Kind = Fault::Kind;

constexpr std::size_t k_all = 1'000'000;

/// Lives under each of `trials` in turn, four at once. @returns what went wrong
std::vector<std::string> live_all(const Engine& direct, const std::vector<std::pair<std::string, Fault>>& trials,
                                  std::size_t* whole = nullptr) {
    std::atomic<std::size_t> next{0};
    std::mutex mutex;
    std::vector<std::string> wrong;
    std::size_t count = 0;
    {
        constexpr int k_at_once = 4;  // most of the time a lost create is looked for
        std::vector<std::jthread> threads;
        for (int i = 0; i < k_at_once; ++i) {
            threads.emplace_back([&] {
                Place place(direct);
                for (std::size_t at = next++; at < trials.size(); at = next++) {
                    const Lived lived = place.live({trials[at].second});
                    const std::lock_guard lock(mutex);
                    count += lived.whole ? 1U : 0U;
                    if (!lived.wrong.empty()) {
                        wrong.push_back(trials[at].first + ": " + lived.wrong);
                    }
                }
            });
        }
    }
    if (whole != nullptr) {
        *whole = count;
    }
    return wrong;
}

class OnTheWay : public ::testing::Test {
  protected:
    void TearDown() override { place_.remove_all(); }

    Engine direct_ = Engine::connect();
    Place place_{direct_};
};

TEST_F(OnTheWay, BytesOneByOneAreWaitedFor) {
    const Lived lived = place_.live({{.kind = Kind::slow, .times = k_all, .bytes = 1}});

    EXPECT_TRUE(lived.whole) << lived.error << lived.wrong;
    EXPECT_EQ(lived.wrong, "");
}

TEST_F(OnTheWay, TenKilobytesASecondAreWaitedFor) {
    const Lived lived = place_.live({{.kind = Kind::slow, .times = k_all, .bytes = 100, .time = 10ms}});

    EXPECT_TRUE(lived.whole) << lived.error << lived.wrong;
    EXPECT_EQ(lived.wrong, "");
}

TEST_F(OnTheWay, ASecondOfLatencyIsWaitedFor) {
    const Lived lived = place_.live({{.kind = Kind::delay_answer, .times = k_all, .time = 1s}});

    EXPECT_TRUE(lived.whole) << lived.error << lived.wrong;
    EXPECT_EQ(lived.wrong, "");
}

TEST_F(OnTheWay, AnyCallMayBeRefusedOnce) {
    const std::vector<std::pair<std::string, std::string>> answers{
        {"500", answer_text(500, "{\"message\":\"disk full\"}\n")},
        {"502", answer_text(502, "<html><body>Bad Gateway</body></html>", "text/html")},
        {"503", answer_text(503, "busy\n", "text/plain")}};
    std::vector<std::pair<std::string, Fault>> trials;
    for (const auto& call : k_calls_of_a_life) {
        for (const auto& [title, text] : answers) {
            trials.emplace_back(
                fmt::format("{} for {} {}", title, call.method, call.target),
                Fault{.kind = Kind::refuse, .method = call.method, .target = call.target, .text = text});
        }
    }
    std::size_t whole = 0;

    EXPECT_THAT(live_all(direct_, trials, &whole), IsEmpty());

    EXPECT_GE(whole, 3U) << "a removal that was refused is tried again";
    EXPECT_LT(whole, trials.size());
}

TEST_F(OnTheWay, AnyAnswerMayBeNonsense) {
    const std::string deep(20'000, '[');
    const std::vector<std::pair<std::string, std::string>> answers{
        {"no HTTP", "no HTTP at all\r\n\r\n"},
        {"a web page", answer_text(200, "<html><body>Welcome</body></html>", "text/html")},
        {"a gateway's word", answer_text(502, "<html><body>Bad Gateway</body></html>", "text/html")},
        {"an empty object", answer_text(200, "{}")},
        {"members of other types",
         answer_text(200, R"({"Id":5,"ID":[],"Name":{},"State":"up","Config":7,"ExitCode":"0","Running":"no"})")},
        {"too deep", answer_text(200, deep)},
        {"a chunk size that lies", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n{}\r\n0\r\n\r\n"},
        {"a length that lies", "HTTP/1.1 200 OK\r\nContent-Length: 400\r\n\r\n{}"},
        {"an endless head", "HTTP/1.1 200 OK\r\n" + std::string(200'000, 'x')}};
    std::vector<std::pair<std::string, Fault>> trials;
    for (const auto& call : k_calls_of_a_life) {
        for (const auto& [title, text] : answers) {
            trials.emplace_back(
                fmt::format("{} for {} {}", title, call.method, call.target),
                Fault{.kind = Kind::garbage, .method = call.method, .target = call.target, .text = text});
        }
    }

    EXPECT_THAT(live_all(direct_, trials), IsEmpty());
}

TEST_F(OnTheWay, SilenceDoesNotOutliveADeadline) {
    const ContainerId id = place_.containers().create(place_.new_name(), place_.config()).id;
    place_.containers().start(id);
    const std::vector<std::pair<std::string, std::function<void(Deadline)>>> calls{
        {"/json", [&](Deadline deadline) { place_.containers().inspect(id, deadline); }},
        {"/containers/json", [&](Deadline deadline) { place_.containers().list({}, deadline); }},
        {"/logs",
         [&](Deadline deadline) {
             place_.containers().follow(
                 id, {}, [](const LogLine&) { return true; }, deadline);
         }},
        {"/exec", [&](Deadline deadline) { place_.containers().exec(id, {.command = {"true"}}, deadline); }},
        {"/archive",
         [&](Deadline deadline) {
             place_.containers().get_archive(
                 id, "/etc/passwd", [](std::string_view) {}, deadline);
         }},
        {"/stop", [&](Deadline deadline) { place_.containers().stop(id, {.grace = 1s}, deadline); }},
        {"/containers/", [&](Deadline deadline) { place_.containers().remove(id, {}, deadline); }}};
    for (const auto& [target, call] : calls) {
        for (const auto kind : {Kind::stall_request, Kind::hold_answer}) {
            const Fault silence{.kind = kind, .target = target, .bytes = 30};
            place_.proxy().inject(silence);
            const auto begin = std::chrono::steady_clock::now();

            EXPECT_THROW(call(within(500ms)), TimedOut) << target;

            EXPECT_LT(std::chrono::steady_clock::now() - begin, 700ms) << target;
            silence.release.open();
        }
    }
    place_.containers().remove(id);
    EXPECT_EQ(place_.left(), 0U);
}

TEST_F(OnTheWay, ARemovalThatIsBusyIsTriedAgain) {
    OwnedContainer owner(place_.session(), place_.new_name());
    owner.create(place_.config(), within(k_patience));
    place_.proxy().forget();
    place_.proxy().inject({.kind = Kind::refuse,
                           .method = "DELETE",
                           .times = 3,
                           .text = answer_text(500, "{\"message\":\"device or resource busy\"}\n")});

    owner.remove(within(k_patience));

    EXPECT_EQ(place_.proxy().lines().size(), 4U);
    EXPECT_EQ(place_.left(), 0U);
}

TEST_F(OnTheWay, ACreateThatIsCancelledLeavesNothing) {
    for (const auto kind : {Kind::stall_request, Kind::hold_answer}) {
        const Fault held{.kind = kind, .method = "POST", .target = "/containers/create"};
        place_.proxy().inject(held);
        std::stop_source stop;
        {
            OwnedContainer owner(place_.session(), place_.new_name());
            std::jthread creating(
                [&] { EXPECT_THROW(owner.create(place_.config(), within(k_patience, stop.get_token())), Cancelled); });
            ASSERT_TRUE(held.reached.wait(within(k_patience)));

            stop.request_stop();
            creating.join();
            held.release.open();  // now it is carried out, or has been
        }
        EXPECT_EQ(place_.left(), 0U);
    }
}

TEST_F(OnTheWay, AnOlderVersionIsSpokenWhenAsked) {
    const std::string oldest = direct_.facts().engine_api > ApiVersion{1, 43} ? "1.44" : "1.40";
    place_.proxy().inject(
        {.kind = Kind::rewrite_answer, .target = "/_ping", .rewrite = [&](const support::Answered& answer) {
             std::string raw = answer.raw;
             const auto at = raw.find("Api-Version: 1.");
             return raw.replace(at, raw.find("\r\n", at) - at, "Api-Version: " + oldest);
         }});
    const Session session(Engine::connect(place_.proxy().endpoint().text()), new_run_id("cut"), SessionOptions{});
    place_.proxy().forget();

    ContainerConfig config = place_.config();
    config.labels = session.labels();
    const Lived lived = live(session, place_.new_name(), config);

    EXPECT_TRUE(lived.whole) << lived.error << lived.wrong;
    EXPECT_EQ(session.engine().facts().api.text(), oldest);
    for (const auto& line : place_.proxy().lines()) {
        EXPECT_THAT(line, ::testing::HasSubstr(" /v" + oldest + "/"));
    }
}

TEST_F(OnTheWay, AnAnswerWithoutItsLastChunkIsNoAnswer) {
    const ContainerId id = place_.containers().create(place_.new_name(), place_.config()).id;
    place_.proxy().inject({.kind = Kind::cut_last_chunk, .target = "/json"});

    try {
        place_.containers().inspect(id);
        FAIL() << "a part was taken for the whole";
    } catch (const http::BrokenExchange& broken) {
        EXPECT_EQ(broken.code(), "BR0104");
        EXPECT_EQ(broken.stage(), http::Stage::answering);
    }
    EXPECT_EQ(place_.containers().inspect(id).id, id);
}

}  // namespace
}  // namespace berth::contract

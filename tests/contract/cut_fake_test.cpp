// SPDX-License-Identifier: Apache-2.0
// The connection of a container's whole life, cut at every byte of both directions.
#include <berth/fake/engine.hpp>
#include <tests/contract/cut_life.hpp>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#ifdef __SANITIZE_THREAD__
/// libarchive changes locales, each thread its own; the C library guards what they share by locks that the sanitizer
/// does not see.
extern "C" const char* __tsan_default_suppressions();
extern "C" const char* __tsan_default_suppressions() {
    return "race:__gconv_close_transform\nrace:__freelocale\nrace:_nl_unload_locale\nrace:_nl_cleanup_ctype\n";
}
#endif

namespace berth::contract {
namespace {

using ::testing::IsEmpty;

/// One place of a life: the call, and how many of its bytes get through.
struct Cut {
    std::size_t call{0};
    fake::Fault fault{};
};

/// A fake engine with a client of its own.
class Place {
  public:
    Place() {
        engine_.image("berth.local/cut:1")
            .prints("to out")
            .prints("to err", {}, fake::Stream::err)
            .runs([](const fake::ExecRequest& request) {
                return fake::ExecResult{0, request.input, {}, {}};
            });
        session_.emplace(Engine::connect(engine_.endpoint()), new_run_id("cut"), SessionOptions{});
        engine_.forget_requests();
    }

    Lived live(const std::optional<Cut>& cut) {
        engine_.forget_requests();
        if (cut) {
            engine_.fault({.nth = cut->call + 1}, cut->fault);
        }
        Lived lived = contract::live(*session_, fmt::format("berth-cut-{}", ++lives_),
                                     {.image = "berth.local/cut:1", .labels = session_->labels()});
        if (!engine_.containers().empty() || !engine_.volumes().empty()) {
            lived.wrong += "something is left";
        }
        return lived;
    }

    [[nodiscard]] fake::Engine& engine() noexcept { return engine_; }

  private:
    fake::Engine engine_{};
    std::optional<Session> session_{};
    int lives_{0};
};

/// Every byte of every call of a life that goes well.
std::vector<Cut> every_cut() {
    Place place;
    const Lived lived = place.live(std::nullopt);
    EXPECT_TRUE(lived.whole) << lived.error << lived.wrong;
    const auto requests = place.engine().requests();
    const auto answers = place.engine().answer_sizes();
    std::vector<Cut> cuts;
    for (std::size_t call = 0; call < requests.size(); ++call) {
        const bool has_input =
            requests[call].target.find("/exec/") != std::string::npos && requests[call].method == "POST";
        const std::size_t sent = requests[call].bytes + (has_input ? std::string_view(k_input).size() : 0);
        for (std::size_t bytes = 0; bytes < sent; ++bytes) {
            cuts.push_back({call, {.kind = fake::Fault::Kind::cut_request, .bytes = bytes}});
        }
        for (std::size_t bytes = 0; bytes < answers[call]; ++bytes) {
            cuts.push_back({call, {.kind = fake::Fault::Kind::cut_answer, .bytes = bytes}});
        }
    }
    return cuts;
}

TEST(ALifeCutAtEveryByte, EndsWellOrInATypedErrorAndLeavesNothing) {
    const std::vector<Cut> cuts = every_cut();
    ASSERT_GT(cuts.size(), 5000U);
    std::atomic<std::size_t> next{0};
    std::atomic<std::size_t> whole{0};
    std::mutex mutex;
    std::vector<std::string> wrong;
    {
        // Most of the time a lost create is looked for, and nothing is done.
        constexpr int k_at_once = 48;
        std::vector<std::jthread> threads;
        for (int i = 0; i < k_at_once; ++i) {
            threads.emplace_back([&] {
                Place place;
                for (std::size_t at = next++; at < cuts.size(); at = next++) {
                    const Lived lived = place.live(cuts[at]);
                    whole += lived.whole ? 1U : 0U;
                    if (!lived.wrong.empty()) {
                        const std::lock_guard lock(mutex);
                        wrong.push_back(
                            fmt::format("call {}, {} cut after {} bytes: {}", cuts[at].call,
                                        cuts[at].fault.kind == fake::Fault::Kind::cut_answer ? "answer" : "request",
                                        cuts[at].fault.bytes, lived.wrong));
                    }
                }
            });
        }
    }

    EXPECT_THAT(wrong, IsEmpty());
    EXPECT_GT(whole, 0U);  // what is asked again, or found out by looking, ends well
    EXPECT_LT(whole, cuts.size());
    RecordProperty("cuts", static_cast<int>(cuts.size()));
    RecordProperty("whole", static_cast<int>(whole));
}

}  // namespace
}  // namespace berth::contract

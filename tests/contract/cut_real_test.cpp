// SPDX-License-Identifier: Apache-2.0
// A hundred cuts, spread over all calls of a container's life on a real engine.
#include <tests/contract/place.hpp>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <regex>
#include <thread>
#include <vector>

namespace berth::contract {
namespace {

using support::Fault;
using ::testing::IsEmpty;

constexpr std::size_t k_cuts = 110;

struct Cut {
    CallOfALife call{};
    Fault::Kind kind{Fault::Kind::cut_answer};
    std::size_t bytes{0};
};

/// Evenly over the bytes of both directions of each call of a life that went well.
std::vector<Cut> sample(const std::vector<support::RecordingProxy::Exchange>& exchanges) {
    constexpr std::size_t k_each = k_cuts / k_calls_of_a_life.size() / 2;
    std::vector<Cut> cuts;
    for (const auto& call : k_calls_of_a_life) {
        const auto found = std::find_if(exchanges.begin(), exchanges.end(), [&](const auto& each) {
            return each.request.method == call.method &&
                   std::regex_search(each.request.target, std::regex(call.target));
        });
        if (found == exchanges.end()) {
            ADD_FAILURE() << "no " << call.method << ' ' << call.target << " in a life";
            continue;
        }
        // The head as the client sends it, and the body.
        std::size_t asked = found->request.line().size() + std::string_view(" HTTP/1.1\r\n\r\n").size();
        for (const auto& [name, value] : found->request.headers) {
            asked += name.size() + value.size() + std::string_view(": \r\n").size();
        }
        asked += found->request.body.size();
        for (std::size_t i = 0; i < k_each; ++i) {
            cuts.push_back({call, Fault::Kind::cut_request, i * asked / k_each});
            cuts.push_back({call, Fault::Kind::cut_answer, i * found->answer.size / k_each});
        }
    }
    return cuts;
}

TEST(ALifeCutOnARealEngine, EndsWellOrInATypedErrorAndLeavesNothing) {
    const Engine direct = Engine::connect();
    std::vector<Cut> cuts;
    {
        Place place(direct);
        const Lived lived = place.live({});
        ASSERT_TRUE(lived.whole) << lived.error << lived.wrong;
        cuts = sample(place.proxy().exchanges());
    }
    ASSERT_GE(cuts.size(), 100U);
    std::atomic<std::size_t> next{0};
    std::atomic<std::size_t> whole{0};
    std::mutex mutex;
    std::vector<std::string> wrong;
    {
        constexpr int k_at_once = 4;  // most of the time a lost create is looked for
        std::vector<std::jthread> threads;
        for (int i = 0; i < k_at_once; ++i) {
            threads.emplace_back([&] {
                Place place(direct);
                for (std::size_t at = next++; at < cuts.size(); at = next++) {
                    const Cut& cut = cuts[at];
                    const Lived lived = place.live(
                        {{.kind = cut.kind, .method = cut.call.method, .target = cut.call.target, .bytes = cut.bytes}});
                    whole += lived.whole ? 1U : 0U;
                    if (!lived.wrong.empty()) {
                        const std::lock_guard lock(mutex);
                        wrong.push_back(fmt::format(
                            "{} {}, {} cut after {} bytes: {}", cut.call.method, cut.call.target,
                            cut.kind == Fault::Kind::cut_answer ? "answer" : "request", cut.bytes, lived.wrong));
                    }
                }
            });
        }
    }

    EXPECT_THAT(wrong, IsEmpty());
    EXPECT_GT(whole, 0U);
    EXPECT_LT(whole, cuts.size());
    RecordProperty("cuts", static_cast<int>(cuts.size()));
    RecordProperty("whole", static_cast<int>(whole));
}

}  // namespace
}  // namespace berth::contract

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/engine/internal/wire.hpp>

#include <fmt/format.h>

#include <functional>
#include <optional>
#include <string>

namespace berth::engine {

/// How long a create whose answer was lost is looked for.
struct SettlePatience {
    /// An engine carries out a create whose caller has gone; seen up to 1.7 s late under load. Absent for so long:
    /// never made.
    std::chrono::milliseconds absent{2500};
    /// And this is the end of asking when the engine does not answer.
    std::chrono::milliseconds budget{10'000};
};

/// Runs `create`. When its answer is lost (broken off or timed out after the first byte was sent, unreadable, or a
/// gateway's instead of the engine's), `look_up` is asked by name until it finds the object or has found none for
/// SettlePatience::absent, on a deadline of its own: a create that ran out of time is settled as well.
///
/// @returns what `create` returned, or what `look_up` found
/// @throws what `create` threw when nothing was made; InDoubt (BR0109) when the engine does not answer the question
template <class Result>
Result settled(const std::string& what, const std::function<Result()>& create,
               const std::function<std::optional<Result>(Deadline)>& look_up, const Deadline& deadline,
               const SettlePatience& patience_for = {}) {
    std::exception_ptr lost;
    ErrorFacts facts;
    try {
        return create();
    } catch (const http::BrokenExchange& broken) {
        if (broken.stage() == http::Stage::connecting) {
            throw;
        }
        facts = broken.facts();
        lost = std::current_exception();
    } catch (const http::ExchangeTimedOut& late) {
        if (late.stage() == http::Stage::connecting) {
            throw;
        }
        facts = late.facts();
        lost = std::current_exception();
    } catch (const ExchangeFailed& unreadable) {
        facts = unreadable.facts();
        lost = std::current_exception();
    } catch (const EngineRefused& refused) {
        // Said by a gateway on the way, not by the engine: what became of the request behind it is not known.
        constexpr int k_bad_gateway = 502;
        constexpr int k_gateway_timeout = 504;
        if (refused.http_status() != k_bad_gateway && refused.http_status() != k_gateway_timeout) {
            throw;
        }
        facts = refused.facts();
        lost = std::current_exception();
    }
    const Deadline patience = within(patience_for.budget, deadline.stop());
    std::optional<Deadline::Clock::time_point> absent_since;
    Backoff backoff(std::chrono::milliseconds(10), std::chrono::milliseconds(250));
    while (!patience.passed()) {
        bool answered = false;
        try {
            if (auto found = look_up(patience)) {
                return std::move(*found);
            }
            answered = true;
        } catch (const ExchangeFailed& again) {
            facts.notes = {again.summary()};
        } catch (const TimedOut& again) {
            facts.notes = {again.summary()};
        }
        const auto now = Deadline::Clock::now();
        if (!answered) {
            absent_since.reset();
        } else if (!absent_since) {
            absent_since = now;
        } else if (now - *absent_since >= patience_for.absent) {
            std::rethrow_exception(lost);
        }
        backoff.pause(patience);
    }
    facts.notes.insert(facts.notes.begin(), facts.summary);
    facts.code = "BR0109";
    facts.summary =
        fmt::format("the request to create {} was sent, and the engine does not say what became of it", what);
    facts.hints = {"what was made carries Berth's labels: it is removed once the engine answers again"};
    throw InDoubt(std::move(facts));
}

}  // namespace berth::engine

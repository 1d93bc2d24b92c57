// SPDX-License-Identifier: Apache-2.0
#include <berth/core/log.hpp>
#include <berth/engine/events.hpp>
#include <berth/engine/internal/clock.hpp>
#include <berth/engine/internal/wire.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <tuple>
#include <vector>

namespace berth {
namespace {

constexpr std::size_t k_piece = 16 * 1024;
constexpr std::int64_t k_second = 1'000'000'000;
constexpr std::chrono::seconds k_settled{1};

Event event_of(const engine::Json& json) {
    Event event;
    event.type = json.at("Type").text();
    event.action = json.at("Action").text();
    event.id = json.at("Actor").at("ID").text();
    event.attributes = json.at("Actor").at("Attributes").labels();
    event.time_nano = json.at("timeNano").number();
    return event;
}

std::vector<std::string> texts_of(const std::optional<std::int64_t>& number) {
    return number ? std::vector<std::string>{std::to_string(*number)} : std::vector<std::string>{};
}

/// Podman tells of `die` and `destroy` as Docker does, or of `remove`, and finds them by names of its own.
std::vector<std::string> actions_for(const EngineFacts& engine, const std::vector<std::string>& actions) {
    std::vector<std::string> all = actions;
    if (engine.kind == EngineKind::podman) {
        for (const auto& action : actions) {
            if (action == "die") {
                all.emplace_back("died");
            } else if (action == "destroy") {
                all.emplace_back("remove");
            }
        }
    }
    return all;
}

/// Whether a stream of events came to the end that was asked for.
enum class Ended { properly, at_will };

/// One stream, to its end. `on_open` is given the engine's own time, by its Date.
Ended read_events(const Engine::Wire& wire, const EventOptions& options, const std::optional<std::int64_t>& since,
                  const std::function<void(const http::Head&)>& on_open,
                  const std::function<bool(const Event&)>& on_event, const Deadline& deadline) {
    engine::Call call{.purpose = "cannot follow the engine's events", .path = "/events"};
    std::string filters = engine::filters({{"type", options.types},
                                           {"event", actions_for(wire.facts(), options.actions)},
                                           {"label", options.labels},
                                           {"container", options.containers},
                                           {"image", options.images},
                                           {"network", options.networks},
                                           {"volume", options.volumes}});
    if (!filters.empty()) {
        call.query.emplace_back("filters", std::move(filters));
    }
    for (const auto& [key, time] : {std::pair{"since", texts_of(since)}, std::pair{"until", texts_of(options.until)}}) {
        if (!time.empty()) {
            call.query.emplace_back(key, time.front());
        }
    }
    http::Stream stream = wire.open(call, {200}, deadline);
    on_open(stream.head());
    engine::JsonSplitter objects(wire.about(call));
    std::vector<char> buffer(k_piece);
    std::string object;
    while (true) {
        const std::size_t size = wire.read(call, stream, buffer.data(), buffer.size(), deadline);
        if (size == 0) {
            objects.finish();
            if (options.until) {
                return Ended::properly;
            }
            ErrorFacts facts = wire.about(call);
            facts.code = "BR0102";
            facts.summary += ": the engine ended the stream";
            facts.hints = {"look whether the engine still runs, and into its log"};
            throw http::BrokenExchange(http::Stage::answering, 0, std::move(facts));
        }
        objects.feed({buffer.data(), size});
        while (objects.next(object)) {
            if (!on_event(event_of(wire.json(call, object)))) {
                return Ended::at_will;
            }
        }
    }
}

/// Remembers what was handed on, for as long as the engine could tell it again.
class Told {
  public:
    /// @returns false when it was told before
    bool add(const Event& event) {
        // An engine remembers 256 events.
        constexpr std::size_t k_most = 1024;
        Key key{event.time_nano, event.type, event.id, event.action};
        if (std::find(told_.begin(), told_.end(), key) != told_.end()) {
            return false;
        }
        newest_ = std::max(newest_, event.time_nano);
        told_.push_back(std::move(key));
        if (told_.size() > k_most) {
            told_.pop_front();
        }
        return true;
    }
    [[nodiscard]] std::int64_t newest() const noexcept { return newest_; }

  private:
    using Key = std::tuple<std::int64_t, std::string, std::string, std::string>;
    std::deque<Key> told_;
    std::int64_t newest_{0};
};

}  // namespace

void Events::follow(const EventOptions& options, const std::function<void()>& on_open,
                    const std::function<bool(const Event&)>& on_event, Deadline deadline) const {
    read_events(
        *wire_, options, options.since,
        [&](const http::Head&) {
            if (on_open) {
                on_open();
            }
        },
        on_event, deadline);
}

void Events::watch(const EventOptions& options, const std::function<void()>& relist,
                   const std::function<bool(const Event&)>& on_event, Deadline deadline) const {
    Told told;
    std::optional<std::int64_t> since = options.since;
    std::optional<std::int64_t> opened_at;
    std::optional<Deadline::Clock::time_point> away_since;
    engine::Backoff backoff;
    while (true) {
        std::optional<Deadline::Clock::time_point> opened;
        const auto on_open = [&](const http::Head& head) {
            opened = Deadline::Clock::now();
            away_since.reset();
            opened_at = engine::time_of_date(head.headers.find("Date").value_or(""));
            relist();
        };
        const auto happened = [&](const Event& event) { return !told.add(event) || on_event(event); };
        try {
            read_events(*wire_, options, since, on_open, happened, deadline);
            return;
        } catch (const http::BrokenExchange& broken) {
            const auto now = Deadline::Clock::now();
            if (opened && now - *opened > k_settled) {  // not one that ends each stream at once
                backoff = engine::Backoff();
            }
            away_since = away_since.value_or(now);
            if (now - *away_since > options.reconnect_patience) {
                throw;
            }
            log::debug(fmt::format("events: {}; taking them up again", broken.summary()));
        }
        // A second before the last that is known to have been: times are cut to seconds, and subscribing takes a while.
        const std::int64_t newest = std::max(told.newest() / k_second, opened_at.value_or(0));
        if (newest > 0) {
            since = newest - 1;
        }
        backoff.pause(deadline);
    }
}

}  // namespace berth

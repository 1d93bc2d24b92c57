// SPDX-License-Identifier: Apache-2.0
#include <berth/engine/events.hpp>
#include <berth/engine/internal/wire.hpp>

#include <fmt/format.h>

#include <vector>

namespace berth {
namespace {

constexpr std::size_t k_piece = 16 * 1024;

Event event_of(const engine::Json& json) {
    Event event;
    event.type = json.at("Type").text();
    event.action = json.at("Action").text();
    event.id = json.at("Actor").at("ID").text();
    event.attributes = json.at("Actor").at("Attributes").labels();
    event.time_nano = json.at("timeNano").number();
    return event;
}

}  // namespace

void Events::follow(const EventOptions& options, const std::function<void()>& on_open,
                    const std::function<bool(const Event&)>& on_event, Deadline deadline) const {
    engine::Call call{.purpose = "cannot follow the engine's events", .path = "/events"};
    if (std::string filters =
            engine::filters({{"type", options.types}, {"event", options.actions}, {"label", options.labels}});
        !filters.empty()) {
        call.query.emplace_back("filters", std::move(filters));
    }
    http::Stream stream = wire_->open(call, {200}, deadline);
    if (on_open) {
        on_open();
    }
    engine::JsonSplitter objects(wire_->about(call));
    std::vector<char> buffer(k_piece);
    std::string object;
    while (true) {
        const std::size_t size = wire_->read(call, stream, buffer.data(), buffer.size(), deadline);
        if (size == 0) {
            objects.finish();
            ErrorFacts facts = wire_->about(call);
            facts.code = "BR0102";
            facts.summary += ": the engine ended the stream";
            facts.hints = {"look whether the engine still runs, and into its log"};
            throw http::BrokenExchange(http::Stage::answering, 0, std::move(facts));
        }
        objects.feed({buffer.data(), size});
        while (objects.next(object)) {
            if (!on_event(event_of(wire_->json(call, object)))) {
                return;
            }
        }
    }
}

}  // namespace berth

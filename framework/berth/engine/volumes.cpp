// SPDX-License-Identifier: Apache-2.0
#include <berth/engine/internal/bodies.hpp>
#include <berth/engine/internal/settle.hpp>
#include <berth/engine/internal/wire.hpp>
#include <berth/engine/volumes.hpp>

#include <fmt/format.h>

namespace berth {

using engine::Call;
using engine::Lost;

namespace {

Call call_for(std::string_view verb, std::string method, const std::string& name) {
    return {.purpose = fmt::format("cannot {} volume '{}'", verb, engine::shown(name)),
            .method = std::move(method),
            .path = fmt::format("/volumes/{}", http::encode_segment(name))};
}

VolumeFacts volume_facts(const engine::Json& json) {
    return {json.at("Name").required_text(), json.at("Driver").text(), json.at("Labels").labels()};
}

}  // namespace

VolumeFacts Volumes::create(const std::string& name, const std::string& driver, const Labels& labels,
                            Deadline deadline) {
    const std::string asked = driver.empty() ? "local" : driver;
    const Call call{.purpose = fmt::format("cannot create volume '{}'", name),
                    .method = "POST",
                    .path = "/volumes/create",
                    .json = engine::create_volume_body(name, asked, labels)};
    const std::function<VolumeFacts()> create = [&] {
        const auto answer = wire_->send(call, {201}, deadline);
        return volume_facts(wire_->json(call, answer.body));
    };
    const std::function<std::optional<VolumeFacts>(Deadline)> look_up = [&](Deadline patience) {
        return find(name, patience);
    };
    VolumeFacts made = engine::settled(fmt::format("volume '{}'", name), create, look_up, deadline);
    // An engine hands out a volume that was there already as if it had made it.
    if (made.labels != labels || made.driver != asked) {
        ErrorFacts facts = wire_->about(call);
        facts.code = "BR0107";
        facts.summary = fmt::format(
            "cannot create volume '{}': another one has that name, with other labels or another driver", name);
        facts.hints = {fmt::format("remove the other one if nobody needs its data: docker volume rm {}", name)};
        throw Conflict(std::move(facts));
    }
    return made;
}

std::optional<VolumeFacts> Volumes::find(const std::string& name, Deadline deadline) {
    const Call call = call_for("inspect", "GET", name);
    const auto answer = wire_->send(call, {200, 404}, deadline);
    if (answer.status == 404) {
        return std::nullopt;
    }
    return volume_facts(wire_->json(call, answer.body));
}

std::vector<VolumeFacts> Volumes::list(const std::vector<std::string>& labels, Deadline deadline) {
    Call call{.purpose = "cannot list volumes", .path = "/volumes"};
    if (std::string filters = engine::filters({{"label", labels}}); !filters.empty()) {
        call.query.emplace_back("filters", std::move(filters));
    }
    const auto answer = wire_->send(call, {200}, deadline);
    std::vector<VolumeFacts> result;
    for (const auto& item : wire_->json(call, answer.body).at("Volumes").items()) {
        result.push_back(volume_facts(item));
    }
    return result;
}

bool Volumes::remove(const std::string& name, Deadline deadline) {
    try {
        const auto answer = wire_->send(call_for("remove", "DELETE", name), {204, 404}, deadline, Lost::send_again);
        return answer.status != 404 || answer.sent_again;
    } catch (Conflict& in_use) {
        in_use.amend([&](ErrorFacts& facts) {
            facts.summary += ": a container uses it";
            facts.hints = {fmt::format("see which with 'docker ps -a --filter volume={}'", name)};
        });
        throw;
    }
}

}  // namespace berth

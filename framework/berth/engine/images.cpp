// SPDX-License-Identifier: Apache-2.0
#include <berth/engine/images.hpp>
#include <berth/engine/internal/pull_errors.hpp>
#include <berth/engine/internal/wire.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace berth {

using engine::Call;

namespace {

Call call_for(std::string_view verb, std::string method, const std::string& reference, std::string_view rest) {
    return {.purpose = fmt::format("cannot {} image '{}'", verb, reference),
            .method = std::move(method),
            .path = fmt::format("/images/{}{}", http::encode_path(reference), rest)};
}

std::vector<std::string> keys_of(const engine::Json& object) {
    std::vector<std::string> keys;
    for (const auto& [key, value] : object.members()) {
        keys.push_back(key);
    }
    return keys;
}

std::uint64_t size_of(const engine::Json& json) {
    return static_cast<std::uint64_t>(std::max<std::int64_t>(json.at("Size").number(), 0));
}

ImageFacts image_facts(const engine::Json& json) {
    ImageFacts facts;
    facts.id = json.at("Id").required_text();
    facts.tags = json.at("RepoTags").texts();
    facts.digests = json.at("RepoDigests").texts();
    facts.architecture = json.at("Architecture").text();
    facts.variant = json.at("Variant").text();
    facts.os = json.at("Os").text();
    facts.created = json.at("Created").text();
    facts.size = size_of(json);
    facts.layers = json.at("RootFS").at("Layers").texts();
    const engine::Json config = json.at("Config");
    facts.exposed_ports = keys_of(config.at("ExposedPorts"));
    facts.volumes = keys_of(config.at("Volumes"));
    const auto test = config.at("Healthcheck").at("Test").texts();
    facts.has_healthcheck = !test.empty() && test.front() != "NONE";
    facts.labels = config.at("Labels").labels();
    facts.environment = config.at("Env").texts();
    facts.entrypoint = config.at("Entrypoint").texts();
    facts.command = config.at("Cmd").texts();
    facts.user = config.at("User").text();
    facts.working_dir = config.at("WorkingDir").text();
    facts.stop_signal = config.at("StopSignal").text();
    return facts;
}

ImageFacts listed_facts(const engine::Json& item) {
    ImageFacts facts;
    facts.id = item.at("Id").required_text();
    for (const auto& tag : item.at("RepoTags").texts()) {
        if (tag != "<none>:<none>") {
            facts.tags.push_back(tag);
        }
    }
    for (const auto& digest : item.at("RepoDigests").texts()) {
        if (digest != "<none>@<none>") {
            facts.digests.push_back(digest);
        }
    }
    facts.size = size_of(item);
    facts.labels = item.at("Labels").labels();
    facts.created = fmt::format("{}", item.at("Created").number());
    return facts;
}

}  // namespace

std::optional<ImageFacts> Images::find(const std::string& reference, Deadline deadline) {
    try {
        return inspect(reference, deadline);
    } catch (const NotFound&) {
        return std::nullopt;
    }
}

ImageFacts Images::inspect(const std::string& reference, Deadline deadline) {
    const Call call = call_for("inspect", "GET", reference, "/json");
    try {
        const auto answer = wire_->send(call, {200}, deadline);
        return image_facts(wire_->json(call, answer.body));
    } catch (NotFound& missing) {
        missing.amend([&](ErrorFacts& facts) {
            facts.code = "BR0202";
            facts.hints = {fmt::format("pull it first: docker pull {}", reference)};
        });
        throw;
    }
}

bool Images::remove(const std::string& reference, Deadline deadline) {
    const Call call = call_for("remove", "DELETE", reference, "");
    try {
        const auto answer = wire_->send(call, {200, 404}, deadline, engine::Lost::send_again);
        return answer.status != 404 || answer.sent_again;
    } catch (Conflict& in_use) {
        in_use.amend([&](ErrorFacts& facts) {
            facts.hints = {fmt::format("see who uses it with 'docker ps -a --filter ancestor={}'", reference)};
        });
        throw;
    }
}

void Images::tag(const std::string& reference, const std::string& as, Deadline deadline) {
    const ImageReference name = engine::image_name(as);
    Call call = call_for("tag", "POST", reference, "/tag");
    call.query = {{"repo", name.registry + '/' + name.repository}, {"tag", name.tag}};
    wire_->send(call, {201}, deadline);
}

std::vector<ImageFacts> Images::list(const std::vector<std::string>& labels, Deadline deadline) {
    return list(ImageFilters{.labels = labels}, deadline);
}

std::vector<ImageFacts> Images::list(const ImageFilters& filters, Deadline deadline) {
    const auto one = [](const std::string& value) {
        return value.empty() ? std::vector<std::string>{} : std::vector<std::string>{value};
    };
    Call call{.purpose = "cannot list images", .path = "/images/json"};
    const std::string dangling = !filters.dangling ? "" : *filters.dangling ? "true" : "false";
    if (std::string json = engine::filters({{"label", filters.labels},
                                            {"reference", filters.references},
                                            {"before", one(filters.before)},
                                            {"since", one(filters.since)},
                                            {"dangling", one(dangling)}});
        !json.empty()) {
        call.query.emplace_back("filters", std::move(json));
    }
    if (filters.all) {
        call.query.emplace_back("all", "1");
    }
    const auto answer = wire_->send(call, {200}, deadline);
    std::vector<ImageFacts> result;
    for (const auto& item : wire_->json(call, answer.body).items()) {
        result.push_back(listed_facts(item));
    }
    return result;
}

Pruned Images::prune(const PruneImages& options, Deadline deadline) {
    Call call{.purpose = "cannot prune images", .method = "POST", .path = "/images/prune"};
    const std::vector<std::string> until =
        options.until.empty() ? std::vector<std::string>{} : std::vector<std::string>{options.until};
    call.query.emplace_back("filters", engine::filters({{"dangling", {options.unused ? "false" : "true"}},
                                                        {"label", options.labels},
                                                        {"label!", options.not_labels},
                                                        {"until", until}}));
    try {
        const auto answer = wire_->send(call, {200}, deadline);
        const engine::Json json = wire_->json(call, answer.body);
        Pruned pruned;
        for (const auto& item : json.at("ImagesDeleted").items()) {
            std::string name = item.at("Deleted").text();
            if (name.empty()) {
                name = item.at("Untagged").text();
            }
            pruned.removed.push_back(std::move(name));
        }
        pruned.bytes = static_cast<std::uint64_t>(std::max<std::int64_t>(json.at("SpaceReclaimed").number(), 0));
        return pruned;
    } catch (Conflict& other) {
        other.amend([](ErrorFacts& facts) { facts.hints = {"one prune at a time: try again when that has ended"}; });
        throw;
    }
}

}  // namespace berth

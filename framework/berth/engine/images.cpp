// SPDX-License-Identifier: Apache-2.0
#include <berth/core/image_reference.hpp>
#include <berth/core/redaction.hpp>
#include <berth/engine/images.hpp>
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
    facts.os = json.at("Os").text();
    facts.size = size_of(json);
    const engine::Json config = json.at("Config");
    facts.exposed_ports = keys_of(config.at("ExposedPorts"));
    facts.volumes = keys_of(config.at("Volumes"));
    const auto test = config.at("Healthcheck").at("Test").texts();
    facts.has_healthcheck = !test.empty() && test.front() != "NONE";
    facts.labels = config.at("Labels").labels();
    return facts;
}

/// `repository` and `tag` of a name to give; a digest cannot be given.
std::pair<std::string, std::string> split_name(const std::string& name) {
    ImageReference image;
    ImageReferenceError error;
    if (!parse_image_reference(name, image, error) || !image.digest.empty()) {
        const std::string why = image.digest.empty() ? error.why : "a digest cannot be given as a name";
        throw Error({.code = "BR0204",
                     .summary = fmt::format("'{}' is no name for an image: {}", name, why),
                     .hints = {"write [REGISTRY/]NAME[:TAG]"}});
    }
    return {image.registry + '/' + image.repository, image.tag.empty() ? "latest" : image.tag};
}

/// The names after `Loaded image: `; ids when the archive names none.
void add_loaded(const std::string& text, std::vector<std::string>& names) {
    for (const std::string_view head : {"Loaded image: ", "Loaded image ID: ", "Loaded image(s): "}) {
        for (auto at = text.find(head); at != std::string::npos; at = text.find(head, at + 1)) {
            const auto from = at + head.size();
            names.push_back(text.substr(from, text.find_first_of("\r\n", from) - from));
        }
    }
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

std::vector<std::string> Images::load(const ArchiveSource& tar, Deadline deadline) {
    Call call{.purpose = "cannot load images from an archive",
              .method = "POST",
              .path = "/images/load",
              .query = {{"quiet", "1"}}};
    call.tar = tar;
    const auto answer = wire_->send(call, {200}, deadline);
    engine::JsonSplitter objects(wire_->about(call));
    objects.feed(answer.body);
    std::vector<std::string> names;
    std::string object;
    ErrorFacts facts = wire_->about(call);
    facts.code = "BR0203";
    facts.http_status = answer.status;
    while (objects.next(object)) {
        const engine::Json json = wire_->json(call, object);
        std::string error = json.at("errorDetail").at("message").text();
        if (error.empty()) {
            error = json.at("error").text();
        }
        if (!error.empty()) {
            facts.engine = escape_controls(error);
            facts.hints = {error.find("no space left") == std::string::npos
                               ? "it has to be what 'docker save' writes: a docker-archive"
                               : "the engine's disk is full: 'docker system df' shows what takes the space"};
            throw Error(std::move(facts));
        }
        add_loaded(json.at("stream").text(), names);
    }
    objects.finish();
    if (names.empty()) {
        facts.summary += ": the engine found none in it";
        facts.hints = {"it has to be what 'docker save' writes: a docker-archive"};
        throw Error(std::move(facts));
    }
    return names;
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
    const auto [repository, tag] = split_name(as);
    Call call = call_for("tag", "POST", reference, "/tag");
    call.query = {{"repo", repository}, {"tag", tag}};
    wire_->send(call, {201}, deadline);
}

std::vector<ImageFacts> Images::list(const std::vector<std::string>& labels, Deadline deadline) {
    Call call{.purpose = "cannot list images", .path = "/images/json"};
    if (std::string filters = engine::filters({{"label", labels}}); !filters.empty()) {
        call.query.emplace_back("filters", std::move(filters));
    }
    const auto answer = wire_->send(call, {200}, deadline);
    std::vector<ImageFacts> result;
    for (const auto& item : wire_->json(call, answer.body).items()) {
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
        result.push_back(std::move(facts));
    }
    return result;
}

}  // namespace berth

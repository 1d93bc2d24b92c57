// SPDX-License-Identifier: Apache-2.0
#include <berth/engine/images.hpp>
#include <berth/engine/internal/container_errors.hpp>
#include <berth/engine/internal/credentials.hpp>
#include <berth/engine/internal/pull_errors.hpp>
#include <berth/engine/internal/wire.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace berth {

using engine::Call;

namespace {

std::uint64_t count_in(const engine::Json& json) {
    return static_cast<std::uint64_t>(std::max<std::int64_t>(json.number(), 0));
}

std::string platform_of(const engine::Json& json) {
    std::string text = fmt::format("{}/{}", json.at("os").text(), json.at("architecture").text());
    if (const std::string variant = json.at("variant").text(); !variant.empty()) {
        text += '/' + variant;
    }
    return text;
}

}  // namespace

std::vector<ImageHistoryStep> Images::history(const std::string& reference, Deadline deadline) {
    const Call call{.purpose = fmt::format("cannot read the history of image '{}'", reference),
                    .path = fmt::format("/images/{}/history", http::encode_path(reference))};
    try {
        const auto answer = wire_->send(call, {200}, deadline);
        std::vector<ImageHistoryStep> steps;
        for (const auto& item : wire_->json(call, answer.body).items()) {
            steps.push_back({.id = item.at("Id").text(),
                             .created = item.at("Created").number(),
                             .created_by = item.at("CreatedBy").text(),
                             .tags = item.at("Tags").texts(),
                             .size = count_in(item.at("Size")),
                             .comment = item.at("Comment").text()});
        }
        return steps;
    } catch (NotFound& missing) {
        missing.amend([&](ErrorFacts& facts) {
            facts.code = "BR0202";
            facts.hints = {fmt::format("pull it first: docker pull {}", reference)};
        });
        throw;
    }
}

std::vector<FoundImage> Images::search(const std::string& term, const SearchOptions& options, Deadline deadline) {
    Call call{.purpose = fmt::format("cannot search for images by '{}'", term),
              .path = "/images/search",
              .query = {{"term", term}, {"limit", fmt::format("{}", options.limit)}}};
    std::vector<std::string> official;
    std::vector<std::string> stars;
    if (options.official) {
        official.emplace_back("true");
    }
    if (options.stars > 0) {
        stars.push_back(fmt::format("{}", options.stars));
    }
    if (std::string filters = engine::filters({{"is-official", official}, {"stars", stars}}); !filters.empty()) {
        call.query.emplace_back("filters", std::move(filters));
    }
    const auto answer = wire_->send(call, {200}, deadline);
    std::vector<FoundImage> found;
    for (const auto& item : wire_->json(call, answer.body).items()) {
        // Podman writes some of the keys in its own case.
        const auto text = [&](const char* key, const char* other) {
            std::string value = item.at(key).text();
            return value.empty() ? item.at(other).text() : value;
        };
        found.push_back({.name = text("name", "Name"),
                         .description = text("description", "Description"),
                         .official = item.at("is_official").flag(),
                         .stars = item.at("star_count").small_number()});
    }
    return found;
}

DistributionFacts Images::distribution(const std::string& reference,
                                       const std::optional<RegistryCredentials>& credentials, Deadline deadline) {
    const ImageReference image = engine::image_reference(reference);
    const engine::PullCredentials login = engine::pull_credentials(image.registry, credentials, deadline);
    Call call{.purpose = fmt::format("cannot ask registry '{}' for image '{}'", image.registry, image.familiar()),
              .path = fmt::format("/distribution/{}/json", http::encode_path(image.familiar()))};
    if (!login.credentials.anonymous()) {
        call.headers.emplace_back("X-Registry-Auth", login.credentials.header());
    }
    try {
        const auto answer = wire_->send(call, {200}, deadline);
        const engine::Json json = wire_->json(call, answer.body);
        const engine::Json descriptor = json.at("Descriptor");
        DistributionFacts facts;
        facts.digest = descriptor.at("digest").text();
        facts.media_type = descriptor.at("mediaType").text();
        facts.size = count_in(descriptor.at("size"));
        for (const auto& platform : json.at("Platforms").items()) {
            facts.platforms.push_back(platform_of(platform));
        }
        return facts;
    } catch (const EngineRefused& refused) {
        if (refused.facts().engine == "Not Found" || refused.facts().engine == "page not found") {
            engine::explain_state(refused);
        }
        ErrorFacts facts = refused.facts();
        facts.code = "BR0201";
        engine::explain_registry(facts, call.purpose, image, !login.credentials.anonymous());
        if (!login.trouble.empty()) {
            facts.notes.push_back(login.trouble);
        }
        throw PullFailed(std::move(facts));
    }
}

}  // namespace berth

// SPDX-License-Identifier: Apache-2.0
#include <berth/core/units.hpp>
#include <berth/engine/images.hpp>
#include <berth/engine/internal/credentials.hpp>
#include <berth/engine/internal/pull_errors.hpp>
#include <berth/engine/internal/transfer.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace berth {

PushedImage Images::push(const std::string& reference, const PushOptions& options, Deadline deadline) {
    const ImageReference image = engine::image_reference(reference);
    const std::string purpose = fmt::format("cannot push image '{}'", image.familiar());
    if (!image.digest.empty()) {
        throw Error({.code = "BR0204",
                     .summary = fmt::format("{}: a tag is pushed, and a digest says what came of it", purpose),
                     .hints = {"write [REGISTRY/]NAME[:TAG]"}});
    }
    const engine::PullCredentials login = engine::pull_credentials(image.registry, options.credentials, deadline);
    PushedImage pushed;
    engine::Transfer transfer;
    transfer.call = {.purpose = purpose,
                     .method = "POST",
                     .path = fmt::format("/images/{}/push", http::encode_path(image.registry + '/' + image.repository)),
                     // Without a tag the engine pushes every one there is.
                     .query = {{"tag", image.tag.empty() ? "latest" : image.tag}},
                     // Older engines insist on it, with nobody in it too.
                     .headers = {{"X-Registry-Auth", login.credentials.header()}}};
    transfer.stall = options.stall;
    transfer.on_progress = options.on_progress;
    transfer.on_object = [&](const engine::Json& object) {
        const engine::Json aux = object.at("aux");
        if (!aux.at("Digest").absent()) {
            pushed.tag = aux.at("Tag").text();
            pushed.digest = aux.at("Digest").text();
            pushed.size = static_cast<std::uint64_t>(std::max<std::int64_t>(aux.at("Size").number(), 0));
        }
    };
    engine::TransferEnd end = engine::run_transfer(*wire_, transfer, deadline);
    if (!end.failed) {
        return pushed;
    }
    ErrorFacts& facts = end.facts;
    constexpr int k_not_found = 404;
    if (facts.http_status == k_not_found || facts.engine.find("does not exist locally") != std::string::npos ||
        facts.engine.find("image not known") != std::string::npos ||
        facts.engine.find("tag does not exist") != std::string::npos) {
        facts.code = "BR0202";
        facts.summary = fmt::format("{}: the engine has no such image", purpose);
        facts.hints = {"give the image that name first: docker tag IMAGE " + image.familiar()};
        throw NotFound(std::move(facts));
    }
    facts.code = "BR0206";
    if (end.stalled) {
        facts.summary = fmt::format("{}: no progress for {}", purpose, readable_duration(options.stall));
        facts.hints = {
            fmt::format("look whether registry '{}' is up, and how fast the engine's network is", image.registry)};
    } else {
        engine::explain_registry(facts, purpose, image, !login.credentials.anonymous());
    }
    if (!login.trouble.empty()) {
        facts.notes.push_back(login.trouble);
    }
    throw EngineRefused(std::move(facts));
}

}  // namespace berth

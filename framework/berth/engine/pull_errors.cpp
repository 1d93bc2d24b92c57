// SPDX-License-Identifier: Apache-2.0
#include <berth/engine/internal/pull_errors.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <initializer_list>

namespace berth::engine {
namespace {

bool says(const std::string& text, std::initializer_list<std::string_view> parts) {
    return std::any_of(parts.begin(), parts.end(),
                       [&](std::string_view part) { return text.find(part) != std::string::npos; });
}

std::string lower(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return text;
}

}  // namespace

PullFailed explain_pull(ErrorFacts facts, const ImageReference& image) {
    const std::string name = image.familiar();
    const std::string& registry = image.registry;
    const std::string said = lower(facts.engine);
    facts.code = "BR0201";
    const auto as = [&](std::string why, std::string hint) {
        facts.summary = fmt::format("cannot pull image '{}': {}", name, why);
        facts.hints = {std::move(hint)};
        return PullFailed(facts);
    };
    // The order matters: "pull access denied … may require 'docker login'" speaks of both, and so on.
    if (says(said, {"toomanyrequests", "too many requests", "rate limit"})) {
        return as(fmt::format("registry '{}' limits how often images are pulled", registry),
                  fmt::format("wait a while, or log in for a higher limit: docker login {}", registry));
    }
    if (says(said, {"no space left on device", "disk quota exceeded"})) {
        return as("the engine's disk is full", "'docker system df' shows what takes the space");
    }
    if (says(said,
             {"no matching manifest", "does not match the specified platform", "no image found in manifest list"})) {
        return as("it does not exist for this platform", "name one that does with 'platform', or choose another image");
    }
    if (says(said, {"manifest unknown", "name unknown", "manifest for"}) ||
        (facts.http_status == 404 && says(said, {"not found"}) && !says(said, {"denied"}))) {
        return as(fmt::format("registry '{}' has no such image or tag", registry),
                  "check its name and tag for typing errors");
    }
    if (says(said, {"denied", "forbidden", "insufficient_scope"})) {
        return as(fmt::format("registry '{}' denies it: it does not exist there, or needs a login", registry),
                  fmt::format("check its name, and log in if it is private: docker login {}", registry));
    }
    if (says(said, {"unauthorized", "authentication required", "no basic auth credentials", "incorrect username"})) {
        return as(fmt::format("registry '{}' asks for a login", registry),
                  fmt::format("log in and pull it once by hand: docker login {}; docker pull {}", registry, name));
    }
    if (says(said, {"http response to https client", "certificate", "x509", "tls:"})) {
        return as(
            fmt::format("the engine does not trust registry '{}'", registry),
            "give its certificate to the engine, or name the registry in 'insecure-registries' of its daemon.json");
    }
    if (says(said, {"connection refused", "no such host", "i/o timeout", "timeout exceeded", "tls handshake timeout",
                    "unexpected http status: 5", "connection reset", "unexpected eof", "no route to host",
                    "network is unreachable", "request canceled while waiting", "server misbehaving", "eof"})) {
        return as(fmt::format("registry '{}' does not answer", registry),
                  fmt::format("look whether registry '{}' is up and can be reached from the engine", registry));
    }
    return as("the registry or the engine says no", "try it by hand: docker pull " + name);
}

}  // namespace berth::engine

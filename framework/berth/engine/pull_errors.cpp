// SPDX-License-Identifier: Apache-2.0
#include <berth/core/units.hpp>
#include <berth/engine/internal/pull_errors.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <initializer_list>
#include <string_view>
#include <vector>

namespace berth::engine {
namespace {

constexpr int k_unauthorized = 401;
constexpr int k_not_found = 404;

struct Words {
    RegistryTrouble trouble{RegistryTrouble::other};
    std::vector<std::string_view> any{};
};

/// The order matters: "pull access denied … may require 'docker login'" speaks of both, and so on.
const std::vector<Words>& known_words() {
    using enum RegistryTrouble;
    static const std::vector<Words> all{
        {rate_limit, {"toomanyrequests", "too many requests", "rate limit"}},
        {disk_full, {"no space left on device", "disk quota exceeded"}},
        {no_such_platform,
         {"no matching manifest", "does not match the specified platform", "no image found in manifest list",
          "no image found in image index"}},
        {damaged,
         {"filesystem layer verification failed", "digest did not match", "wrong diff id", "mismatched image rootfs",
          "failed commit on ref", "unexpected commit digest", "missing signature key", "unsupported manifest",
          "unsupported media type", "archive/tar: invalid tar header", "gzip: invalid header", "unexpected eof",
          "invalid character", "unexpected end of json", "error parsing manifest", "manifest verification failed",
          "not a valid manifest", "invalid checksum digest"}},
        {no_such_image, {"manifest unknown", "name unknown", "manifest for"}},
        {needs_login, {"no basic auth credentials"}},
        {denied, {"denied", "forbidden", "insufficient_scope"}},
        {needs_login,
         {"unauthorized", "authentication required", "no basic auth credentials", "incorrect username",
          "invalid username/password"}},
        {not_trusted, {"http response to https client", "certificate", "x509", "tls: "}},
        {not_there,
         {"connection refused", "no such host", "no route to host", "network is unreachable", "server misbehaving"}},
        {no_answer,
         {"i/o timeout", "timeout exceeded", "tls handshake timeout", "connection reset",
          "request canceled while waiting", "internal server error", "service unavailable", "bad gateway",
          "unavailable", "eof"}},
        {no_such_image, {"not found"}}};
    return all;
}

std::string lower(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return text;
}

/// The status behind `unexpected status from HEAD request to http://…: 503 Service Unavailable` and its like; 0 when
/// the words name none.
int unexpected_status(const std::string& said) {
    const auto from = said.find("unexpected ");
    const auto status = from == std::string::npos ? from : said.find("status", from);
    if (status == std::string::npos) {
        return 0;
    }
    constexpr std::size_t k_digits = 3;
    constexpr std::string_view k_before = ": ";
    for (auto at = said.find(k_before, status); at != std::string::npos; at = said.find(k_before, at + 1)) {
        const std::string_view text = std::string_view(said).substr(at + k_before.size());
        const std::string_view number = text.substr(0, k_digits);
        const bool whole = text.size() == k_digits || (text.size() > k_digits && text[k_digits] == ' ');
        if (const auto value = parse_integer(number); value && number.size() == k_digits && whole) {
            return static_cast<int>(*value);
        }
    }
    return 0;
}

RegistryTrouble trouble_of(int status) {
    constexpr int k_forbidden = 403;
    constexpr int k_too_many = 429;
    constexpr int k_server_error = 500;
    switch (status) {
        case k_unauthorized:
            return RegistryTrouble::needs_login;
        case k_forbidden:
            return RegistryTrouble::denied;
        case k_not_found:
            return RegistryTrouble::no_such_image;
        case k_too_many:
            return RegistryTrouble::rate_limit;
        default:
            return status >= k_server_error ? RegistryTrouble::no_answer : RegistryTrouble::other;
    }
}

}  // namespace

RegistryTrouble registry_trouble(const ErrorFacts& facts) {
    const std::string said = lower(facts.engine);
    if (const RegistryTrouble named = trouble_of(unexpected_status(said)); named != RegistryTrouble::other) {
        return named;
    }
    for (const auto& words : known_words()) {
        if (std::any_of(words.any.begin(), words.any.end(),
                        [&](std::string_view part) { return said.find(part) != std::string::npos; })) {
            return words.trouble;
        }
    }
    switch (facts.http_status) {
        case k_unauthorized:
            return RegistryTrouble::needs_login;
        case k_not_found:
            return RegistryTrouble::no_such_image;
        default:
            return RegistryTrouble::other;
    }
}

void explain_registry(ErrorFacts& facts, const std::string& purpose, const ImageReference& image, bool with_login) {
    const std::string name = image.familiar();
    const std::string& registry = image.registry;
    const auto as = [&](const std::string& why, std::string hint) {
        facts.summary = fmt::format("{}: {}", purpose, why);
        facts.hints = {std::move(hint)};
    };
    switch (registry_trouble(facts)) {
        case RegistryTrouble::rate_limit:
            return as(fmt::format("registry '{}' limits how often images are pulled", registry),
                      fmt::format("wait a while, or log in for a higher limit: docker login {}", registry));
        case RegistryTrouble::disk_full:
            return as("the engine's disk is full", "'docker system df' shows what takes the space");
        case RegistryTrouble::no_such_platform:
            return as("it does not exist for this platform",
                      "name one that does with 'platform', or choose another image");
        case RegistryTrouble::no_such_image:
            return as(fmt::format("registry '{}' has no such image or tag", registry),
                      "check its name and tag for typing errors");
        case RegistryTrouble::denied:
            return as(fmt::format("registry '{}' denies it: it does not exist there, or needs {} login", registry,
                                  with_login ? "another" : "a"),
                      fmt::format("check its name, and log in if it is private: docker login {}", registry));
        case RegistryTrouble::needs_login:
            return with_login ? as(fmt::format("registry '{}' does not take the login that is stored for it", registry),
                                   fmt::format("log in again: docker login {}", registry))
                              : as(fmt::format("registry '{}' asks for a login", registry),
                                   fmt::format("log in: docker login {}", registry));
        case RegistryTrouble::not_trusted:
            return as(
                fmt::format("the engine does not trust registry '{}'", registry),
                "give its certificate to the engine, or name the registry in 'insecure-registries' of its daemon.json");
        case RegistryTrouble::damaged:
            return as(fmt::format("what registry '{}' sent is damaged or incomplete", registry),
                      "try again; if it stays so, whoever runs the registry has to push the image anew");
        case RegistryTrouble::not_there:
        case RegistryTrouble::no_answer:
            return as(fmt::format("registry '{}' does not answer", registry),
                      fmt::format("look whether registry '{}' is up and can be reached from the engine", registry));
        case RegistryTrouble::other:
            break;
    }
    as("the registry or the engine says no", "try it by hand: docker pull " + name);
}

ImageReference image_reference(const std::string& text) {
    ImageReference image;
    ImageReferenceError error;
    if (!parse_image_reference(text, image, error)) {
        throw Error({.code = "BR0204",
                     .summary = fmt::format("'{}' is no image reference: {}", text, error.why),
                     .hints = {"write [REGISTRY/]NAME[:TAG][@DIGEST]"}});
    }
    return image;
}

ImageReference image_name(const std::string& text) {
    ImageReference image;
    ImageReferenceError error;
    if (!parse_image_reference(text, image, error) || !image.digest.empty()) {
        const std::string why = image.digest.empty() ? error.why : "a digest cannot be given as a name";
        throw Error({.code = "BR0204",
                     .summary = fmt::format("'{}' is no name for an image: {}", text, why),
                     .hints = {"write [REGISTRY/]NAME[:TAG]"}});
    }
    if (image.tag.empty()) {
        image.tag = "latest";
    }
    return image;
}

}  // namespace berth::engine

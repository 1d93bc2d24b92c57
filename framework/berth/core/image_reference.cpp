// SPDX-License-Identifier: Apache-2.0
#include <berth/core/image_reference.hpp>

#include <algorithm>

namespace berth {
namespace {

constexpr std::string_view k_hub = "docker.io";

bool is_lower_alnum(char c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

bool is_word(char c) noexcept {
    return is_lower_alnum(c) || (c >= 'A' && c <= 'Z') || c == '_';
}

bool is_host(std::string_view part) noexcept {
    return part == "localhost" || part.find_first_of(".:") != std::string_view::npos;
}

/// Position of the first character (from 0) that may not stand in a repository path; npos when it is fine.
std::size_t bad_in_repository(std::string_view path) noexcept {
    for (std::size_t i = 0; i < path.size(); ++i) {
        const char c = path[i];
        const bool separator = c == '.' || c == '_' || c == '-' || c == '/';
        const bool edge = i == 0 || i + 1 == path.size() || path[i - 1] == '/' || path[i + 1] == '/';
        if (!is_lower_alnum(c) && (!separator || (edge && c != '/') || (c == '/' && (i == 0 || path[i - 1] == '/')))) {
            return i;
        }
    }
    return path.empty() || path.back() == '/' ? path.size() : std::string_view::npos;
}

std::string normalised_key(std::string_view key) {
    // A prefix (`docker.io/`) is no reference of its own and stays as it is written.
    ImageReference reference;
    ImageReferenceError error;
    return !key.empty() && key.back() != '/' && parse_image_reference(key, reference, error) && !reference.tag.empty()
               ? reference.normalised()
               : std::string(key);
}

}  // namespace

std::string ImageReference::normalised() const {
    std::string text = registry + '/' + repository;
    if (!tag.empty()) {
        text += ':' + tag;
    } else if (digest.empty()) {
        text += ":latest";
    }
    return digest.empty() ? text : text + '@' + digest;
}

std::string ImageReference::familiar() const {
    std::string text = normalised();
    const std::string hub_library = std::string(k_hub) + "/library/";
    if (text.rfind(hub_library, 0) == 0) {
        return text.substr(hub_library.size());
    }
    return registry == k_hub ? text.substr(k_hub.size() + 1) : text;
}

bool ImageReference::floating() const noexcept {
    return digest.empty() && (tag.empty() || tag == "latest");
}

bool parse_image_reference(std::string_view text, ImageReference& reference, ImageReferenceError& error) {
    const auto fail = [&](std::string why, std::size_t position) {
        error = {std::move(why), position + 1};
        return false;
    };
    if (text.empty()) {
        return fail("it is empty", 0);
    }
    ImageReference result;
    std::string_view rest = text;
    if (const auto at = rest.find('@'); at != std::string_view::npos) {
        const auto digest = rest.substr(at + 1);
        const auto colon = digest.find(':');
        const bool hex = colon != std::string_view::npos && digest.size() >= colon + 33 &&
                         std::all_of(digest.begin() + static_cast<std::ptrdiff_t>(colon) + 1, digest.end(), [](char c) {
                             return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
                         });
        if (!hex) {
            return fail("a digest is an algorithm, a colon and hex digits", at + 1);
        }
        result.digest = digest;
        rest = rest.substr(0, at);
    }
    const auto slash = rest.find('/');
    std::size_t offset = 0;
    if (slash != std::string_view::npos && is_host(rest.substr(0, slash))) {
        result.registry = rest.substr(0, slash);
        for (std::size_t i = 0; i < slash; ++i) {
            const char c = rest[i];
            if (!is_word(c) && c != '.' && c != '-' && c != ':' && c != '[' && c != ']') {
                return fail("a registry is a host name with an optional port", i);
            }
        }
        offset = slash + 1;
        rest = rest.substr(offset);
    } else {
        result.registry = k_hub;
    }
    if (const auto colon = rest.rfind(':'); colon != std::string_view::npos && rest.find('/', colon) == std::string_view::npos) {
        const auto tag = rest.substr(colon + 1);
        if (tag.empty()) {
            return fail("the tag is empty", offset + colon);
        }
        if (tag.size() > 128) {
            return fail("a tag has at most 128 characters", offset + colon + 129);
        }
        for (std::size_t i = 0; i < tag.size(); ++i) {
            if (!is_word(tag[i]) && (i == 0 || (tag[i] != '.' && tag[i] != '-'))) {
                return fail("a tag is made of letters, digits, '_', '.' and '-'", offset + colon + 1 + i);
            }
        }
        result.tag = tag;
        rest = rest.substr(0, colon);
    }
    if (const auto bad = bad_in_repository(rest); bad != std::string_view::npos) {
        const bool upper = bad < rest.size() && rest[bad] >= 'A' && rest[bad] <= 'Z';
        return fail(upper ? "a repository is written in lower case"
                          : "a repository is made of lower-case letters, digits and single '.', '_', '-', '/' between them",
                    offset + bad);
    }
    result.repository = result.registry == k_hub && rest.find('/') == std::string_view::npos
                            ? "library/" + std::string(rest)
                            : std::string(rest);
    reference = std::move(result);
    return true;
}

bool parse_substitutions(std::string_view text, std::map<std::string, std::string>& substitutions) {
    std::map<std::string, std::string> result;
    while (!text.empty()) {
        const auto comma = text.find(',');
        const auto entry = text.substr(0, comma);
        text = comma == std::string_view::npos ? std::string_view{} : text.substr(comma + 1);
        const auto equals = entry.find('=');
        if (equals == std::string_view::npos || equals == 0 || equals + 1 == entry.size()) {
            return false;
        }
        result.emplace(entry.substr(0, equals), entry.substr(equals + 1));
    }
    substitutions = std::move(result);
    return true;
}

std::string substitute_image(std::string_view image, const std::map<std::string, std::string>& substitutions) {
    ImageReference reference;
    ImageReferenceError error;
    if (!parse_image_reference(image, reference, error)) {
        return std::string(image);
    }
    const std::string whole = reference.normalised();
    std::size_t longest = 0;
    std::string result(image);
    for (const auto& [from, to] : substitutions) {
        const std::string key = normalised_key(from);
        if (key == whole) {
            return to;
        }
        if (!key.empty() && key.back() == '/' && key.size() > longest && whole.rfind(key, 0) == 0) {
            longest = key.size();
            result = to + whole.substr(key.size());
        }
    }
    return result;
}

}  // namespace berth

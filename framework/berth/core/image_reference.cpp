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

/// Position of the first character (from 0) that may not stand in a repository path; npos when it is fine. Between its
/// letters and digits stand '/', '.', '_', '__' or any number of '-'.
std::size_t bad_in_repository(std::string_view path) noexcept {
    std::size_t i = 0;
    while (true) {
        const std::size_t from = i;
        while (i < path.size() && is_lower_alnum(path[i])) {
            ++i;
        }
        if (i == from) {
            return i;
        }
        if (i == path.size()) {
            return std::string_view::npos;
        }
        if (path[i] == '-') {
            i = std::min(path.find_first_not_of('-', i), path.size());
        } else if (path[i] == '_' && path.substr(i, 2) == "__") {
            i += 2;
        } else if (path[i] == '/' || path[i] == '.' || path[i] == '_') {
            ++i;
        } else {
            return i;
        }
    }
}

/// Position (from 0) of what is wrong in `host[:port]` or `[address][:port]`; npos when it is fine.
std::size_t bad_in_registry(std::string_view text) noexcept {
    std::size_t end = 0;
    if (text.substr(0, 1) == "[") {
        end = text.find(']');
        const auto bad = text.substr(0, end).find_first_not_of("0123456789abcdefABCDEF:", 1);
        if (end == std::string_view::npos || bad != std::string_view::npos) {
            return end == std::string_view::npos ? text.size() : bad;
        }
        ++end;
    } else {
        while (end < text.size() &&
               ((is_word(text[end]) && text[end] != '_') || text[end] == '.' || text[end] == '-')) {
            ++end;
        }
        if (end == 0 || text.front() == '-' || text.front() == '.') {
            return 0;
        }
    }
    if (end == text.size()) {
        return std::string_view::npos;
    }
    if (text[end] != ':' || end + 1 == text.size()) {
        return end;
    }
    return text.find_first_not_of("0123456789", end + 1);
}

bool is_digest(std::string_view text) noexcept {
    const auto colon = text.find(':');
    if (colon == std::string_view::npos || colon == 0) {
        return false;
    }
    const auto algorithm = text.substr(0, colon);
    const auto hex = text.substr(colon + 1);
    return algorithm.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789+._-") == std::string_view::npos &&
           (algorithm == "sha256" ? hex.size() == 64 : hex.size() >= 32) &&
           hex.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

std::string normalised_key(std::string_view key) {
    // A prefix (`docker.io/`) is no reference of its own and stays as it is written.
    ImageReference reference;
    ImageReferenceError error;
    if (key.empty() || key.back() == '/' || !parse_image_reference(key, reference, error)) {
        return std::string(key);
    }
    const bool whole = !reference.tag.empty() || !reference.digest.empty();
    return whole ? reference.normalised() : reference.registry + '/' + reference.repository;
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
    if (registry != k_hub) {
        return text;
    }
    constexpr std::string_view k_library = "library/";
    const std::string_view path = repository;
    if (path.rfind(k_library, 0) == 0 && path.find('/', k_library.size()) == std::string_view::npos) {
        return text.substr(k_hub.size() + 1 + k_library.size());
    }
    // Without the hub's name in front, a first part that looks like a registry would be taken for one.
    const auto slash = path.find('/');
    const bool needs_hub = slash == std::string_view::npos || is_host(path.substr(0, slash));
    return needs_hub ? text : text.substr(k_hub.size() + 1);
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
        if (!is_digest(digest)) {
            return fail("a digest is an algorithm, a colon and hex digits ('sha256:' and 64 of them)", at + 1);
        }
        result.digest = digest;
        rest = rest.substr(0, at);
    }
    const auto slash = rest.find('/');
    std::size_t offset = 0;
    if (slash != std::string_view::npos && is_host(rest.substr(0, slash))) {
        result.registry = rest.substr(0, slash);
        if (const auto bad = bad_in_registry(result.registry); bad != std::string_view::npos) {
            return fail("a registry is a host name with an optional port", bad);
        }
        offset = slash + 1;
        rest = rest.substr(offset);
    } else {
        result.registry = k_hub;
    }
    if (const auto colon = rest.rfind(':');
        colon != std::string_view::npos && rest.find('/', colon) == std::string_view::npos) {
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
        return fail(
            upper ? "a repository is written in lower case"
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
        const bool at_edge =
            !key.empty() &&
            (key.back() == '/' ||
             (whole.size() > key.size() && std::string_view("/:@").find(whole[key.size()]) != std::string_view::npos));
        if (at_edge && key.size() > longest && whole.rfind(key, 0) == 0) {
            longest = key.size();
            result = to + whole.substr(key.size());
        }
    }
    return result;
}

}  // namespace berth

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace berth {

/// An image's name in its parts: `registry.lan:5000/team/app:1.2@sha256:…`.
struct ImageReference {
    std::string registry{};    ///< `docker.io` when none is written.
    std::string repository{};  ///< `library/redis` on docker.io, otherwise as written.
    std::string tag{};         ///< Empty when none is written (and no digest: `latest` is meant).
    std::string digest{};      ///< `sha256:…`; may be empty.

    /// All parts: `docker.io/library/redis:7.4-alpine`.
    [[nodiscard]] std::string normalised() const;
    /// As people write it: `redis:7.4-alpine`; `:latest` is added where neither tag nor digest is given.
    [[nodiscard]] std::string familiar() const;
    /// Neither a digest nor a tag other than `latest`.
    [[nodiscard]] bool floating() const noexcept;

    friend bool operator==(const ImageReference&, const ImageReference&) = default;
};

/// Why a text is no image reference.
struct ImageReferenceError {
    std::string why{};        ///< `a repository is written in lower case`.
    std::size_t position{0};  ///< Character, from 1.
};

/// Parses `text`. @returns false and fills `error` when it is no reference.
bool parse_image_reference(std::string_view text, ImageReference& reference, ImageReferenceError& error);

/// `FROM=TO[,FROM=TO…]` of BERTH_SUBSTITUTE. @returns false when an entry has no `=` or an empty side.
bool parse_substitutions(std::string_view text, std::map<std::string, std::string>& substitutions);

/// The reference to use instead of `image`: a key that is the whole normalised reference replaces it whole, otherwise
/// the longest key that is a prefix of it is replaced by its value; keys are normalised first. `image` itself when none
/// fits.
std::string substitute_image(std::string_view image, const std::map<std::string, std::string>& substitutions);

}  // namespace berth

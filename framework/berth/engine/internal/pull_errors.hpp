// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/core/error.hpp>
#include <berth/core/image_reference.hpp>

#include <string>

namespace berth::engine {

/// What a registry, or the engine on its behalf, means by its words.
enum class RegistryTrouble {
    rate_limit,
    disk_full,
    no_such_platform,
    no_such_image,
    denied,
    needs_login,
    not_trusted,
    damaged,    ///< What came is not what was promised.
    not_there,  ///< Nobody listens, no such host.
    no_answer,  ///< 5xx, the connection broke, too late: another time it may go better.
    other,
};

RegistryTrouble registry_trouble(const ErrorFacts& facts);

/// Fills summary and hint from the words of engine and registry, which `facts.engine` holds whole.
/// @param purpose `cannot pull image 'x'`
/// @param with_login credentials were sent
void explain_registry(ErrorFacts& facts, const std::string& purpose, const ImageReference& image, bool with_login);

/// @throws Error (BR0204)
ImageReference image_reference(const std::string& text);
/// A name to give to an image, its tag filled in: a digest cannot be given.
/// @throws Error (BR0204)
ImageReference image_name(const std::string& text);

}  // namespace berth::engine

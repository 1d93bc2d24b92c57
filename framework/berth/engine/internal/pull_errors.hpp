// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/core/error.hpp>
#include <berth/core/image_reference.hpp>

#include <string>

namespace berth::engine {

/// What a failed pull means, by the words of engine and registry: `facts.engine` holds them whole. Fills code (BR0201),
/// summary and hint.
PullFailed explain_pull(ErrorFacts facts, const ImageReference& image);

}  // namespace berth::engine

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace berth::cli {

/// `berth 0.1.0`, with a line end.
std::string version_text();
/// The same as JSON, with the compiler it was made by.
std::string version_json();

}  // namespace berth::cli

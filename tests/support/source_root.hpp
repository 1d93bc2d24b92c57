// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

namespace berth::support {

/// The folder of the whole project, where scripts of the tests lie.
std::filesystem::path source_root();

}  // namespace berth::support

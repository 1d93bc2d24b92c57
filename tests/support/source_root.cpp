// SPDX-License-Identifier: Apache-2.0
#include <tests/support/source_root.hpp>

namespace berth::support {

std::filesystem::path source_root() {
    return BERTH_SOURCE_ROOT;
}

}  // namespace berth::support

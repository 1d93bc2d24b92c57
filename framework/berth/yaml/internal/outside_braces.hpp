// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>

namespace berth::yaml {

/// The first of the characters in `wanted` that stands in no `${…}`; npos when there is none.
std::size_t find_outside_braces(std::string_view text, std::string_view wanted, std::size_t from = 0) noexcept;

}  // namespace berth::yaml

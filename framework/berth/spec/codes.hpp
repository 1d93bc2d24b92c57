// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/core/diagnostic.hpp>

#include <span>
#include <string_view>

namespace berth {

/// A code of a finding about a spec. Codes never change meaning and are never used again for something else.
struct Code {
    std::string_view code{};  ///< `BE0201`: BE is an error, BW a warning, BN a note.
    std::string_view slug{};  ///< `unknown-key`; unique as well.
    Severity severity{Severity::error};
    std::string_view message{};  ///< Its general form, placeholders in braces.
};

/// All codes: errors, then warnings, then notes; ascending within each.
std::span<const Code> all_codes() noexcept;

/// The row of `code`; null when there is none.
const Code* find_code(std::string_view code) noexcept;

}  // namespace berth

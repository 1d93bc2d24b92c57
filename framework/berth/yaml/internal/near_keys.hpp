// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace berth::yaml {

/// What somebody who wrote an unknown key most likely meant.
struct KeyGuess {
    std::string code{};  ///< BE0201, BE0206 or BE0207.
    std::string message{};
    std::string caret{};
    std::string replacement{};  ///< The key to write instead, when there is just one.
};

/// In this order: another spelling of a key, a word that means one, a key of another mapping, a slip of the pen.
/// @param owner of the field table; @param where the mapping, for a person
KeyGuess guess_key(std::string_view key, std::string_view owner, const std::vector<std::string>& known,
                   const std::string& where);

}  // namespace berth::yaml

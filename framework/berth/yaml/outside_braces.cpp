// SPDX-License-Identifier: Apache-2.0
#include <berth/yaml/internal/outside_braces.hpp>

namespace berth::yaml {

std::size_t find_outside_braces(std::string_view text, std::string_view wanted, std::size_t from) noexcept {
    int braces = 0;
    for (std::size_t i = from; i < text.size(); ++i) {
        if (text.substr(i, 2) == "${") {
            ++braces;
        } else if (text[i] == '}' && braces > 0) {
            --braces;
        } else if (braces == 0 && wanted.find(text[i]) != std::string_view::npos) {
            return i;
        }
    }
    return std::string_view::npos;
}

}  // namespace berth::yaml

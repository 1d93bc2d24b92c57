// SPDX-License-Identifier: Apache-2.0
#include <berth/cli/dotenv.hpp>

#include <algorithm>

namespace berth::cli {
namespace {

bool is_plain(char c) noexcept {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    return letter || std::string_view("_-./:@%+,=").find(c) != std::string_view::npos;
}

}  // namespace

std::string dotenv_value(std::string_view value) {
    if (std::all_of(value.begin(), value.end(), is_plain)) {
        return std::string(value);
    }
    if (value.find('\'') == std::string_view::npos) {
        return '\'' + std::string(value) + '\'';
    }
    std::string quoted = "\"";
    for (const char c : value) {
        if (c == '"' || c == '\\' || c == '$' || c == '`') {
            quoted += '\\';
        }
        quoted += c;
    }
    return quoted + '"';
}

std::string dotenv_text(const std::map<std::string, std::string>& variables) {
    std::string text;
    for (const auto& [name, value] : variables) {
        text += name + '=' + dotenv_value(value) + '\n';
    }
    return text;
}

}  // namespace berth::cli

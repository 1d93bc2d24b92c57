// SPDX-License-Identifier: Apache-2.0
#include <berth/engine/internal/find_program.hpp>

#include <unistd.h>
#include <filesystem>
#include <sstream>
#include <system_error>

namespace berth::engine {

std::string find_program(const std::string& name, const Variables& variable) {
    std::istringstream path(variable("PATH"));
    std::string folder;
    while (std::getline(path, folder, ':')) {
        const std::string program = (folder.empty() ? "." : folder) + '/' + name;
        std::error_code ignored;  // what cannot be looked at cannot be run either
        if (std::filesystem::is_regular_file(program, ignored) && ::access(program.c_str(), X_OK) == 0) {
            return program;
        }
    }
    return {};
}

}  // namespace berth::engine

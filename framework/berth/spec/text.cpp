// SPDX-License-Identifier: Apache-2.0
#include <berth/spec/text.hpp>

namespace berth {

std::vector<std::string> ShellOrArgv::argv() const {
    std::vector<std::string> arguments;
    if (shell) {
        arguments = {"/bin/sh", "-c"};
    }
    for (const auto& word : words) {
        arguments.push_back(word.text);
    }
    return arguments;
}

}  // namespace berth

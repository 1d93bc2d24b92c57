// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/engine/images.hpp>

#include <array>
#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>

namespace berth::support {

/// `berth.local/NAME:VERSION` of the images in the folder that BERTH_TEST_IMAGES names (made by tests/images/build),
/// loaded unless the engine has it. Needs the engine floor linked. @throws std::runtime_error when there is none
inline std::string load_test_image(const Engine& engine, const std::string& name) {
    const char* const folder = std::getenv("BERTH_TEST_IMAGES");
    std::ifstream index(std::string(folder == nullptr ? "." : folder) + "/index");
    std::string found;
    std::string version;
    std::string file;
    while (index >> found >> version >> file) {
        if (found != name) {
            continue;
        }
        std::string reference = "berth.local/";
        reference += name + ':' + version;
        if (!engine.images().find(reference)) {
            std::ifstream tar(std::string(folder) + '/' + file, std::ios::binary);
            std::array<char, 65'536> piece{};
            engine.images().load([&] {
                tar.read(piece.data(), static_cast<std::streamsize>(piece.size()));
                return std::string_view(piece.data(), static_cast<std::size_t>(tar.gcount()));
            });
        }
        return reference;
    }
    throw std::runtime_error("BERTH_TEST_IMAGES names no folder with '" + name + "' in its index; tests/run sets it");
}

}  // namespace berth::support

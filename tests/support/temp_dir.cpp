// SPDX-License-Identifier: Apache-2.0
#include <tests/support/temp_dir.hpp>

#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <stdexcept>
#include <system_error>

namespace berth::support {

TempDir::TempDir() {
    std::string form = (std::filesystem::temp_directory_path() / "berth-test-XXXXXX").string();
    if (::mkdtemp(form.data()) == nullptr) {
        throw std::system_error(errno, std::generic_category(), "mkdtemp " + form);
    }
    path_ = form;
}

TempDir::~TempDir() {
    std::error_code error;
    std::filesystem::remove_all(path_, error);
    if (error) {
        std::cerr << "cannot remove " << path_ << ": " << error.message() << '\n';
    }
}

std::string TempDir::write(std::string_view name, std::string_view content) const {
    const auto place = path_ / name;
    std::filesystem::create_directories(place.parent_path());
    std::ofstream out(place, std::ios::binary);
    out << content;
    out.close();
    if (!out) {
        throw std::runtime_error("cannot write " + place.string());
    }
    return place.string();
}

}  // namespace berth::support

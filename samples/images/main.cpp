// SPDX-License-Identifier: Apache-2.0
// The engine by itself, without an environment: sees to it that images are there. What no registry gives is loaded from
// a docker-archive file, under that file's own name; a line `REFERENCE=NAME` then says what stands in for what.
//
//   images REFERENCE=FILE…
#include <berth/berth.hpp>

#include <chrono>
#include <fstream>
#include <iostream>
#include <string>
#include <string_view>

namespace {

/// The file, 1 MiB at a time.
class File {
  public:
    explicit File(const std::string& path) : in_(path, std::ios::binary) {
        if (!in_) {
            throw std::runtime_error("cannot open " + path);
        }
    }
    std::string_view next() {
        in_.read(piece_.data(), static_cast<std::streamsize>(piece_.size()));
        return {piece_.data(), static_cast<std::size_t>(in_.gcount())};
    }

  private:
    std::ifstream in_;
    std::string piece_ = std::string(1 << 20, '\0');
};

void see_to(berth::Engine& engine, const std::string& reference, const std::string& path) {
    auto images = engine.images();
    if (images.find(reference)) {
        std::cerr << "images: " << reference << " is there\n";
        return;
    }
    try {
        images.pull(reference, {.stall = std::chrono::seconds(20)}, berth::within(std::chrono::minutes(10)));
        std::cerr << "images: " << reference << " pulled\n";
    } catch (const berth::Error& failure) {
        std::cerr << "images: " << reference << " cannot be pulled (" << failure.facts().engine << ")\n";
        File file(path);
        for (const auto& name : images.load([&] { return file.next(); })) {
            std::cerr << "images: " << reference << " is stood in for by " << name << "\n";
            std::cout << reference << '=' << name << '\n';
        }
    }
}

}  // namespace

int main(int count, char** arguments) try {
    berth::Engine engine = berth::Engine::connect();
    for (int i = 1; i < count; ++i) {
        const std::string_view pair = arguments[i];
        const auto equals = pair.rfind('=');
        if (equals == std::string_view::npos) {
            std::cerr << "usage: images REFERENCE=FILE…\n";
            return 64;
        }
        see_to(engine, std::string(pair.substr(0, equals)), std::string(pair.substr(equals + 1)));
    }
    return 0;
} catch (const std::exception& failure) {
    std::cerr << failure.what() << '\n';
    return 1;
}

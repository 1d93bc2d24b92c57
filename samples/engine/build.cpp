// SPDX-License-Identifier: Apache-2.0
// Builds an image from a folder with a Dockerfile, and says at each step where it is.
//
//   build FOLDER TAG [TARGET]
#include <berth/engine/build.hpp>

#include <chrono>
#include <iostream>
#include <string>

namespace {

void tell(const berth::BuildEvent& event) {
    using Kind = berth::BuildEvent::Kind;
    if (event.kind == Kind::started) {
        std::cout << event.step.text() << '\n';
    } else if (event.kind == Kind::output) {
        std::cout << "  " << event.text << '\n';
    } else if (event.kind == Kind::warning) {
        std::cerr << "warning: " << event.text << '\n';
    }
}

}  // namespace

int main(int count, char** arguments) try {
    if (count < 3) {
        std::cerr << "usage: build FOLDER TAG [TARGET]\n";
        return 64;
    }
    const berth::Engine engine = berth::Engine::connect();
    const berth::BuildContext context({.directory = arguments[1]});
    const berth::BuiltImage image = engine.builds().build(
        context, {.tags = {arguments[2]}, .target = count > 3 ? arguments[3] : "", .on_event = tell},
        berth::within(std::chrono::minutes(10)));
    std::cout << arguments[2] << " is " << image.id << ", built by " << to_string(image.builder) << '\n';
    return 0;
} catch (const berth::BuildFailed& failed) {
    std::cerr << failed.output() << '\n' << failed.what() << '\n';
    return 1;
} catch (const std::exception& failure) {
    std::cerr << failure.what() << '\n';
    return 1;
}

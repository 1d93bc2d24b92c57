// SPDX-License-Identifier: Apache-2.0
// Pulls redis:7 from the engine at the first argument, while another process does. Leaves a file `waits-PID` in the
// folder that is the second one once it waits. Exit status 0: the other one pulled it.
#include <berth/engine/engine.hpp>
#include <berth/engine/images.hpp>

#include <unistd.h>
#include <fstream>
#include <iostream>
#include <string>

int main(int count, char** arguments) {
    if (count != 3) {
        return 64;
    }
    const std::string folder = arguments[2];
    berth::PullOptions options;
    options.on_progress = [&](const berth::PullProgress& step) {
        if (step.phase == berth::PullProgress::Phase::waiting) {
            std::ofstream(folder + "/waits-" + std::to_string(::getpid()));
        }
    };
    try {
        const auto engine = berth::Engine::connect(std::string(arguments[1]));
        return engine.images().pull("redis:7", options) == berth::Pulled::by_another ? 0 : 1;
    } catch (const std::exception& error) {
        std::cerr << error.what() << '\n';
        return 2;
    }
}

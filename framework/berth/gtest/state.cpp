// SPDX-License-Identifier: Apache-2.0
#include <berth/core/error.hpp>
#include <berth/core/text_distance.hpp>
#include <berth/gtest/state.hpp>

#include <fmt/format.h>

namespace berth::testing {

StateFile state() {
    return read_state_file(state_file_path(""));
}

StateFile::ServiceState state_of(const std::string& service) {
    const StateFile file = state();
    std::vector<std::string> names;
    for (const auto& [name, state_of_it] : file.services) {
        if (name == service) {
            return state_of_it;
        }
        names.push_back(name);
    }
    const std::string guess = did_you_mean(near_matches(service, names));
    throw Error({.code = "BE0505",
                 .summary = fmt::format("'{}' is not a service{}{}", service, guess.empty() ? "" : "; ", guess)});
}

}  // namespace berth::testing

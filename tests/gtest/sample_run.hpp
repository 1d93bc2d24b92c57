// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/process/child.hpp>
#include <tests/support/eventually.hpp>

#include <string>
#include <vector>

namespace berth::support {

/// How a child that runs a sample program is started.
inline process::Options sample_options(const std::string& sample, const std::vector<std::string>& arguments,
                                       process::Variables variables, const std::string& working_dir) {
    process::Options options;
    options.argv = {std::string(BERTH_SAMPLES) + "/berth_gtest_" + sample, "--gtest_print_time=0", "--gtest_color=no"};
    options.argv.insert(options.argv.end(), arguments.begin(), arguments.end());
    options.additions = std::move(variables);
    options.working_dir = working_dir;
    return options;
}

inline process::Captured run_sample(const std::string& sample, const std::vector<std::string>& arguments,
                                    process::Variables variables, const std::string& working_dir) {
    return process::run_captured(sample_options(sample, arguments, std::move(variables), working_dir),
                                 within(k_patience));
}

/// `text` with the folder of the samples' sources as `SAMPLES`, and without the line that gtest_main prints.
inline std::string plain(std::string text) {
    const std::string folder = BERTH_SAMPLE_SOURCES;
    for (auto at = text.find(folder); at != std::string::npos; at = text.find(folder)) {
        text.replace(at, folder.size(), "SAMPLES");
    }
    if (text.rfind("Running main()", 0) == 0) {
        text.erase(0, text.find('\n') + 1);
    }
    return text;
}

}  // namespace berth::support

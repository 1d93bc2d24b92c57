// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/process/child.hpp>
#include <tests/support/eventually.hpp>
#include <tests/support/temp_dir.hpp>

#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace berth::cli::tests {

/// Our own environment without what would change a program's mind, and with `more`.
inline process::Variables clean_environment(const process::Variables& more = {}) {
    process::Variables variables;
    for (const char* name : {"PATH", "HOME", "DOCKER_HOST", "BERTH_TEST_IMAGES", "LD_LIBRARY_PATH", "ASAN_OPTIONS",
                             "TSAN_OPTIONS", "LANG"}) {
        if (const char* value = std::getenv(name)) {
            variables.emplace_back(name, value);
        }
    }
    variables.insert(variables.end(), more.begin(), more.end());
    return variables;
}

/// The built `berth`, run to its end in a folder.
class Program {
  public:
    explicit Program(const support::TempDir& folder) : folder_(folder.path().string()) {}

    /// Added to the environment of what runs from now on.
    void set(std::string name, std::string value) { more_.emplace_back(std::move(name), std::move(value)); }

    [[nodiscard]] process::Options options(const std::vector<std::string>& words) const {
        process::Options options;
        options.argv = {BERTH_PROGRAM};
        options.argv.insert(options.argv.end(), words.begin(), words.end());
        options.environment = clean_environment(more_);
        options.working_dir = folder_;
        return options;
    }
    process::Captured run(const std::vector<std::string>& words) const {
        return process::run_captured(options(words), within(std::chrono::minutes(2)));
    }
    /// By a shell, in which `$berth` is the program.
    process::Captured shell(const std::string& line) const {
        process::Options options;
        options.argv = {"/bin/sh", "-c", line};
        options.environment = clean_environment(more_);
        options.environment->emplace_back("berth", BERTH_PROGRAM);
        options.working_dir = folder_;
        return process::run_captured(options, within(std::chrono::minutes(2)));
    }

  private:
    std::string folder_;
    process::Variables more_;
};

/// `text` with every `from` replaced.
inline std::string replaced(std::string text, std::string_view from, std::string_view to) {
    for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
        text.replace(at, from.size(), to);
    }
    return text;
}

}  // namespace berth::cli::tests

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/core/log.hpp>
#include <tests/engine/scripted_engine.hpp>
#include <tests/support/temp_dir.hpp>
#include <tests/support/variables.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/stat.h>
#include <chrono>
#include <mutex>
#include <string>

namespace berth {

inline constexpr const char* k_pulled = R"({"status":"Status: Downloaded newer image"})";
inline constexpr const char* k_image =
    R"({"Id":"sha256:1","RepoTags":["redis:7"],"Os":"linux","Architecture":"amd64"})";
inline constexpr const char* k_canary = "open-sesame-4711";

/// The text with the engine's place blanked out.
inline std::string without_place(std::string text, const support::ScriptedEngine& engine) {
    if (const auto at = text.find(engine.endpoint()); at != std::string::npos) {
        text.replace(at, engine.endpoint().size(), "ENGINE");
    }
    return text;
}

/// Nobody has logged in, and nothing is shared with other processes of this user but those of the test.
class Pull : public ::testing::Test {
  protected:
    void SetUp() override {
        ::chmod(folder_.path().c_str(), 0700);
        log::set_level(log::Level::trace);
        log::set_sink([this](log::Level, std::string_view line) {
            const std::lock_guard lock(mutex_);
            logged_ += line;
            logged_ += '\n';
        });
    }
    void TearDown() override {
        log::set_sink({});
        log::set_level(log::Level::warn);
        EXPECT_THAT(logged_, ::testing::Not(::testing::HasSubstr(k_canary)));
    }

    /// Pauses that do not hold up the test.
    static PullOptions hasty() {
        return {.pause = std::chrono::milliseconds(1), .rate_limit_pause = std::chrono::milliseconds(1)};
    }

    std::string pull_error(const std::string& reference, int status, const std::string& body,
                           const PullOptions& options = hasty()) {
        support::ScriptedEngine engine;
        engine.answers(status, body);
        return without_place(support::text_of_error([&] { engine.engine().images().pull(reference, options); }),
                             engine);
    }

    support::TempDir folder_;
    support::Variables variables_{{{"DOCKER_CONFIG", folder_.file("docker")},
                                   {"DOCKER_AUTH_CONFIG", ""},
                                   {"XDG_RUNTIME_DIR", folder_.path().string()}}};
    std::mutex mutex_;
    std::string logged_;
};

}  // namespace berth

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/core/names.hpp>
#include <berth/engine/engine.hpp>
#include <berth/engine/images.hpp>
#include <tests/cli/program.hpp>
#include <tests/support/second_client.hpp>
#include <tests/support/test_image.hpp>

#include <gtest/gtest.h>

#include <string>

namespace berth::cli::tests {

/// The built program in a folder of its own, with a project of its own on the real engine, of which nothing may be left
/// when the test is over. Counted by a client that is not ours.
class EngineProgramTest : public testing::Test {
  protected:
    static void SetUpTestSuite() { image() = support::load_test_image(Engine::connect(), "busybox"); }
    static std::string& image() {
        static std::string name;
        return name;
    }

    void SetUp() override { program_.set("BERTH_PROJECT", project_); }
    void TearDown() override {
        const auto down = program_.run({"down", "--all"});
        EXPECT_EQ(down.status.code, 0) << down.err;
        expect_nothing_left();
    }

    /// `text` as berth.yaml, IMAGE replaced by the test image.
    void spec(const std::string& text) const { folder_.write("berth.yaml", replaced(text, "IMAGE", image())); }

    [[nodiscard]] std::string label() const { return "berth.project=" + project_; }
    void expect_nothing_left() const {
        EXPECT_EQ(eyes_.containers(label()), 0U);
        EXPECT_EQ(eyes_.networks(label()), 0U);
        EXPECT_EQ(eyes_.volumes(label()), 0U);
        EXPECT_EQ(eyes_.anonymous_volumes(), anonymous_before_);
    }

    /// Ids, ports and times are different each time.
    [[nodiscard]] std::string steady(std::string text) const {
        return replaced(replaced(std::move(text), project_, "PROJECT"), folder_.path().string(), "FOLDER");
    }

    const support::TempDir folder_;
    const std::string project_ = new_run_id("cli").text();
    Program program_{folder_};
    const support::SecondClient eyes_{};
    const std::size_t anonymous_before_ = eyes_.anonymous_volumes();
};

}  // namespace berth::cli::tests

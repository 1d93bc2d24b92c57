// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/core/digest.hpp>
#include <berth/engine/engine.hpp>
#include <berth/runtime/environment.hpp>
#include <tests/support/eventually.hpp>
#include <tests/support/recording_proxy.hpp>
#include <tests/support/second_client.hpp>
#include <tests/support/temp_dir.hpp>
#include <tests/support/test_image.hpp>

#include <gtest/gtest.h>

#include <regex>
#include <string>
#include <vector>

namespace berth::testing_runtime {

/// The engine that the tests run against, reached through a proxy that writes down every request; and a second client
/// that counts what is left afterwards, whatever the test did.
class RealEngine : public ::testing::Test {
  protected:
    RealEngine() {
        options_.connected = Engine::connect(proxy_.endpoint().text());
        options_.project = project_;
        options_.runs_directory = runs_.file("runs");
        busybox_ = image("busybox");
        proxy_.forget();
    }

    ~RealEngine() override {
        const std::string label = "berth.project=" + project_;
        EXPECT_EQ(second_.containers(label), 0U);
        EXPECT_EQ(second_.networks(label), 0U);
        EXPECT_EQ(second_.volumes(label), 0U);
        // Those carry no label, and other tests may have some for a while.
        EXPECT_TRUE(support::wait_until([this] { return second_.anonymous_volumes() <= anonymous_; }));
    }

    static std::string socket_of_engine() {
        const std::string endpoint = Engine::connect().facts().endpoint;
        return endpoint.substr(std::string("unix://").size());
    }

    /// An image of the test set, loaded when it is not there.
    std::string image(const std::string& name) const { return support::load_test_image(engine_, name); }

    /// A service that runs a shell line.
    [[nodiscard]] ServiceSpec shell(const std::string& name, const std::string& line) const {
        return service(name, busybox_).with_command(Words{"sh", "-c", line});
    }

    static EnvironmentSpec environment_of(const std::vector<ServiceSpec>& services) {
        EnvironmentSpec spec;
        spec.name = "trial";
        spec.services = services;
        return spec;
    }

    /// The text of what up() throws; what changes from run to run is made the same.
    template <class Failure>
    std::string failure_of(const EnvironmentSpec& spec) {
        try {
            const Environment environment = up(spec, options_);
        } catch (const Failure& failure) {
            return settled(failure.what());
        }
        ADD_FAILURE() << "it came up";
        return {};
    }

    static std::string settled(std::string text) {
        text = std::regex_replace(text, std::regex(R"(\S*real_\w+\.[ch]pp:\d+)"), "FILE:LINE");
        text = std::regex_replace(text, std::regex(R"(\(\d+ attempts? in [0-9.m]+s\))"), "(N attempts in T)");
        text = std::regex_replace(text, std::regex("berth-[0-9a-f]{8}-"), "berth-RUN-");
        text = std::regex_replace(text, std::regex("trial[0-9a-f]{6}"), "trial");
        text = std::regex_replace(text, std::regex("trial-[0-9a-f]{8}"), "trial-RUN");
        text = std::regex_replace(text, std::regex("/v1\\.[0-9]+/"), "/vN/");
        text = std::regex_replace(text, std::regex("[0-9a-f]{64}"), "ID");
        text = std::regex_replace(text, std::regex("\\b[0-9a-f]{12}\\b"), "ID12");
        text = std::regex_replace(text, std::regex("unix://\\S+"), "ENDPOINT");
        // The engine's own words and statuses differ from engine to engine; ours do not.
        text = std::regex_replace(text, std::regex("  engine: [^\n]*"), "  engine: WORDS");
        text = std::regex_replace(text, std::regex("answered HTTP [0-9]+"), "answered HTTP N");
        text = std::regex_replace(text, std::regex("127\\.0\\.0\\.1:[0-9]+"), "127.0.0.1:PORT");
        return text;
    }

    support::TempDir runs_{};
    support::SecondClient second_{};
    support::RecordingProxy proxy_{socket_of_engine()};
    Engine engine_ = Engine::connect();
    std::string project_ = "trial" + random_hex(6);  // several test programs may share the engine
    std::size_t anonymous_ = second_.anonymous_volumes();
    UpOptions options_{};
    std::string busybox_{};
};

}  // namespace berth::testing_runtime

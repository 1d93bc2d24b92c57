// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/core/digest.hpp>
#include <berth/engine/containers.hpp>
#include <berth/engine/engine.hpp>
#include <berth/engine/events.hpp>
#include <berth/engine/images.hpp>
#include <berth/engine/networks.hpp>
#include <berth/engine/volumes.hpp>
#include <tests/support/second_client.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace berth::support {

/// The docker-archive of a test image below BERTH_TEST_IMAGES (build/images), and the image's name.
struct TestImage {
    std::string name{};     ///< `berth.local/busybox:1.35.0`.
    std::string archive{};  ///< Its path.
};

inline TestImage test_image(const std::string& wanted) {
    const char* folder = std::getenv("BERTH_TEST_IMAGES");
    const std::string images = folder == nullptr ? "build/images" : folder;
    std::ifstream index(images + "/index");
    std::string name;
    std::string version;
    std::string file;
    while (index >> name >> version >> file) {
        if (name == wanted) {
            return {"berth.local/" + name + ":" + version, images + "/" + file};
        }
    }
    throw std::runtime_error("no image '" + wanted + "' in " + images + ": run tests/images/build");
}

/// A file in pieces: the body of an upload.
inline ArchiveSource file_source(const std::string& path) {
    struct State {
        std::ifstream file;
        std::string piece = std::string(65536, '\0');
    };
    return [state = std::make_shared<State>(State{std::ifstream(path, std::ios::binary)})]() -> std::string_view {
        state->file.read(state->piece.data(), static_cast<std::streamsize>(state->piece.size()));
        return std::string_view(state->piece).substr(0, static_cast<std::size_t>(state->file.gcount()));
    };
}

/// Runs against the engine that DOCKER_HOST (or the usual socket) names, and fails without one. What a test makes
/// carries a label of its own, goes after it, and is counted by a second client.
class RealEngine : public ::testing::Test {
  protected:
    static void SetUpTestSuite() {
        if (!image().empty()) {
            return;
        }
        const TestImage busybox = test_image("busybox");
        connected().images().load(file_source(busybox.archive));
        image() = busybox.name;
    }

    void TearDown() override {
        for (const auto& container : containers_.list({.all = true, .labels = {label()}})) {
            containers_.remove(container.id);
        }
        for (const auto& network : engine_.networks().list({label()})) {
            engine_.networks().remove(network.id);
        }
        for (const auto& volume : engine_.volumes().list({label()})) {
            engine_.volumes().remove(volume.name);
        }
        EXPECT_EQ(second_.containers(label()), 0U);
        EXPECT_EQ(second_.networks(label()), 0U);
        EXPECT_EQ(second_.volumes(label()), 0U);
    }

    static Engine& connected() {
        static Engine engine = Engine::connect();
        return engine;
    }
    static std::string& image() {
        static std::string name;
        return name;
    }

    [[nodiscard]] std::string label() const { return "berth.test=" + session_; }
    [[nodiscard]] Labels labels() const { return {{"berth.test", session_}}; }
    [[nodiscard]] std::string name(const std::string& what) const { return "berth-test-" + session_ + "-" + what; }

    /// A container of busybox that runs a shell script.
    [[nodiscard]] ContainerConfig shell(const std::string& script) const {
        return {.image = image(), .command = std::vector<std::string>{"sh", "-c", script}, .labels = labels()};
    }
    ContainerId started(const std::string& script) { return started(shell(script)); }
    ContainerId started(const ContainerConfig& config) {
        const ContainerId id = containers_.create(name("c" + std::to_string(++number_)), config).id;
        containers_.start(id);
        return id;
    }
    ContainerId idle() { return started("trap exit TERM; while :; do sleep 1; done"); }

    [[nodiscard]] std::string inspected(const ContainerId& id) const {
        return second_.get("/containers/" + id.text + "/json");
    }
    [[nodiscard]] bool there(const std::string& target) const {
        try {
            (void)second_.get(target);
            return true;
        } catch (const std::runtime_error&) {
            return false;
        }
    }
    [[nodiscard]] std::string endpoint() const { return engine_.facts().endpoint; }

    std::string session_ = random_hex(8);
    Engine& engine_ = connected();
    Containers containers_ = engine_.containers();
    SecondClient second_;
    int number_{0};
};

/// `text` without what engines say each in their own way: `engine: *`, `HTTP *`.
inline std::string in_any_words(std::string text) {
    const auto blank = [&](const std::string& before, const std::string& end) {
        if (const auto at = text.find(before); at != std::string::npos) {
            const auto from = at + before.size();
            text.replace(from, std::min(text.find(end, from), text.size()) - from, "*");
        }
    };
    constexpr const char* k_next_line = "\n          ";  // an engine may say several
    for (auto at = text.find(k_next_line); at != std::string::npos; at = text.find(k_next_line)) {
        text.erase(at, text.find('\n', at + 1) - at);
    }
    blank("\n  engine: ", "\n");
    blank(" answered HTTP ", " ");
    return text;
}

template <class Caught = std::exception>
std::string error_text(const std::function<void()>& action) {
    try {
        action();
    } catch (const Caught& error) {
        return error.what();
    }
    return "no error";
}

}  // namespace berth::support

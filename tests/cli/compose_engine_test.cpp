// SPDX-License-Identifier: Apache-2.0
// Compose files brought up for real, as they are.
#include <tests/cli/engine_program.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

namespace berth::cli::tests {
namespace {

using testing::HasSubstr;
using testing::MatchesRegex;

class ComposeUpTest : public EngineProgramTest {
  protected:
    void SetUp() override {
        EngineProgramTest::SetUp();
        std::string map;
        for (const auto& [official, local] :
             {std::pair{"docker.io/library/busybox:1.36", "busybox"}, std::pair{"docker.io/library/redis:7.4", "redis"},
              std::pair{"docker.io/library/postgres:16", "postgres"},
              std::pair{"docker.io/library/nginx:1.27", "nginx"}}) {
            map += (map.empty() ? "" : ",") + std::string(official) + '=' +
                   support::load_test_image(Engine::connect(), local);
        }
        program_.set("BERTH_SUBSTITUTE", map);
    }

    void take(const std::string& name) const {
        std::ifstream file(std::string(BERTH_COMPOSE_FILES) + '/' + name, std::ios::binary);
        folder_.write("compose.yaml", std::string(std::istreambuf_iterator<char>(file), {}));
    }
};

TEST_F(ComposeUpTest, LinksNamesAndPortsWorkAsTheirNotesSay) {
    take("real-redis.yaml");

    const auto up = program_.run({"--compose", "compose.yaml", "up", "--print", "none"});
    ASSERT_EQ(up.status.code, 0) << up.err;

    EXPECT_THAT(program_.run({"--compose", "compose.yaml", "port", "cache"}).out, MatchesRegex("[0-9.]+:[0-9]+\n"));
    const std::string ask = "printf 'PING\\r\\n' | nc -w 2 ";
    for (const char* name : {"cache", "kv", "the_cache"}) {
        const auto answer = program_.run({"exec", "ping", "--", "/bin/sh", "-c", ask + name + " 6379"});
        EXPECT_THAT(answer.out, HasSubstr("PONG")) << name << answer.err;
    }
    EXPECT_EQ(eyes_.containers(label()), 2U);
}

TEST_F(ComposeUpTest, HealthIsWaitedForAsComposeDoes) {
    take("real-postgres.yaml");

    const auto up = program_.run({"--compose", "compose.yaml", "up", "--print", "none"});

    ASSERT_EQ(up.status.code, 0) << up.err;
    const auto ready = program_.run({"exec", "db", "--", "pg_isready", "-U", "postgres"});
    EXPECT_EQ(ready.status.code, 0) << ready.err;
    EXPECT_EQ(eyes_.networks(label()), 1U);
}

TEST_F(ComposeUpTest, AnImportedSpecIsTheSameEnvironment) {
    take("real-nginx.yaml");
    ASSERT_EQ(program_.run({"import", "-o", "berth.yaml", "compose.yaml"}).status.code, 0);
    std::filesystem::remove(folder_.file("compose.yaml"));

    const auto up = program_.run({"up", "--print", "none"});

    ASSERT_EQ(up.status.code, 0) << up.err;
    const auto page = program_.run({"exec", "config", "--", "wget", "-q", "-O", "-", "http://web/"});
    EXPECT_EQ(page.status.code, 0) << page.err;
    EXPECT_EQ(program_.run({"exec", "web", "--", "true"}).status.code, 0);
}

}  // namespace
}  // namespace berth::cli::tests

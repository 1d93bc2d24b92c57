// SPDX-License-Identifier: Apache-2.0
// Images against a scripted engine: what is sent, and what is made of the answers.
#include <berth/core/log.hpp>
#include <berth/engine/internal/image_platform.hpp>
#include <tests/engine/scripted_engine.hpp>
#include <tests/support/temp_dir.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/utsname.h>

namespace berth {
namespace {

using support::ScriptedEngine;
using support::text_of_error;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(Load, FindsTheNamesAndTheErrors) {
    ScriptedEngine engine;
    engine.answers(200, R"({"stream":"Loaded image: berth.local/a:1\n"}{"stream":"Loaded image ID: sha256:1\n"})")
        .answers(200, R"({"errorDetail":{"message":"unexpected EOF"},"error":"unexpected EOF"})")
        .answers(200, "");
    const auto load = [&] {
        return engine.engine().images().load([gone = false]() mutable -> std::string_view {
            return std::exchange(gone, true) ? std::string_view{} : std::string_view("tar");
        });
    };

    EXPECT_THAT(load(), ElementsAre("berth.local/a:1", "sha256:1"));
    EXPECT_EQ(text_of_error(load),
              "error[BR0203]: cannot load images from an archive\n"
              "  engine: unexpected EOF\n"
              "  call: POST /images/load answered HTTP 200 at " +
                  engine.endpoint() +
                  "\n"
                  "  hint: it has to be what 'docker save' writes: a docker-archive");
    EXPECT_EQ(text_of_error(load),
              "error[BR0203]: cannot load images from an archive: the engine found none in it\n"
              "  call: POST /images/load answered HTTP 200 at " +
                  engine.endpoint() +
                  "\n"
                  "  hint: it has to be what 'docker save' writes: a docker-archive");
    EXPECT_EQ(engine.requests().at(0).body, "tar");
    EXPECT_EQ(engine.requests().at(0).header("Transfer-Encoding"), "chunked");
}

TEST(Images, TellWhatAnInspectSays) {
    ScriptedEngine engine;
    engine.answers(200, R"({"Id":"sha256:1","RepoTags":["a:1"],"RepoDigests":["a@sha256:2"],"Os":"linux",)"
                        R"("Architecture":"arm64","Variant":"v8","Size":7,"Created":"2026-01-31T10:00:00Z",)"
                        R"("RootFS":{"Layers":["sha256:3"]},"Config":{"Env":["A=1"],"Entrypoint":["/e"],"Cmd":["c"],)"
                        R"("User":"70","WorkingDir":"/w","StopSignal":"SIGINT","ExposedPorts":{"80/tcp":{}},)"
                        R"("Volumes":{"/data":{}},"Labels":{"k":"v"},"Healthcheck":{"Test":["CMD","x"]}}})");

    const ImageFacts facts = engine.engine().images().inspect("a:1");

    EXPECT_EQ(facts.platform(), "linux/arm64/v8");
    EXPECT_EQ(facts.created, "2026-01-31T10:00:00Z");
    EXPECT_THAT(facts.layers, ElementsAre("sha256:3"));
    EXPECT_THAT(facts.environment, ElementsAre("A=1"));
    EXPECT_THAT(facts.entrypoint, ElementsAre("/e"));
    EXPECT_THAT(facts.command, ElementsAre("c"));
    EXPECT_EQ(facts.user, "70");
    EXPECT_EQ(facts.working_dir, "/w");
    EXPECT_EQ(facts.stop_signal, "SIGINT");
    EXPECT_THAT(facts.exposed_ports, ElementsAre("80/tcp"));
    EXPECT_THAT(facts.volumes, ElementsAre("/data"));
    EXPECT_TRUE(facts.has_healthcheck);
}

TEST(Images, AreListedByFilters) {
    ScriptedEngine engine;
    engine.answers(200, R"([{"Id":"sha256:1","RepoTags":["<none>:<none>"],"RepoDigests":null,"Size":7,)"
                        R"("Created":1700000000,"Labels":null}])");

    const auto found = engine.engine().images().list(ImageFilters{
        .labels = {"k=v"}, .references = {"team/*"}, .before = "b:1", .since = "a:1", .dangling = true, .all = true});

    EXPECT_THAT(engine.lines(),
                ElementsAre("GET /v1.41/images/json?filters=%7B%22before%22%3A%5B%22b%3A1%22%5D%2C%22dangling%22%3A%5B"
                            "%22true%22%5D%2C%22label%22%3A%5B%22k%3Dv%22%5D%2C%22reference%22%3A%5B%22team%2F%2A%22%5D"
                            "%2C%22since%22%3A%5B%22a%3A1%22%5D%7D&all=1"));
    EXPECT_TRUE(found.at(0).tags.empty());
    EXPECT_EQ(found.at(0).created, "1700000000");
}

TEST(Images, ArePrunedOneAtATime) {
    ScriptedEngine engine;
    engine.answers(200, R"({"ImagesDeleted":[{"Untagged":"a:1"},{"Deleted":"sha256:1"}],"SpaceReclaimed":9})")
        .answers(200, R"({"ImagesDeleted":null,"SpaceReclaimed":0})")
        .answers(409, R"({"message":"a prune operation is already running"})");
    const auto prune = [&] { return engine.engine().images().prune({.labels = {"k"}}); };

    const Pruned pruned = prune();

    EXPECT_THAT(pruned.removed, ElementsAre("a:1", "sha256:1"));
    EXPECT_EQ(pruned.bytes, 9U);
    EXPECT_TRUE(prune().removed.empty());
    EXPECT_EQ(text_of_error(prune),
              "error[BR0107]: cannot prune images\n"
              "  engine: a prune operation is already running\n"
              "  call: POST /images/prune answered HTTP 409 at " +
                  engine.endpoint() +
                  "\n"
                  "  hint: one prune at a time: try again when that has ended");
}

TEST(Save, DoesNotTakeAnArchiveThatBreaksOffForWhole) {
    ScriptedEngine engine;
    engine.answers(200, std::string(10'240, '\0'))
        .answers(200, std::string(512, 'x') + R"({"message":"layer is gone"})")
        .answers(200, std::string(10'240 + 7, '\0'));
    std::size_t bytes = 0;
    const auto save = [&] {
        engine.engine().images().save({"redis:7"}, [&](std::string_view piece) { bytes += piece.size(); });
    };

    save();

    EXPECT_EQ(bytes, 10'240U);
    EXPECT_EQ(text_of_error(save),
              "error[BR0209]: cannot save image 'redis:7': the archive breaks off\n"
              "  engine: layer is gone\n"
              "  call: GET /images/get answered HTTP 200 at " +
                  engine.endpoint() +
                  "\n"
                  "  hint: throw away what was written; the engine's own log may say more");
    EXPECT_EQ(text_of_error(save),
              "error[BR0209]: cannot save image 'redis:7': the archive breaks off\n"
              "  call: GET /images/get answered HTTP 200 at " +
                  engine.endpoint() +
                  "\n"
                  "  hint: throw away what was written; the engine's own log may say more");
    EXPECT_EQ(engine.lines().at(0), "GET /v1.41/images/get?names=redis%3A7");
}

// --- architectures -------------------------------------------------------------------------------------------------

TEST(Platform, IsComparedByWhatBothName) {
    const ImageFacts image{.architecture = "arm64", .os = "linux", .variant = "v8"};

    EXPECT_TRUE(engine::is_for(image, "linux/arm64"));
    EXPECT_TRUE(engine::is_for(image, "linux/arm64/v8"));
    EXPECT_TRUE(engine::is_for(image, "arm64"));
    EXPECT_FALSE(engine::is_for(image, "linux/arm64/v7"));
    EXPECT_FALSE(engine::is_for(image, "linux/amd64"));
    EXPECT_FALSE(engine::is_for(image, "windows/arm64"));
    EXPECT_TRUE(engine::runs_natively("x86_64", "386"));
    EXPECT_TRUE(engine::runs_natively("aarch64", "arm"));
    EXPECT_FALSE(engine::runs_natively("x86_64", "arm64"));
}

TEST(Emulator, IsOneThatIsEnabled) {
    const support::TempDir handlers;
    handlers.write("status", "enabled\n");
    handlers.write("qemu-riscv64", "disabled\ninterpreter /usr/bin/qemu-riscv64\n");
    handlers.write("arm-binaries", "enabled\ninterpreter /usr/libexec/qemu-binfmt/qemu-aarch64\n");

    EXPECT_EQ(engine::emulator_of("arm64", handlers.path()), "arm-binaries");
    EXPECT_EQ(engine::emulator_of("riscv64", handlers.path()), "");
    EXPECT_EQ(engine::emulator_of("s390x", handlers.path()), "");
    EXPECT_EQ(engine::emulator_of("arm64", handlers.path() / "nowhere"), "");
}

std::string info(const std::string& architecture, const std::string& kernel) {
    return R"({"Architecture":")" + architecture + R"(","KernelVersion":")" + kernel + R"("})";
}

TEST(Platform, ThatNothingEmulatesIsRefused) {
    ScriptedEngine engine;
    utsname here{};
    ::uname(&here);
    engine.answers(200, info(here.machine, here.release));
    const ImageFacts image{.tags = {"app:1"}, .architecture = "pdp11", .os = "linux"};
    const std::string machine = engine::architecture_of(here.machine);

    EXPECT_EQ(text_of_error([&] { engine.engine().images().check_platform(image); }),
              "error[BR0207]: image 'app:1' is for linux/pdp11, and the engine's machine is " + machine +
                  ", which emulates no such thing\n"
                  "  call: GET /info at " +
                  engine.endpoint() +
                  "\n"
                  "  hint: choose an image for linux/" +
                  machine + ", or install 'qemu-user-static' on that machine");
}

TEST(Platform, OfAVirtualMachineIsWorthAWarning) {
    ScriptedEngine engine;
    engine.answers(200, info("x86_64", "6.6.6-of-the-vm"));
    std::string logged;
    log::set_sink([&](log::Level, std::string_view line) { logged += line; });

    engine.engine().images().check_platform({.tags = {"app:1"}, .architecture = "pdp11", .os = "linux"});

    log::set_sink({});
    EXPECT_THAT(logged,
                HasSubstr("image 'app:1' is for linux/pdp11, and the engine's machine is amd64: it runs only if "
                          "that machine emulates it, and slowly"));
}

}  // namespace
}  // namespace berth

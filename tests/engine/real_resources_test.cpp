// SPDX-License-Identifier: Apache-2.0
// Files, images, networks, volumes, events.
#include <berth/archive/tar_reader.hpp>
#include <berth/archive/tar_writer.hpp>
#include <berth/core/error.hpp>
#include <tests/engine/limits.hpp>
#include <tests/engine/real_engine.hpp>
#include <tests/support/eventually.hpp>
#include <tests/support/gate.hpp>
#include <tests/support/registry.hpp>
#include <tests/support/temp_dir.hpp>

#include <filesystem>
#include <thread>

namespace berth {
namespace {

using namespace std::chrono_literals;
using support::error_text;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

class RealFiles : public support::RealEngine {};
class RealImages : public support::RealEngine {};
class RealNetworks : public support::RealEngine {};
class RealVolumes : public support::RealEngine {};
class RealEvents : public support::RealEngine {};

TEST_F(RealFiles, ArePutWithOwnerAndMode) {
    const ContainerId id = idle();
    archive::TarSource tar;
    tar.add_content("app/größe.conf", "port=1\n", {.uid = 70, .gid = 71, .mode = 0640});
    tar.add_content("app/large", std::string(3'000'000, 'x'));

    containers_.put_archive(id, "/", archive::pieces(std::move(tar)));

    EXPECT_EQ(containers_.exec(id, {.command = {"cat", "/app/größe.conf"}}).standard_output, "port=1\n");
    EXPECT_EQ(containers_.exec(id, {.command = {"stat", "-c", "%u:%g %a", "/app/größe.conf"}}).standard_output,
              "70:71 640\n");
    EXPECT_EQ(containers_.exec(id, {.command = {"stat", "-c", "%s", "/app/large"}}).standard_output, "3000000\n");
}

TEST_F(RealFiles, ArePutBeforeTheStart) {
    const ContainerId id = containers_.create(name("x"), shell("cat /seed.txt")).id;
    archive::TarSource tar;
    tar.add_content("seed.txt", "sown\n");
    containers_.put_archive(id, "/", archive::pieces(std::move(tar)));

    containers_.start(id);
    containers_.wait(id, within(support::k_patience));

    EXPECT_EQ(containers_.logs(id).at(0).text, "sown");
}

TEST_F(RealFiles, NeedADirectoryThatIsThere) {
    const ContainerId id = idle();
    const auto put = [&] {
        archive::TarSource tar;
        tar.add_content("x", "x");
        containers_.put_archive(id, "/no/where", archive::pieces(std::move(tar)));
    };

    if (!support::can(engine_.facts(), support::Feature::missing_directory)) {
        put();
        EXPECT_TRUE(containers_.stat(id, "/no/where/x").has_value());
        return;
    }

    EXPECT_EQ(
        support::in_any_words(error_text<NotFound>(put)),
        "error[BR0411]: cannot copy into '/no/where' of container '" + id.text.substr(0, 12) +
            "': there is no such directory\n  engine: *\n  call: PUT /containers/" + id.text +
            "/archive answered HTTP * at " + endpoint() +
            "\n  hint: the directory has to be there already; copy into one above it, with the rest of the way in "
            "the tar");
}

TEST_F(RealFiles, ThatBecomeShorterAreNotTakenForWhole) {
    const ContainerId id = idle();
    support::TempDir folder;
    const std::string path = folder.write("file", std::string(5'000'000, 'x'));
    archive::TarSource tar;
    tar.add_file(path, "file");
    const archive::Pieces pieces = archive::pieces(std::move(tar));
    const auto put = [&] {
        containers_.put_archive(id, "/", [&] {
            const std::string_view piece = pieces();
            std::filesystem::resize_file(path, 1000);
            return piece;
        });
    };

    EXPECT_EQ(error_text<Error>(put), "error[BR0401]: cannot copy into '/' of container '" + id.text.substr(0, 12) +
                                          "': '" + path +
                                          "' became shorter while it was read\n"
                                          "  call: PUT /containers/" +
                                          id.text + "/archive at " + endpoint() +
                                          "\n"
                                          "  hint: let nothing write to it meanwhile");

    EXPECT_NE(containers_.exec(id, {.command = {"sh", "-c", "test $(stat -c %s /file) = 5000000"}, .check = Check::no})
                  .exit_code,
              0);
}

TEST_F(RealFiles, AreRead) {
    const ContainerId id = idle();
    std::string content;

    containers_.read_archive(id, "/etc/passwd", [&](const ArchiveSource& tar) { content = archive::read_file(tar); });

    EXPECT_EQ(content, containers_.exec(id, {.command = {"cat", "/etc/passwd"}}).standard_output);
    std::size_t bytes = 0;
    containers_.get_archive(id, "/etc/passwd", [&](std::string_view piece) { bytes += piece.size(); });
    EXPECT_GE(bytes, content.size());
    EXPECT_THROW(containers_.get_archive(id, "/no/where", [](std::string_view) {}), NotFound);
}

TEST_F(RealFiles, SayWhatTheyAre) {
    const ContainerId id = idle();
    containers_.exec(id, {.command = {"sh", "-c", "printf 12345 >/five; chmod 640 /five; ln -s five /link"}});

    EXPECT_EQ(containers_.stat(id, "/five")->size, 5U);
    EXPECT_EQ(containers_.stat(id, "/five")->mode, 0640U);
    EXPECT_EQ(containers_.stat(id, "/five")->kind, PathFacts::Kind::file);
    EXPECT_EQ(containers_.stat(id, "/etc")->kind, PathFacts::Kind::directory);
    EXPECT_EQ(containers_.stat(id, "/link")->kind, PathFacts::Kind::symlink);
    EXPECT_FALSE(containers_.stat(id, "/no/where").has_value());
}

TEST_F(RealFiles, OfAHostileContainerStayInside) {
    const ContainerId id = idle();
    containers_.exec(
        id, {.command = {
                 "sh", "-c",
                 "mkdir -p /evil/sub; cd /evil; echo 1 >file; ln -s / root; ln -s ../../.. sub/up; mkfifo pipe; mknod "
                 "dev c 1 3; "
                 "cp /bin/busybox su; chmod 4755 su; ln file hard; echo 2 >\"$(printf 'esc\\033[31m\\nline')\""}});
    support::TempDir folder;
    archive::Extracted result;

    containers_.read_archive(id, "/evil",
                             [&](const ArchiveSource& tar) { result = archive::extract(tar, folder.path() / "out"); });

    EXPECT_THAT(result.left_out, Contains(Pair("evil/root", "a symlink that leads out, to '/'")));
    EXPECT_THAT(result.left_out, Contains(Pair("evil/sub/up", "a symlink that leads out, to '../../..'")));
    EXPECT_THAT(result.left_out, Contains(Pair("evil/pipe", "a device, FIFO or socket")));
    EXPECT_THAT(result.left_out, Contains(Pair("evil/dev", "a device, FIFO or socket")));
    EXPECT_EQ(result.left_out.size(), 4U);
    EXPECT_EQ(result.files, 4U);
    const auto mode = std::filesystem::status(folder.path() / "out/evil/su").permissions();
    EXPECT_EQ(mode & std::filesystem::perms::set_uid, std::filesystem::perms::none);
    EXPECT_TRUE(std::filesystem::exists(folder.path() / "out/evil/esc\x1b[31m\nline"));
}

TEST_F(RealFiles, SparseTwentyGibibytesAreRefusedByTheirHeader) {
    const ContainerId id = idle();
    containers_.exec(id, {.command = {"dd", "if=/dev/zero", "of=/sparse", "bs=1", "count=1", "seek=21474836479"}});
    const auto begin = Deadline::Clock::now();
    const auto read = [&] {
        containers_.read_archive(id, "/sparse", [&](const ArchiveSource& tar) { archive::read_file(tar, 1 << 20); });
    };

    EXPECT_EQ(error_text<Error>(read),
              "error[BR0403]: 'sparse' has 21474836480 bytes, and 1048576 are the limit\n"
              "  hint: copy less, or allow more");

    EXPECT_LT(Deadline::Clock::now() - begin, 10s);
    EXPECT_EQ(containers_.remove(id), Removed::now) << "the transfer's connection is closed, so nothing is locked";
}

TEST_F(RealImages, AreFoundTaggedAndRemoved) {
    const std::string other = "berth.local/other-" + session_ + ":2";

    const auto facts = engine_.images().find(image());

    ASSERT_TRUE(facts);
    EXPECT_THAT(facts->tags, Contains(image()));
    EXPECT_EQ(facts->os, "linux");
    EXPECT_GT(facts->size, 100'000U);
    EXPECT_FALSE(engine_.images().find(other).has_value());
    engine_.images().tag(image(), other);
    EXPECT_TRUE(there("/images/" + other + "/json"));
    EXPECT_TRUE(engine_.images().remove(other));
    EXPECT_FALSE(there("/images/" + other + "/json"));
    EXPECT_FALSE(engine_.images().remove(other));
}

TEST_F(RealImages, AreNotLoadedFromGarbage) {
    const auto load = [&](const std::string& bytes) {
        return error_text<Error>([&] {
            engine_.images().load([&, gone = false]() mutable -> std::string_view {
                return std::exchange(gone, true) ? std::string_view{} : std::string_view(bytes);
            });
        });
    };

    EXPECT_THAT(load(std::string(2000, 'x')), HasSubstr("error[BR0203]: cannot load images from an archive"));
    EXPECT_THAT(load(std::string(1024, '\0')), HasSubstr("error[BR0203]: cannot load images from an archive"));
}

TEST_F(RealImages, ArePulledFromARegistry) {
    support::Registry registry;
    const std::string reference =
        registry.push(support::test_image("busybox").archive, "team/busybox-" + session_, "1");
    ASSERT_FALSE(there("/images/" + reference + "/json"));
    std::vector<std::string> seen;

    engine_.images().pull(reference, {.on_progress = [&](const PullProgress& step) { seen.push_back(step.status); }});

    EXPECT_TRUE(there("/images/" + reference + "/json"));
    EXPECT_FALSE(seen.empty());
    const std::string by_digest = engine_.images().inspect(reference).digests.at(0);
    engine_.images().pull(by_digest);
    EXPECT_TRUE(engine_.images().remove(reference));
    engine_.images().remove(by_digest);
}

TEST_F(RealImages, ThatARegistryDoesNotHaveAreNamed) {
    support::Registry registry;
    registry.push(support::test_image("busybox").archive, "team/busybox", "1");
    const std::string reference = registry.address() + "/team/busybox:2";

    const std::string text = error_text<PullFailed>([&] { engine_.images().pull(reference); });

    EXPECT_THAT(text, HasSubstr("error[BR0201]: cannot pull image '" + reference + "': registry '" +
                                registry.address() + "' has no such image or tag\n  engine: "));
    EXPECT_THAT(text, ::testing::EndsWith("\n  hint: check its name and tag for typing errors"));
}

TEST_F(RealImages, ThatNoRegistryServesSaySo) {
    support::Registry registry;
    const std::string address = registry.address();
    registry.stop();

    const std::string text = error_text<PullFailed>([&] { engine_.images().pull(address + "/team/busybox:1"); });

    EXPECT_THAT(text, HasSubstr("error[BR0201]: cannot pull image '" + address + "/team/busybox:1': registry '" +
                                address + "' does not answer\n  engine: "));
    EXPECT_THAT(text, HasSubstr("connection refused"));
    EXPECT_THAT(text, ::testing::EndsWith("\n  hint: look whether registry '" + address +
                                          "' is up and can be reached from the engine"));
}

TEST_F(RealNetworks, JoinContainersByName) {
    const std::string first = engine_.networks().create(name("n1"), {.labels = labels()});
    const std::string second = engine_.networks().create(name("n2"), {.labels = labels()});
    ContainerConfig config = shell("sleep 60");
    config.networks = {{first, {"db", "postgres"}}, {second, {"other"}}};
    const ContainerId id = started(config);
    ContainerConfig client = shell("sleep 60");
    client.networks = {{second, {}}};
    const ContainerId neighbour = started(client);

    EXPECT_EQ(containers_.inspect(id).networks.size(), 2U);
    EXPECT_EQ(containers_.exec(neighbour, {.command = {"ping", "-c1", "-W5", "other"}, .check = Check::no}).exit_code,
              0);
    EXPECT_NE(containers_.exec(neighbour, {.command = {"ping", "-c1", "-W1", "db"}, .check = Check::no}).exit_code, 0);
    engine_.networks().connect(first, neighbour.text, {});
    EXPECT_EQ(containers_.exec(neighbour, {.command = {"ping", "-c1", "-W5", "db"}, .check = Check::no}).exit_code, 0);
    EXPECT_THAT(engine_.networks().find(first)->containers, ::testing::UnorderedElementsAre(id.text, neighbour.text));
    engine_.networks().disconnect(first, neighbour.text, true);
    EXPECT_THAT(engine_.networks().find(first)->containers, ElementsAre(id.text));
}

TEST_F(RealNetworks, AreMadeOnceByName) {
    const std::string id = engine_.networks().create(name("n"), {.internal = true, .labels = labels()});

    EXPECT_THAT(second_.get("/networks/" + id), HasSubstr("\"Internal\":true"));
    EXPECT_EQ(second_.networks(label()), 1U);
    const std::string text = error_text<Conflict>([&] { engine_.networks().create(name("n"), {.labels = labels()}); });
    EXPECT_THAT(text,
                HasSubstr("error[BR0107]: cannot create network '" + name("n") + "': the name is taken\n  engine: "));
    EXPECT_EQ(second_.networks(label()), 1U);
    EXPECT_EQ(engine_.networks().find(name("n"))->id, id);
    EXPECT_EQ(engine_.networks().find(id)->bridge, "br-" + id.substr(0, 12));
    EXPECT_TRUE(engine_.networks().remove(id));
    EXPECT_FALSE(engine_.networks().remove(id));
    EXPECT_FALSE(engine_.networks().find(id).has_value());
}

TEST_F(RealNetworks, InUseAreNotRemoved) {
    const std::string id = engine_.networks().create(name("n"), {.labels = labels()});
    ContainerConfig config = shell("sleep 60");
    config.networks = {{id, {}}};
    started(config);

    EXPECT_THROW(engine_.networks().remove(id, within(1s)), Error);

    EXPECT_TRUE(there("/networks/" + id));
}

TEST_F(RealVolumes, AreMadeOnceByName) {
    const VolumeFacts made = engine_.volumes().create(name("v"), "", labels());

    EXPECT_EQ(made.driver, "local");
    EXPECT_EQ(engine_.volumes().create(name("v"), "local", labels()).name, name("v"));
    EXPECT_THROW(engine_.volumes().create(name("v"), "local", {{"whose", "other"}}), Conflict);
    EXPECT_EQ(second_.volumes(label()), 1U);
    EXPECT_EQ(engine_.volumes().find(name("v"))->labels, labels());
    EXPECT_TRUE(engine_.volumes().remove(name("v")));
    EXPECT_FALSE(engine_.volumes().remove(name("v")));
}

TEST_F(RealVolumes, InUseAreNotRemoved) {
    engine_.volumes().create(name("v"), "local", labels());
    ContainerConfig config = shell("echo kept >/data/file; sleep 60");
    config.mounts = {{.type = MountPoint::Type::volume, .source = name("v"), .target = "/data"}};
    const ContainerId id = started(config);

    const std::string text = error_text<Conflict>([&] { engine_.volumes().remove(name("v")); });

    EXPECT_THAT(text,
                HasSubstr("error[BR0107]: cannot remove volume '" + name("v") + "': a container uses it\n  engine: "));
    EXPECT_TRUE(containers_.inspect(id).anonymous_volumes.empty());
}

TEST_F(RealEvents, TellOfAContainersLife) {
    const support::Gate open;
    const support::Gate destroyed;
    std::vector<std::string> actions;
    std::string exit_code;
    std::jthread follower([&] {
        engine_.events().follow(
            {.types = {"container"}, .actions = {"create", "start", "die", "destroy"}, .labels = {label()}},
            [&] { open.open(); },
            [&](const Event& event) {
                actions.push_back(event.action);
                if (event.action == "die") {
                    exit_code = event.attributes.at("exitCode");
                }
                if (event.action == "destroy") {
                    destroyed.open();
                }
                return event.action != "destroy";
            },
            within(support::k_patience));
    });
    ASSERT_TRUE(open.wait(within(support::k_patience)));

    const ContainerId id = started("exit 3");
    containers_.wait(id, within(support::k_patience));
    containers_.remove(id);

    ASSERT_TRUE(destroyed.wait(within(support::k_patience)));
    follower.join();
    EXPECT_THAT(actions, ElementsAre("create", "start", "die", "destroy"));
    EXPECT_EQ(exit_code, "3");
}

TEST_F(RealEvents, AreLeftWhenAskedToStop) {
    std::stop_source stop;

    EXPECT_THROW(
        engine_.events().follow(
            {}, [&] { stop.request_stop(); }, [](const Event&) { return true; }, Deadline::never(stop.get_token())),
        Cancelled);
}

}  // namespace
}  // namespace berth

// SPDX-License-Identifier: Apache-2.0
// What a container can be asked beside its life from create to remove.
#include <berth/archive/tar_reader.hpp>
#include <tests/engine/limits.hpp>
#include <tests/engine/real_engine.hpp>
#include <tests/support/eventually.hpp>

namespace berth {
namespace {

using namespace std::chrono_literals;
using support::can;
using support::error_text;
using support::Feature;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsSupersetOf;

class RealContainerCalls : public support::RealEngine {
  protected:
    [[nodiscard]] const EngineFacts& facts() const { return engine_.facts(); }
    [[nodiscard]] std::string short_id(const ContainerId& id) const { return id.text.substr(0, 12); }
};

TEST_F(RealContainerCalls, PauseAndGoOn) {
    const ContainerId id = idle();

    containers_.pause(id);
    EXPECT_EQ(containers_.inspect(id).status, Status::paused);
    EXPECT_THAT(inspected(id), HasSubstr("\"Paused\":true"));
    EXPECT_THROW(containers_.pause(id), Conflict);

    containers_.unpause(id);
    EXPECT_THAT(inspected(id), HasSubstr("\"Paused\":false"));
    EXPECT_THROW(containers_.unpause(id), Conflict);
}

TEST_F(RealContainerCalls, TakeAnotherName) {
    const ContainerId id = idle();
    const ContainerId other = idle();

    containers_.rename(id, name("new"));

    EXPECT_THAT(inspected(id), HasSubstr("\"" + std::string("/") + name("new") + "\""));
    EXPECT_THROW(containers_.rename(other, name("new")), Conflict);
    EXPECT_THROW(containers_.rename({std::string(64, 'f')}, name("x")), NotFound);
}

TEST_F(RealContainerCalls, TakeOtherLimits) {
    const ContainerId id = idle();
    const auto update = [&] {
        containers_.update(id, {.memory = 64U << 20U, .memory_swap = 128 << 20, .restart_policy = "always"});
    };
    if (!can(facts(), Feature::update)) {
        EXPECT_EQ(error_text<EngineRefused>(update),
                  "error[BR0142]: cannot update container '" + short_id(id) +
                      "': this engine cannot do that\n  engine: Not Found\n  call: POST /containers/" + id.text +
                      "/update answered HTTP 404 at " + endpoint() +
                      "\n  hint: use an engine that has this call; Podman's Docker API lacks some");
        return;
    }

    update();

    EXPECT_THAT(inspected(id), HasSubstr("\"Memory\":67108864"));
    EXPECT_EQ(containers_.inspect(id).memory, 64 << 20);
    EXPECT_EQ(containers_.inspect(id).restart_policy, "always");
    EXPECT_THAT(error_text<EngineRefused>([&] { containers_.update(id, {.memory = 1U << 20U}); }),
                HasSubstr("error[BR0140]: cannot update container '" + short_id(id) +
                          "': its memory limit is below the least the engine allows, 6MB\n  engine: Minimum memory "
                          "limit allowed is 6MB"));
}

TEST_F(RealContainerCalls, NeedSomeMemory) {
    ContainerConfig config = shell("sleep 60");
    config.memory = 1 << 20;
    const auto create = [&] { containers_.create(name("small"), config); };
    if (!can(facts(), Feature::least_memory)) {
        EXPECT_NO_THROW(create());
        return;
    }

    const std::string text = error_text<EngineRefused>(create);

    EXPECT_THAT(text, HasSubstr("error[BR0140]: cannot create container '" + name("small") +
                                "': its memory limit is below the least the engine allows, 6MB\n  engine: "));
    EXPECT_THAT(text, ::testing::EndsWith("\n  hint: allow it more memory"));
}

TEST_F(RealContainerCalls, ListTheirProcesses) {
    const ContainerId id = idle();

    const ProcessTable table = containers_.top(id);

    EXPECT_THAT(table.titles, Contains(HasSubstr("PID")));
    ASSERT_FALSE(table.processes.empty());
    EXPECT_EQ(table.processes.front().size(), table.titles.size());
    const ContainerId created = containers_.create(name("x"), shell("true")).id;
    if (can(facts(), Feature::top_needs_running)) {
        EXPECT_THROW(containers_.top(created), Conflict);
    } else {
        EXPECT_TRUE(containers_.top(created).processes.empty());
    }
}

TEST_F(RealContainerCalls, TellWhatTheyUse) {
    const ContainerId id = idle();

    const ContainerStats now = containers_.stats(id);
    EXPECT_GT(now.cpu_time.count(), 0);
    EXPECT_FALSE(now.raw.empty());

    std::vector<ContainerStats> readings;
    containers_.follow_stats(
        id,
        [&](const ContainerStats& stats) {
            readings.push_back(stats);
            return readings.size() < 2;
        },
        within(support::k_patience));
    ASSERT_EQ(readings.size(), 2U);
    EXPECT_GE(readings[1].cpu_time, readings[0].cpu_time);
    EXPECT_GT(readings[1].system_time_before.count(), 0);

    const ContainerStats none = containers_.stats(containers_.create(name("x"), shell("true")).id);
    EXPECT_EQ(none.cpu_time.count(), 0);
    EXPECT_THROW(containers_.stats({std::string(64, 'f')}), NotFound);
}

TEST_F(RealContainerCalls, TellWhatTheyChanged) {
    const ContainerId id = started("echo x > /new; rm -rf /var; sleep 60");
    ASSERT_TRUE(support::wait_until([&] { return containers_.stat(id, "/new").has_value(); }));

    EXPECT_TRUE(support::wait_until([&] {
        const auto changes = containers_.changes(id);
        return std::find(changes.begin(), changes.end(), FileChange{FileChange::Kind::added, "/new"}) != changes.end();
    }));
    EXPECT_THROW(containers_.changes({std::string(64, 'f')}), NotFound);
}

TEST_F(RealContainerCalls, ExportTheirFiles) {
    const ContainerId id = started("echo hello > /greeting");
    containers_.wait(id, within(support::k_patience));
    std::string tar;

    containers_.export_files(
        id, [&](std::string_view piece) { tar += piece; }, within(support::k_patience));

    bool given = false;
    const auto entries = archive::list([&]() -> std::string_view {
        const std::string_view piece = given ? std::string_view{} : std::string_view(tar);
        given = true;
        return piece;
    });
    EXPECT_TRUE(std::any_of(entries.begin(), entries.end(), [](const archive::TarEntry& entry) {
        return entry.name == "greeting" && entry.size == 6;
    }));
}

TEST_F(RealContainerCalls, BecomeAnImage) {
    const ContainerId id = started("echo hello > /greeting");
    containers_.wait(id, within(support::k_patience));
    const std::string repository = "berth.local/test-" + session_;
    if (!can(facts(), Feature::commit)) {
        EXPECT_THAT(error_text<EngineRefused>([&] { containers_.commit(id, {.repository = repository, .tag = "1"}); }),
                    HasSubstr("error[BR0105]: cannot make an image of container '" + short_id(id) +
                              "'\n  engine: CommitFailure: obtaining default signature policy"));
        return;
    }

    const std::string image = containers_.commit(
        id, {.repository = repository, .tag = "1", .author = "me", .changes = {R"(CMD ["cat","/greeting"])"}});

    EXPECT_FALSE(image.empty());
    const ContainerId again = started({.image = repository + ":1", .labels = labels()});
    containers_.wait(again, within(support::k_patience));
    EXPECT_EQ(containers_.logs(again).at(0).text, "hello");
    containers_.remove(again);
    engine_.images().remove(repository + ":1");
    EXPECT_THROW(containers_.commit({std::string(64, 'f')}), NotFound);
}

TEST_F(RealContainerCalls, ArePrunedByLabel) {
    const ContainerId running = idle();
    const ContainerId created = containers_.create(name("x"), shell("true")).id;

    const PrunedContainers pruned = containers_.prune({.labels = {label()}});

    EXPECT_THAT(pruned.removed, ElementsAre(created));
    EXPECT_FALSE(there("/containers/" + created.text + "/json"));
    EXPECT_TRUE(there("/containers/" + running.text + "/json"));
}

TEST_F(RealContainerCalls, AreFilteredByTheEngine) {
    const ContainerId running = idle();
    const ContainerId ended = started("exit 3");
    containers_.wait(ended, within(support::k_patience));
    const ContainerId created = containers_.create(name("x"), shell("true")).id;
    const auto ids = [&](ListContainers which) {
        which.labels = {label()};
        std::vector<ContainerId> result;
        for (const auto& item : containers_.list(which)) {
            result.push_back(item.id);
        }
        return result;
    };

    EXPECT_THAT(ids({.statuses = {"created"}}), ElementsAre(created));
    EXPECT_THAT(ids({.statuses = {"running"}}), ElementsAre(running));
    EXPECT_THAT(ids({.all = true, .exit_codes = {3}}), ElementsAre(ended));
    EXPECT_THAT(ids({.all = true, .ids = {ended.text}}), ElementsAre(ended));
    EXPECT_EQ(ids({.all = true, .ancestors = {image()}}).size(), 3U);
    const auto summary = containers_.list({.labels = {label()}, .sizes = Sizes::yes}).at(0);
    EXPECT_FALSE(summary.status_text.empty());
    EXPECT_TRUE(summary.total_size.has_value());
    EXPECT_EQ(summary.addresses.size(), 1U);
}

TEST_F(RealContainerCalls, TakeWhatACreateSays) {
    ContainerConfig config = shell("sleep 60");
    config.domainname = "example.test";
    config.stop_timeout = 3s;
    config.dns = {"192.0.2.53"};
    config.dns_search = {"example.test"};
    config.pids_limit = 99;
    config.oom_score_adjustment = 100;
    config.sysctls = {{"net.ipv4.ip_unprivileged_port_start", "0"}};
    config.devices = {{.on_host = "/dev/null", .in_container = "/dev/nothing"}};
    config.mounts = {{.type = MountPoint::Type::tmpfs, .target = "/scratch", .tmpfs_size = 1 << 20}};
    config.anonymous_volumes = {"/data"};
    config.cpu_shares = 256;
    config.raw_patch = R"({"HostConfig":{"CpuShares":512},"Labels":{"patched":"yes"}})";

    const ContainerId id = started(config);

    const std::string json = inspected(id);
    EXPECT_THAT(json, HasSubstr("\"PidsLimit\":99"));
    EXPECT_THAT(json, HasSubstr("\"CpuShares\":512"));
    EXPECT_THAT(json, HasSubstr("\"192.0.2.53\""));
    EXPECT_THAT(json, HasSubstr("\"patched\":\"yes\""));
    EXPECT_EQ(
        containers_.exec(id, {.command = {"sh", "-c", "ls /dev/nothing; df -k /scratch | tail -1 | grep -c /scratch"}})
            .standard_output,
        "/dev/nothing\n1\n");
    const ContainerFacts seen = containers_.inspect(id, Sizes::yes);
    EXPECT_EQ(seen.anonymous_volumes.size(), 1U);
    EXPECT_TRUE(seen.written_size.has_value());
    EXPECT_THAT(seen.command, ElementsAre("sh", "-c", "sleep 60"));
    EXPECT_FALSE(seen.created_at.empty());
    EXPECT_TRUE(std::any_of(seen.mounts.begin(), seen.mounts.end(),
                            [](const MountFacts& mount) { return mount.target == "/data" && mount.writable; }));
}

TEST_F(RealContainerCalls, HaveNoCheckpointsHere) {
    const ContainerId id = idle();

    const std::string text = error_text<EngineRefused>([&] { containers_.create_checkpoint(id, "one"); });

    EXPECT_THAT(text, HasSubstr("error[BR0142]: cannot make a checkpoint of container '" + short_id(id) +
                                "': this engine cannot do that\n  engine: "));
    EXPECT_EQ(containers_.inspect(id).status, Status::running);
}

TEST_F(RealContainerCalls, AreWaitedForByACondition) {
    const ContainerId id = containers_.create(name("x"), shell("exit 4")).id;

    EXPECT_EQ(containers_.wait_for(
                  id, WaitFor::next_exit, [&] { containers_.start(id); }, within(support::k_patience)),
              4);
    const int code = containers_.wait_for(
        id, WaitFor::removal, [&] { containers_.remove(id); }, within(support::k_patience));
    EXPECT_EQ(code, can(facts(), Feature::removal_exit_code) ? 4 : 0);
    EXPECT_THROW(containers_.wait_for(id, WaitFor::not_running, {}, within(5s)), NotFound);
}

TEST_F(RealContainerCalls, AreConflictsWhereTheirStateForbidsIt) {
    const ContainerId id = containers_.create(name("x"), shell("true")).id;

    EXPECT_THROW(containers_.kill(id), Conflict);
    EXPECT_THROW(containers_.pause(id), Conflict);
    EXPECT_THROW(containers_.create_exec(id, {.command = {"true"}}), Conflict);
    const ContainerId running = idle();
    const std::string text = error_text<Conflict>([&] { containers_.remove(running, {.force = false}); });
    EXPECT_THAT(text, HasSubstr("error[BR0107]: cannot remove container '" + short_id(running) + "'\n  engine: "));
    EXPECT_THAT(text, ::testing::EndsWith("\n  hint: stop it first, or remove it by force"));
}

}  // namespace
}  // namespace berth

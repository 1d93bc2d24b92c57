// SPDX-License-Identifier: Apache-2.0
#include <berth/runtime/internal/container_config.hpp>
#include <tests/runtime/plan_of.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <unistd.h>

#include <cstdlib>

namespace berth::testing_runtime {
namespace {

using namespace std::chrono_literals;
using runtime::container_config;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

ContainerConfig config_of(const PlanOf& of, std::size_t i = 0, const EngineFacts& engine = PlanOf::local_docker()) {
    const auto lookup = of.lookup(of.plan().services[i].name);
    return container_config({.plan = of.plan(),
                             .service = of.plan().services[i],
                             .engine = engine,
                             .lookup = lookup,
                             .session_labels = {{"berth.session", "s"}},
                             .network_ids = {{"default", "net1"}, {"back", "net2"}},
                             .volume_names = {{"data", "berth-run-data"}},
                             .volume_labels = {{"berth.session", "s"}}});
}

TEST(ContainerConfig, LeavesAloneWhatTheSpecLeavesOut) {
    const ContainerConfig config = config_of(PlanOf(spec_of({service("one", "redis:7").with_wait(wait::none())})));

    EXPECT_EQ(config.image, "redis:7");
    EXPECT_FALSE(config.command.has_value());
    EXPECT_FALSE(config.entrypoint.has_value());
    EXPECT_THAT(config.environment, IsEmpty());
    EXPECT_THAT(config.networks, IsEmpty());
    EXPECT_FALSE(config.healthcheck.has_value());
    EXPECT_FALSE(config.init.has_value());
    EXPECT_EQ(config.user, "");
    EXPECT_THAT(config.labels, ElementsAre(Pair("berth.session", "s")));
    EXPECT_THAT(config.security_options, ElementsAre("no-new-privileges"));
}

TEST(ContainerConfig, ResolvesReferencesOnTheNetworksSide) {
    const auto app = service("app", "app:1")
                         .with_command(Words{"serve", "${db.internal.address}", "$$HOME"})
                         .with_environment("DATABASE", "${db.url}")
                         .with_label("team", "${project.name}");

    const ContainerConfig config = config_of(PlanOf(spec_of({service("db", "db:1").with_port(5432), app})), 1);

    EXPECT_THAT(*config.command, ElementsAre("serve", "db:5432", "$HOME"));
    EXPECT_THAT(config.environment, ElementsAre("DATABASE=tcp://db:5432"));
    EXPECT_EQ(config.labels.at("team"), "shop");
}

TEST(ContainerConfig, PassesTheCallersOwnVariablesOn) {
    ::setenv("BERTH_TEST_PASSED_ON", "of the caller", 1);
    ::unsetenv("BERTH_TEST_NOT_SET");
    const auto one = service("one", "a:1")
                         .with_environment("BERTH_TEST_PASSED_ON", Value())
                         .with_environment("BERTH_TEST_NOT_SET", Value())
                         .with_environment("EMPTY", "")
                         .with_user(Text("host"));

    const ContainerConfig config = config_of(PlanOf(spec_of({one})));

    EXPECT_THAT(config.environment, ElementsAre("BERTH_TEST_PASSED_ON=of the caller", "EMPTY="));
    EXPECT_EQ(config.user, std::to_string(::getuid()) + ":" + std::to_string(::getgid()));
}

TEST(ContainerConfig, PublishesOnLoopbackUnlessToldOtherwise) {
    const auto one = service("one", "a:1")
                         .with_port(80)
                         .with_port(PortSpec(53).with_protocol(Protocol::udp).with_host_ip(std::string("0.0.0.0")))
                         .with_port(PortSpec(90).with_published(PublishedPort(9090)))
                         .with_expose(100);

    const ContainerConfig config = config_of(PlanOf(spec_of({one})));

    EXPECT_THAT(config.ports, ElementsAre(PortBinding{"80/tcp", "127.0.0.1", ""}, PortBinding{"53/udp", "0.0.0.0", ""},
                                          PortBinding{"90/tcp", "127.0.0.1", "9090"}));
    EXPECT_THAT(config.exposed_ports, ElementsAre("100/tcp"));
}

TEST(ContainerConfig, PublishesEverywhereOnARemoteEngine) {
    EngineFacts remote = PlanOf::local_docker();
    remote.endpoint = "tcp://build-7:2376";
    remote.local = false;

    const ContainerConfig config = config_of(PlanOf(spec_of({service("one", "a:1").with_port(80)})), 0, remote);

    EXPECT_THAT(config.ports, ElementsAre(PortBinding{"80/tcp", "0.0.0.0", ""}));
}

TEST(ContainerConfig, PublishesNothingWhenThatIsSaid) {
    const auto one = service("one", "a:1").with_port(80).with_publish(Publish::never).with_wait(wait::none());

    const ContainerConfig config = config_of(PlanOf(spec_of({one})));

    EXPECT_THAT(config.ports, IsEmpty());
    EXPECT_THAT(config.exposed_ports, ElementsAre("80/tcp"));
}

TEST(ContainerConfig, JoinsItsNetworksByItsNameAndAliases) {
    NetworkAttach attach;
    attach.aliases = std::vector<std::string>{"primary", "one"};
    const auto one = service("one", "a:1").with_network("back", attach);

    const ContainerConfig config = config_of(PlanOf(spec_of({one, service("two", "a:1")}).with_network("back")));

    ASSERT_EQ(config.networks.size(), 1U);
    EXPECT_EQ(config.networks[0].network, "net2");
    EXPECT_THAT(config.networks[0].aliases, ElementsAre("one", "primary"));
}

TEST(ContainerConfig, MountsVolumesThatAreOurs) {
    MountSpec data;
    data.type = MountSpec::Type::volume;
    data.source = Text("data");
    data.target = "/data";
    data.read_only = true;

    const ContainerConfig config = config_of(
        PlanOf(spec_of({service("one", "a:1").with_volume(data).with_tmpfs("/tmp:size=64m")}).with_volume("data")));

    ASSERT_EQ(config.mounts.size(), 1U);
    EXPECT_EQ(config.mounts[0].type, MountPoint::Type::volume);
    EXPECT_EQ(config.mounts[0].source, "berth-run-data");
    EXPECT_EQ(config.mounts[0].target, "/data");
    EXPECT_TRUE(config.mounts[0].read_only);
    EXPECT_THAT(config.tmpfs, ElementsAre(Pair("/tmp", "size=64m")));
}

TEST(ContainerConfig, SpeaksOfPrivilegesOnlyWhenTheSpecDoesNot) {
    const auto one =
        service("one", "a:1").with_security_opt(std::vector<std::string>{"no-new-privileges:false", "label=disable"});

    EXPECT_THAT(config_of(PlanOf(spec_of({one}))).security_options,
                ElementsAre("no-new-privileges:false", "label=disable"));
}

TEST(ContainerConfig, AsksForQuickHealthChecksWhereTheServiceWaitsForThem) {
    HealthcheckSpec check;
    check.test = Words{"CMD", "true"};
    const auto one =
        service("one", "a:1").with_healthcheck(check).with_wait(wait::healthcheck().with_timeout(Duration(20s)));

    const ContainerConfig now = config_of(PlanOf(spec_of({one})));
    EngineFacts old_engine = PlanOf::local_docker();
    old_engine.api = {1, 41};
    const ContainerConfig before = config_of(PlanOf(spec_of({one})), 0, old_engine);

    EXPECT_THAT(now.healthcheck->test, ElementsAre("CMD", "true"));
    EXPECT_EQ(now.healthcheck->start_interval, 500ms);
    EXPECT_EQ(now.healthcheck->start_period, 20s);
    EXPECT_EQ(before.healthcheck->interval, 1s);
    EXPECT_EQ(before.healthcheck->start_period, 0s);
    EXPECT_EQ(before.healthcheck->retries, 21);
}

TEST(ContainerConfig, KeepsTheTimesOfAHealthCheckThatAreGiven) {
    HealthcheckSpec check;
    check.test = Words{"CMD", "true"};
    check.interval = Duration(3s);
    check.start_period = Duration(4s);
    check.start_interval = Duration(200ms);

    const ContainerConfig config =
        config_of(PlanOf(spec_of({service("one", "a:1").with_healthcheck(check).with_wait(wait::healthcheck())})));

    EXPECT_EQ(config.healthcheck->interval, 3s);
    EXPECT_EQ(config.healthcheck->start_period, 4s);
    EXPECT_EQ(config.healthcheck->start_interval, 200ms);
}

TEST(ContainerConfig, TurnsAHealthCheckOff) {
    HealthcheckSpec check;
    check.disable = true;

    const ContainerConfig config = config_of(PlanOf(spec_of({service("one", "a:1").with_healthcheck(check)})));

    EXPECT_THAT(config.healthcheck->test, ElementsAre("NONE"));
}

}  // namespace
}  // namespace berth::testing_runtime

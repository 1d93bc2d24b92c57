// SPDX-License-Identifier: Apache-2.0
#include <berth/spec/defaults.hpp>
#include <berth/spec/environment.hpp>

#include <gmock/gmock.h>

#include <functional>

namespace berth {
namespace {

using testing::ElementsAre;
using namespace std::chrono_literals;

TEST(Given, TellsAbsentFromDefaultFromEmpty) {
    const ServiceSpec absent;
    ServiceSpec empty;
    empty.ports = std::vector<PortSpec>{};
    ServiceSpec off;
    off.tty = false;

    EXPECT_FALSE(absent.ports.given());
    EXPECT_TRUE(empty.ports.given());
    EXPECT_TRUE(empty.ports->empty());
    EXPECT_NE(absent, empty);
    EXPECT_NE(absent, off);
    EXPECT_EQ(absent.tty.value_or(true), true);
    EXPECT_EQ(off.tty.value_or(true), false);
}

TEST(Given, TellsWrittenFromOverriddenFromReset) {
    const Given<int> given = 1;
    const Given<int> overridden = override_given(1);
    const auto reset = reset_given<int>();

    EXPECT_EQ(given.presence(), Presence::given);
    EXPECT_EQ(overridden.presence(), Presence::overridden);
    EXPECT_EQ(reset.presence(), Presence::reset);
    EXPECT_TRUE(overridden.given());
    EXPECT_FALSE(reset.given());
    EXPECT_NE(given, overridden);
    EXPECT_NE(reset, Given<int>{});
}

TEST(Given, RemembersTheCallersLineAndComparesWithoutIt) {
    const Given<std::string> first = "a";
    const Given<std::string> second = "a";

    EXPECT_STREQ(first.origin().file, __FILE__);
    EXPECT_EQ(second.origin().line, first.origin().line + 1);
    EXPECT_EQ(first, second);
}

TEST(Given, IsEditedInPlace) {
    Given<std::vector<int>> list;

    list.edit().push_back(1);
    const Presence before = override_given(1).presence();
    auto overridden = override_given(1);
    overridden.edit() = 2;

    EXPECT_TRUE(list.given());
    EXPECT_THAT(*list, ElementsAre(1));
    EXPECT_EQ(overridden.presence(), before);
    EXPECT_EQ(*overridden, 2);
}

TEST(Specs, ReadTheSameHoweverTheyAreWritten) {
    const ServiceSpec chained = service("redis", "redis:7.4-alpine")
                                    .with_port(6379)
                                    .with_command(Words{"redis-server", "--save", ""})
                                    .with_environment("TZ", "UTC")
                                    .with_wait(wait::log("Ready to accept connections"));
    ServiceSpec braced{
        .name = "redis", .image = "redis:7.4-alpine", .command = {"redis-server", "--save", ""}, .ports = {6379}};
    braced.environment = KeyValues{{"TZ", "UTC"}};
    braced.wait = wait::log("Ready to accept connections");

    EXPECT_EQ(chained, braced);
    EXPECT_NE(chained, chained.with_environment("TZ", "CET"));
}

TEST(Specs, DifferInEachMember) {
    const ServiceSpec plain = service("a", "b:1");
    const ServiceSpec changed[] = {plain.with_image("c:1"),
                                   plain.with_profiles(std::vector<std::string>{"p"}),
                                   plain.with_platform("linux/arm64"),
                                   plain.with_pull_policy(PullPolicy::always),
                                   plain.with_command(Words{}),
                                   plain.with_entrypoint(Words{"x"}),
                                   plain.with_environment(KeyValues{}),
                                   plain.with_environment("A", "b"),
                                   plain.with_working_dir("/w"),
                                   plain.with_user("host"),
                                   plain.with_hostname("h"),
                                   plain.with_labels(KeyValues{}),
                                   plain.with_label("l", "v"),
                                   plain.with_init(true),
                                   plain.with_tty(true),
                                   plain.with_stdin_open(true),
                                   plain.with_publish(Publish::always),
                                   plain.with_restart(RestartPolicy{RestartPolicy::Kind::always, 0}),
                                   plain.with_ports(std::vector<PortSpec>{}),
                                   plain.with_port(80),
                                   plain.with_expose(80),
                                   plain.with_networks(std::map<std::string, NetworkAttach>{}),
                                   plain.with_network("n"),
                                   plain.with_extra_hosts(KeyValues{}),
                                   plain.with_volumes(std::vector<MountSpec>{}),
                                   plain.with_volume({.target = "/v"}),
                                   plain.with_tmpfs("/t"),
                                   plain.with_copy({.content = "c", .to = "/c"}),
                                   plain.with_depends_on("db"),
                                   plain.with_healthcheck(HealthcheckSpec{}),
                                   plain.with_wait(wait::none()),
                                   plain.with_post_ready({.exec = "true"}),
                                   plain.with_artifact({.path = "/a"}),
                                   plain.with_stop_signal("SIGINT"),
                                   plain.with_stop_grace_period(1s),
                                   plain.with_mem_limit(Bytes{1}),
                                   plain.with_cpus(0.5),
                                   plain.with_shm_size(Bytes{2}),
                                   plain.with_ulimits(std::map<std::string, Ulimit>{}),
                                   plain.with_cap_add(std::vector<std::string>{"NET_ADMIN"}),
                                   plain.with_cap_drop(std::vector<std::string>{"ALL"}),
                                   plain.with_privileged(true),
                                   plain.with_read_only(true),
                                   plain.with_security_opt(std::vector<std::string>{"x"})};
    for (const auto& one : changed) {
        EXPECT_NE(one, plain);
        EXPECT_EQ(std::count(std::begin(changed), std::end(changed), one), 1);
    }
}

TEST(Specs, KnowTheLineOfEachPartThatIsAppended) {
    const ServiceSpec spec = service("a", "b:1")
                                 .with_network("n")
                                 .with_tmpfs("/t")
                                 .with_depends_on("db")
                                 .with_copy({.content = "c", .to = "/c"})
                                 .with_volume({.target = "/v"})
                                 .with_expose(80);

    EXPECT_EQ(spec.networks->at("n").origin.line, spec.name.origin().line + 1);
    EXPECT_EQ(spec.tmpfs.origin().line, spec.name.origin().line + 2);
    EXPECT_EQ(spec.depends_on->at("db").origin.line, spec.name.origin().line + 3);
    EXPECT_EQ(spec.copy->front().origin.line, spec.name.origin().line + 4);
    EXPECT_EQ(spec.volumes->front().origin.line, spec.name.origin().line + 5);
    EXPECT_EQ(spec.expose.origin().line, spec.name.origin().line + 6);
}

TEST(Specs, AppendToAnEnvironment) {
    const EnvironmentSpec spec = EnvironmentSpec{}
                                     .with_service(service("a", "b:1"))
                                     .with_network("n", {.internal = true})
                                     .with_volume("v")
                                     .with_export("A", "1")
                                     .with_timeouts(Timeouts{.up = 1s})
                                     .with_isolation(Isolation{.keep = Keep::always})
                                     .with_artifacts(ArtifactsRoot{.dir = "d"})
                                     .with_images(ImageSettings{});

    ASSERT_NE(spec.find_service("a"), nullptr);
    EXPECT_EQ(spec.find_service("b"), nullptr);
    EXPECT_EQ(*spec.networks->at("n").internal, true);
    EXPECT_EQ(spec.volumes->count("v"), 1U);
    EXPECT_EQ(spec.exports->at("A").text, "1");
    EXPECT_EQ(up_timeout(spec), 1s);
    EXPECT_EQ(*spec.isolation->keep, Keep::always);
    EXPECT_EQ(*spec.artifacts->dir, "d");
    EXPECT_TRUE(spec.images.given());
}

TEST(Commands, RunThroughAShellOnlyWhenWrittenAsALine) {
    EXPECT_THAT(ShellOrArgv("a && b").argv(), ElementsAre("/bin/sh", "-c", "a && b"));
    EXPECT_THAT((ShellOrArgv{"redis-cli", "ping"}).argv(), ElementsAre("redis-cli", "ping"));
    EXPECT_NE(ShellOrArgv("ls"), ShellOrArgv(Words{"ls"}));
}

TEST(Ports, ThatAreNoneBecomeZero) {
    EXPECT_EQ(PortRange(70000).first, 0);
    EXPECT_EQ(PortRange(-1).first, 0);
    EXPECT_EQ(PortRange(65535).first, 65535);
    EXPECT_EQ(PortRange(8000, 8009).size(), 10);
    EXPECT_STREQ(to_string(Protocol::tcp), "tcp");
    EXPECT_STREQ(to_string(Protocol::udp), "udp");
    EXPECT_STREQ(to_string(Protocol::sctp), "sctp");
    EXPECT_EQ(PortSpec(80).with_published(8080).with_host_ip("::1").with_protocol(Protocol::udp).with_name("http").name,
              Given<std::string>("http"));
}

TEST(Codes, AreRangesWithBothEnds) {
    CodeRanges codes(200, 299);
    codes.ranges.push_back({404, 404});

    EXPECT_TRUE(codes.contains(200));
    EXPECT_TRUE(codes.contains(299));
    EXPECT_TRUE(codes.contains(404));
    EXPECT_FALSE(codes.contains(300));
    EXPECT_FALSE(CodeRanges().contains(0));
    EXPECT_EQ(codes.text(), "200-299, 404");
    EXPECT_EQ(PortName(80).text(), "80");
    EXPECT_EQ(PortName("http").text(), "http");
}

TEST(Waits, AreMadeByNamesThatReadAloud) {
    EXPECT_EQ(wait::port(80).port->port->front(), PortName(80));
    EXPECT_EQ(*wait::http("/ready", {.status = 204}).http->path, "/ready");
    EXPECT_EQ(*wait::http("/ready", {.status = 204}).http->status, CodeRanges(204));
    EXPECT_EQ(*wait::log("x").log->matches, "x");
    EXPECT_EQ(*wait::log(WaitLog{.contains = "x", .times = 2}).log->times, 2);
    EXPECT_TRUE(wait::exec("true").exec->command->shell);
    EXPECT_TRUE(wait::healthcheck().healthcheck.given());
    EXPECT_EQ(*wait::exit().exit->code, CodeRanges(0));
    EXPECT_EQ(wait::all({wait::port(), wait::running()}).all->size(), 2U);
    EXPECT_EQ(wait::any({wait::port()}).any->size(), 1U);
    EXPECT_EQ(*wait::none().simple, WaitSpec::Simple::none);
    EXPECT_EQ(*wait::port().with_timeout(1s).with_interval(2ms).timeout, 1s);
}

}  // namespace
}  // namespace berth

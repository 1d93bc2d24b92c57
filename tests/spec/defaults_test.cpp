// SPDX-License-Identifier: Apache-2.0
#include <berth/core/error.hpp>
#include <berth/spec/defaults.hpp>
#include <berth/spec/validation.hpp>

#include <gmock/gmock.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>

namespace berth {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using namespace std::chrono_literals;

EnvironmentSpec environment_of(std::vector<ServiceSpec> services) {
    EnvironmentSpec spec;
    spec.services = std::move(services);
    return spec;
}

TEST(Defaults, CountWhereTheSpecSaysNothing) {
    const EnvironmentSpec spec = environment_of({service("a", "b:1")});

    EXPECT_EQ(up_timeout(spec), 5min);
    EXPECT_EQ(pull_timeout(spec), 10min);
    EXPECT_EQ(step_timeout(spec, {}), 60s);
    EXPECT_EQ(ready_timeout(spec, spec.services[0]), 60s);
    EXPECT_EQ(down_timeout(spec), 30s);
}

TEST(Defaults, GiveWayToWhatIsWritten) {
    EnvironmentSpec spec =
        environment_of({service("a", "b:1").with_wait(wait::port(1).with_timeout(7s)), service("c", "b:1")});
    spec.timeouts = Timeouts{.up = 1s, .pull = 2s, .ready = 3s, .step = 4s, .down = 5s};

    EXPECT_EQ(up_timeout(spec), 1s);
    EXPECT_EQ(pull_timeout(spec), 2s);
    EXPECT_EQ(ready_timeout(spec, spec.services[0]), 7s);
    EXPECT_EQ(ready_timeout(spec, spec.services[1]), 3s);
    EXPECT_EQ(step_timeout(spec, {}), 4s);
    EXPECT_EQ(step_timeout(spec, {.timeout = 6s}), 6s);
    EXPECT_EQ(down_timeout(spec), 5s);
}

TEST(ProjectName, IsWrittenOrTheFolders) {
    EnvironmentSpec spec;
    spec.base.directory = "/home/me/My Shop/";
    EXPECT_EQ(project_name(spec), "my-shop");
    spec.base.directory = "/";
    EXPECT_EQ(project_name(spec), "berth");
    spec.name = "shop";
    EXPECT_EQ(project_name(spec), "shop");
}

TEST(OneShot, IsWhoWaitsForItsExitOrIsWaitedForToEnd) {
    const EnvironmentSpec spec =
        environment_of({service("exits", "b:1").with_wait(wait::exit()),
                        service("nested", "b:1").with_wait(wait::any({wait::all({wait::exit(3)})})),
                        service("job", "b:1"), service("server", "b:1"),
                        service("app", "b:1")
                            .with_depends_on("job", {.condition = DependsCondition::service_completed_successfully})
                            .with_depends_on("server")});

    EXPECT_TRUE(is_one_shot(spec, spec.services[0]));
    EXPECT_TRUE(is_one_shot(spec, spec.services[1]));
    EXPECT_TRUE(is_one_shot(spec, spec.services[2]));
    EXPECT_FALSE(is_one_shot(spec, spec.services[3]));
    EXPECT_FALSE(is_one_shot(spec, spec.services[4]));
}

WaitSpec automatic(ServiceSpec spec, DependsOn how = {}, bool needed = false) {
    std::vector<ServiceSpec> services = {std::move(spec)};
    if (needed) {
        services.push_back(service("other", "b:1").with_depends_on("a", std::move(how)));
    }
    const EnvironmentSpec environment = environment_of(std::move(services));
    return effective_wait(environment, environment.services[0]);
}

TEST(AutomaticWait, PicksInOrder) {
    const ServiceSpec plain = service("a", "b:1");
    const HealthcheckSpec check{.test = Words{"CMD", "true"}};
    const HealthcheckSpec off{.disable = true};
    const HealthcheckSpec none{.test = Words{"NONE"}};
    const WaitSpec ask{.simple = WaitSpec::Simple::automatic};
    WaitSpec ask_then_port = ask;
    ask_then_port.port = WaitPort{};

    EXPECT_EQ(automatic(plain), ask);
    EXPECT_EQ(automatic(plain.with_port(80)), ask_then_port);
    EXPECT_EQ(automatic(plain.with_port(PortSpec(53).with_protocol(Protocol::udp))), ask);
    EXPECT_EQ(automatic(plain.with_healthcheck(check)), wait::healthcheck());
    EXPECT_EQ(automatic(plain.with_healthcheck(check).with_port(80)), wait::healthcheck());
    EXPECT_EQ(automatic(plain.with_healthcheck(off)), wait::running());
    EXPECT_EQ(automatic(plain.with_healthcheck(none)), wait::running());
    EXPECT_EQ(automatic(plain.with_healthcheck(off).with_port(80)), wait::port());
    EXPECT_EQ(
        automatic(plain.with_healthcheck(check), {.condition = DependsCondition::service_completed_successfully}, true),
        WaitSpec{.exit = WaitExit{}});
    EXPECT_EQ(automatic(plain, {.condition = DependsCondition::service_completed}, true),
              wait::exit(CodeRanges(0, 255)));
}

TEST(AutomaticWait, KeepsItsTimesAndLeavesWhatIsWritten) {
    const WaitSpec timed = WaitSpec{.simple = WaitSpec::Simple::automatic}.with_timeout(9s).with_interval(1ms);

    EXPECT_EQ(*automatic(service("a", "b:1").with_wait(timed)).timeout, 9s);
    EXPECT_EQ(*automatic(service("a", "b:1").with_wait(timed)).interval, 1ms);
    EXPECT_EQ(automatic(service("a", "b:1").with_wait(wait::log("x"))), wait::log("x"));
    EXPECT_EQ(automatic(service("a", "b:1").with_wait(wait::none())), wait::none());
}

TEST(Networks, AreNamedDefaultOrNone) {
    EnvironmentSpec single = environment_of({service("a", "b:1")});
    EXPECT_THAT(networks_of(single, single.services[0]), IsEmpty());
    EXPECT_THAT(networks_in_use(single), IsEmpty());

    single = environment_of({service("a", "b:1").with_network("default")});
    EXPECT_THAT(networks_in_use(single), ElementsAre("default"));

    const EnvironmentSpec pair = environment_of(
        {service("a", "b:1").with_network("front").with_network("back"), service("c", "b:1"), service("d", "b:1")});
    EXPECT_THAT(networks_of(pair, pair.services[0]), ElementsAre("back", "front"));
    EXPECT_THAT(networks_of(pair, pair.services[1]), ElementsAre("default"));
    EXPECT_THAT(networks_in_use(pair), ElementsAre("back", "front", "default"));
}

TEST(DeclaredPorts, AreTakenOutOfTheirRanges) {
    PortSpec range;
    range.target = PortRange(8000, 8002);
    PublishedPort fixed;
    fixed.how = PublishedPort::How::fixed;
    fixed.range = PortRange(9000, 9002);
    const ServiceSpec spec = service("a", "b:1")
                                 .with_port(range.with_published(fixed).with_host_ip("127.0.0.1"))
                                 .with_port(PortSpec(53).with_protocol(Protocol::udp).with_name("dns"));

    const auto ports = declared_ports(spec);

    ASSERT_EQ(ports.size(), 4U);
    EXPECT_EQ(ports[2].container, 8002);
    EXPECT_EQ(ports[2].published.range, PortRange(9002));
    EXPECT_EQ(ports[2].host_ip, "127.0.0.1");
    EXPECT_EQ(ports[3].protocol, Protocol::udp);
    EXPECT_EQ(ports[3].name, "dns");
    EXPECT_EQ(ports[3].published.how, PublishedPort::How::engine);
    EXPECT_STREQ(ports[3].origin.file, __FILE__);
}

TEST(HostPaths, StartWhereTheSpecDoes) {
    EnvironmentSpec spec;
    spec.base.directory = "/project/specs";
    ::setenv("HOME", "/home/me", 1);

    EXPECT_EQ(host_path(spec, "/etc/../x", {}), "/x");
    EXPECT_EQ(host_path(spec, "./a/../b", {}), "/project/specs/b");
    EXPECT_EQ(host_path(spec, "../b", {}), "/project/b");
    EXPECT_EQ(host_path(spec, "~/b", {}), "/home/me/b");
    EXPECT_EQ(host_path(spec, "~", {}), "/home/me");
    EXPECT_EQ(host_path(spec, "~b", {}), "/project/specs/~b");
}

TEST(HostPaths, OfCxxStartInTheWorkingDirectoryOrBesideTheSource) {
    const std::string folder = testing::TempDir() + "berth-paths-" + std::to_string(::getpid());
    std::filesystem::create_directory(folder);
    std::ofstream(folder + "/beside.sql") << "x";
    const std::string source = folder + "/shop_test.cpp";
    const Origin origin{source.c_str(), 3, 0, 0, 0};

    EXPECT_EQ(host_path({}, "beside.sql", origin), folder + "/beside.sql");
    EXPECT_EQ(host_path({}, "nowhere.sql", origin), (std::filesystem::current_path() / "nowhere.sql").string());
    std::filesystem::remove_all(folder);
}

TEST(SpecHash, IsStableAndTellsWhatRuns) {
    const ServiceSpec spec = service("db", "postgres:16").with_port(5432).with_environment("A", "1");

    EXPECT_EQ(spec_hash(spec), spec_hash(service("db", "postgres:16").with_port(5432).with_environment("A", "1")));
    EXPECT_EQ(spec_hash(service("db", "postgres:16")),
              "2283d9dab03d50b3942a295a2299937d77a022595720e9657518ecfa86bb69ab");
    std::set<std::string> hashes = {spec_hash(spec)};
    const ServiceSpec others[] = {spec.with_environment("A", "2"),
                                  spec.with_environment("A", ""),
                                  spec.with_environment("A1", ""),
                                  spec.with_environment("A", Value(std::nullopt, Origin{})),
                                  spec.with_command(Words{}),
                                  spec.with_command(Words{""}),
                                  spec.with_command(Words{"a", "b"}),
                                  spec.with_command(Words{"a b"}),
                                  spec.with_command(Words{"ab"}),
                                  spec.with_entrypoint(Words{"a b"}),
                                  spec.with_tty(false),
                                  spec.with_tty(true),
                                  spec.with_init(true),
                                  spec.with_port(5433),
                                  spec.with_ports(std::vector<PortSpec>{}),
                                  spec.with_network("n"),
                                  spec.with_network("n", {.aliases = std::vector<std::string>{"x"}}),
                                  spec.with_volume({.target = "/v"}),
                                  spec.with_volume({.source = "/v", .target = "/v"}),
                                  spec.with_copy({.content = "x", .to = "/x"}),
                                  spec.with_copy({.from = "x", .to = "/x"}),
                                  spec.with_post_ready({.exec = "x"}),
                                  spec.with_post_ready({.exec = ShellOrArgv(Words{"x"})}),
                                  spec.with_cpus(0.5),
                                  spec.with_cpus(1.5),
                                  spec.with_mem_limit(Bytes{5}),
                                  spec.with_shm_size(Bytes{5}),
                                  spec.with_ulimits(std::map<std::string, Ulimit>{{"nofile", {1, 2}}}),
                                  spec.with_healthcheck(HealthcheckSpec{.retries = 1}),
                                  spec.with_restart(RestartPolicy{RestartPolicy::Kind::on_failure, 1})};
    for (const auto& other : others) {
        EXPECT_TRUE(hashes.insert(spec_hash(other)).second) << &other - others;
    }
}

TEST(SpecHash, LeavesOutWhatOnlyDecidesWhen) {
    const ServiceSpec spec = service("db", "postgres:16");

    EXPECT_EQ(spec_hash(spec.with_depends_on("x").with_wait(wait::port(1)).with_pull_policy(PullPolicy::always)),
              spec_hash(spec));
    EXPECT_EQ(spec_hash(spec.with_profiles(std::vector<std::string>{"p"}).with_artifact({.path = "/a"})),
              spec_hash(spec));
}

std::vector<std::string> names(const EnvironmentSpec& spec) {
    std::vector<std::string> all;
    for (const auto& service : spec.services) {
        all.push_back(*service.name);
    }
    return all;
}

EnvironmentSpec with_profiles() {
    return environment_of({service("db", "b:1"), service("cache", "b:1"), service("app", "b:1").with_depends_on("db"),
                           service("debug", "b:1")
                               .with_profiles(std::vector<std::string>{"dbg"})
                               .with_environment("H", "${cache.ip}"),
                           service("extra", "b:1").with_profiles(std::vector<std::string>{"dbg", "more"})})
        .with_export("APP", "${app.external.port.1:-none}")
        .with_export("CACHE", "${cache.host}")
        .with_export("PLAIN", "x");
}

TEST(ActivePart, IsWhatTheProfilesTurnOn) {
    EXPECT_THAT(names(active_part(with_profiles(), {})), ElementsAre("db", "cache", "app"));
    EXPECT_THAT(names(active_part(with_profiles(), {.profiles = {"more"}})),
                ElementsAre("db", "cache", "app", "extra"));
    EXPECT_THAT(names(active_part(with_profiles(), {.profiles = {"dbg"}})),
                ElementsAre("db", "cache", "app", "debug", "extra"));
}

TEST(ActivePart, IsWhatWasAskedForAndWhatThatNeeds) {
    EXPECT_THAT(names(active_part(with_profiles(), {.services = {"app"}})), ElementsAre("db", "app"));
    EXPECT_THAT(names(active_part(with_profiles(), {.services = {"debug"}})), ElementsAre("cache", "debug"));
}

TEST(ActivePart, ExportsOnlyWhatItHas) {
    EXPECT_EQ(active_part(with_profiles(), {.services = {"db"}}).exports->size(), 2U);
    EXPECT_EQ(active_part(with_profiles(), {.services = {"cache"}}).exports->size(), 3U);
    EXPECT_EQ(active_part(with_profiles(), {.services = {"db"}}).exports->count("CACHE"), 0U);
}

TEST(ActivePart, RefusesAServiceThatIsNotThere) {
    try {
        active_part(with_profiles(), {.services = {"cahce"}});
        FAIL() << "took a service that is not there";
    } catch (const InvalidSpec& invalid) {
        EXPECT_EQ(render_short(invalid.diagnostics()),
                  "error[BE0505]: 'cahce' is not a service; did you mean 'cache'?\n");
    }
}

}  // namespace
}  // namespace berth

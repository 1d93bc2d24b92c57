// SPDX-License-Identifier: Apache-2.0
#include <berth/spec/field_table.hpp>
#include <berth/spec/merge.hpp>
#include <berth/spec/not_yet.hpp>
#include <berth/spec/secret_use.hpp>

#include <gmock/gmock.h>

namespace berth {
namespace {

using testing::ElementsAre;
using namespace std::chrono_literals;

TEST(Merge, LetsWhatIsOverReplaceTextsNumbersCommandsAndWaits) {
    const auto below = service("app", "a:1")
                           .with_command(Words{"a", "b"})
                           .with_cpus(1)
                           .with_wait(wait::log("ready"))
                           .with_hostname(std::string("below"));
    ServiceSpec over;
    over.image = "b:2";
    over.command = Words{"c"};
    over.wait = wait::port(80);

    const auto result = merged(below, over);

    EXPECT_EQ(result.image->text, "b:2");
    EXPECT_EQ(*result.command, Words{"c"});
    EXPECT_EQ(*result.wait, wait::port(80));
    EXPECT_EQ(*result.cpus, 1);
    EXPECT_EQ(*result.hostname, "below");
    EXPECT_EQ(*result.name, "app");
}

TEST(Merge, JoinsMappingsByKey) {
    const auto below = service("app", "a:1").with_environment("A", "1").with_environment("B", "2");
    auto over = ServiceSpec{}.with_environment("B", "3").with_environment("C", "4");
    over.networks = std::map<std::string, NetworkAttach>{{"front", {.aliases = std::vector<std::string>{"x"}}}};

    const auto result = merged(below.with_network("front", {.ipv4_address = std::string("10.0.0.1")}), over);

    EXPECT_EQ(*result.environment, (KeyValues{{"A", "1"}, {"B", "3"}, {"C", "4"}}));
    EXPECT_EQ(*result.networks->at("front").ipv4_address, "10.0.0.1");
    EXPECT_THAT(*result.networks->at("front").aliases, ElementsAre("x"));
}

TEST(Merge, AppendsListsAndReplacesWhatIsTheSame) {
    ServiceSpec below;
    below.ports = {PortSpec(80).with_published(8080), PortSpec(81)};
    below.copy = {CopySpec{.content = "a", .to = "/a"}, CopySpec{.content = "b", .to = "/b"}};
    below.cap_add = {"NET_ADMIN"};
    below.secrets = {SecretRef("token")};
    below.volumes = {MountSpec{.source = "data", .target = "/data"}};
    ServiceSpec over;
    over.ports = {PortSpec(80).with_published(9090), PortSpec(81).with_name(std::string("web"))};
    over.copy = {CopySpec{.content = "c", .to = "/a"}};
    over.cap_add = {"NET_ADMIN", "SYS_PTRACE"};
    over.secrets = {SecretRef("token"), SecretRef("key")};
    over.volumes = {MountSpec{.source = "./data", .target = "/data"}};

    const auto result = merged(below, over);

    ASSERT_EQ(result.ports->size(), 3U);
    EXPECT_EQ((*result.ports)[1].name.value(), "web");
    EXPECT_EQ((*result.ports)[2].published->range.first, 9090);
    ASSERT_EQ(result.copy->size(), 2U);
    EXPECT_EQ((*result.copy)[0].content->text, "c");
    EXPECT_THAT(*result.cap_add, ElementsAre("NET_ADMIN", "SYS_PTRACE"));
    EXPECT_EQ(result.secrets->size(), 2U);
    ASSERT_EQ(result.volumes->size(), 1U);
    EXPECT_EQ((*result.volumes)[0].source->text, "./data");
}

TEST(Merge, KeepsResetAndOverrideForWhatComesBelowLater) {
    const auto below = service("app", "a:1").with_port(80).with_environment("A", "1").with_cpus(1);
    ServiceSpec over;
    over.ports = reset_given<std::vector<PortSpec>>();
    over.environment = override_given(KeyValues{{"B", "2"}});

    const auto once = merged(below, over);
    const auto twice = merged(service("x", "x:1").with_port(99).with_environment("X", "9"), once);

    EXPECT_FALSE(once.ports.given());
    EXPECT_EQ(once.ports.presence(), Presence::reset);
    EXPECT_EQ(*once.environment, (KeyValues{{"B", "2"}}));
    EXPECT_FALSE(twice.ports.given());
    EXPECT_EQ(*twice.environment, (KeyValues{{"B", "2"}}));
}

TEST(Merge, TakesEntriesAwayThatAreReset) {
    EnvironmentSpec below;
    below.services = {service("a", "a:1").with_environment("A", "1").with_environment("B", "2"), service("b", "b:1")};
    below.volumes = std::map<std::string, VolumeSpec>{{"x", {}}, {"y", {.driver = std::string("nfs")}}};
    EnvironmentSpec over;
    Value gone;
    gone.reset = true;
    over.services = {ServiceSpec{}.with_environment("A", gone), ServiceSpec{}};
    over.services[0].name = "a";
    over.services[1].name = Given<std::string>::read("b", {}, Presence::reset);
    over.volumes = std::map<std::string, VolumeSpec>{{"x", {.presence = Presence::reset}},
                                                     {"y", {.keep = true, .presence = Presence::overridden}}};

    const auto result = without_resets(merged(below, over));

    ASSERT_EQ(result.services.size(), 1U);
    EXPECT_EQ(*result.services[0].environment, (KeyValues{{"B", "2"}}));
    ASSERT_EQ(result.volumes->size(), 1U);
    EXPECT_FALSE(result.volumes->at("y").driver.given());
    EXPECT_TRUE(*result.volumes->at("y").keep);
}

TEST(Merge, DropsTheOptionsOfAnotherLogDriver) {
    const auto with = [](const char* driver, KeyValues options) {
        return ServiceSpec{}.with_logging(LoggingSpec{.driver = std::string(driver), .options = std::move(options)});
    };

    EXPECT_EQ(*merged(with("json-file", {{"max-size", "1m"}}), with("local", {{"compress", "no"}})).logging->options,
              (KeyValues{{"compress", "no"}}));
    EXPECT_EQ(*merged(with("local", {{"max-size", "1m"}}), with("local", {{"compress", "no"}})).logging->options,
              (KeyValues{{"compress", "no"}, {"max-size", "1m"}}));
}

TEST(Merge, TakesOneOfTheTwoWaysToNameAUser) {
    ServiceSpec by_name;
    by_name.user = "root";
    ServiceSpec made;
    made.user_setup = UserSetup{.name = std::string("test")};

    EXPECT_FALSE(merged(by_name, made).user.given());
    EXPECT_FALSE(merged(made, by_name).user_setup.given());
}

TEST(Merge, PutsDefaultsBelowEveryService) {
    EnvironmentSpec spec;
    spec.services = {service("a", "a:1").with_init(false), service("b", "b:1").with_label("x", "own")};
    spec.defaults = Defaults{.service = ServiceSpec{}.with_init(true).with_label("x", "all").with_label("y", "all")};

    const auto result = with_defaults_below(spec);

    EXPECT_EQ(*result.services[0].name, "a");
    EXPECT_FALSE(*result.services[0].init);
    EXPECT_TRUE(*result.services[1].init);
    EXPECT_EQ(*result.services[1].labels, (KeyValues{{"x", "own"}, {"y", "all"}}));
}

TEST(NotYet, NamesEachMemberThatDoesNotAct) {
    EnvironmentSpec spec;
    spec.services = {service("a", "a:1")
                         .with_wait(wait::all({wait::port(80), WaitSpec{.delay = 1s}}))
                         .with_pull_policy(PullPolicy::build)
                         .with_volume({.type = MountSpec::Type::image, .source = "x:1", .target = "/x"})};

    std::vector<std::string> messages;
    for (const auto& one : not_yet(spec)) {
        messages.push_back(one.path + ": " + one.message);
    }

    const std::string pull = "/services/a/pull_policy: 'pull_policy: build' is understood and not built yet";
    EXPECT_THAT(messages, testing::Contains(pull));
    const FieldRow& delay = *find_field("Wait", "delay");
    EXPECT_EQ(delay.runs, std::none_of(messages.begin(), messages.end(), [](const std::string& message) {
                  return message == "/services/a/wait/all/1/delay: 'delay' is understood and not built yet";
              }));
}

TEST(SecretUse, IsFoundThroughOtherServices) {
    EnvironmentSpec spec;
    spec.services = {service("db", "db:1")
                         .with_environment("PASSWORD", "${secrets.pw.value}")
                         .with_environment("FILE", "${secrets.pw.path}")
                         .with_environment("LOOP", "${self.env.LOOP}"),
                     service("app", "app:1")
                         .with_environment("URL", "pg://x:${db.env.PASSWORD}@db")
                         .with_environment("OR", "${run.id:-${secrets.pw.value}}")
                         .with_environment("PLAIN", "${db.host}")};

    EXPECT_THAT(secret_variables(spec, spec.services[0]), ElementsAre("PASSWORD"));
    EXPECT_THAT(secret_variables(spec, spec.services[1]), ElementsAre("OR", "URL"));
    EXPECT_TRUE(holds_secret(spec, "${app.env.URL}", nullptr));
    EXPECT_FALSE(holds_secret(spec, "${self.env.URL}", nullptr));
}

}  // namespace
}  // namespace berth

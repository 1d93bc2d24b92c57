// SPDX-License-Identifier: Apache-2.0
#include "findings.hpp"

#include <gtest/gtest.h>

namespace berth {
namespace {

using namespace std::chrono_literals;

std::string of_wait(WaitSpec wait, bool with_port = true) {
    const ServiceSpec spec = service("db", "registry.lan/db:1").with_wait(std::move(wait));
    return findings(environment_of({with_port ? spec.with_port(80) : spec}));
}

TEST(Waits, HaveAStrategy) {
    const std::string known = "known are 'port', 'http', 'log', 'exec', 'healthcheck', 'exit', 'file', 'all', 'any'";

    EXPECT_EQ(of_wait(WaitSpec{.timeout = 1s}), said("error[BE0701]: 'wait' needs at least one strategy; " + known));
    EXPECT_EQ(of_wait(wait::all({wait::port(), WaitSpec{}})),
              said("error[BE0701]: 'wait.all.1' needs at least one strategy; " + known));
    EXPECT_EQ(of_wait(wait::any({})), said("error[BE0701]: 'wait' needs at least one strategy; " + known));
    WaitSpec both = wait::none();
    both.port = WaitPort{};
    EXPECT_EQ(of_wait(both), said("error[BE0204]: 'none' and 'port' cannot both be given"));
}

TEST(Waits, FitIntoTheirBudget) {
    EXPECT_EQ(of_wait(wait::all({wait::port().with_timeout(2min)}).with_timeout(1min)),
              said("error[BE0702]: 'wait.all.0.timeout' (2m) is longer than 'wait.timeout' (1m)"));
    EXPECT_EQ(of_wait(wait::port().with_timeout(6min)),
              said("error[BE0702]: 'wait.timeout' (6m) is longer than 'timeouts.up' (5m)"));
    EXPECT_EQ(of_wait(wait::port().with_timeout(1s).with_interval(2s)),
              said("error[BE0702]: 'wait.interval' (2s) is longer than 'wait.timeout' (1s)"));
    EXPECT_EQ(of_wait(wait::http("/", {.request_timeout = 10s}).with_timeout(5s)),
              said("error[BE0702]: 'wait.http.request_timeout' (10s) is longer than 'wait.timeout' (5s)"));
    EXPECT_EQ(of_wait(wait::all({wait::port().with_timeout(1min)}).with_timeout(1min)), "");
}

TEST(Waits, ProbeWhatIsPublished) {
    EXPECT_EQ(of_wait(wait::port(81)),
              said("error[BE0707]: port 81 of 'db' is not published, so the host cannot probe it; add it to 'ports'"));
    EXPECT_EQ(of_wait(wait::port("http")), said("error[BE0413]: port 'http' of 'db' is not in its 'ports'"));
    EXPECT_EQ(of_wait(wait::port(70000)), said("error[BE0307]: '70000' is not a port: ports are 1 to 65535"));
    EXPECT_EQ(of_wait(wait::port(), false),
              said("error[BE0707]: 'db' publishes no TCP port, so the host has none to probe; add one to 'ports'"));
    EXPECT_EQ(of_wait(wait::http("/"), false),
              said("error[BE0707]: 'db' publishes no TCP port, so the host has none to probe; add one to 'ports'"));
    EXPECT_EQ(of_wait(wait::http("/", {.port = 81})),
              said("error[BE0707]: port 81 of 'db' is not published, so the host cannot probe it; add it to 'ports'"));
    EXPECT_EQ(
        findings(environment_of({fine("db").with_port(PortSpec(81).with_name("admin")).with_wait(wait::http("/"))})),
        said("error[BE0704]: 'db' publishes '80', 'admin'; say which with 'port'"));
    EXPECT_EQ(
        findings(environment_of(
            {fine("db").with_port(PortSpec(81).with_name("admin")).with_wait(wait::http("/", {.port = "admin"}))})),
        "");
    EXPECT_EQ(findings(environment_of({fine("db").with_publish(Publish::never).with_wait(wait::port(80))})),
              said("error[BE0707]: port 80 of 'db' is not published, so the host cannot probe it; add it to 'ports'"));
}

TEST(Waits, ReadLogsByOneRule) {
    EXPECT_EQ(of_wait(wait::log("a(b")),
              said("error[BE0311]: regular expression does not compile: missing ) at character 1"));
    EXPECT_EQ(of_wait(wait::log(WaitLog{})), said("error[BE0709]: 'log' needs 'matches' or 'contains'"));
    EXPECT_EQ(of_wait(wait::log(WaitLog{.matches = "a", .contains = "b"})),
              said("error[BE0204]: 'matches' and 'contains' cannot both be given"));
    EXPECT_EQ(of_wait(wait::exec(ShellOrArgv())), said("error[BE0203]: 'wait.exec' in service 'db' needs 'command'"));
}

TEST(Waits, CanComeTrue) {
    EXPECT_EQ(findings(environment_of(
                  {fine("db").with_healthcheck(HealthcheckSpec{.disable = true}).with_wait(wait::healthcheck())})),
              said("error[BE0703]: 'db' waits on health, but its healthcheck is disabled",
                   "  |\n ::: spec.cpp:1: disabled here\n"));
    EXPECT_EQ(of_wait(wait::healthcheck()), "");
    EXPECT_EQ(
        findings(environment_of(
            {fine("db").with_restart(RestartPolicy{RestartPolicy::Kind::unless_stopped, 0}).with_wait(wait::exit())})),
        said("warning[BW0110]: 'restart: unless-stopped' hides crashes from the test", "\n") +
            said("error[BE0708]: 'db' waits for exit but 'restart: unless-stopped' starts it again"));
    EXPECT_EQ(findings(environment_of({fine("db").with_healthcheck(HealthcheckSpec{.test = Words{"pg_isready"}})})),
              said("error[BE0305]: a 'test' list starts with CMD, CMD-SHELL or NONE, this starts with 'pg_isready'"));
}

TEST(Waits, AreMissedWhereNothingTellsReadiness) {
    const std::string missed =
        "warning[BW0118]: 'db' has no healthcheck, no port and no 'wait'; ready means only running";
    const ServiceSpec plain = service("db", "registry.lan/db:1");

    EXPECT_EQ(findings(environment_of({plain})), said(missed));
    EXPECT_EQ(findings(environment_of({plain.with_wait(WaitSpec{.simple = WaitSpec::Simple::automatic})})),
              said(missed));
    EXPECT_EQ(findings(environment_of({plain.with_wait(wait::running())})), "");
    EXPECT_EQ(findings(environment_of({plain.with_healthcheck(HealthcheckSpec{.test = Words{"CMD", "true"}})})), "");
    EXPECT_EQ(findings(environment_of(
                  {plain, fine("app").with_depends_on("db", {.condition = DependsCondition::service_completed})})),
              "");
}

TEST(Steps, DoOneThing) {
    EXPECT_EQ(
        findings(environment_of({fine("db").with_post_ready({.name = "seed"})})),
        said("error[BE0705]: a step needs exactly one of 'exec', 'host', 'http', 'copy', 'container', this has 0"));
    EXPECT_EQ(
        findings(environment_of({fine("db").with_post_ready({.exec = "psql", .stdin_text = "x", .stdin_file = "y"})}),
                 {.check_files = false}),
        said("error[BE0204]: 'stdin' and 'stdin_file' cannot both be given"));
}

}  // namespace
}  // namespace berth

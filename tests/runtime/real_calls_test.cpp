// SPDX-License-Identifier: Apache-2.0
#include <berth/engine/images.hpp>
#include <tests/runtime/real_environment.hpp>
#include <tests/support/registry.hpp>

#include <gmock/gmock.h>

#include <algorithm>

// The call budget: what goes over the wire for an environment, and nothing else, as golden lists of request lines.

namespace berth::testing_runtime {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::ElementsAreArray;

class RealCalls : public RealEngine {
  protected:
    /// The request lines of an environment that goes up and down, in the order in which they were sent.
    std::vector<std::string> calls_of(const EnvironmentSpec& spec) {
        proxy_.forget();
        up(spec, options_).down();
        std::vector<std::string> lines;
        for (const auto& line : proxy_.lines()) {
            std::string text = settled(line);
            text = std::regex_replace(text, std::regex("/events\\?\\S*"), "/events");
            lines.push_back(std::move(text));
        }
        // The events are subscribed to beside the creates, and before the first start.
        const auto events = std::find(lines.begin(), lines.end(), k_events);
        const auto start = std::find(lines.begin(), lines.end(), k_start);
        if (events != lines.end()) {
            EXPECT_LT(events - lines.begin(), start - lines.begin());
            std::rotate(lines.begin(), events, std::next(events));
        }
        return lines;
    }

    /// The same in alphabetical order, for environments whose services go up beside each other.
    std::vector<std::string> sorted_calls_of(const EnvironmentSpec& spec) {
        auto lines = calls_of(spec);
        std::sort(lines.begin(), lines.end());
        return lines;
    }

    static constexpr const char* k_create = "POST /vN/containers/create?name=berth-RUN-1-one";
    static constexpr const char* k_start = "POST /vN/containers/ID/start";
    static constexpr const char* k_inspect = "GET /vN/containers/ID/json";
    static constexpr const char* k_remove = "DELETE /vN/containers/ID?force=1&v=1";
    static constexpr const char* k_events = "GET /vN/events";
    static constexpr const char* k_follow = "GET /vN/containers/ID/logs?stdout=1&stderr=1&follow=1";
};

TEST_F(RealCalls, OfAServiceWithoutAWaitAreFour) {
    EXPECT_THAT(calls_of(environment_of({shell("one", "exec sleep 600").with_wait(wait::none())})),
                ElementsAre(k_create, k_start, k_inspect, k_remove));
}

TEST_F(RealCalls, OfARunningServiceAreFour) {
    EXPECT_THAT(calls_of(environment_of({shell("one", "exec sleep 600").with_wait(wait::running())})),
                ElementsAre(k_create, k_start, k_inspect, k_remove));
}

TEST_F(RealCalls, OfAPortAddTheEvents) {
    EXPECT_THAT(calls_of(environment_of({shell("one", "sleep 0.3; exec nc -ll -p 7000 -e cat").with_port(7000)})),
                ElementsAre(k_events, k_create, k_start, k_inspect, k_remove));
}

TEST_F(RealCalls, OfARequestAddTheEvents) {
    EXPECT_THAT(
        calls_of(environment_of(
            {shell("one", "sleep 0.3; exec httpd -f -p 80 -h /etc").with_port(80).with_wait(wait::http("/passwd"))})),
        ElementsAre(k_events, k_create, k_start, k_inspect, k_remove));
}

TEST_F(RealCalls, OfSeveralLogWaitsAddOneFollow) {
    EXPECT_THAT(
        calls_of(environment_of(
            {shell("one", "echo a; echo b; exec sleep 600").with_wait(wait::all({wait::log("a"), wait::log("b")}))})),
        ElementsAre(k_events, k_create, k_start, k_inspect, k_follow, k_remove));
}

TEST_F(RealCalls, OfACommandAddThreeAnAttempt) {
    EXPECT_THAT(calls_of(environment_of({shell("one", "exec sleep 600").with_wait(wait::exec({"true"}))})),
                ElementsAre(k_events, k_create, k_start, k_inspect, "POST /vN/containers/ID/exec",
                            "POST /vN/exec/ID/start", "GET /vN/exec/ID/json", k_remove));
}

TEST_F(RealCalls, OfAHealthCheckAddTheEvents) {
    HealthcheckSpec check;
    check.test = Words{"CMD", "true"};
    check.interval = Duration(100ms);
    EXPECT_THAT(calls_of(environment_of({shell("one", "exec sleep 600").with_healthcheck(check)})),
                ElementsAre(k_events, k_create, k_start, k_inspect, k_remove));
}

TEST_F(RealCalls, OfAnExitAddTheEvents) {
    EXPECT_THAT(calls_of(environment_of({shell("one", "exit 0").with_wait(wait::exit())})),
                ElementsAre(k_events, k_create, k_start, k_inspect, k_remove));
}

TEST_F(RealCalls, OfFilesAddOneUpload) {
    CopySpec first;
    first.content = Text("x");
    first.to = "/x";
    CopySpec second = first;
    second.to = "/deep/er/y";
    EXPECT_THAT(calls_of(environment_of(
                    {shell("one", "exec sleep 600").with_wait(wait::none()).with_copy(first).with_copy(second)})),
                ElementsAre(k_create, "PUT /vN/containers/ID/archive?path=%2F&noOverwriteDirNonDir=1", k_start,
                            k_inspect, k_remove));
}

TEST_F(RealCalls, OfAMissingImageAddOnePullAndOneCreate) {
    const support::Registry registry;
    const char* folder = std::getenv("BERTH_TEST_IMAGES");
    const std::string version = busybox_.substr(busybox_.find(':') + 1);
    const std::string reference =
        registry.push(std::string(folder) + "/busybox-" + version + ".tar", "busybox", "trial");
    const auto one = service("one", reference).with_command(Words{"sleep", "600"}).with_wait(wait::none());

    auto lines = calls_of(environment_of({one}));
    engine_.images().remove(reference);

    ASSERT_EQ(lines.size(), 6U);
    lines[1] = lines[1].substr(0, lines[1].find('?'));
    EXPECT_THAT(lines, ElementsAre(k_create, "POST /vN/images/create", k_create, k_start, k_inspect, k_remove));
}

TEST_F(RealCalls, OfAnEnvironmentOfThreeAddTheNetworkAndOneStreamOfEvents) {
    const auto port = [this](const std::string& name) {
        return shell(name, "exec nc -ll -p 7000 -e cat").with_port(7000);
    };

    const auto lines = sorted_calls_of(
        environment_of({port("db"), port("cache"), port("web").with_depends_on("db").with_depends_on("cache")}));

    EXPECT_THAT(lines,
                ElementsAre(k_remove, k_remove, k_remove, "DELETE /vN/networks/ID", k_inspect, k_inspect, k_inspect,
                            k_events, k_start, k_start, k_start, "POST /vN/containers/create?name=berth-RUN-1-db",
                            "POST /vN/containers/create?name=berth-RUN-2-cache",
                            "POST /vN/containers/create?name=berth-RUN-3-web", "POST /vN/networks/create"));
}

TEST_F(RealCalls, OfAnEnvironmentOfTenAreFourAServiceAndThree) {
    std::vector<ServiceSpec> services;
    for (int i = 0; i < 10; ++i) {
        services.push_back(shell("s" + std::to_string(i), "exec nc -ll -p 7000 -e cat").with_port(7000));
    }

    const auto lines = sorted_calls_of(environment_of(services));

    std::vector<std::string> wanted(10, k_remove);
    wanted.emplace_back("DELETE /vN/networks/ID");
    wanted.insert(wanted.end(), 10, k_inspect);
    wanted.emplace_back(k_events);
    wanted.insert(wanted.end(), 10, k_start);
    for (int i = 0; i < 10; ++i) {
        wanted.push_back("POST /vN/containers/create?name=berth-RUN-" + std::to_string(i + 1) + "-s" +
                         std::to_string(i));
    }
    wanted.emplace_back("POST /vN/networks/create");
    std::sort(wanted.begin(), wanted.end());
    EXPECT_THAT(lines, ElementsAreArray(wanted));
}

}  // namespace
}  // namespace berth::testing_runtime

// SPDX-License-Identifier: Apache-2.0
#include <berth/engine/containers.hpp>
#include <berth/engine/volumes.hpp>
#include <berth/runtime/state_file.hpp>
#include <tests/runtime/real_environment.hpp>

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <iterator>

namespace berth::testing_runtime {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

class RealEnvironment : public RealEngine {
  protected:
    // Three services with a port, a log, an exec and an http wait, in a chain.
    [[nodiscard]] EnvironmentSpec shop() const {
        auto db = shell("db", "echo warming up; sleep 0.2; echo ready for connections; exec nc -ll -p 5432 -e cat")
                      .with_port(5432)
                      .with_wait(wait::all({wait::log("ready"), wait::port(5432)}));
        auto cache = shell("cache", "sleep 0.1; touch /tmp/warm; exec sleep 600")
                         .with_wait(wait::exec({"test", "-e", "/tmp/warm"}));
        CopySpec page;
        page.content = Text("db is ${db.internal.address}, cache is ${cache.host}\n");
        page.to = "/www/index.html";
        auto web = shell("web", "exec httpd -f -p 80 -h /www")
                       .with_port(80)
                       .with_copy(page)
                       .with_environment("DATABASE", "${db.internal.url}")
                       .with_wait(wait::http("/"))
                       .with_depends_on("db")
                       .with_depends_on("cache");
        return environment_of({db, cache, web})
            .with_export("WEB", Value("${web.url}"))
            .with_export("DB_PORT", Value("${db.port}"));
    }
};

std::string content_of(const std::string& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

TEST_F(RealEnvironment, OfThreeServicesComesUpAndGoesDown) {
    Environment environment = up(shop(), options_);

    const Service& web = environment.service("web");
    EXPECT_EQ(web.exec({"wget", "-qO-", "http://web/"}).standard_output, "db is db:5432, cache is cache\n");
    EXPECT_EQ(web.exec({"sh", "-c", "echo $DATABASE"}).standard_output, "tcp://db:5432\n");
    EXPECT_EQ(environment.exports().at("WEB"), "tcp://127.0.0.1:" + std::to_string(web.port()));
    EXPECT_EQ(environment.exports().at("DB_PORT"), std::to_string(environment.service("db").port(5432)));

    environment.down();

    EXPECT_EQ(second_.containers("berth.run=" + environment.run().text()), 0U);
    environment.down();  // again: nothing
}

TEST_F(RealEnvironment, IsRemovedWhenItGoes) {
    std::string run;
    {
        const Environment environment = up(shop(), options_);
        run = environment.run().text();
        EXPECT_EQ(second_.containers("berth.run=" + run), 3U);
        EXPECT_EQ(second_.networks("berth.run=" + run), 1U);
    }

    EXPECT_EQ(second_.containers("berth.run=" + run), 0U);
    EXPECT_EQ(second_.networks("berth.run=" + run), 0U);
}

TEST_F(RealEnvironment, StaysWhenItIsReleased) {
    std::string run;
    {
        Environment environment = up(environment_of({shell("one", "sleep 600").with_wait(wait::none())}), options_);
        run = environment.run().text();
        environment.release();
    }

    EXPECT_EQ(second_.containers("berth.run=" + run), 1U);
    for (const auto& each : engine_.containers().list({.all = true, .labels = {"berth.run=" + run}, .name = {}})) {
        engine_.containers().remove(each.id);
    }
}

TEST_F(RealEnvironment, TellsTheTestProcessWhereEverythingIs) {
    const Environment environment = up(shop(), options_);

    const auto variables = environment.variables();

    const std::string port = std::to_string(environment.service("db").port());
    EXPECT_EQ(variables.at("BERTH_DB_HOST"), "127.0.0.1");
    EXPECT_EQ(variables.at("BERTH_DB_PORT"), port);
    EXPECT_EQ(variables.at("BERTH_DB_PORT_5432"), port);
    EXPECT_EQ(variables.at("BERTH_DB_URL"), "tcp://127.0.0.1:" + port);
    EXPECT_EQ(variables.count("BERTH_CACHE_HOST"), 0U);
    EXPECT_EQ(variables.at("BERTH_RUN_ID"), environment.run().text());
    EXPECT_EQ(variables.at("DB_PORT"), port);
    const StateFile state = read_state_file(variables.at("BERTH_STATE"));
    ASSERT_EQ(state.services.size(), 3U);
    EXPECT_EQ(state.services[0].first, "db");
    EXPECT_EQ(state.services[0].second.container_id, environment.service("db").container_id().text);
    EXPECT_EQ(std::to_string(state.services[0].second.ports.at("5432/tcp").port), port);
    EXPECT_EQ(state.exports.at("DB_PORT"), port);
}

TEST_F(RealEnvironment, GivesFilesAndCommandsOfItsServices) {
    const Environment environment = up(shop(), options_);
    const Service& web = environment.service("web");
    const std::string source = runs_.write("in/seed.txt", "seed\n");

    web.copy_in(source, "/data/", {.mode = 0640, .uid = 7, .gid = 8});

    EXPECT_EQ(web.read_file("/data/seed.txt"), "seed\n");
    EXPECT_EQ(web.exec({"stat", "-c", "%a %u %g", "/data/seed.txt"}).standard_output, "640 7 8\n");
    web.copy_out("/data", runs_.file("out"));
    EXPECT_EQ(content_of(runs_.file("out/data/seed.txt")), "seed\n");
    EXPECT_EQ(web.exec({"sh", "-c", "cat; exit 3"}, {.check = Check::no, .input = "x"}).exit_code, 3);
    EXPECT_THROW(web.exec({"false"}), CommandFailed);
    EXPECT_EQ(environment.service("db").wait_for_log("ready for").text, "ready for connections");
    EXPECT_THAT(environment.service("db").logs(), HasSubstr("warming up\nready for connections\n"));
}

TEST_F(RealEnvironment, SaysWhichServicesAndPortsThereAre) {
    const Environment environment = up(shop(), options_);

    const auto text = [](const auto& ask) {
        try {
            ask();
        } catch (const Error& error) {
            return settled(error.what());
        }
        return std::string("it answered");
    };

    EXPECT_EQ(text([&] { (void)environment.service("dbb"); }),
              "error[BE0505]: 'dbb' is not a service; did you mean 'db'?\n"
              "  hint: the services that are up are db, cache, web");
    EXPECT_EQ(text([&] { (void)environment.service("cache").port(); }),
              "FILE:LINE: error[BE0413]: a port of service 'cache' is not published\n"
              "  published: none\n"
              "  hint: name it under 'ports'");
    EXPECT_EQ(text([&] { (void)environment.service("db").port(80); }),
              "FILE:LINE: error[BE0413]: port 80 of service 'db' is not published\n"
              "  published: 5432/tcp\n"
              "  hint: name it under 'ports'");
}

TEST_F(RealEnvironment, RunsStepsOnceAServiceIsReadyAndBeforeOthersStart) {
    StepSpec seed;
    seed.exec = ShellOrArgv("cat > /tmp/seed");
    seed.stdin_text = Text("from ${self.name}");
    auto db = shell("db", "sleep 600").with_wait(wait::running()).with_post_ready(seed);
    auto app = shell("app", "sleep 600").with_wait(wait::none()).with_depends_on("db");

    const Environment environment = up(environment_of({db, app}), options_);

    const Service& seeded = environment.service("db");
    EXPECT_EQ(seeded.exec({"cat", "/tmp/seed"}).standard_output, "from " + seeded.container_name());
    std::chrono::nanoseconds seeded_at{0};
    std::chrono::nanoseconds started_at{0};
    for (const auto& span : environment.timeline().spans()) {
        seeded_at = span.phase == "post_ready" ? span.end : seeded_at;
        started_at = span.phase == "start" && span.service == "app" ? span.begin : started_at;
    }
    EXPECT_GT(seeded_at.count(), 0);
    EXPECT_GE(started_at, seeded_at);
}

TEST_F(RealEnvironment, WaitsForAOneShotServiceToEndWell) {
    auto migrate = shell("migrate", "echo done; exit 0");
    auto app = shell("app", "sleep 600")
                   .with_wait(wait::none())
                   .with_depends_on("migrate", {.condition = DependsCondition::service_completed_successfully});

    const Environment environment = up(environment_of({migrate, app}), options_);

    const auto facts = engine_.containers().inspect(environment.service("migrate").container_id());
    EXPECT_FALSE(facts.running);
    EXPECT_EQ(facts.exit_code, 0);
}

TEST_F(RealEnvironment, HoldsDependentsForEachCondition) {
    HealthcheckSpec check;
    check.test = Words{"CMD-SHELL", "test -e /tmp/ok"};
    check.interval = Duration(200ms);
    auto healthy =
        shell("healthy", "sleep 0.3; touch /tmp/ok; sleep 600").with_healthcheck(check).with_wait(wait::none());
    auto ending = shell("ending", "sleep 0.3; exit 4");
    auto app = shell("app", "sleep 600")
                   .with_wait(wait::none())
                   .with_depends_on("healthy", {.condition = DependsCondition::service_healthy})
                   .with_depends_on("ending", {.condition = DependsCondition::service_completed});

    const Environment environment = up(environment_of({healthy, ending, app}), options_);

    EXPECT_EQ(engine_.containers().inspect(environment.service("healthy").container_id()).health.status,
              HealthState::Status::healthy);
    EXPECT_EQ(engine_.containers().inspect(environment.service("ending").container_id()).exit_code, 4);
}

TEST_F(RealEnvironment, MakesItsNamedVolumesAndRemovesThem) {
    MountSpec data;
    data.type = MountSpec::Type::volume;
    data.source = Text("data");
    data.target = "/data";
    const auto spec = environment_of({shell("one", "echo kept > /data/file; exec sleep 600")
                                          .with_volume(data)
                                          .with_wait(wait::exec({"test", "-e", "/data/file"}))})
                          .with_volume("data");
    std::string run;
    {
        const Environment environment = up(spec, options_);
        run = environment.run().text();
        EXPECT_EQ(second_.volumes("berth.run=" + run), 1U);
        EXPECT_EQ(engine_.volumes().find(object_name(environment.run(), "data")).has_value(), true);
    }

    EXPECT_EQ(second_.volumes("berth.run=" + run), 0U);
}

TEST_F(RealEnvironment, KeepsArtifactsLogsAndTheTimelineOfAFailedRun) {
    ArtifactSpec report;
    report.path = "/out/*.txt";
    auto one = shell("one", "mkdir /out; echo a > /out/a.txt; echo b > /out/b.log; echo said; exec sleep 600")
                   .with_artifact(report)
                   .with_wait(wait::log("said"));
    Environment environment = up(environment_of({one}), options_);

    environment.mark_failed();
    environment.down();

    const std::string folder = environment.folder();
    EXPECT_EQ(content_of(folder + "/one/out/a.txt"), "a\n");
    EXPECT_FALSE(std::filesystem::exists(folder + "/one/out/b.log"));
    EXPECT_THAT(content_of(folder + "/logs/one.log"), HasSubstr(" out said\n"));
    EXPECT_THAT(content_of(folder + "/inspect/one.json"), HasSubstr("\"State\""));
    EXPECT_THAT(content_of(folder + "/timeline.json"), HasSubstr("\"remove\""));
}

TEST_F(RealEnvironment, OfOneServiceIsAliveAsLongAsItsObject) {
    std::string id;
    {
        const OwnedService redis = start(service("redis", image("redis")).with_port(6379), options_);
        id = redis->container_id().text;
        EXPECT_EQ(redis.host(), "127.0.0.1");
        EXPECT_EQ(redis.port(), redis.port(6379));
        EXPECT_EQ(redis->exec({"redis-cli", "ping"}).standard_output, "PONG\n");
    }

    EXPECT_FALSE(engine_.containers().find(ContainerId{id}).has_value());
}

}  // namespace
}  // namespace berth::testing_runtime

// SPDX-License-Identifier: Apache-2.0
#include "examples.hpp"

#include <berth/core/error.hpp>
#include <berth/yaml/reader.hpp>

#include <gtest/gtest.h>

#include <chrono>

namespace berth {
namespace {

using namespace std::chrono_literals;

const ReadOptions k_alone{.use_process_environment = false};

PortSpec named_port(int target, const char* name) {
    PublishedPort automatic;
    automatic.how = PublishedPort::How::automatic;
    return PortSpec(target).with_published(automatic).with_name(std::string(name));
}

TEST(WorkedExamples, SingleRedisIsTheSameInCpp) {
    const EnvironmentSpec same{
        .services = {service("redis", "redis:7.4-alpine").with_port(6379).with_wait(wait::exec({"redis-cli", "ping"}))},
        .exports = KeyValues{{"REDIS_URL", "redis://${redis.host}:${redis.port}"}}};

    EXPECT_EQ(read_spec_text(examples::k_redis, "redis.yaml", k_alone), same);
}

TEST(WorkedExamples, ShopIsTheSameInCpp) {
    ServiceSpec db =
        service("db", "postgres:16-alpine")
            .with_environment("POSTGRES_DB", "shop")
            .with_environment("POSTGRES_PASSWORD", "24.10")
            .with_port(5432)
            .with_tmpfs("/var/lib/postgresql/data")
            .with_wait(wait::log(WaitLog{.contains = "database system is ready to accept connections", .times = 2}))
            .with_post_ready({.name = "seed",
                              .exec = {"psql", "-v", "ON_ERROR_STOP=1", "-U", "postgres", "-d", "shop"},
                              .stdin_file = "sql/seed.sql"});
    ServiceSpec cache = service("cache", "redis:7.4-alpine")
                            .with_command({"redis-server", "--save", ""})
                            .with_port(6379)
                            .with_wait(wait::exec({"redis-cli", "ping"}));
    ServiceSpec migrate = service("migrate", "registry.lan/shop/migrate:dev")
                              .with_environment("DATABASE_URL", "${db.url}")
                              .with_depends_on("db")
                              .with_wait(WaitSpec{.exit = WaitExit{}});
    ServiceSpec app = service("app", "registry.lan/shop/app:dev")
                          .with_environment("DATABASE_URL", "${db.url}")
                          .with_environment("REDIS_ADDR", "${cache.address}")
                          .with_environment("PUBLIC_URL", "http://${self.external.host}:${self.external.port.http}")
                          .with_port(named_port(8080, "http"))
                          .with_copy({.from = "config/test.toml", .to = "/etc/shop/config.toml", .mode = 0644U})
                          .with_copy({.content = "new_checkout = on\n", .to = "/etc/shop/flags"})
                          .with_depends_on("migrate", {.condition = DependsCondition::service_completed_successfully})
                          .with_depends_on("cache", {.condition = DependsCondition::service_ready})
                          .with_wait(WaitSpec{.http = WaitHttp{.path = "/healthz", .port = "http", .status = 200},
                                              .timeout = Duration(90s)})
                          .with_artifact({.path = "/var/log/shop/*.log"});
    const EnvironmentSpec same{
        .schema = 1,
        .name = "shop",
        .services = {db, cache, migrate, app},
        .vars = KeyValues{{"APP_TAG", "dev"}},
        .exports = KeyValues{{"DATABASE_URL", "${db.url}"}, {"SHOP_URL", "http://${app.host}:${app.port.http}"}}};

    EXPECT_EQ(read_spec_text(examples::k_shop, "shop.yaml", k_alone), same);
}

TEST(WorkedExamples, DriverIsTheSameInCpp) {
    ServiceSpec db =
        service("db", "postgres:16-alpine")
            .with_command({"postgres", "-c", "fsync=off"})
            .with_environment("POSTGRES_DB", "driver")
            .with_copy({.from = "tls/", .to = "/tls/", .mode = 0600U, .owner = "70:70"})
            .with_copy({.from = "sql/", .to = "/docker-entrypoint-initdb.d/"})
            .with_port(5432)
            .with_wait(WaitSpec{
                .all =
                    std::vector<WaitSpec>{
                        wait::log(WaitLog{.contains = "database system is ready to accept connections", .times = 2}),
                        wait::port(5432)},
                .timeout = Duration(60s)})
            .with_artifact({.path = "/var/lib/postgresql/data/log", .to = "db/pg_log", .when = KeepWhen::failure})
            .with_mem_limit(Bytes{512UL * 1024 * 1024})
            .with_cpus(1.0)
            .with_cap_drop(std::vector<std::string>{"ALL"})
            .with_cap_add(std::vector<std::string>{"CHOWN", "SETUID", "SETGID", "DAC_OVERRIDE", "FOWNER"});
    ServiceSpec pgadmin = service("pgadmin", "dpage/pgadmin4:8.14")
                              .with_profiles(std::vector<std::string>{"debug"})
                              .with_environment("PGADMIN_DEFAULT_EMAIL", "a@example.com")
                              .with_environment("PGADMIN_DEFAULT_PASSWORD", "a")
                              .with_port(80);
    const EnvironmentSpec same{
        .schema = 1,
        .name = "driver-ci",
        .services = {db, pgadmin},
        .timeouts = Timeouts{.up = Duration(3min), .ready = Duration(45s)},
        .exports = KeyValues{{"PGHOST", "${db.host}"}, {"PGPORT", "${db.port}"}, {"PGSSLMODE", "prefer"}},
        .run =
            RunSpec{
                .command = {"ctest", "--output-on-failure", "-j4"}, .working_dir = "build", .timeout = Duration(15min)},
        .isolation = Isolation{.scope = Scope::session, .keep = Keep::never},
        .artifacts =
            ArtifactsRoot{.dir = "build/berth", .when = KeepWhen::failure, .max_size = Bytes{50UL * 1024 * 1024}}};

    EXPECT_EQ(read_spec_text(examples::k_driver, "driver.yaml", k_alone), same);
}

TEST(WorkedExamples, ResilienceIsTheSameInCpp) {
    ServiceSpec db = service("db", "postgres:16-alpine")
                         .with_network("back")
                         .with_ports(override_given(std::vector<PortSpec>{}))
                         .with_wait(wait::exec("pg_isready -U bank -d bank"));
    ServiceSpec api =
        service("api", "registry.lan/bank/api:1.9")
            .with_user("host")
            .with_read_only(true)
            .with_tmpfs("/tmp")
            .with_network("front")
            .with_network("back")
            .with_environment("DATABASE_URL", "postgresql://db:5432/bank")
            .with_environment("POOL_TIMEOUT", "500ms")
            .with_port(8080)
            .with_depends_on("db")
            .with_wait(wait::any({wait::http("/ready"), wait::log(WaitLog{.matches = "listening on .*:8080",
                                                                          .stream = WaitLog::Stream::out})}));
    const EnvironmentSpec same = EnvironmentSpec{.schema = 1,
                                                 .name = "resilience",
                                                 .services = {db, api},
                                                 .exports = KeyValues{{"API", "http://${api.host}:${api.port}"}}}
                                     .with_network("front")
                                     .with_network("back", {.internal = true});

    EXPECT_EQ(read_spec_text(examples::k_resilience, "resilience.yaml", k_alone), same);
}

TEST(WorkedExamples, HaveNoErrorsAndNothingThatIsNotBuilt) {
    for (const char* text : examples::k_all) {
        const ReadResult result = try_read_spec_text(text, "example.yaml", k_alone);

        EXPECT_TRUE(result.diagnostics.empty()) << render_short(result.diagnostics);
        EXPECT_TRUE(result.not_yet.empty()) << render_short(result.not_yet);
    }
}

}  // namespace
}  // namespace berth

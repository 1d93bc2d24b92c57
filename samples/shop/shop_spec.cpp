// SPDX-License-Identifier: Apache-2.0
#include "shop_spec.hpp"

berth::EnvironmentSpec shop_spec() {
    const berth::ServiceSpec db =
        berth::service("db", "postgres:16-alpine")
            .with_environment("POSTGRES_USER", "shop")
            .with_environment("POSTGRES_PASSWORD", "berth")
            .with_environment("POSTGRES_DB", "shop")
            .with_port(5432)
            .with_copy({.from = "shop/schema.sql", .to = "/docker-entrypoint-initdb.d/schema.sql"})
            .with_wait(berth::WaitSpec{
                .port = berth::WaitPort{.port = {5432}},
                .log = berth::WaitLog{.contains = "database system is ready to accept connections", .times = 2}})
            .with_post_ready({.name = "seed",
                              .exec = {"psql", "-v", "ON_ERROR_STOP=1", "-q", "-U", "shop", "-d", "shop"},
                              .stdin_file = "shop/seed.sql"});

    const berth::ServiceSpec cache = berth::service("cache", "redis:7.4-alpine")
                                         .with_command({"redis-server", "--save", ""})
                                         .with_port(6379)
                                         .with_wait(berth::wait::exec({"redis-cli", "ping"}));

    const berth::ServiceSpec web =
        berth::service("web", "nginx:1.27-alpine")
            .with_port(berth::PortSpec(80).with_name("http"))
            .with_copy({.content = "server {\n"
                                   "  listen 80;\n"
                                   "  location = /healthz { return 200 \"ok\\n\"; }\n"
                                   "  location = /stock { return 200 \"stock is at ${db.address}, carts are at "
                                   "${cache.address}\\n\"; }\n"
                                   "}\n",
                        .to = "/etc/nginx/conf.d/default.conf"})
            .with_depends_on("db")
            .with_depends_on("cache")
            .with_wait(berth::wait::http("/healthz", {.port = "http", .status = 200}));

    return {.name = "shop",
            .services = {db, cache, web},
            .vars = {{"SHOP_PASSWORD", "berth"}},
            .exports = {{"DATABASE_URL", "postgresql://shop:berth@${db.host}:${db.port}/shop"},
                        {"REDIS_URL", "redis://${cache.host}:${cache.port}"},
                        {"SHOP_URL", "http://${web.host}:${web.port.http}"}}};
}

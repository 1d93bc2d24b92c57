// SPDX-License-Identifier: Apache-2.0
#pragma once

// The worked examples of the format, as far as their keys are built.

namespace berth::examples {

inline constexpr const char* k_redis = R"yaml(# a single redis
services:
  redis:
    image: redis:7.4-alpine
    ports: ["6379"]                 # engine picks the host port
    wait:
      exec: [redis-cli, ping]
exports:
  REDIS_URL: redis://${redis.host}:${redis.port}
)yaml";

inline constexpr const char* k_shop = R"yaml(schema: 1
name: shop
vars:
  APP_TAG: dev

services:
  db:
    image: postgres:16-alpine
    environment: {POSTGRES_DB: shop, POSTGRES_PASSWORD: "24.10"}
    ports: ["5432"]
    tmpfs: [/var/lib/postgresql/data]
    wait:
      log: { contains: database system is ready to accept connections, times: 2 }
    post_ready:
      - name: seed
        exec: [psql, -v, ON_ERROR_STOP=1, -U, postgres, -d, shop]
        stdin_file: sql/seed.sql

  cache:
    image: redis:7.4-alpine
    command: [redis-server, --save, ""]
    ports: ["6379"]
    wait:
      exec: [redis-cli, ping]

  migrate:
    image: registry.lan/shop/migrate:${APP_TAG}
    environment:
      DATABASE_URL: ${db.url}             # inside the network: db:5432
    depends_on: [db]                      # list form = ready
    wait: exit                            # one-shot, exit code 0

  app:
    image: registry.lan/shop/app:${APP_TAG}
    environment:
      DATABASE_URL: ${db.url}
      REDIS_ADDR: ${cache.address}
      PUBLIC_URL: http://${self.external.host}:${self.external.port.http}
    ports:
      - { target: 8080, published: auto, name: http }
    copy:
      - { from: config/test.toml, to: /etc/shop/config.toml, mode: 0644 }
      - { content: "new_checkout = on\n", to: /etc/shop/flags }
    depends_on:
      migrate: { condition: service_completed_successfully }
      cache: { condition: service_ready }
    wait:
      http: { path: /healthz, port: http, status: 200 }
      timeout: 90s
    artifacts:
      - path: /var/log/shop/*.log

exports:
  DATABASE_URL: ${db.url}
  SHOP_URL: http://${app.host}:${app.port.http}
)yaml";

inline constexpr const char* k_driver = R"yaml(schema: 1
name: driver-ci
isolation:
  scope: session                 # one environment per `run`
  keep: never
timeouts: { up: 3m, ready: 45s }

x-db-limits: &db-limits
  mem_limit: 512mb
  cpus: 1
  cap_drop: [ALL]
  cap_add: [CHOWN, SETUID, SETGID, DAC_OVERRIDE, FOWNER]

services:
  db:
    <<: *db-limits
    image: postgres:16-alpine
    command: [postgres, -c, fsync=off]
    environment:
      POSTGRES_DB: driver
    copy:
      - { from: tls/, to: /tls/, owner: "70:70", mode: 0600 }
      - { from: sql/, to: /docker-entrypoint-initdb.d/ }
    ports: ["5432"]
    wait:
      all:
        - log: { contains: database system is ready to accept connections, times: 2 }
        - port: 5432
      timeout: 60s
    artifacts:
      - { path: /var/lib/postgresql/data/log, to: db/pg_log, when: failure }

  pgadmin:
    image: dpage/pgadmin4:8.14
    profiles: [debug]
    environment: { PGADMIN_DEFAULT_EMAIL: a@example.com, PGADMIN_DEFAULT_PASSWORD: a }
    ports: ["80"]

artifacts:
  dir: build/berth
  when: failure
  max_size: 50mb

exports:
  PGHOST: ${db.host}
  PGPORT: ${db.port}
  PGSSLMODE: ${TLS_MODE:-prefer}

run:
  command: [ctest, --output-on-failure, -j4]
  working_dir: build
  timeout: 15m
)yaml";

inline constexpr const char* k_resilience = R"yaml(schema: 1
name: resilience

networks:
  front: {}
  back: { internal: true }

services:
  db:
    image: postgres:16-alpine
    networks: [back]
    ports: !override []          # reached only through the network
    wait:
      exec: pg_isready -U bank -d bank

  api:
    image: registry.lan/bank/api:1.9
    user: host
    read_only: true
    tmpfs: [/tmp]
    networks: [front, back]
    environment:
      DATABASE_URL: postgresql://db:5432/bank
      POOL_TIMEOUT: 500ms
    ports: ["8080"]
    depends_on: [db]
    wait:
      any:
        - http: /ready
        - log: { matches: "listening on .*:8080", stream: stdout }

exports:
  API: http://${api.host}:${api.port}
)yaml";

inline constexpr const char* k_all[] = {k_redis, k_shop, k_driver, k_resilience};

}  // namespace berth::examples

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/spec/field_table.hpp>
#include <berth/spec/steps.hpp>
#include <berth/spec/wait.hpp>

namespace berth {

template <>
struct Fields<WaitSpec> {
    static constexpr std::string_view k_owner = "Wait";
    static constexpr auto k_rows = std::make_tuple(
        field(&WaitSpec::port,
              {.key = "port",
               .type = "WaitPort",
               .doc = "`true` = all published TCP ports; scalar = port; list = several; map = WaitPort. A completed "
                      "connect to the container's own address counts; through a published port the connection must "
                      "stay up 100 ms (a proxy that accepts and hangs up does not count).",
               .example = "5432"}),
        field(&WaitSpec::http, {.key = "http",
                                .type = "WaitHttp",
                                .doc = "Scalar = path, or `PORT/path`, or `http(s)://:PORT/path`.",
                                .example = "8080/healthz"}),
        field(&WaitSpec::log, {.key = "log",
                               .type = "WaitLog",
                               .doc = "Scalar = regular expression, found once, any stream.",
                               .example = "ready to accept"}),
        field(&WaitSpec::exec, {.key = "exec",
                                .type = "WaitExec",
                                .doc = "Scalar = shell line, list = argv. Exit 0.",
                                .example = "[redis-cli, ping]"}),
        field(&WaitSpec::healthcheck, {.key = "healthcheck",
                                       .type = "WaitHealth",
                                       .codes = "BE0703",
                                       .doc = "`true`. The container has one, declared or from the image.",
                                       .example = "true"}),
        field(&WaitSpec::exit, {.key = "exit",
                                .type = "WaitExit",
                                .doc = "`true` = 0; int or list = accepted codes. Marks a one-shot service.",
                                .example = "true"}),
        field(&WaitSpec::file, {.key = "file",
                                .type = "path",
                                .stage = 2,
                                .doc = "Exists in the container (archive HEAD, no shell needed).",
                                .example = "/run/ready",
                                .runs = false}),
        field(&WaitSpec::delay, {.key = "delay",
                                 .type = "duration",
                                 .stage = 2,
                                 .codes = "BE0301 BW0112",
                                 .doc = "Fixed pause after the other strategies;.",
                                 .example = "200ms",
                                 .runs = false}),
        field(&WaitSpec::all, {.key = "all",
                               .type = "list:Wait",
                               .stage = 2,
                               .doc = "Every item. Several strategy keys in one map mean the same.",
                               .example = "[{port: 5432}, {log: ready}]"}),
        field(&WaitSpec::any, {.key = "any",
                               .type = "list:Wait",
                               .stage = 2,
                               .doc = "First item that succeeds.",
                               .example = "[{http: /ready}, {log: listening}]"}),
        field(&WaitSpec::timeout, {.key = "timeout",
                                   .type = "duration",
                                   .default_value = "timeouts.ready = 60s",
                                   .codes = "BE0301",
                                   .doc = "From container start, for this node and what is under it.",
                                   .example = "90s"}),
        field(&WaitSpec::interval, {.key = "interval",
                                    .type = "duration",
                                    .default_value = "connect and http 1ms doubling to 100ms; exec 25ms to 1s",
                                    .codes = "BE0301",
                                    .doc = "A given value is constant.",
                                    .example = "200ms"}),
        field(&WaitSpec::successes, {.key = "successes",
                                     .type = "int>=1",
                                     .default_value = "1",
                                     .stage = 2,
                                     .codes = "BE0308",
                                     .doc = "Consecutive successes wanted.",
                                     .example = "3",
                                     .runs = false}));
};

template <>
struct Fields<WaitPort> {
    static constexpr std::string_view k_owner = "WaitPort";
    static constexpr auto k_rows = std::make_tuple(
        field(&WaitPort::port, {.key = "port",
                                .type = "list:port-or-name",
                                .default_value = "all published TCP",
                                .codes = "BE0307",
                                .doc = "The ports to connect to, by number or name.",
                                .example = "[5432, http]"}),
        field(&WaitPort::from,
              {.key = "from",
               .type = "enum:host | address | container | both",
               .default_value = "host",
               .stage = 2,
               .codes = "BE0306",
               .doc = "`address` = the container's own address only. `container` reads `/proc/net/tcp*` by exec; falls "
                      "back to a connect from a helper on the network.",
               .example = "container",
               .runs = false}));
};

template <>
struct Fields<WaitHttp> {
    static constexpr std::string_view k_owner = "WaitHttp";
    static constexpr auto k_rows = std::make_tuple(
        field(&WaitHttp::path, {.key = "path",
                                .type = "string",
                                .default_value = "/",
                                .doc = "The path that is asked for.",
                                .example = "/healthz"}),
        field(&WaitHttp::port, {.key = "port",
                                .type = "port-or-name",
                                .default_value = "first published",
                                .codes = "BE0307 BE0704",
                                .doc = "More than one published and none named.",
                                .example = "http"}),
        field(&WaitHttp::scheme, {.key = "scheme",
                                  .type = "enum:http | https",
                                  .default_value = "http",
                                  .codes = "BE0306",
                                  .doc = "Plain or TLS; certificates are not checked.",
                                  .example = "https"}),
        field(&WaitHttp::method, {.key = "method",
                                  .type = "enum:GET | HEAD | POST | PUT | OPTIONS",
                                  .default_value = "GET",
                                  .codes = "BE0306",
                                  .doc = "The request method.",
                                  .example = "HEAD"}),
        field(&WaitHttp::status, {.key = "status",
                                  .type = "http-status",
                                  .default_value = "200-399",
                                  .codes = "BE0315",
                                  .doc = "`200`, `200-299`, `[200, 204]`.",
                                  .example = "200-299"}),
        field(&WaitHttp::headers, {.key = "headers",
                                   .type = "kv",
                                   .default_value = "{}",
                                   .doc = "Headers of the request.",
                                   .example = "{Accept: text/plain}"}),
        field(
            &WaitHttp::body,
            {.key = "body", .type = "template", .stage = 2, .doc = "Request body.", .example = "ping", .runs = false}),
        field(&WaitHttp::body_contains,
              {.key = "body_contains", .type = "string", .doc = "Text that the answer must contain.", .example = "ok"}),
        field(&WaitHttp::body_matches, {.key = "body_matches",
                                        .type = "regex",
                                        .stage = 2,
                                        .codes = "BE0311",
                                        .doc = "Regular expression that must be found in the answer.",
                                        .example = "\"^ok\"",
                                        .runs = false}),
        field(&WaitHttp::json, {.key = "json",
                                .type = "map:any",
                                .stage = 2,
                                .doc = "JSON pointer to wanted value, all must hold.",
                                .example = "{/status: up}",
                                .runs = false}),
        field(&WaitHttp::auth, {.key = "auth",
                                .type = "HttpAuth",
                                .stage = 2,
                                .doc = "`user`, `password`.",
                                .example = "{user: admin, password: secret}",
                                .runs = false}),
        field(&WaitHttp::tls, {.key = "tls",
                               .type = "HttpTls",
                               .default_value = "verify: false",
                               .stage = 2,
                               .doc = "`verify`, `ca_file`.",
                               .example = "{verify: true}",
                               .runs = false}),
        field(&WaitHttp::request_timeout, {.key = "request_timeout",
                                           .type = "duration",
                                           .default_value = "5s",
                                           .codes = "BE0301",
                                           .doc = "How long one request may take.",
                                           .example = "2s"}));
};

template <>
struct Fields<WaitLog> {
    static constexpr std::string_view k_owner = "WaitLog";
    static constexpr auto k_rows =
        std::make_tuple(field(&WaitLog::matches, {.key = "matches",
                                                  .type = "regex",
                                                  .codes = "BE0311",
                                                  .doc = "One of `matches`, `contains`.",
                                                  .example = "listening on .*:8080"}),
                        field(&WaitLog::contains, {.key = "contains",
                                                   .type = "string",
                                                   .doc = "Text that a line must contain, as it is written.",
                                                   .example = "ready to accept connections"}),
                        field(&WaitLog::times, {.key = "times",
                                                .type = "int>=1",
                                                .default_value = "1",
                                                .codes = "BE0308",
                                                .doc = "Total lines wanted.",
                                                .example = "2"}),
                        field(&WaitLog::stream, {.key = "stream",
                                                 .type = "enum:both | stdout | stderr",
                                                 .default_value = "both",
                                                 .codes = "BE0306",
                                                 .doc = "Which stream is read.",
                                                 .example = "stdout"}),
                        field(&WaitLog::fail_on, {.key = "fail_on",
                                                  .type = "regex",
                                                  .stage = 2,
                                                  .codes = "BE0311",
                                                  .doc = "A line that ends the wait as failed at once.",
                                                  .example = "FATAL",
                                                  .runs = false}));
};

template <>
struct Fields<WaitExec> {
    static constexpr std::string_view k_owner = "WaitExec";
    static constexpr auto k_rows =
        std::make_tuple(field(&WaitExec::command, {.key = "command",
                                                   .type = "shell-or-argv",
                                                   .required = true,
                                                   .doc = "The command: a shell line, or a list of words.",
                                                   .example = "[pg_isready, -q]"}),
                        field(&WaitExec::exit_code, {.key = "exit_code",
                                                     .type = "exit-code",
                                                     .default_value = "0",
                                                     .codes = "BE0308",
                                                     .doc = "The statuses that mean ready.",
                                                     .example = "[0, 3]"}),
                        field(&WaitExec::output_matches, {.key = "output_matches",
                                                          .type = "regex",
                                                          .stage = 2,
                                                          .codes = "BE0311",
                                                          .doc = "Regular expression that must be found in its output.",
                                                          .example = "\"^ok\"",
                                                          .runs = false}),
                        field(&WaitExec::user, {.key = "user",
                                                .type = "string",
                                                .default_value = "service user",
                                                .doc = "Whom the command runs as.",
                                                .example = "postgres"}),
                        field(&WaitExec::environment, {.key = "environment",
                                                       .type = "kv-pass",
                                                       .default_value = "{}",
                                                       .stage = 2,
                                                       .doc = "Further variables of the command.",
                                                       .example = "{PGUSER: app}",
                                                       .runs = false}));
};

template <>
struct Fields<WaitHealth> {
    static constexpr std::string_view k_owner = "WaitHealth";
    static constexpr auto k_rows =
        std::make_tuple(field(&WaitHealth::on_unhealthy, {.key = "on_unhealthy",
                                                          .type = "enum:fail | keep_waiting",
                                                          .default_value = "fail",
                                                          .codes = "BE0306",
                                                          .doc = "Compose fails at the first `unhealthy`.",
                                                          .example = "keep_waiting"}));
};

template <>
struct Fields<WaitExit> {
    static constexpr std::string_view k_owner = "WaitExit";
    static constexpr auto k_rows = std::make_tuple(field(&WaitExit::code, {.key = "code",
                                                                           .type = "exit-code",
                                                                           .default_value = "0",
                                                                           .codes = "BE0308",
                                                                           .doc = "The statuses that mean ready.",
                                                                           .example = "[0, 2]"}));
};

template <>
struct Fields<HealthcheckSpec> {
    static constexpr std::string_view k_owner = "Healthcheck";
    static constexpr auto k_rows = std::make_tuple(
        field(&HealthcheckSpec::test,
              {.key = "test",
               .type = "health-test",
               .from = KeyFrom::compose,
               .codes = "BE0305",
               .doc = "The probe: a list that starts with `CMD`, `CMD-SHELL` or `NONE`, or a shell line.",
               .example = "[CMD, redis-cli, ping]"}),
        field(&HealthcheckSpec::interval,
              {.key = "interval",
               .type = "duration",
               .default_value = "30s",
               .from = KeyFrom::compose_wider,
               .codes = "BE0301",
               .doc = "When the service waits on health and the engine is older than API 1.44: `1s`.",
               .example = "2s"}),
        field(&HealthcheckSpec::timeout, {.key = "timeout",
                                          .type = "duration",
                                          .default_value = "30s",
                                          .from = KeyFrom::compose,
                                          .codes = "BE0301",
                                          .doc = "How long one probe may take.",
                                          .example = "1s"}),
        field(&HealthcheckSpec::retries, {.key = "retries",
                                          .type = "int>=1",
                                          .default_value = "3",
                                          .from = KeyFrom::compose,
                                          .codes = "BE0308",
                                          .doc = "Failed probes in a row that make it unhealthy.",
                                          .example = "5"}),
        field(&HealthcheckSpec::start_period, {.key = "start_period",
                                               .type = "duration",
                                               .default_value = "0s; wait.timeout when the service waits on health",
                                               .from = KeyFrom::compose_wider,
                                               .codes = "BE0301",
                                               .doc = "Without it the engine ignores `start_interval`.",
                                               .example = "30s"}),
        field(&HealthcheckSpec::start_interval, {.key = "start_interval",
                                                 .type = "duration",
                                                 .default_value = "5s; 500ms when the service waits on health",
                                                 .from = KeyFrom::compose_wider,
                                                 .codes = "BE0301 BN0902",
                                                 .doc = "Needs API 1.44; dropped with.",
                                                 .example = "500ms"}),
        field(&HealthcheckSpec::disable, {.key = "disable",
                                          .type = "bool",
                                          .default_value = "false",
                                          .from = KeyFrom::compose,
                                          .codes = "BE0312",
                                          .doc = "Turns the image's health check off.",
                                          .example = "true"}));
};

}  // namespace berth

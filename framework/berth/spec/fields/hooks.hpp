// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/spec/environment.hpp>
#include <berth/spec/field_table.hpp>

namespace berth {

template <>
struct Fields<HookSpec> {
    static constexpr std::string_view k_owner = "Hook";
    static constexpr auto k_rows =
        std::make_tuple(field(&HookSpec::command, {.key = "command",
                                                   .type = "command",
                                                   .default_value = "required unless image",
                                                   .from = KeyFrom::compose,
                                                   .stage = 2,
                                                   .required = true,
                                                   .doc = "The command to run.",
                                                   .example = "[migrate, up]",
                                                   .runs = false}),
                        field(&HookSpec::image, {.key = "image",
                                                 .type = "template",
                                                 .default_value = "service image",
                                                 .from = KeyFrom::compose,
                                                 .stage = 2,
                                                 .doc = "`pre_start` only.",
                                                 .example = "\"alpine:3.20\"",
                                                 .runs = false}),
                        field(&HookSpec::user, {.key = "user",
                                                .type = "template",
                                                .default_value = "service user",
                                                .from = KeyFrom::compose,
                                                .stage = 2,
                                                .doc = "Whom it runs as.",
                                                .example = "root",
                                                .runs = false}),
                        field(&HookSpec::privileged, {.key = "privileged",
                                                      .type = "bool",
                                                      .default_value = "false",
                                                      .from = KeyFrom::compose,
                                                      .stage = 2,
                                                      .codes = "BE0312",
                                                      .doc = "Whether it has all privileges.",
                                                      .example = "true",
                                                      .runs = false}),
                        field(&HookSpec::working_dir, {.key = "working_dir",
                                                       .type = "template",
                                                       .from = KeyFrom::compose,
                                                       .stage = 2,
                                                       .doc = "The directory it starts in.",
                                                       .example = "/srv",
                                                       .runs = false}),
                        field(&HookSpec::environment, {.key = "environment",
                                                       .type = "kv-pass",
                                                       .default_value = "{}",
                                                       .from = KeyFrom::compose,
                                                       .stage = 2,
                                                       .doc = "Further variables of the command.",
                                                       .example = "{A: b}",
                                                       .runs = false}));
};

template <>
struct Fields<StepHttp> {
    static constexpr std::string_view k_owner = "StepHttp";
    static constexpr auto k_rows =
        std::make_tuple(field(&StepHttp::method, {.key = "method",
                                                  .type = "string",
                                                  .default_value = "POST",
                                                  .stage = 2,
                                                  .doc = "The request method.",
                                                  .example = "PUT",
                                                  .runs = false}),
                        field(&StepHttp::path, {.key = "path",
                                                .type = "template",
                                                .default_value = "/",
                                                .stage = 2,
                                                .doc = "The path that is asked for.",
                                                .example = "/seed",
                                                .runs = false}),
                        field(&StepHttp::port, {.key = "port",
                                                .type = "port-or-name",
                                                .default_value = "first published",
                                                .stage = 2,
                                                .codes = "BE0307",
                                                .doc = "The port, by number or name.",
                                                .example = "8080",
                                                .runs = false}),
                        field(&StepHttp::headers, {.key = "headers",
                                                   .type = "kv",
                                                   .default_value = "{}",
                                                   .stage = 2,
                                                   .doc = "Headers of the request.",
                                                   .example = "{Accept: text/plain}",
                                                   .runs = false}),
                        field(&StepHttp::body, {.key = "body",
                                                .type = "template",
                                                .stage = 2,
                                                .doc = "Body of the request.",
                                                .example = "ping",
                                                .runs = false}),
                        field(&StepHttp::body_file, {.key = "body_file",
                                                     .type = "path",
                                                     .stage = 2,
                                                     .doc = "File that is the body of the request.",
                                                     .example = "seed.json",
                                                     .runs = false}),
                        field(&StepHttp::status, {.key = "status",
                                                  .type = "http-status",
                                                  .default_value = "200-299",
                                                  .stage = 2,
                                                  .codes = "BE0315",
                                                  .doc = "The statuses that mean success.",
                                                  .example = "200-204",
                                                  .runs = false}));
};

}  // namespace berth

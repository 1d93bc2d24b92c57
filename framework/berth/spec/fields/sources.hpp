// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/spec/environment.hpp>
#include <berth/spec/field_table.hpp>

namespace berth {

template <>
struct Fields<ExtendsSpec> {
    static constexpr std::string_view k_owner = "Extends";
    static constexpr auto k_rows =
        std::make_tuple(field(&ExtendsSpec::service, {.key = "service",
                                                      .type = "string",
                                                      .from = KeyFrom::compose,
                                                      .stage = 2,
                                                      .required = true,
                                                      .doc = "The service whose keys are taken over.",
                                                      .example = "db",
                                                      .runs = false}),
                        field(&ExtendsSpec::file, {.key = "file",
                                                   .type = "path",
                                                   .default_value = "same file",
                                                   .from = KeyFrom::compose,
                                                   .stage = 2,
                                                   .codes = "BE0511",
                                                   .doc = "The file it is in.",
                                                   .example = "common.yaml",
                                                   .runs = false}));
};

template <>
struct Fields<IncludeSpec> {
    static constexpr std::string_view k_owner = "Include";
    static constexpr auto k_rows = std::make_tuple(
        field(&IncludeSpec::path, {.key = "path",
                                   .type = "list:path",
                                   .from = KeyFrom::compose,
                                   .stage = 2,
                                   .required = true,
                                   .doc = "The files to include.",
                                   .example = "[common/db.yaml]",
                                   .runs = false}),
        field(&IncludeSpec::project_directory, {.key = "project_directory",
                                                .type = "path",
                                                .default_value = "folder of the file",
                                                .from = KeyFrom::compose,
                                                .stage = 2,
                                                .doc = "Where relative paths of the included file start.",
                                                .example = "common",
                                                .runs = false}),
        field(&IncludeSpec::env_file, {.key = "env_file",
                                       .type = "list:path",
                                       .default_value = ".env there",
                                       .from = KeyFrom::compose,
                                       .stage = 2,
                                       .doc = "Variables for the included file.",
                                       .example = "[common/.env]",
                                       .runs = false}),
        field(&IncludeSpec::prefix, {.key = "prefix",
                                     .type = "name",
                                     .stage = 3,
                                     .codes = "BE0304",
                                     .doc = "Put before every included service name.",
                                     .example = "common-",
                                     .runs = false}));
};

template <>
struct Fields<ImportSpec> {
    static constexpr std::string_view k_owner = "Import";
    static constexpr auto k_rows =
        std::make_tuple(field(&ImportSpec::compose, {.key = "compose",
                                                     .type = "list:path",
                                                     .stage = 2,
                                                     .required = true,
                                                     .doc = "Compose files, merged in order.",
                                                     .example = "[compose.yaml]"}),
                        field(&ImportSpec::services, {.key = "services",
                                                      .type = "list:string",
                                                      .default_value = "all",
                                                      .stage = 2,
                                                      .doc = "Only these and what they depend on.",
                                                      .example = "[db]"}),
                        field(&ImportSpec::profiles, {.key = "profiles",
                                                      .type = "list:name",
                                                      .default_value = "[]",
                                                      .stage = 2,
                                                      .codes = "BE0304",
                                                      .doc = "Profiles of the compose file that are on.",
                                                      .example = "[debug]"}),
                        field(&ImportSpec::ports, {.key = "ports",
                                                   .type = "enum:ephemeral | as_written",
                                                   .default_value = "ephemeral",
                                                   .stage = 2,
                                                   .codes = "BE0306",
                                                   .doc = "What becomes of fixed host ports.",
                                                   .example = "as_written"}),
                        field(&ImportSpec::depends_on, {.key = "depends_on",
                                                        .type = "enum:as_written | ready",
                                                        .default_value = "as_written",
                                                        .stage = 2,
                                                        .codes = "BE0306",
                                                        .doc = "Whether a plain dependency waits for readiness.",
                                                        .example = "ready"}),
                        field(&ImportSpec::strict, {.key = "strict",
                                                    .type = "bool",
                                                    .default_value = "false",
                                                    .stage = 2,
                                                    .codes = "BE0312",
                                                    .doc = "Keys without effect become errors.",
                                                    .example = "true"}));
};

}  // namespace berth

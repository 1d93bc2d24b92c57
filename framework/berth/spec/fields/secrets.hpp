// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/spec/environment.hpp>
#include <berth/spec/field_table.hpp>

namespace berth {

template <>
struct Fields<SecretSpec> {
    static constexpr std::string_view k_owner = "Secret";
    static constexpr auto k_rows =
        std::make_tuple(field(&SecretSpec::file, {.key = "file",
                                                  .type = "path",
                                                  .default_value = "exactly one source (BE0504)",
                                                  .from = KeyFrom::compose,
                                                  .stage = 2,
                                                  .doc = "The file that holds the value.",
                                                  .example = "token.txt",
                                                  .runs = false}),
                        field(&SecretSpec::environment, {.key = "environment",
                                                         .type = "string",
                                                         .from = KeyFrom::compose,
                                                         .stage = 2,
                                                         .doc = "The variable that holds the value.",
                                                         .example = "TOKEN",
                                                         .runs = false}),
                        field(&SecretSpec::generate,
                              {.key = "generate",
                               .type = "Generate",
                               .stage = 2,
                               .secret = true,
                               .doc = "`length` (24), `charset` (alnum). New per run, masked in logs and reports.",
                               .example = "{length: 32}",
                               .runs = false}),
                        field(&SecretSpec::command, {.key = "command",
                                                     .type = "list:string",
                                                     .stage = 2,
                                                     .doc = "argv whose stdout is the value; 10 s, no shell.",
                                                     .example = "[pass, show, token]",
                                                     .runs = false}),
                        field(&SecretSpec::external, {.key = "external",
                                                      .type = "bool",
                                                      .default_value = "false",
                                                      .from = KeyFrom::compose,
                                                      .stage = 3,
                                                      .codes = "BE0312 BE0904",
                                                      .doc = "Swarm only.",
                                                      .example = "true",
                                                      .runs = false}));
};

template <>
struct Fields<ConfigSpec> {
    static constexpr std::string_view k_owner = "Config";
    static constexpr auto k_rows =
        std::make_tuple(field(&ConfigSpec::file, {.key = "file",
                                                  .type = "path",
                                                  .default_value = "exactly one source (BE0504)",
                                                  .from = KeyFrom::compose,
                                                  .stage = 2,
                                                  .doc = "The file that holds the content.",
                                                  .example = "motd.txt",
                                                  .runs = false}),
                        field(&ConfigSpec::content, {.key = "content",
                                                     .type = "template",
                                                     .from = KeyFrom::compose,
                                                     .stage = 2,
                                                     .doc = "The content itself.",
                                                     .example = "hello",
                                                     .runs = false}),
                        field(&ConfigSpec::environment, {.key = "environment",
                                                         .type = "string",
                                                         .from = KeyFrom::compose,
                                                         .stage = 2,
                                                         .doc = "The variable that holds the content.",
                                                         .example = "MOTD",
                                                         .runs = false}),
                        field(&ConfigSpec::external, {.key = "external",
                                                      .type = "bool",
                                                      .default_value = "false",
                                                      .from = KeyFrom::compose,
                                                      .stage = 3,
                                                      .codes = "BE0312",
                                                      .doc = "Exists only in Swarm.",
                                                      .example = "true",
                                                      .runs = false}));
};

template <>
struct Fields<SecretRef> {
    static constexpr std::string_view k_owner = "SecretRef";
    static constexpr auto k_rows =
        std::make_tuple(field(&SecretRef::source, {.key = "source",
                                                   .type = "string",
                                                   .from = KeyFrom::compose,
                                                   .stage = 2,
                                                   .required = true,
                                                   .doc = "The secret by its name.",
                                                   .example = "token",
                                                   .runs = false}),
                        field(&SecretRef::target, {.key = "target",
                                                   .type = "path",
                                                   .default_value = "/run/secrets/<source> or /<source>",
                                                   .from = KeyFrom::compose,
                                                   .stage = 2,
                                                   .doc = "Where it is in the container.",
                                                   .example = "token.txt",
                                                   .runs = false}),
                        field(&SecretRef::uid, {.key = "uid",
                                                .type = "string",
                                                .default_value = "0",
                                                .from = KeyFrom::compose,
                                                .stage = 2,
                                                .doc = "Its owner.",
                                                .example = "\"1000\"",
                                                .runs = false}),
                        field(&SecretRef::gid, {.key = "gid",
                                                .type = "string",
                                                .default_value = "0",
                                                .from = KeyFrom::compose,
                                                .stage = 2,
                                                .doc = "Its group.",
                                                .example = "\"1000\"",
                                                .runs = false}),
                        field(&SecretRef::mode, {.key = "mode",
                                                 .type = "mode",
                                                 .default_value = "0444",
                                                 .from = KeyFrom::compose,
                                                 .stage = 2,
                                                 .codes = "BE0314",
                                                 .doc = "Its file mode.",
                                                 .example = "0400",
                                                 .runs = false}));
};

template <>
struct Fields<ConfigRef> {
    static constexpr std::string_view k_owner = "ConfigRef";
    static constexpr auto k_rows =
        std::make_tuple(field(&ConfigRef::source, {.key = "source",
                                                   .type = "string",
                                                   .from = KeyFrom::compose,
                                                   .stage = 2,
                                                   .required = true,
                                                   .doc = "The config by its name.",
                                                   .example = "motd",
                                                   .runs = false}),
                        field(&ConfigRef::target, {.key = "target",
                                                   .type = "path",
                                                   .default_value = "/run/secrets/<source> or /<source>",
                                                   .from = KeyFrom::compose,
                                                   .stage = 2,
                                                   .doc = "Where it is in the container.",
                                                   .example = "/etc/motd",
                                                   .runs = false}),
                        field(&ConfigRef::uid, {.key = "uid",
                                                .type = "string",
                                                .default_value = "0",
                                                .from = KeyFrom::compose,
                                                .stage = 2,
                                                .doc = "Its owner.",
                                                .example = "\"1000\"",
                                                .runs = false}),
                        field(&ConfigRef::gid, {.key = "gid",
                                                .type = "string",
                                                .default_value = "0",
                                                .from = KeyFrom::compose,
                                                .stage = 2,
                                                .doc = "Its group.",
                                                .example = "\"1000\"",
                                                .runs = false}),
                        field(&ConfigRef::mode, {.key = "mode",
                                                 .type = "mode",
                                                 .default_value = "0444",
                                                 .from = KeyFrom::compose,
                                                 .stage = 2,
                                                 .codes = "BE0314",
                                                 .doc = "Its file mode.",
                                                 .example = "0444",
                                                 .runs = false}));
};

template <>
struct Fields<GenerateSpec> {
    static constexpr std::string_view k_owner = "Generate";
    static constexpr auto k_rows =
        std::make_tuple(field(&GenerateSpec::length, {.key = "length",
                                                      .type = "int>=1",
                                                      .default_value = "24",
                                                      .from = KeyFrom::own,
                                                      .stage = 2,
                                                      .codes = "BE0308",
                                                      .doc = "How many characters.",
                                                      .example = "32",
                                                      .runs = false}),
                        field(&GenerateSpec::charset, {.key = "charset",
                                                       .type = "enum:alnum | alpha | digits | hex",
                                                       .default_value = "alnum",
                                                       .from = KeyFrom::own,
                                                       .stage = 2,
                                                       .codes = "BE0306",
                                                       .doc = "Which characters.",
                                                       .example = "hex",
                                                       .runs = false}));
};

}  // namespace berth

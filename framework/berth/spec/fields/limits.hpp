// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/spec/environment.hpp>
#include <berth/spec/field_table.hpp>

namespace berth {

template <>
struct Fields<ReuseSpec> {
    static constexpr std::string_view k_owner = "Reuse";
    static constexpr auto k_rows = std::make_tuple(
        field(&ReuseSpec::scope,
              {.key = "scope",
               .type = "enum:never | session | machine",
               .default_value = "never",
               .stage = 2,
               .codes = "BE0306 BN0903",
               .doc = "`machine` needs the user opt-in variable; without it, and in CI, it acts as `never`.",
               .example = "machine",
               .runs = false}),
        field(&ReuseSpec::ttl, {.key = "ttl",
                                .type = "duration",
                                .default_value = "8h",
                                .stage = 2,
                                .codes = "BE0301",
                                .doc = "Idle time after which any later run removes it.",
                                .example = "2h",
                                .runs = false}),
        field(&ReuseSpec::key, {.key = "key",
                                .type = "template",
                                .default_value = "hash of the resolved service",
                                .stage = 2,
                                .doc = "What makes two services the same.",
                                .example = "pg-16",
                                .runs = false}));
};

template <>
struct Fields<LoggingSpec> {
    static constexpr std::string_view k_owner = "Logging";
    static constexpr auto k_rows = std::make_tuple(field(&LoggingSpec::driver, {.key = "driver",
                                                                                .type = "string",
                                                                                .from = KeyFrom::compose,
                                                                                .stage = 2,
                                                                                .doc = "The log driver.",
                                                                                .example = "json-file",
                                                                                .runs = false}),
                                                   field(&LoggingSpec::options, {.key = "options",
                                                                                 .type = "kv",
                                                                                 .default_value = "{}",
                                                                                 .from = KeyFrom::compose,
                                                                                 .stage = 2,
                                                                                 .doc = "Options of the log driver.",
                                                                                 .example = "{max-size: 10m}",
                                                                                 .runs = false}));
};

template <>
struct Fields<DeploySpec> {
    static constexpr std::string_view k_owner = "Deploy";
    static constexpr auto k_rows = std::make_tuple(field(&DeploySpec::resources, {.key = "resources",
                                                                                  .type = "Resources",
                                                                                  .from = KeyFrom::compose,
                                                                                  .stage = 2,
                                                                                  .doc = "Limits and reservations.",
                                                                                  .example = "{limits: {memory: 256m}}",
                                                                                  .runs = false}),
                                                   field(&DeploySpec::replicas, {.key = "replicas",
                                                                                 .type = "int>=0",
                                                                                 .default_value = "1",
                                                                                 .from = KeyFrom::compose,
                                                                                 .stage = 2,
                                                                                 .codes = "BE0308",
                                                                                 .doc = "How many containers.",
                                                                                 .example = "2",
                                                                                 .runs = false}));
};

template <>
struct Fields<ResourcesSpec> {
    static constexpr std::string_view k_owner = "Resources";
    static constexpr auto k_rows = std::make_tuple(field(&ResourcesSpec::limits, {.key = "limits",
                                                                                  .type = "ResourceAmounts",
                                                                                  .from = KeyFrom::compose,
                                                                                  .stage = 2,
                                                                                  .codes = "BE0309",
                                                                                  .doc = "At most.",
                                                                                  .example = "{memory: 256m}",
                                                                                  .runs = false}),
                                                   field(&ResourcesSpec::reservations, {.key = "reservations",
                                                                                        .type = "ResourceAmounts",
                                                                                        .from = KeyFrom::compose,
                                                                                        .stage = 2,
                                                                                        .doc = "At least.",
                                                                                        .example = "{memory: 128m}",
                                                                                        .runs = false}));
};

template <>
struct Fields<ResourceAmounts> {
    static constexpr std::string_view k_owner = "ResourceAmounts";
    static constexpr auto k_rows =
        std::make_tuple(field(&ResourceAmounts::cpus, {.key = "cpus",
                                                       .type = "number>=0",
                                                       .from = KeyFrom::compose,
                                                       .stage = 2,
                                                       .codes = "BE0308 BE0309",
                                                       .doc = "Processors.",
                                                       .example = "1.5",
                                                       .runs = false}),
                        field(&ResourceAmounts::memory, {.key = "memory",
                                                         .type = "size",
                                                         .from = KeyFrom::compose,
                                                         .stage = 2,
                                                         .codes = "BE0303 BE0309",
                                                         .doc = "Memory.",
                                                         .example = "256m",
                                                         .runs = false}),
                        field(&ResourceAmounts::pids, {.key = "pids",
                                                       .type = "int>=-1",
                                                       .from = KeyFrom::compose,
                                                       .stage = 2,
                                                       .codes = "BE0308 BE0309",
                                                       .doc = "Processes and threads.",
                                                       .example = "100",
                                                       .runs = false}),
                        field(&ResourceAmounts::devices, {.key = "devices",
                                                          .type = "list:DeviceReservation",
                                                          .from = KeyFrom::compose,
                                                          .stage = 2,
                                                          .doc = "Devices, such as graphics processors.",
                                                          .example = "[{capabilities: [gpu]}]",
                                                          .runs = false}));
};

template <>
struct Fields<DeviceReservation> {
    static constexpr std::string_view k_owner = "DeviceReservation";
    static constexpr auto k_rows =
        std::make_tuple(field(&DeviceReservation::driver, {.key = "driver",
                                                           .type = "string",
                                                           .from = KeyFrom::compose,
                                                           .stage = 2,
                                                           .doc = "The driver that provides them.",
                                                           .example = "nvidia",
                                                           .runs = false}),
                        field(&DeviceReservation::count, {.key = "count",
                                                          .type = "int>=1 | all",
                                                          .from = KeyFrom::compose,
                                                          .stage = 2,
                                                          .codes = "BE0308",
                                                          .doc = "How many.",
                                                          .example = "all",
                                                          .runs = false}),
                        field(&DeviceReservation::device_ids, {.key = "device_ids",
                                                               .type = "list:string",
                                                               .from = KeyFrom::compose,
                                                               .stage = 2,
                                                               .doc = "Which ones.",
                                                               .example = "[\"0\"]",
                                                               .runs = false}),
                        field(&DeviceReservation::capabilities, {.key = "capabilities",
                                                                 .type = "list:string",
                                                                 .from = KeyFrom::compose,
                                                                 .stage = 2,
                                                                 .doc = "What they have to be able to do.",
                                                                 .example = "[gpu]",
                                                                 .runs = false}),
                        field(&DeviceReservation::options, {.key = "options",
                                                            .type = "kv",
                                                            .from = KeyFrom::compose,
                                                            .stage = 2,
                                                            .doc = "Options of the driver.",
                                                            .example = "{a: b}",
                                                            .runs = false}));
};

template <>
struct Fields<UserSetup> {
    static constexpr std::string_view k_owner = "UserSetup";
    static constexpr auto k_rows = std::make_tuple(
        field(&UserSetup::name, {.key = "name",
                                 .type = "string",
                                 .from = KeyFrom::own,
                                 .stage = 2,
                                 .doc = "Its name.",
                                 .example = "tester",
                                 .runs = false}),
        field(&UserSetup::uid, {.key = "uid",
                                .type = "int>=0",
                                .default_value = "1000",
                                .from = KeyFrom::own,
                                .stage = 2,
                                .codes = "BE0308",
                                .doc = "Its number.",
                                .example = "1000",
                                .runs = false}),
        field(&UserSetup::gid, {.key = "gid",
                                .type = "int>=0",
                                .default_value = "the same as uid",
                                .from = KeyFrom::own,
                                .stage = 2,
                                .codes = "BE0308",
                                .doc = "The number of its group.",
                                .example = "1000",
                                .runs = false}),
        field(&UserSetup::sudo, {.key = "sudo",
                                 .type = "bool | list:string",
                                 .default_value = "false",
                                 .from = KeyFrom::own,
                                 .stage = 2,
                                 .codes = "BE0312",
                                 .doc = "What it may do as root without a password: everything, or these commands.",
                                 .example = "true",
                                 .runs = false}));
};

}  // namespace berth

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/spec/environment.hpp>
#include <berth/spec/field_table.hpp>

namespace berth {

template <>
struct Fields<NetworkSpec> {
    static constexpr std::string_view k_owner = "Network";
    static constexpr auto k_rows = std::make_tuple(
        field(&NetworkSpec::driver, {.key = "driver",
                                     .type = "string",
                                     .default_value = "bridge",
                                     .from = KeyFrom::compose,
                                     .doc = "The network driver.",
                                     .example = "bridge"}),
        later({.key = "driver_opts",
               .type = "kv",
               .default_value = "{}",
               .from = KeyFrom::compose,
               .stage = 2,
               .doc = "Options of the driver."}),
        field(&NetworkSpec::internal, {.key = "internal",
                                       .type = "bool",
                                       .default_value = "false",
                                       .from = KeyFrom::compose,
                                       .codes = "BE0312 BE0609",
                                       .doc = "Published ports on an only-internal service.",
                                       .example = "true"}),
        later({.key = "attachable",
               .type = "bool",
               .default_value = "false",
               .from = KeyFrom::compose,
               .stage = 3,
               .codes = "BE0312",
               .doc = "Whether other containers may attach (swarm)."}),
        later({.key = "enable_ipv6",
               .type = "bool",
               .default_value = "false",
               .from = KeyFrom::compose,
               .stage = 2,
               .codes = "BE0312",
               .doc = "Whether it has IPv6."}),
        later({.key = "ipam", .type = "map:any", .from = KeyFrom::compose, .stage = 2, .doc = "Subnets and gateways."}),
        later({.key = "labels",
               .type = "kv",
               .default_value = "{}",
               .from = KeyFrom::compose,
               .stage = 2,
               .doc = "Labels of the network."}),
        later({.key = "external",
               .type = "bool",
               .default_value = "false",
               .from = KeyFrom::compose,
               .stage = 2,
               .codes = "BE0312 BE0602",
               .doc = "Only `name` may stand beside it."}),
        later({.key = "name",
               .type = "template",
               .default_value = "made unique",
               .from = KeyFrom::compose_wider,
               .stage = 2,
               .codes = "BW0115",
               .doc = "Own name without `external`."}));
};

template <>
struct Fields<VolumeSpec> {
    static constexpr std::string_view k_owner = "Volume";
    static constexpr auto k_rows =
        std::make_tuple(field(&VolumeSpec::driver, {.key = "driver",
                                                    .type = "string",
                                                    .default_value = "local",
                                                    .from = KeyFrom::compose,
                                                    .doc = "The volume driver.",
                                                    .example = "local"}),
                        later({.key = "driver_opts",
                               .type = "kv",
                               .default_value = "{}",
                               .from = KeyFrom::compose,
                               .stage = 2,
                               .doc = "Options of the driver."}),
                        later({.key = "labels",
                               .type = "kv",
                               .default_value = "{}",
                               .from = KeyFrom::compose,
                               .stage = 2,
                               .doc = "Labels of the volume."}),
                        later({.key = "external",
                               .type = "bool",
                               .default_value = "false",
                               .from = KeyFrom::compose,
                               .stage = 2,
                               .codes = "BE0312",
                               .doc = "Made by somebody else: neither created nor removed."}),
                        later({.key = "name",
                               .type = "template",
                               .default_value = "made unique",
                               .from = KeyFrom::compose_wider,
                               .stage = 2,
                               .doc = "The name that the engine knows it by."}),
                        later({.key = "keep",
                               .type = "bool",
                               .default_value = "false",
                               .stage = 2,
                               .codes = "BE0312",
                               .doc = "Survives `down`."}));
};

template <>
struct Fields<EnvFile> {
    static constexpr std::string_view k_owner = "EnvFile";
    static constexpr auto k_rows =
        std::make_tuple(field(&EnvFile::path, {.key = "path",
                                               .type = "path",
                                               .from = KeyFrom::compose,
                                               .required = true,
                                               .doc = "The file, relative to this one.",
                                               .example = "test.env"}),
                        field(&EnvFile::required, {.key = "required",
                                                   .type = "bool",
                                                   .default_value = "true",
                                                   .from = KeyFrom::compose,
                                                   .codes = "BE0312",
                                                   .doc = "Whether it is an error when the file is not there.",
                                                   .example = "false"}),
                        later({.key = "format",
                               .type = "enum:default | raw",
                               .default_value = "default",
                               .from = KeyFrom::compose,
                               .stage = 2,
                               .codes = "BE0306",
                               .doc = "`raw` takes values as they are written."}));
};

template <>
struct Fields<Timeouts> {
    static constexpr std::string_view k_owner = "Timeouts";
    static constexpr auto k_rows = std::make_tuple(
        field(&Timeouts::up, {.key = "up",
                              .type = "duration",
                              .default_value = "5m",
                              .codes = "BE0301",
                              .doc = "Whole bring-up without pulls.",
                              .example = "3m"}),
        field(&Timeouts::pull, {.key = "pull",
                                .type = "duration",
                                .default_value = "10m",
                                .codes = "BE0301",
                                .doc = "Per image; progress resets the stall clock of 60s.",
                                .example = "20m"}),
        field(&Timeouts::ready, {.key = "ready",
                                 .type = "duration",
                                 .default_value = "60s",
                                 .codes = "BE0301",
                                 .doc = "Default of `wait.timeout`.",
                                 .example = "45s"}),
        field(&Timeouts::step, {.key = "step",
                                .type = "duration",
                                .default_value = "60s",
                                .codes = "BE0301",
                                .doc = "Of each step that names none of its own.",
                                .example = "30s"}),
        later({.key = "build",
               .type = "duration",
               .default_value = "30m",
               .stage = 2,
               .codes = "BE0301",
               .doc = "Per image; output resets the stall clock of 120s."}),
        later({.key = "budget",
               .type = "duration",
               .stage = 2,
               .codes = "BE0301",
               .doc = "The longest critical path allowed; over it the run fails and names the service that grew."}),
        field(&Timeouts::down, {.key = "down",
                                .type = "duration",
                                .default_value = "30s",
                                .codes = "BE0301",
                                .doc = "Tearing the environment down.",
                                .example = "1m"}));
};

template <>
struct Fields<Isolation> {
    static constexpr std::string_view k_owner = "Isolation";
    static constexpr auto k_rows = std::make_tuple(
        field(&Isolation::scope, {.key = "scope",
                                  .type = "enum:test | suite | process | session | shared",
                                  .default_value = "process",
                                  .codes = "BE0306",
                                  .doc = "Lifetime of one environment. `session` = one `run`; processes under it "
                                         "attach by state file. `process` and `session` first, the others in stage 2.",
                                  .example = "session"}),
        later({.key = "network",
               .type = "enum:own | pod",
               .default_value = "own",
               .stage = 2,
               .codes = "BE0306 BE0631",
               .doc = "`pod`: the services share one network namespace (names resolve to 127.0.0.1), about twice as "
                      "fast up and down; two services with one container port; faults that cut a network: refused."}),
        later({.key = "ahead",
               .type = "int>=0",
               .default_value = "0",
               .stage = 2,
               .codes = "BE0308",
               .doc = "That many environments of this spec are kept started ahead of the next run, fresh, and expire "
                      "when idle. Never in CI."}),
        field(&Isolation::teardown, {.key = "teardown",
                                     .type = "enum:auto | wait | background",
                                     .default_value = "auto",
                                     .codes = "BE0306",
                                     .doc = "`background`: the process does not wait for removal, the watchdog does "
                                            "it; `auto`: background for a local engine outside CI, else wait.",
                                     .example = "wait"}),
        later({.key = "shared_key",
               .type = "string",
               .default_value = "the spec's hash",
               .stage = 2,
               .doc = "Who shares with whom under `scope: shared`."}),
        later({.key = "naming",
               .type = "enum:unique | fixed",
               .default_value = "unique",
               .stage = 2,
               .codes = "BE0306",
               .doc = "`fixed` drops the run suffix and takes a machine-wide lock."}),
        later({.key = "ports",
               .type = "enum:ephemeral | as_written",
               .default_value = "as_written",
               .stage = 2,
               .codes = "BE0306",
               .doc = "`ephemeral` drops every fixed host port."}),
        later({.key = "reset",
               .type = "bool",
               .default_value = "true for suite and wider",
               .stage = 2,
               .codes = "BE0312",
               .doc = "Run `reset` steps between tests."}),
        field(&Isolation::keep, {.key = "keep",
                                 .type = "enum:never | on_failure | always",
                                 .default_value = "never",
                                 .codes = "BE0306",
                                 .doc = "Leave containers after the run; the report prints how to remove them.",
                                 .example = "on_failure"}));
};

template <>
struct Fields<ArtifactsRoot> {
    static constexpr std::string_view k_owner = "ArtifactsRoot";
    static constexpr auto k_rows =
        std::make_tuple(field(&ArtifactsRoot::dir, {.key = "dir",
                                                    .type = "path",
                                                    .default_value = ".berth/runs",
                                                    .doc = "One folder per run id.",
                                                    .example = "build/berth"}),
                        field(&ArtifactsRoot::when, {.key = "when",
                                                     .type = "enum:failure | always | success | never",
                                                     .default_value = "failure",
                                                     .codes = "BE0306",
                                                     .doc = "After which outcome artifacts are kept.",
                                                     .example = "always"}),
                        field(&ArtifactsRoot::logs, {.key = "logs",
                                                     .type = "bool",
                                                     .default_value = "true",
                                                     .codes = "BE0312",
                                                     .doc = "One log file per service, timestamps on.",
                                                     .example = "false"}),
                        field(&ArtifactsRoot::inspect, {.key = "inspect",
                                                        .type = "bool",
                                                        .default_value = "true",
                                                        .codes = "BE0312",
                                                        .doc = "`inspect` JSON per container, secrets masked.",
                                                        .example = "false"}),
                        field(&ArtifactsRoot::max_size, {.key = "max_size",
                                                         .type = "size",
                                                         .default_value = "100mb",
                                                         .codes = "BE0303",
                                                         .doc = "Per artifact; the rest is cut and said so.",
                                                         .example = "50mb"}),
                        later({.key = "keep_runs",
                               .type = "int>=0",
                               .default_value = "10",
                               .stage = 2,
                               .codes = "BE0308",
                               .doc = "Older run folders are deleted."}),
                        later({.key = "report",
                               .type = "list:enum json | junit | text",
                               .default_value = "[json]",
                               .stage = 2,
                               .doc = "The forms in which a run is reported."}));
};

template <>
struct Fields<RunSpec> {
    static constexpr std::string_view k_owner = "Run";
    static constexpr auto k_rows = std::make_tuple(
        field(&RunSpec::command,
              {.key = "command", .type = "command", .doc = "The command to run, as words.", .example = "[ctest, -j4]"}),
        field(&RunSpec::working_dir, {.key = "working_dir",
                                      .type = "path",
                                      .default_value = "folder of the file",
                                      .doc = "The directory it starts in.",
                                      .example = "build"}),
        field(&RunSpec::environment, {.key = "environment",
                                      .type = "kv-pass",
                                      .default_value = "{}",
                                      .doc = "Further variables of the command.",
                                      .example = "{CI: \"1\"}"}),
        field(&RunSpec::timeout, {.key = "timeout",
                                  .type = "duration",
                                  .default_value = "none",
                                  .codes = "BE0301",
                                  .doc = "How long it may take.",
                                  .example = "15m"}));
};

template <>
struct Fields<Defaults> {
    static constexpr std::string_view k_owner = "Defaults";
    static constexpr auto k_rows =
        std::make_tuple(later({.key = "service",
                               .type = "Service",
                               .default_value = "{}",
                               .stage = 2,
                               .doc = "Any service key but `image`, `build`, `fixture`, `extends`, `depends_on`."}),
                        field(&Defaults::bind, {.key = "bind",
                                                .type = "enum:auto | loopback | all",
                                                .default_value = "auto",
                                                .codes = "BE0306",
                                                .doc = "`auto` = 127.0.0.1 on a local engine, 0.0.0.0 on a remote one.",
                                                .example = "loopback"}),
                        field(&Defaults::unset_variables, {.key = "unset_variables",
                                                           .type = "enum:error | warn | empty",
                                                           .default_value = "error",
                                                           .codes = "BE0306",
                                                           .doc = "Compose: warn and empty.",
                                                           .example = "empty"}));
};

template <>
struct Fields<ImageSettings> {
    static constexpr std::string_view k_owner = "Images";
    static constexpr auto k_rows = std::make_tuple(
        later({.key = "lock",
               .type = "path",
               .default_value = "berth.lock if present",
               .stage = 2,
               .doc = "The lock file."}),
        later({.key = "locked",
               .type = "bool",
               .default_value = "false",
               .stage = 2,
               .codes = "BE0312 BE0620",
               .doc = "Every image must be in the lock."}),
        field(&ImageSettings::substitute,
              {.key = "substitute",
               .type = "kv",
               .default_value = "{}",
               .stage = 2,
               .doc = "Prefix to prefix of the normalised reference, longest first, e.g. `docker.io/: "
                      "registry.lan/hub/`; a key that is a whole reference (`docker.io/library/postgres:16`) is "
                      "replaced whole. `BERTH_SUBSTITUTE=FROM=TO[,FROM=TO…]` goes before it. A fixture's `compatible` "
                      "looks at the name before substitution.",
               .example = "{\"docker.io/\": \"registry.lan/hub/\"}"}));
};

}  // namespace berth

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/spec/field_table.hpp>
#include <berth/spec/service.hpp>

namespace berth {

template <>
struct Fields<PortSpec> {
    static constexpr std::string_view k_owner = "Port";
    static constexpr auto k_rows = std::make_tuple(
        field(&PortSpec::target, {.key = "target",
                                  .type = "port",
                                  .from = KeyFrom::compose,
                                  .required = true,
                                  .codes = "BE0307",
                                  .doc = "Container port or range `a-b`.",
                                  .example = "8080"}),
        field(&PortSpec::published, {.key = "published",
                                     .type = "port-or-auto",
                                     .default_value = "engine picks after start",
                                     .from = KeyFrom::compose_wider,
                                     .codes = "BE0307",
                                     .doc = "`auto` = the tool reserves a free host port before create, so "
                                            "`${self.external.port}` is known to the container itself.",
                                     .example = "auto"}),
        field(&PortSpec::host_ip, {.key = "host_ip",
                                   .type = "ip",
                                   .default_value = "defaults.bind",
                                   .from = KeyFrom::compose,
                                   .codes = "BE0313",
                                   .doc = "The address of the host that the port is bound to.",
                                   .example = "127.0.0.1"}),
        field(&PortSpec::protocol, {.key = "protocol",
                                    .type = "enum:tcp | udp | sctp",
                                    .default_value = "tcp",
                                    .from = KeyFrom::compose,
                                    .codes = "BE0306",
                                    .doc = "The transport.",
                                    .example = "udp"}),
        field(&PortSpec::name, {.key = "name",
                                .type = "name",
                                .from = KeyFrom::compose_wider,
                                .codes = "BE0304",
                                .doc = "Makes `${svc.port.NAME}` work.",
                                .example = "http"}),
        later({.key = "app_protocol",
               .type = "string",
               .from = KeyFrom::compose_wider,
               .stage = 2,
               .doc = "Scheme of `${svc.url.NAME}`."}),
        later({.key = "mode",
               .type = "enum:host | ingress",
               .from = KeyFrom::compose,
               .stage = 3,
               .codes = "BE0306 BN0901",
               .doc = "Read and ignored."}));
};

template <>
struct Fields<DependsOn> {
    static constexpr std::string_view k_owner = "DependsOn";
    static constexpr auto k_rows = std::make_tuple(
        field(&DependsOn::condition, {.key = "condition",
                                      .type = "enum:service_started | service_healthy | service_completed_successfully "
                                              "| service_ready | service_completed",
                                      .default_value = "service_ready",
                                      .from = KeyFrom::compose_wider,
                                      .codes = "BE0306",
                                      .doc = "`service_completed` = exited with any code.",
                                      .example = "service_healthy"}),
        later({.key = "required",
               .type = "bool",
               .default_value = "true",
               .from = KeyFrom::compose,
               .stage = 2,
               .codes = "BE0312",
               .doc = "`false`: a missing or failed dependency is a warning."}),
        later({.key = "restart",
               .type = "bool",
               .default_value = "false",
               .from = KeyFrom::compose,
               .stage = 3,
               .codes = "BE0312",
               .doc = "Read, acts only on `restart` from C++."}));
};

template <>
struct Fields<NetworkAttach> {
    static constexpr std::string_view k_owner = "NetworkAttach";
    static constexpr auto k_rows =
        std::make_tuple(field(&NetworkAttach::aliases, {.key = "aliases",
                                                        .type = "list:string",
                                                        .default_value = "[]",
                                                        .from = KeyFrom::compose,
                                                        .doc = "Further names of the service on this network.",
                                                        .example = "[database]"}),
                        later({.key = "ipv4_address",
                               .type = "ip",
                               .from = KeyFrom::compose,
                               .stage = 2,
                               .codes = "BE0313 BE0608 BW0114",
                               .doc = "Needs a covering `ipam` subnet; breaks parallel runs."}),
                        later({.key = "ipv6_address",
                               .type = "ip",
                               .from = KeyFrom::compose,
                               .stage = 3,
                               .codes = "BE0313",
                               .doc = "A fixed IPv6 address."}),
                        later({.key = "priority",
                               .type = "int",
                               .default_value = "0",
                               .from = KeyFrom::compose,
                               .stage = 3,
                               .doc = "The order in which networks are attached."}),
                        later({.key = "gw_priority",
                               .type = "int",
                               .default_value = "0",
                               .from = KeyFrom::compose,
                               .stage = 3,
                               .doc = "Which network has the default gateway."}),
                        later({.key = "mac_address",
                               .type = "string",
                               .from = KeyFrom::compose,
                               .stage = 3,
                               .doc = "A fixed hardware address."}),
                        later({.key = "driver_opts",
                               .type = "kv",
                               .from = KeyFrom::compose,
                               .stage = 3,
                               .doc = "Options of the network driver for this endpoint."}));
};

template <>
struct Fields<MountSpec> {
    static constexpr std::string_view k_owner = "Mount";
    static constexpr auto k_rows = std::make_tuple(
        field(&MountSpec::type, {.key = "type",
                                 .type = "enum:volume | bind | tmpfs | image",
                                 .from = KeyFrom::compose,
                                 .stage = 2,
                                 .required = true,
                                 .codes = "BE0306",
                                 .doc = "What is mounted.",
                                 .example = "bind"}),
        field(&MountSpec::source, {.key = "source",
                                   .type = "template",
                                   .from = KeyFrom::compose,
                                   .stage = 2,
                                   .codes = "BE0404",
                                   .doc = "Relative `bind` paths start with `.`; missing bind source).",
                                   .example = "./conf"}),
        field(&MountSpec::target, {.key = "target",
                                   .type = "abs-path",
                                   .from = KeyFrom::compose,
                                   .stage = 2,
                                   .required = true,
                                   .codes = "BE0302 BE0607",
                                   .doc = "Two mounts on one target.",
                                   .example = "/etc/app"}),
        field(&MountSpec::read_only, {.key = "read_only",
                                      .type = "bool",
                                      .default_value = "false",
                                      .from = KeyFrom::compose,
                                      .stage = 2,
                                      .codes = "BE0312",
                                      .doc = "Whether it can be written to.",
                                      .example = "true"}),
        later({.key = "bind",
               .type = "map:any",
               .from = KeyFrom::compose,
               .stage = 2,
               .doc = "`propagation`, `create_host_path` (default `false` here), `selinux`."}),
        later(
            {.key = "volume", .type = "map:any", .from = KeyFrom::compose, .stage = 2, .doc = "`nocopy`, `subpath`."}),
        later({.key = "tmpfs", .type = "map:any", .from = KeyFrom::compose, .stage = 2, .doc = "`size`, `mode`."}),
        later({.key = "owner",
               .type = "string",
               .stage = 2,
               .doc = "`uid:gid` given to a fresh volume's root before start."}));
};

template <>
struct Fields<Ulimit> {
    static constexpr std::string_view k_owner = "Ulimit";
    static constexpr auto k_rows = std::make_tuple(field(&Ulimit::soft, {.key = "soft",
                                                                         .type = "int>=-1",
                                                                         .from = KeyFrom::compose,
                                                                         .required = true,
                                                                         .codes = "BE0308",
                                                                         .doc = "What a process starts with.",
                                                                         .example = "1024"}),
                                                   field(&Ulimit::hard, {.key = "hard",
                                                                         .type = "int>=-1",
                                                                         .from = KeyFrom::compose,
                                                                         .required = true,
                                                                         .codes = "BE0308",
                                                                         .doc = "What it may raise it to.",
                                                                         .example = "4096"}));
};

}  // namespace berth

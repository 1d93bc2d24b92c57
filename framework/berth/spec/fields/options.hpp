// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/spec/environment.hpp>
#include <berth/spec/field_table.hpp>

namespace berth {

template <>
struct Fields<IpamSpec> {
    static constexpr std::string_view k_owner = "Ipam";
    static constexpr auto k_rows = std::make_tuple(field(&IpamSpec::driver, {.key = "driver",
                                                                             .type = "string",
                                                                             .default_value = "default",
                                                                             .from = KeyFrom::compose,
                                                                             .stage = 2,
                                                                             .doc = "Who gives out addresses.",
                                                                             .example = "default",
                                                                             .runs = false}),
                                                   field(&IpamSpec::config, {.key = "config",
                                                                             .type = "list:IpamPool",
                                                                             .from = KeyFrom::compose,
                                                                             .stage = 2,
                                                                             .doc = "The subnets.",
                                                                             .example = "[{subnet: 10.9.0.0/24}]",
                                                                             .runs = false}),
                                                   field(&IpamSpec::options, {.key = "options",
                                                                              .type = "kv",
                                                                              .from = KeyFrom::compose,
                                                                              .stage = 2,
                                                                              .doc = "Options of the driver.",
                                                                              .example = "{a: b}",
                                                                              .runs = false}));
};

template <>
struct Fields<IpamPool> {
    static constexpr std::string_view k_owner = "IpamPool";
    static constexpr auto k_rows =
        std::make_tuple(field(&IpamPool::subnet, {.key = "subnet",
                                                  .type = "cidr",
                                                  .from = KeyFrom::compose,
                                                  .stage = 2,
                                                  .codes = "BE0313",
                                                  .doc = "The subnet, with its length.",
                                                  .example = "10.9.0.0/24",
                                                  .runs = false}),
                        field(&IpamPool::gateway, {.key = "gateway",
                                                   .type = "ip",
                                                   .from = KeyFrom::compose,
                                                   .stage = 2,
                                                   .codes = "BE0313",
                                                   .doc = "The address of the gateway.",
                                                   .example = "10.9.0.1",
                                                   .runs = false}),
                        field(&IpamPool::ip_range, {.key = "ip_range",
                                                    .type = "cidr",
                                                    .from = KeyFrom::compose,
                                                    .stage = 2,
                                                    .codes = "BE0313",
                                                    .doc = "The part of it that containers get addresses from.",
                                                    .example = "10.9.0.128/25",
                                                    .runs = false}),
                        field(&IpamPool::aux_addresses, {.key = "aux_addresses",
                                                         .type = "kv-hosts",
                                                         .from = KeyFrom::compose,
                                                         .stage = 2,
                                                         .codes = "BE0313",
                                                         .doc = "Addresses that are kept free, by name.",
                                                         .example = "{router: 10.9.0.2}",
                                                         .runs = false}));
};

template <>
struct Fields<BindOptions> {
    static constexpr std::string_view k_owner = "BindOptions";
    static constexpr auto k_rows = std::make_tuple(
        field(&BindOptions::propagation, {.key = "propagation",
                                          .type = "enum:rprivate | private | rshared | shared | rslave | slave",
                                          .default_value = "rprivate",
                                          .from = KeyFrom::compose,
                                          .stage = 2,
                                          .codes = "BE0306",
                                          .doc = "How mounts below it spread.",
                                          .example = "rshared",
                                          .runs = false}),
        field(&BindOptions::create_host_path, {.key = "create_host_path",
                                               .type = "bool",
                                               .default_value = "false",
                                               .from = KeyFrom::compose,
                                               .stage = 2,
                                               .codes = "BE0312",
                                               .doc = "Makes a directory where the source is missing.",
                                               .example = "true",
                                               .runs = false}),
        field(&BindOptions::selinux, {.key = "selinux",
                                      .type = "enum:z | Z",
                                      .from = KeyFrom::compose,
                                      .stage = 2,
                                      .codes = "BE0306",
                                      .doc = "Label of the content: shared (`z`) or private (`Z`).",
                                      .example = "z",
                                      .runs = false}));
};

template <>
struct Fields<VolumeOptions> {
    static constexpr std::string_view k_owner = "VolumeOptions";
    static constexpr auto k_rows = std::make_tuple(
        field(&VolumeOptions::nocopy, {.key = "nocopy",
                                       .type = "bool",
                                       .default_value = "false",
                                       .from = KeyFrom::compose,
                                       .stage = 2,
                                       .codes = "BE0312",
                                       .doc = "Does not fill a fresh volume with what the image has there.",
                                       .example = "true",
                                       .runs = false}),
        field(&VolumeOptions::subpath, {.key = "subpath",
                                        .type = "string",
                                        .from = KeyFrom::compose,
                                        .stage = 2,
                                        .doc = "A folder in the volume.",
                                        .example = "data",
                                        .runs = false}));
};

template <>
struct Fields<TmpfsOptions> {
    static constexpr std::string_view k_owner = "TmpfsOptions";
    static constexpr auto k_rows = std::make_tuple(field(&TmpfsOptions::size, {.key = "size",
                                                                               .type = "size",
                                                                               .from = KeyFrom::compose,
                                                                               .stage = 2,
                                                                               .codes = "BE0303",
                                                                               .doc = "How large it may grow.",
                                                                               .example = "64mb",
                                                                               .runs = false}),
                                                   field(&TmpfsOptions::mode, {.key = "mode",
                                                                               .type = "mode",
                                                                               .default_value = "1777",
                                                                               .from = KeyFrom::compose,
                                                                               .stage = 2,
                                                                               .codes = "BE0314",
                                                                               .doc = "The mode of its root.",
                                                                               .example = "1777",
                                                                               .runs = false}));
};

template <>
struct Fields<HttpAuth> {
    static constexpr std::string_view k_owner = "HttpAuth";
    static constexpr auto k_rows = std::make_tuple(field(&HttpAuth::user, {.key = "user",
                                                                           .type = "template",
                                                                           .from = KeyFrom::own,
                                                                           .stage = 2,
                                                                           .doc = "User name.",
                                                                           .example = "admin",
                                                                           .runs = false}),
                                                   field(&HttpAuth::password, {.key = "password",
                                                                               .type = "template",
                                                                               .from = KeyFrom::own,
                                                                               .stage = 2,
                                                                               .doc = "Password.",
                                                                               .example = "secret",
                                                                               .runs = false}));
};

template <>
struct Fields<HttpTls> {
    static constexpr std::string_view k_owner = "HttpTls";
    static constexpr auto k_rows =
        std::make_tuple(field(&HttpTls::verify, {.key = "verify",
                                                 .type = "bool",
                                                 .default_value = "false",
                                                 .from = KeyFrom::own,
                                                 .stage = 2,
                                                 .codes = "BE0312",
                                                 .doc = "Whether the certificate has to be valid.",
                                                 .example = "true",
                                                 .runs = false}),
                        field(&HttpTls::ca_file, {.key = "ca_file",
                                                  .type = "path",
                                                  .from = KeyFrom::own,
                                                  .stage = 2,
                                                  .doc = "The authority to trust.",
                                                  .example = "ca.pem",
                                                  .runs = false}));
};

}  // namespace berth

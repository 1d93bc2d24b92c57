// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/spec/given.hpp>

#include <string>
#include <vector>

// Where parts of a spec come from. The YAML reader resolves them: a spec that it gives holds none, and one written in
// C++ copies values instead.

namespace berth {

/// The service whose keys a service takes over.
struct ExtendsSpec {
    Given<std::string> service{};
    Given<std::string> file{};  ///< Default: the same file.
    friend bool operator==(const ExtendsSpec&, const ExtendsSpec&) = default;
};

/// Files whose services, networks, volumes, secrets and configs are taken in.
struct IncludeSpec {
    Given<std::vector<std::string>> path{};  ///< Merged in order.
    Given<std::string> project_directory{};  ///< Where their relative paths start; default: the first file's folder.
    Given<std::vector<std::string>> env_file{};  ///< Default: `.env` there.
    Given<std::string> prefix{};
    Origin origin{};
    friend bool operator==(const IncludeSpec&, const IncludeSpec&) = default;
};

/// Compose files whose services are taken in.
struct ImportSpec {
    enum class Ports { ephemeral, as_written };
    enum class DependsOn { as_written, ready };
    Given<std::vector<std::string>> compose{};   ///< Merged in order.
    Given<std::vector<std::string>> services{};  ///< Only these and what they need; default: all.
    Given<std::vector<std::string>> profiles{};
    Given<Ports> ports{};           ///< Default ephemeral.
    Given<DependsOn> depends_on{};  ///< Default as_written.
    Given<bool> strict{};
    Origin origin{};
    friend bool operator==(const ImportSpec&, const ImportSpec&) = default;
};

}  // namespace berth

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace berth {

/// One bring-up of an environment.
struct RunId {
    std::string project{};  ///< `shop`.
    std::string random{};   ///< Eight hex digits.

    /// `shop-7f3a2c91`: the name of the run folder.
    [[nodiscard]] std::string text() const { return project + '-' + random; }
    friend bool operator==(const RunId&, const RunId&) = default;
};

RunId new_run_id(std::string project);

/// `berth-7f3a2c91-1-db`: unique, and ours by its prefix. `number` counts the containers of the run.
std::string container_name(const RunId& run, int number, std::string_view service);

/// `berth-7f3a2c91-default`, for networks and volumes.
std::string object_name(const RunId& run, std::string_view key);

/// A project's name made of a directory's: lower case, what is not allowed becomes `-`, at most 40 characters.
std::string project_name_from(std::string_view directory);

/// The part of `BERTH_<…>_HOST` that stands for a service: upper case, other characters to `_`.
std::string variable_part(std::string_view name);

/// `[A-Za-z0-9][A-Za-z0-9._-]{0,62}`.
bool is_name(std::string_view text) noexcept;
/// `[a-z0-9][a-z0-9_-]*`, at most 40 characters.
bool is_project_name(std::string_view text) noexcept;
/// `[A-Za-z_][A-Za-z0-9_]*`.
bool is_variable_name(std::string_view text) noexcept;
/// An RFC 1123 host name of one or more labels.
bool is_host_name(std::string_view text) noexcept;

/// The first 12 characters of a 64-digit id, as people know them.
std::string_view short_id(std::string_view id) noexcept;

}  // namespace berth

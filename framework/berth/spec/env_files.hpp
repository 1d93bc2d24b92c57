// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/spec/given.hpp>

#include <string>

namespace berth {

/// A file with variables.
struct EnvFile {
    enum class Format { with_quotes, raw };
    Given<std::string> path{};
    Given<bool> required{};  ///< Default true.
    Given<Format> format{};  ///< Key words `default` and `raw`.
    friend bool operator==(const EnvFile&, const EnvFile&) = default;
};

}  // namespace berth

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/spec/any_value.hpp>
#include <berth/spec/text.hpp>

#include <string>
#include <vector>

namespace berth {

/// How the image of a service is built from a folder with a Dockerfile.
struct BuildSpec {
    enum class Builder { automatic, engine, cli };
    Given<std::string> context{};     ///< Folder on the host; default `.`.
    Given<std::string> dockerfile{};  ///< Below the context; default `Dockerfile`.
    Given<std::string> dockerfile_inline{};
    Given<KeyValues> args{};
    Given<std::string> target{};
    Given<KeyValues> labels{};
    Given<std::string> network{};
    Given<std::vector<std::string>> cache_from{};
    Given<std::vector<std::string>> platforms{};
    Given<bool> pull{};
    Given<bool> no_cache{};
    Given<AnyValue> secrets{};
    Given<AnyValue> ssh{};
    Given<Builder> builder{};

    friend bool operator==(const BuildSpec&, const BuildSpec&) = default;
};

}  // namespace berth

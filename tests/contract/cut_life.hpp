// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/engine/containers.hpp>
#include <berth/session/session.hpp>

#include <array>
#include <string>

namespace berth::contract {

/// What one life came to.
struct Lived {
    bool whole{false};    ///< Every step succeeded, each with the right result.
    std::string error{};  ///< Otherwise the text of the typed error.
    std::string wrong{};  ///< Not empty: a step succeeded with a wrong result, or threw what is no error of ours.
};

/// Create, start, inspect, logs, exec, archive put and get, stop, remove: each result is compared with what it has to
/// be. The container is gone afterwards, whatever happened, or `wrong` says that it could not be removed.
Lived live(const Session& session, const std::string& name, const ContainerConfig& config);

/// What is read from a container that prints `to out` and `to err`, and runs `cat`.
constexpr const char* k_input = "hello";

/// A container of busybox that does so, for a real engine.
ContainerConfig living(const std::string& image, const Labels& labels);

/// One call of a life, to be found among the others.
struct CallOfALife {
    const char* method;
    const char* target;  ///< A regular expression.
};
constexpr std::array<CallOfALife, 11> k_calls_of_a_life{{{"POST", "/containers/create"},
                                                         {"POST", "/containers/[^/]*/start"},
                                                         {"GET", "/containers/[^/]*/json"},
                                                         {"GET", "/logs"},
                                                         {"POST", "/containers/[^/]*/exec"},
                                                         {"POST", "/exec/"},
                                                         {"GET", "/exec/"},
                                                         {"PUT", "/archive"},
                                                         {"GET", "/archive"},
                                                         {"POST", "/stop"},
                                                         {"DELETE", "/containers/"}}};

}  // namespace berth::contract

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/engine/engine.hpp>

#include <functional>
#include <string>
#include <vector>

namespace berth::engine {

/// One place where an engine may be.
struct Candidate {
    std::string endpoint{};  ///< As written.
    std::string source{};    ///< `BERTH_ENGINE`, `DOCKER_HOST`, `the usual place`.
    bool usual{false};       ///< One of several that are tried in order; a silent one may not cost the whole deadline.
};

/// A variable of the process environment; empty when it is not set.
using Variables = std::function<std::string(const std::string& name)>;
std::string process_variable(const std::string& name);

/// Where to look, in order: `asked`, BERTH_ENGINE, DOCKER_HOST (each alone, if given), otherwise the usual sockets.
/// `docker` and `podman` stand for the usual sockets of that kind.
std::vector<Candidate> candidates(const std::string& asked, const Variables& variable);

/// The first candidate that answers.
/// @param version exactly this API version is spoken; empty: the newest that both know
/// @throws EngineUnreachable (BR0101) with each place and its reason; Error (BR0110) for an endpoint that is none
Engine connect_to_first(const std::vector<Candidate>& places, const std::string& version, Deadline deadline);

}  // namespace berth::engine

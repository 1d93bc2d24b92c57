// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/engine/engine.hpp>
#include <berth/engine/internal/contexts.hpp>
#include <berth/http/endpoint.hpp>

#include <optional>
#include <string>
#include <vector>

namespace berth::engine {

/// One place where an engine may be.
struct Candidate {
    std::string endpoint{};  ///< As written.
    std::string source{};    ///< `BERTH_ENGINE`, `DOCKER_HOST`, `the usual place`.
    bool usual{false};       ///< One of several that are tried in order; a silent one may not cost the whole deadline.
    std::optional<http::Tls> tls{};  ///< How `tcp://` is spoken to; absent: plainly.
    bool insecure{false};            ///< Without proof of who is there, on another machine too.
    std::string program{};           ///< Not empty: started by us, by this podman.
    std::string context{};           ///< The Docker context that says so, if one does.
};

/// The endpoint of the engine that this process runs.
constexpr const char* k_embedded = "embedded";

/// Where to look, in order: `asked`, BERTH_ENGINE, DOCKER_HOST, DOCKER_CONTEXT, the current context of config.json
/// (each alone, if given), otherwise the usual sockets and then the embedded engine. `docker` and `podman` stand for
/// the usual sockets of that kind, `embedded` for that alone, another word for the Docker context of that name.
/// @throws Error (BR0124, BR0125) for a context that is not there or cannot be read
std::vector<Candidate> candidates(const std::string& asked, const Variables& variable, bool insecure = false);

/// The first candidate that answers.
/// @param version exactly this API version is spoken; empty: the newest that both know
/// @throws EngineUnreachable (BR0101) with each place and its reason; Error (BR0110) for an endpoint that is none,
/// BR0122 for TLS files that cannot be used, BR0123 for one that is not safe
Engine connect_to_first(const std::vector<Candidate>& places, const std::string& version, Deadline deadline);

}  // namespace berth::engine

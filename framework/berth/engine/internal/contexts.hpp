// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/http/endpoint.hpp>

#include <functional>
#include <optional>
#include <string>

namespace berth::engine {

/// A variable of the process environment; empty when it is not set.
using Variables = std::function<std::string(const std::string& name)>;
std::string process_variable(const std::string& name);

/// An engine that Docker's command line knows by name.
struct DockerContext {
    std::string host{};  ///< `tcp://10.0.0.7:2376`
    std::optional<http::Tls> tls{};
};

/// DOCKER_CONFIG, otherwise `.docker` in the home folder; empty when there is neither.
std::string docker_folder(const Variables& variable);

/// ca.pem, cert.pem and key.pem of a folder, those of them that are there.
http::Tls tls_files(const std::string& folder, http::Tls::Verify verify);

/// What `currentContext` of config.json says; empty when it is `default`, or says nothing. A config.json that cannot be
/// read is worth a warning, as it is to Docker's command line.
std::string current_context(const Variables& variable);

/// @param source who names it, for the error: `DOCKER_CONTEXT`
/// @throws Error (BR0124) when there is none of that name, with the nearest ones; BR0125 when its files make no sense
DockerContext read_context(const std::string& name, const std::string& source, const Variables& variable);

}  // namespace berth::engine

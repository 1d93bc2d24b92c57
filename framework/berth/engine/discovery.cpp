// SPDX-License-Identifier: Apache-2.0
#include <berth/engine/internal/discovery.hpp>
#include <berth/engine/internal/embedded.hpp>
#include <berth/engine/internal/find_program.hpp>

#include <fmt/format.h>

#include <unistd.h>

namespace berth::engine {
namespace {

void add(std::vector<Candidate>& places, const std::string& path) {
    const std::string endpoint = "unix://" + path;
    for (const auto& place : places) {
        if (place.endpoint == endpoint) {
            return;
        }
    }
    places.push_back({endpoint, "the usual place", true});
}

std::string runtime_folder(const Variables& variable) {
    const std::string folder = variable("XDG_RUNTIME_DIR");
    return folder.empty() ? "/run/user/" + std::to_string(::getuid()) : folder;
}

void add_docker(std::vector<Candidate>& places, const Variables& variable) {
    add(places, "/var/run/docker.sock");
    add(places, runtime_folder(variable) + "/docker.sock");
    if (const std::string home = variable("HOME"); !home.empty()) {
        for (const char* path :
             {"/.docker/run/docker.sock", "/.docker/desktop/docker.sock", "/.colima/default/docker.sock",
              "/.colima/docker.sock", "/.rd/docker.sock", "/.orbstack/run/docker.sock"}) {
            add(places, home + path);
        }
    }
}

void add_podman(std::vector<Candidate>& places, const Variables& variable) {
    add(places, "/run/podman/podman.sock");
    add(places, runtime_folder(variable) + "/podman/podman.sock");
}

void add_embedded(std::vector<Candidate>& places, const std::string& source, const Variables& variable) {
    places.push_back({.endpoint = k_embedded, .source = source, .program = find_program("podman", variable)});
}

/// As Docker's command line has it: DOCKER_TLS_VERIFY turns TLS on whatever it says, also with `0`; DOCKER_TLS turns it
/// on without a look at who is there.
std::optional<http::Tls> usual_tls(const Variables& variable) {
    const bool verify = !variable("DOCKER_TLS_VERIFY").empty();
    if (!verify && variable("DOCKER_TLS").empty()) {
        return std::nullopt;
    }
    const std::string certificates = variable("DOCKER_CERT_PATH");
    return tls_files(certificates.empty() ? docker_folder(variable) : certificates,
                     verify ? http::Tls::Verify::peer : http::Tls::Verify::nobody);
}

Candidate of_context(const std::string& name, const std::string& source, const Variables& variable) {
    DockerContext context = read_context(name, source, variable);
    return {.endpoint = std::move(context.host),
            .source = fmt::format("Docker context '{}', {}", name, source),
            .tls = std::move(context.tls),
            .context = name};
}

std::vector<Candidate> named(const std::string& name, const std::string& source, const Variables& variable) {
    std::vector<Candidate> places;
    if (name == "docker" || name == "default") {
        add_docker(places, variable);
    } else if (name == "podman") {
        if (const std::string host = variable("CONTAINER_HOST"); !host.empty()) {
            places.push_back({.endpoint = host, .source = "CONTAINER_HOST"});
        }
        add_podman(places, variable);
    } else if (name == k_embedded) {
        add_embedded(places, source, variable);
    } else if (name.find_first_of(":/") == std::string::npos) {
        places.push_back(of_context(name, source, variable));
    } else {
        places.push_back({.endpoint = name, .source = source, .tls = usual_tls(variable)});
    }
    return places;
}

std::vector<Candidate> found(const std::string& asked, const Variables& variable) {
    if (!asked.empty()) {
        return named(asked, "asked for", variable);
    }
    if (const std::string name = variable("BERTH_ENGINE"); !name.empty()) {
        return named(name, "BERTH_ENGINE", variable);
    }
    if (const std::string host = variable("DOCKER_HOST"); !host.empty()) {
        return {{.endpoint = host, .source = "DOCKER_HOST", .tls = usual_tls(variable)}};
    }
    if (const std::string name = variable("DOCKER_CONTEXT"); !name.empty() && name != "default") {
        return {of_context(name, "DOCKER_CONTEXT", variable)};
    } else if (name.empty()) {
        if (const std::string current = current_context(variable); !current.empty()) {
            return {of_context(current, "the current one of " + docker_folder(variable) + "/config.json", variable)};
        }
    }
    std::vector<Candidate> places;
    add_docker(places, variable);
    add_podman(places, variable);
    add_embedded(places, "started by Berth", variable);
    return places;
}

}  // namespace

std::vector<Candidate> candidates(const std::string& asked, const Variables& variable, bool insecure) {
    const std::string allowed = variable("BERTH_INSECURE");
    std::vector<Candidate> places = found(asked, variable);
    for (auto& place : places) {
        place.insecure = insecure || (!allowed.empty() && allowed != "0" && allowed != "false");
    }
    return places;
}

}  // namespace berth::engine

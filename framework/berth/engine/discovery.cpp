// SPDX-License-Identifier: Apache-2.0
#include <berth/engine/internal/discovery.hpp>

#include <unistd.h>

#include <cstdlib>

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

std::vector<Candidate> named(const std::string& name, const std::string& source, const Variables& variable) {
    std::vector<Candidate> places;
    if (name == "docker") {
        add_docker(places, variable);
    } else if (name == "podman") {
        if (const std::string host = variable("CONTAINER_HOST"); !host.empty()) {
            places.push_back({host, "CONTAINER_HOST", false});
        }
        add_podman(places, variable);
    } else {
        places.push_back({name, source, false});
    }
    return places;
}

}  // namespace

std::string process_variable(const std::string& name) {
    const char* value = std::getenv(name.c_str());
    return value == nullptr ? std::string{} : std::string(value);
}

std::vector<Candidate> candidates(const std::string& asked, const Variables& variable) {
    if (!asked.empty()) {
        return named(asked, "asked for", variable);
    }
    if (const std::string name = variable("BERTH_ENGINE"); !name.empty()) {
        return named(name, "BERTH_ENGINE", variable);
    }
    if (const std::string host = variable("DOCKER_HOST"); !host.empty()) {
        return {{host, "DOCKER_HOST", false}};
    }
    std::vector<Candidate> places;
    add_docker(places, variable);
    add_podman(places, variable);
    return places;
}

}  // namespace berth::engine

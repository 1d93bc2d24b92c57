// SPDX-License-Identifier: Apache-2.0
#include <berth/core/digest.hpp>
#include <berth/core/log.hpp>
#include <berth/core/text_distance.hpp>
#include <berth/engine/internal/contexts.hpp>
#include <berth/engine/internal/json.hpp>

#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>

namespace berth::engine {
namespace {

/// More than any context or configuration has.
constexpr std::size_t k_longest_file = 1 << 20;

bool is_file(const std::string& path) {
    std::error_code ignored;  // what cannot be looked at is not there for us either
    return std::filesystem::is_regular_file(path, ignored);
}

/// @returns false with errno set
bool read_file(const std::string& path, std::string& text) {
    std::ifstream file(path, std::ios::binary);
    if (!file) {
        return false;
    }
    text.resize(k_longest_file);
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(file.gcount()));
    return !file.bad();
}

/// What is wrong with a text that is read as answers of the engine are, and is none.
std::string reason_of(const Error& error) {
    constexpr std::string_view k_before = "makes no sense: ";
    const auto at = error.summary().find(k_before);
    return at == std::string::npos ? error.summary() : error.summary().substr(at + k_before.size());
}

std::string meta_folder(const std::string& docker) {
    return docker + "/contexts/meta";
}

std::vector<std::string> context_names(const std::string& docker) {
    std::vector<std::string> names{"default"};
    std::error_code ignored;
    for (const auto& entry : std::filesystem::directory_iterator(meta_folder(docker), ignored)) {
        std::string text;
        if (!read_file((entry.path() / "meta.json").string(), text)) {
            continue;
        }
        try {
            names.push_back(Json::parse(text, {}).at("Name").text());
        } catch (const Error& error) {
            // It only would have been a suggestion.
            log::debug(fmt::format("Docker context in '{}': {}", entry.path().string(), reason_of(error)));
        }
    }
    return names;
}

[[noreturn]] void no_such_context(const std::string& name, const std::string& source, const std::string& docker) {
    ErrorFacts facts{.code = "BR0124",
                     .summary = fmt::format("there is no Docker context '{}'", name),
                     .details = {{"from", source}}};
    if (!docker.empty()) {
        facts.details.emplace_back("looked in", meta_folder(docker));
        if (const auto near = near_matches(name, context_names(docker)); !near.empty()) {
            facts.hints.push_back(did_you_mean(near));
        }
    }
    facts.hints.emplace_back(
        "write unix:///PATH, tcp://HOST:PORT, ssh://USER@HOST, docker, podman, embedded, or a name that "
        "'docker context ls' shows");
    throw Error(std::move(facts));
}

}  // namespace

std::string process_variable(const std::string& name) {
    const char* value = std::getenv(name.c_str());
    return value == nullptr ? std::string{} : std::string(value);
}

std::string docker_folder(const Variables& variable) {
    if (std::string folder = variable("DOCKER_CONFIG"); !folder.empty()) {
        return folder;
    }
    const std::string home = variable("HOME");
    return home.empty() ? std::string{} : home + "/.docker";
}

http::Tls tls_files(const std::string& folder, http::Tls::Verify verify) {
    const auto there = [&](const char* name) {
        std::string path = folder + "/" + name;
        return is_file(path) ? path : std::string{};
    };
    http::Tls tls{.verify = verify};
    if (!folder.empty()) {
        tls.authorities = there("ca.pem");
        tls.certificate = there("cert.pem");
        tls.key = there("key.pem");
    }
    return tls;
}

std::string current_context(const Variables& variable) {
    const std::string docker = docker_folder(variable);
    const std::string path = docker + "/config.json";
    if (docker.empty() || !is_file(path)) {
        return {};
    }
    std::string text;
    if (!read_file(path, text)) {
        log::warn(fmt::format("cannot read '{}': {}; looking for the engine without it", path,
                              std::generic_category().message(errno)));
        return {};
    }
    try {
        std::string name = Json::parse(text, {}).at("currentContext").text();
        return name == "default" ? std::string{} : name;
    } catch (const Error& error) {
        log::warn(
            fmt::format("cannot make sense of '{}': {}; looking for the engine without it", path, reason_of(error)));
        return {};
    }
}

DockerContext read_context(const std::string& name, const std::string& source, const Variables& variable) {
    const std::string docker = docker_folder(variable);
    const std::string id = sha256_hex(name);
    const std::string path = meta_folder(docker) + "/" + id + "/meta.json";
    if (docker.empty() || !is_file(path)) {
        no_such_context(name, source, docker);
    }
    const auto wrong = [&](const std::string& why) -> Error {
        return Error({.code = "BR0125",
                      .summary = fmt::format("Docker context '{}' cannot be used: {}", name, why),
                      .details = {{"from", source}, {"file", path}},
                      .hints = {fmt::format("look at it with 'docker context inspect {}', or make it anew", name)}});
    };
    std::string text;
    if (!read_file(path, text)) {
        throw wrong(std::generic_category().message(errno));
    }
    DockerContext context;
    bool skip_verify = false;
    try {
        const Json endpoint = Json::parse(text, {}).at("Endpoints").at("docker");
        context.host = endpoint.at("Host").text();
        skip_verify = endpoint.at("SkipTLSVerify").flag();
    } catch (const Error& error) {
        throw wrong(reason_of(error));
    }
    if (context.host.empty()) {
        throw wrong("it has no endpoint for Docker");
    }
    const http::Tls tls = tls_files(docker + "/contexts/tls/" + id + "/docker",
                                    skip_verify ? http::Tls::Verify::nobody : http::Tls::Verify::peer);
    if (skip_verify || tls != http::Tls{}) {
        context.tls = tls;
    }
    return context;
}

}  // namespace berth::engine

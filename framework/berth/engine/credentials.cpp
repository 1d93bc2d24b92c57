// SPDX-License-Identifier: Apache-2.0
#include <berth/core/digest.hpp>
#include <berth/core/log.hpp>
#include <berth/core/redaction.hpp>
#include <berth/engine/internal/credentials.hpp>
#include <berth/engine/internal/json.hpp>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <string.h>  // explicit_bzero

#include <cerrno>
#include <fstream>
#include <system_error>
#include <vector>

namespace berth {
namespace engine {
namespace {

constexpr std::string_view k_hub = "https://index.docker.io/v1/";
constexpr std::size_t k_largest_config = 1 << 20;

/// `index.docker.io` of `https://index.docker.io/v1/`.
std::string host_of(std::string_view key) {
    for (const std::string_view scheme : {"https://", "http://"}) {
        if (key.substr(0, scheme.size()) == scheme) {
            key.remove_prefix(scheme.size());
        }
    }
    return std::string(key.substr(0, key.find('/')));
}

bool is_hub(std::string_view host) {
    return host == "docker.io" || host == "index.docker.io" || host == "registry-1.docker.io";
}

/// Where the words of a parse error begin that say why; what it quotes of the text is left out.
std::string reason_of(const Error& error) {
    constexpr std::string_view k_before = "makes no sense: ";
    const auto at = error.summary().find(k_before);
    return at == std::string::npos ? error.summary() : error.summary().substr(at + k_before.size());
}

[[noreturn]] void malformed(const std::string& place, const std::string& why) {
    throw Error({.code = "BR0211",
                 .summary = fmt::format("'{}' makes no sense: {}", place, why),
                 .hints = {"correct it, or make it anew with 'docker login'"}});
}

/// The member of `entries` that is about `registry`: its exact key first, then one with the same host.
Json entry_of(const Json& entries, const std::string& registry) {
    Json found = entries.at(credential_key(registry));
    if (!found.absent()) {
        return found;
    }
    for (const auto& [key, value] : entries.members()) {
        const std::string host = host_of(key);
        if (host == registry || (is_hub(host) && is_hub(registry))) {
            return value;
        }
    }
    return found;
}

RegistryCredentials stored(const Json& entry, const std::string& registry, const std::string& place) {
    const std::string server = credential_key(registry);
    if (std::string token = entry.at("registrytoken").text(); !token.empty()) {
        return RegistryCredentials::registry_token(server, std::move(token));
    }
    if (std::string token = entry.at("identitytoken").text(); !token.empty()) {
        return RegistryCredentials::identity_token(server, std::move(token));
    }
    std::string user = entry.at("username").text();
    std::string password = entry.at("password").text();
    if (const std::string both = entry.at("auth").text(); !both.empty()) {
        remember_secret(both);
        std::string bytes;
        const std::size_t colon = decode_base64(both, bytes) ? bytes.find(':') : std::string::npos;
        if (colon == std::string::npos || colon == 0) {
            malformed(place, fmt::format("the 'auth' of '{}' is not the base64 of 'user:password'", registry));
        }
        user = bytes.substr(0, colon);
        password = bytes.substr(colon + 1);
        while (!password.empty() && password.back() == '\0') {
            password.pop_back();
        }
    }
    return user.empty() && password.empty() ? RegistryCredentials{}
                                            : RegistryCredentials::password(server, user, password);
}

/// @returns false when there is no such file
bool read_config(const std::string& path, std::string& text) {
    std::ifstream file(path, std::ios::binary);
    if (!file) {
        if (errno == ENOENT || errno == ENOTDIR) {
            return false;
        }
        throw Error({.code = "BR0211",
                     .summary = fmt::format("cannot read '{}': {}", path, std::generic_category().message(errno)),
                     .hints = {"allow this user to read it, or name another folder by DOCKER_CONFIG"}});
    }
    text.resize(k_largest_config);
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(file.gcount()));
    return true;
}

/// Runs `read` on the JSON of `place`, whose text must not show in what goes wrong.
template <class Read>
RegistryCredentials read_json(const std::string& place, const std::string& text, Read read) {
    try {
        return read(Json::parse(text, {}));
    } catch (const ExchangeFailed& nonsense) {
        malformed(place, reason_of(nonsense));
    }
}

}  // namespace

std::string credential_key(const std::string& registry) {
    return is_hub(registry) ? std::string(k_hub) : registry;
}

RegistryCredentials find_credentials(const std::string& registry, const Variables& variable, Deadline deadline,
                                     std::chrono::nanoseconds helper_patience) {
    if (const std::string given = variable("DOCKER_AUTH_CONFIG"); !given.empty()) {
        const std::string place = "DOCKER_AUTH_CONFIG";
        auto found = read_json(place, given, [&](const Json& config) {
            return stored(entry_of(config.at("auths"), registry), registry, place);
        });
        if (!found.anonymous()) {
            return found;
        }
    }
    const std::string folder = docker_folder(variable);
    const std::string path = folder + "/config.json";
    std::string text;
    if (folder.empty() || !read_config(path, text)) {
        return {};
    }
    return read_json(path, text, [&](const Json& config) {
        std::string helper = entry_of(config.at("credHelpers"), registry).text();
        std::string_view key = "credHelpers";
        if (helper.empty()) {
            helper = config.at("credsStore").text();
            key = "credsStore";
        }
        if (!helper.empty()) {
            const std::string said_by = fmt::format("'{}' in '{}'", key, path);
            auto found = ask_helper(helper, registry, said_by, variable, deadline, helper_patience);
            if (!found.anonymous()) {
                return found;
            }
        }
        return stored(entry_of(config.at("auths"), registry), registry, path);
    });
}

PullCredentials pull_credentials(const std::string& registry, const std::optional<RegistryCredentials>& given,
                                 const Deadline& deadline) {
    if (given) {
        return {*given, {}};
    }
    try {
        return {berth::find_credentials(registry, deadline), {}};
    } catch (const TimedOut&) {
        throw;
    } catch (const Error& error) {
        log::warn(fmt::format("{}; registry '{}' is asked without a login", error.summary(), registry));
        return {{}, fmt::format("it was asked without a login: {}", error.summary())};
    }
}

}  // namespace engine

namespace {

std::string json_of(const std::vector<std::pair<std::string, std::string>>& members) {
    nlohmann::json value = nlohmann::json::object();
    for (const auto& [key, text] : members) {
        value[key] = text;
    }
    // A password may be any bytes; what is not UTF-8 could not be sent in JSON by anybody.
    return value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

void wipe(std::string& text) {
    ::explicit_bzero(text.data(), text.size());
}

}  // namespace

RegistryCredentials::RegistryCredentials(std::string json) : json_(std::move(json)) {
    remember_secret(json_);
    remember_secret(header());
}

RegistryCredentials::~RegistryCredentials() {
    wipe(json_);
}

RegistryCredentials RegistryCredentials::password(std::string server, std::string user, std::string password) {
    remember_secret(password);
    remember_secret(base64(user + ':' + password));
    RegistryCredentials made(json_of({{"username", user}, {"password", password}, {"serveraddress", server}}));
    wipe(password);
    return made;
}

RegistryCredentials RegistryCredentials::identity_token(std::string server, std::string token) {
    remember_secret(token);
    RegistryCredentials made(json_of({{"identitytoken", token}, {"serveraddress", server}}));
    wipe(token);
    return made;
}

RegistryCredentials RegistryCredentials::registry_token(std::string server, std::string token) {
    remember_secret(token);
    RegistryCredentials made(json_of({{"registrytoken", token}, {"serveraddress", server}}));
    wipe(token);
    return made;
}

std::string RegistryCredentials::header() const {
    return base64_url(json_.empty() ? "{}" : json_);
}

RegistryCredentials find_credentials(const std::string& registry, Deadline deadline) {
    return engine::find_credentials(registry, engine::process_variable, deadline);
}

}  // namespace berth

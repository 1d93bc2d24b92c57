// SPDX-License-Identifier: Apache-2.0
#include <berth/archive/tar_reader.hpp>
#include <berth/core/digest.hpp>
#include <berth/http/client.hpp>
#include <tests/support/eventually.hpp>
#include <tests/support/registry.hpp>

#include <nlohmann/json.hpp>

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <array>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <stdexcept>
#include <utility>

namespace berth::support {
namespace {

std::uint16_t free_port(const std::string& host) {
    const process::Descriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    socklen_t size = sizeof address;
    auto* const any = reinterpret_cast<sockaddr*>(&address);
    if (::inet_pton(AF_INET, host.c_str(), &address.sin_addr) != 1 || ::bind(socket.get(), any, size) != 0 ||
        ::getsockname(socket.get(), any, &size) != 0) {
        throw std::runtime_error("no free port at " + host);
    }
    return ntohs(address.sin_port);
}

std::string read_all(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) {
        throw std::runtime_error("cannot read " + path.string());
    }
    return {std::istreambuf_iterator<char>(file), {}};
}

// The bcrypt of Registry::k_password.
constexpr const char* k_passwords = "someone:$2y$05$abcdefghijklmnopqrstuud2L8crwTyOxFi9P3yYYIG5bIITxThTG\n";

}  // namespace

http::Response Registry::ask(http::Request request) const {
    std::optional<http::Tls> tls;
    if (!options_.certificate.empty()) {
        tls = http::Tls{.authorities = options_.authority};
    }
    if (options_.login) {
        request.headers.add("Authorization", "Basic " + base64(std::string(k_user) + ':' + k_password));
    }
    http::Client client(http::parse_endpoint("tcp://" + address(), tls));
    return client.send(request, within(k_patience));
}

http::Response Registry::ask(http::Request request, int wanted) const {
    const std::string what = request.method + ' ' + request.target;
    http::Response response = ask(std::move(request));
    if (response.head.status != wanted) {
        throw std::runtime_error(what + ": " + std::to_string(response.head.status) + ' ' + response.body);
    }
    return response;
}

Registry::Registry(RegistryOptions options) : options_(std::move(options)), port_(free_port(options_.host)) {
    nlohmann::json config = {{"version", 0.1},
                             {"log", {{"level", "error"}, {"accesslog", {{"disabled", true}}}}},
                             {"storage", {{"filesystem", {{"rootdirectory", folder_.file("storage")}}}}},
                             {"http", {{"addr", address()}}}};
    if (options_.login) {
        config["auth"]["htpasswd"] = {{"realm", "test"}, {"path", folder_.write("passwords", k_passwords)}};
    }
    if (!options_.certificate.empty()) {
        config["http"]["tls"] = {{"certificate", options_.certificate}, {"key", options_.key}};
    }
    process::Options child;
    child.argv = {"docker-registry", "serve", folder_.write("config.yml", config.dump())};  // JSON is YAML too
    child.standard_input = process::Standard::null();
    child.standard_output = process::Standard::null();
    child.standard_error = process::Standard::null();
    child_ = std::make_unique<process::Child>(child);
    const bool answers = wait_until([&] {
        try {
            static_cast<void>(ask({.target = "/v2/"}, 200));
            return true;
        } catch (const Error&) {
            return child_->poll().has_value();
        }
    });
    if (!answers || child_->poll()) {
        throw std::runtime_error("docker-registry does not answer at " + address());
    }
}

bool Registry::has(const std::string& repository, const std::string& tag) const {
    return ask({.target = "/v2/" + repository + "/manifests/" + tag}).head.status == 200;
}

std::string own_address() {
    ifaddrs* all = nullptr;
    if (::getifaddrs(&all) != 0) {
        return {};
    }
    const std::unique_ptr<ifaddrs, decltype(&::freeifaddrs)> freed(all, &::freeifaddrs);
    for (const ifaddrs* each = all; each != nullptr; each = each->ifa_next) {
        if (each->ifa_addr == nullptr || each->ifa_addr->sa_family != AF_INET ||
            (each->ifa_flags & IFF_LOOPBACK) != 0) {
            continue;
        }
        std::array<char, INET_ADDRSTRLEN> text{};
        const auto* const address = reinterpret_cast<const sockaddr_in*>(each->ifa_addr);
        ::inet_ntop(AF_INET, &address->sin_addr, text.data(), text.size());
        return text.data();
    }
    return {};
}

std::string Registry::push_blob(const std::string& repository, const std::string& bytes) const {
    const std::string digest = "sha256:" + sha256_hex(bytes);
    const auto begun = ask({.method = "POST", .target = "/v2/" + repository + "/blobs/uploads/"}, 202);
    std::string place = begun.head.headers.find("Location").value();
    if (const auto host = place.find(address()); host != std::string::npos) {
        place = place.substr(host + address().size());
    }
    place += (place.find('?') == std::string::npos ? "?digest=" : "&digest=") + digest;
    http::Request upload{.method = "PUT", .target = place, .body = bytes};
    upload.headers.add("Content-Type", "application/octet-stream");
    static_cast<void>(ask(upload, 201));
    return digest;
}

std::string Registry::push(const std::string& archive, const std::string& repository, const std::string& tag) const {
    const TempDir unpacked;
    std::ifstream file(archive, std::ios::binary);
    std::array<char, 65536> buffer{};
    archive::extract(
        [&]() -> std::string_view {
            file.read(buffer.data(), buffer.size());
            return {buffer.data(), static_cast<std::size_t>(file.gcount())};
        },
        unpacked.path() / "image");
    const auto folder = unpacked.path() / "image";
    const auto image = nlohmann::json::parse(read_all(folder / "manifest.json")).at(0);
    const std::string config = read_all(folder / image.at("Config").get<std::string>());
    nlohmann::json manifest = {{"schemaVersion", 2},
                               {"mediaType", "application/vnd.docker.distribution.manifest.v2+json"},
                               {"config",
                                {{"mediaType", "application/vnd.docker.container.image.v1+json"},
                                 {"size", config.size()},
                                 {"digest", push_blob(repository, config)}}}};
    for (const auto& name : image.at("Layers")) {
        const std::string layer = read_all(folder / name.get<std::string>());
        manifest["layers"].push_back({{"mediaType", "application/vnd.docker.image.rootfs.diff.tar"},
                                      {"size", layer.size()},
                                      {"digest", push_blob(repository, layer)}});
    }
    http::Request put{.method = "PUT", .target = "/v2/" + repository + "/manifests/" + tag, .body = manifest.dump()};
    put.headers.add("Content-Type", "application/vnd.docker.distribution.manifest.v2+json");
    static_cast<void>(ask(put, 201));
    return address() + '/' + repository + ':' + tag;
}

}  // namespace berth::support

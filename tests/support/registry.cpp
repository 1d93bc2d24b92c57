// SPDX-License-Identifier: Apache-2.0
#include <berth/archive/tar_reader.hpp>
#include <berth/core/digest.hpp>
#include <berth/http/client.hpp>
#include <tests/support/eventually.hpp>
#include <tests/support/registry.hpp>

#include <nlohmann/json.hpp>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <array>
#include <filesystem>
#include <fstream>
#include <memory>
#include <stdexcept>

namespace berth::support {
namespace {

std::uint16_t free_port() {
    const process::Descriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const any = reinterpret_cast<sockaddr*>(&address);
    if (::bind(socket.get(), any, size) != 0 || ::getsockname(socket.get(), any, &size) != 0) {
        throw std::runtime_error("no free port");
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

http::Response ask(const std::string& address, http::Request request, int wanted) {
    http::Client client(http::parse_endpoint("tcp://" + address));
    http::Response response = client.send(request, within(k_patience));
    if (response.head.status != wanted) {
        throw std::runtime_error(request.method + ' ' + request.target + ": " + std::to_string(response.head.status) +
                                 ' ' + response.body);
    }
    return response;
}

}  // namespace

Registry::Registry() : port_(free_port()) {
    const nlohmann::json config = {{"version", 0.1},
                                   {"log", {{"level", "error"}, {"accesslog", {{"disabled", true}}}}},
                                   {"storage", {{"filesystem", {{"rootdirectory", folder_.file("storage")}}}}},
                                   {"http", {{"addr", address()}}}};
    process::Options options;
    options.argv = {"docker-registry", "serve", folder_.write("config.yml", config.dump())};  // JSON is YAML too
    options.standard_input = process::Standard::null();
    options.standard_output = process::Standard::null();
    options.standard_error = process::Standard::null();
    child_ = std::make_unique<process::Child>(options);
    const bool answers = wait_until([&] {
        try {
            ask(address(), {.target = "/v2/"}, 200);
            return true;
        } catch (const Error&) {
            return child_->poll().has_value();
        }
    });
    if (!answers || child_->poll()) {
        throw std::runtime_error("docker-registry does not answer at " + address());
    }
}

std::string Registry::push_blob(const std::string& repository, const std::string& bytes) const {
    const std::string digest = "sha256:" + sha256_hex(bytes);
    const auto begun = ask(address(), {.method = "POST", .target = "/v2/" + repository + "/blobs/uploads/"}, 202);
    std::string place = begun.head.headers.find("Location").value();
    if (const auto host = place.find(address()); host != std::string::npos) {
        place = place.substr(host + address().size());
    }
    place += (place.find('?') == std::string::npos ? "?digest=" : "&digest=") + digest;
    http::Request upload{.method = "PUT", .target = place, .body = bytes};
    upload.headers.add("Content-Type", "application/octet-stream");
    ask(address(), upload, 201);
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
    ask(address(), put, 201);
    return address() + '/' + repository + ':' + tag;
}

}  // namespace berth::support

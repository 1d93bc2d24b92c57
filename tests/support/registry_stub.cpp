// SPDX-License-Identifier: Apache-2.0
#include <berth/archive/tar_writer.hpp>
#include <berth/core/digest.hpp>
#include <tests/support/registry_stub.hpp>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <random>
#include <sstream>
#include <string_view>

namespace berth::support {
namespace {

constexpr std::size_t k_layer = 400'000;
constexpr const char* k_manifest_type = "application/vnd.docker.distribution.manifest.v2+json";

std::string digest_of(const std::string& bytes) {
    return "sha256:" + sha256_hex(bytes);
}

/// Bytes that do not compress, and are others in each registry: an engine keeps what it has pulled.
std::string noise(const std::string& seed) {
    std::mt19937 random(static_cast<unsigned>(std::hash<std::string>{}(seed)));
    std::string bytes(k_layer, '\0');
    for (char& byte : bytes) {
        byte = static_cast<char>(random() & 0x7FU);
    }
    return bytes;
}

std::string error_body(const std::string& code, const std::string& message) {
    return nlohmann::json{{"errors", {{{"code", code}, {"message", message}}}}}.dump();
}

void answer_with(Peer& peer, const Received& request, int status, const std::string& body, const std::string& fields) {
    if (request.method != "HEAD") {
        peer.answer(status, body, fields);
        return;
    }
    peer.send(fmt::format("HTTP/1.1 {} Scripted\r\nContent-Length: {}\r\n{}\r\n", status, body.size(), fields));
}

/// What registries say with a status. @returns false when the mode is none
bool answer_status(const std::string& mode, const Received& request, Peer& peer) {
    static const std::map<std::string, std::pair<std::string, std::string>> k_said{
        {"401", {"UNAUTHORIZED", "authentication required"}},
        {"403", {"DENIED", "requested access to the resource is denied"}},
        {"404", {"MANIFEST_UNKNOWN", "manifest unknown"}},
        {"429", {"TOOMANYREQUESTS", "You have reached your pull rate limit"}},
        {"500", {"UNKNOWN", "unknown error"}},
        {"503", {"UNAVAILABLE", "service unavailable"}}};
    const auto said = k_said.find(mode);
    if (said == k_said.end()) {
        return false;
    }
    std::string fields = "Content-Type: application/json\r\n";
    if (mode == "429") {
        fields += "Retry-After: 1\r\n";
    }
    answer_with(peer, request, std::stoi(mode), error_body(said->second.first, said->second.second), fields);
    return true;
}

}  // namespace

RegistryStub::RegistryStub()
    : random_(random_hex(16)),
      server_([this](const Received& request, Peer& peer) { answer(request, peer); }),
      forwarder_(server_.path()) {}

std::vector<RegistryStub::Clock::time_point> RegistryStub::manifests_asked(const std::string& mode) const {
    const std::lock_guard lock(mutex_);
    const auto found = asked_.find(mode);
    return found == asked_.end() ? std::vector<Clock::time_point>{} : found->second;
}

std::string RegistryStub::authorization() const {
    const std::lock_guard lock(mutex_);
    return authorization_;
}

const RegistryStub::Image& RegistryStub::image_of(const std::string& mode) {
    const std::lock_guard lock(mutex_);
    Image& image = images_[mode];
    if (!image.manifest.empty()) {
        return image;
    }
    archive::TarSource tar;
    tar.add_content("noise", noise(random_ + mode));
    const archive::Pieces pieces = archive::pieces(std::move(tar));
    for (std::string_view piece = pieces(); !piece.empty(); piece = pieces()) {
        image.layer += piece;
    }
    image.layer_digest = digest_of(image.layer);
    image.config = nlohmann::json{{"architecture", "amd64"},
                                  {"os", "linux"},
                                  {"config", {{"Cmd", {"/noise"}}}},
                                  {"rootfs", {{"type", "layers"}, {"diff_ids", {image.layer_digest}}}}}
                       .dump();
    image.manifest = nlohmann::json{{"schemaVersion", 2},
                                    {"mediaType", k_manifest_type},
                                    {"config",
                                     {{"mediaType", "application/vnd.docker.container.image.v1+json"},
                                      {"size", image.config.size()},
                                      {"digest", digest_of(image.config)}}},
                                    {"layers",
                                     {{{"mediaType", "application/vnd.docker.image.rootfs.diff.tar"},
                                       {"size", image.layer.size()},
                                       {"digest", image.layer_digest}}}}}
                         .dump();
    return image;
}

void RegistryStub::answer(const Received& request, Peer& peer) {
    {
        const std::lock_guard lock(mutex_);
        authorization_ = request.header("Authorization");
    }
    const std::string path = request.target.substr(0, request.target.find('?'));
    if (path == "/v2/" || path == "/v2" || path == "/v1/_ping") {
        answer_with(peer, request, 200, "{}",
                    "Content-Type: application/json\r\nDocker-Distribution-Api-Version: registry/2.0\r\n");
        return;
    }
    if (path == "/v1/search" || path == "/v2/_catalog") {
        search(peer);
        return;
    }
    std::vector<std::string> parts;  // "", "v2", MODE, "app", "manifests", "1"
    std::istringstream rest(path);
    for (std::string part; std::getline(rest, part, '/');) {
        parts.push_back(part);
    }
    if (parts.size() != 6 || parts[1] != "v2") {
        answer_with(peer, request, 404, error_body("NAME_UNKNOWN", "repository name not known to registry"), "");
    } else if (parts[4] == "manifests") {
        answer_manifest(parts[2], request, peer);
    } else {
        answer_blob(parts[2], parts[5], request, peer);
    }
}

void RegistryStub::answer_manifest(const std::string& mode, const Received& request, Peer& peer) {
    std::size_t number = 0;
    {
        const std::lock_guard lock(mutex_);
        asked_[mode].push_back(Clock::now());
        number = asked_[mode].size();
    }
    if (answer_status(mode, request, peer)) {
        return;
    }
    if ((mode == "flaky" && number <= 2) || (mode == "limited" && number <= 1)) {
        answer_status(mode == "flaky" ? "503" : "429", request, peer);
        return;
    }
    if (mode == "hang") {
        peer.stall();
        return;
    }
    if (mode == "html") {
        answer_with(peer, request, 502, "<html><body><h1>502 Bad Gateway</h1></body></html>",
                    "Content-Type: text/html\r\n");
        return;
    }
    const std::string body = mode == "garbage" ? "{\"schemaVersion\": 2, \"layers\": [" : image_of(mode).manifest;
    answer_with(peer, request, 200, body,
                fmt::format("Content-Type: {}\r\nDocker-Content-Digest: {}\r\n", k_manifest_type, digest_of(body)));
}

void RegistryStub::answer_blob(const std::string& mode, const std::string& digest, const Received& request,
                               Peer& peer) {
    const Image& image = image_of(mode);
    const std::string fields = "Content-Type: application/octet-stream\r\n";
    if (digest != image.layer_digest) {
        answer_with(peer, request, 200, image.config, fields);
        return;
    }
    if (mode == "blob500" || mode == "blob429") {
        answer_status(mode.substr(4), request, peer);
        return;
    }
    if (mode == "corrupt") {
        answer_with(peer, request, 200, std::string(image.layer.size(), 'x'), fields);
        return;
    }
    if (mode == "short" || mode == "stall") {
        peer.send(fmt::format("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n{}\r\n", image.layer.size(), fields));
        peer.send(std::string_view(image.layer).substr(0, image.layer.size() / 2));
        if (mode == "stall") {
            peer.stall();
        }
        peer.close();
        return;
    }
    answer_with(peer, request, 200, image.layer, fields);
}

void RegistryStub::search(Peer& peer) const {
    const nlohmann::json found = {
        {"num_results", 1},
        {"query", "app"},
        {"repositories", {"ok/app"}},
        {"results",
         {{{"name", "ok/app"}, {"description", "a stub's only image"}, {"is_official", true}, {"star_count", 7}}}}};
    peer.answer(200, found.dump(), "Content-Type: application/json\r\n");
}

}  // namespace berth::support

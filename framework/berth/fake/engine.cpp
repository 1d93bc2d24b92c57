// SPDX-License-Identifier: Apache-2.0
#include <berth/core/digest.hpp>
#include <berth/core/error.hpp>
#include <berth/core/image_reference.hpp>
#include <berth/fake/engine.hpp>
#include <berth/fake/internal/server.hpp>
#include <berth/fake/internal/world.hpp>

#include <fmt/format.h>

namespace berth::fake {
namespace {

Container view_of(const Box& box) {
    Container view{box.id, box.name, box.config.value("Image", ""), box.status, box.health, box.exit_code, {}};
    const Json labels = box.config.value("Labels", Json::object());
    for (const auto& [key, value] : labels.items()) {
        view.labels.emplace_back(key, value.get<std::string>());
    }
    return view;
}

}  // namespace

Engine::Engine(EngineOptions options)
    : world_(std::make_unique<World>(std::move(options))), server_(std::make_unique<Server>(*world_)) {}

Engine::~Engine() = default;

std::string Engine::endpoint() const {
    return "unix://" + server_->path();
}

Image& Engine::image(const std::string& reference) {
    ImageReference parsed;
    ImageReferenceError wrong;
    if (!parse_image_reference(reference, parsed, wrong)) {
        throw Error({.code = "BR0204",
                     .summary = fmt::format("'{}' is no image reference: {}", reference, wrong.why),
                     .hints = {"write [REGISTRY/]NAME[:TAG][@DIGEST]"}});
    }
    const std::string name = parsed.familiar();
    const std::lock_guard lock(world_->mutex);
    auto handle = world_->handles.begin();
    for (const auto& image : world_->images) {
        if (image->name == name) {
            return *handle;
        }
        ++handle;
    }
    auto script = std::make_shared<ImageScript>();
    script->name = name;
    script->id = "sha256:" + sha256_hex(name);
    script->config = {{"Cmd", {"serve"}},
                      {"Entrypoint", nullptr},
                      {"Env", {"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}},
                      {"Labels", nullptr},
                      {"Volumes", nullptr},
                      {"User", ""},
                      {"WorkingDir", ""}};
    world_->images.push_back(script);
    return world_->handles.emplace_back(*world_, std::move(script));
}

Held Engine::fault(const Call& call, const Fault& what) {
    return server_->faults().add(call, what);
}

std::vector<Container> Engine::containers() const {
    const std::lock_guard lock(world_->mutex);
    std::vector<Container> all;
    for (const auto& box : world_->containers) {
        all.push_back(view_of(*box));
    }
    return all;
}

std::vector<std::string> Engine::networks() const {
    const std::lock_guard lock(world_->mutex);
    std::vector<std::string> all;
    for (const auto& network : world_->networks) {
        if (!network.predefined) {
            all.push_back(network.name);
        }
    }
    return all;
}

std::vector<std::string> Engine::volumes() const {
    const std::lock_guard lock(world_->mutex);
    std::vector<std::string> all;
    for (const auto& volume : world_->volumes) {
        all.push_back(volume.name);
    }
    return all;
}

std::vector<std::string> Engine::images() const {
    const std::lock_guard lock(world_->mutex);
    std::vector<std::string> all;
    for (const auto& image : world_->images) {
        if (image->present) {
            all.push_back(image->name);
        }
    }
    return all;
}

std::optional<Container> Engine::container(const std::string& id_or_name) const {
    const std::lock_guard lock(world_->mutex);
    const auto box = world_->find_container(id_or_name);
    return box ? std::optional(view_of(*box)) : std::nullopt;
}

std::optional<std::string> Engine::file(const std::string& container, const std::string& path) const {
    const std::lock_guard lock(world_->mutex);
    const auto box = world_->find_container(container);
    const Node* node = box ? box->files.find(path) : nullptr;
    return node != nullptr && node->kind == Node::Kind::file ? std::optional(node->content) : std::nullopt;
}

bool Engine::exit(const std::string& container, int code, Ending ending) {
    const std::lock_guard lock(world_->mutex);
    const auto box = world_->find_container(container);
    if (!box || !box->runs()) {
        return false;
    }
    world_->ended(box, code, ending);
    return true;
}

bool Engine::print(const std::string& container, const std::string& line, Stream stream) {
    const std::lock_guard lock(world_->mutex);
    const auto box = world_->find_container(container);
    if (!box || !box->runs()) {
        return false;
    }
    world_->print(*box, line, stream);
    return true;
}

bool Engine::report_health(const std::string& container, const std::string& status) {
    const std::lock_guard lock(world_->mutex);
    const auto box = world_->find_container(container);
    if (!box || !box->runs()) {
        return false;
    }
    world_->report_health(*box, status);
    return true;
}

std::vector<Request> Engine::requests() const {
    const std::lock_guard lock(world_->mutex);
    return world_->requests;
}

void Engine::forget_requests() {
    const std::lock_guard lock(world_->mutex);
    world_->requests.clear();
    world_->answer_sizes.clear();
}

std::vector<std::size_t> Engine::answer_sizes() const {
    const std::lock_guard lock(world_->mutex);
    std::vector<std::size_t> sizes;
    for (const auto& size : world_->answer_sizes) {
        sizes.push_back(*size);
    }
    return sizes;
}

}  // namespace berth::fake

// SPDX-License-Identifier: Apache-2.0
#include <berth/engine/internal/features.hpp>
#include <berth/engine/internal/negotiation.hpp>

#include <string_view>

namespace berth::engine {
namespace {

struct Need {
    bool asked_for{false};
    std::string_view feature{};
    ApiVersion from{};
};

void require(const EngineFacts& engine, std::initializer_list<Need> needs) {
    for (const auto& need : needs) {
        if (need.asked_for) {
            require_api(engine, need.feature, need.from);
        }
    }
}

}  // namespace

void require_features(const EngineFacts& engine, const ContainerConfig& config) {
    require(engine, {{!config.platform.empty(), "a container's platform", {1, 41}},
                     {!config.annotations.empty(), "an annotation of a container", {1, 43}}});
    for (const auto& mount : config.mounts) {
        const bool of_image = mount.type == MountPoint::Type::image;
        require(engine, {{of_image, "an image as a mount", {1, 48}},
                         {!of_image && !mount.subpath.empty(), "a subpath of a volume", {1, 45}},
                         {mount.create_source, "a bind mount that makes its source", {1, 42}},
                         {mount.read_only_non_recursive || mount.read_only_force_recursive,
                          "a choice how far down a bind mount is read-only",
                          {1, 44}}});
    }
    bool first = true;  // before 1.44 the container itself takes the hardware address of its first network
    for (const auto& endpoint : config.networks) {
        require(engine, {{!first && !endpoint.mac_address.empty(), "a hardware address in a further network", {1, 44}},
                         {endpoint.gateway_priority != 0, "the priority of a network's gateway", {1, 48}}});
        first = false;
    }
}

}  // namespace berth::engine

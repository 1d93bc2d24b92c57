// SPDX-License-Identifier: Apache-2.0
#include <berth/engine/build.hpp>
#include <berth/engine/containers.hpp>
#include <berth/engine/events.hpp>
#include <berth/engine/images.hpp>
#include <berth/engine/internal/wire.hpp>
#include <berth/engine/networks.hpp>
#include <berth/engine/system.hpp>
#include <berth/engine/volumes.hpp>

#include <fmt/format.h>

namespace berth {

std::string ApiVersion::text() const {
    return fmt::format("{}.{}", major, minor);
}

const EngineFacts& Engine::facts() const noexcept {
    return wire_->facts();
}

Containers Engine::containers() const {
    return Containers(wire_);
}

Images Engine::images() const {
    return Images(wire_);
}

Builds Engine::builds() const {
    return Builds(wire_);
}

Networks Engine::networks() const {
    return Networks(wire_);
}

Volumes Engine::volumes() const {
    return Volumes(wire_);
}

Events Engine::events() const {
    return Events(wire_);
}

System Engine::system() const {
    return System(wire_);
}

}  // namespace berth

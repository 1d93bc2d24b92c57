// SPDX-License-Identifier: Apache-2.0
#include <tests/contract/place.hpp>

#include <berth/engine/images.hpp>
#include <tests/support/test_image.hpp>

#include <fmt/format.h>

namespace berth::contract {

Place::Place(const Engine& direct)
    : proxy_(direct.facts().endpoint.substr(std::string("unix://").size())),
      session_(Engine::connect(proxy_.endpoint().text()), new_run_id("cut"), SessionOptions{}),
      config_(living(support::load_test_image(direct, "busybox"), session_.labels())) {}

std::string Place::new_name() {
    return fmt::format("berth-cut-{}-{}", session_.id().substr(0, 8), ++lives_);
}

void Place::remove_all() const {
    for (const auto& each : containers().list({.all = true, .labels = {"berth.session=" + session_.id()}})) {
        containers().remove(each.id, {.force = true});
    }
}

std::size_t Place::left() const {
    const std::string label = "berth.session=" + session_.id();
    return second_.containers(label) + second_.volumes(label);
}

Lived Place::live(const std::vector<support::Fault>& faults) {
    proxy_.forget();
    for (const auto& fault : faults) {
        proxy_.inject(fault);
    }
    Lived lived = contract::live(session_, new_name(), config_);
    proxy_.heal();
    if (const auto count = left(); count != 0) {
        lived.wrong += fmt::format("{} are left", count);
    }
    return lived;
}

}  // namespace berth::contract

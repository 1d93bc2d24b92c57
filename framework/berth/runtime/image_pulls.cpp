// SPDX-License-Identifier: Apache-2.0
#include <berth/engine/images.hpp>
#include <berth/runtime/internal/image_pulls.hpp>

#include <fmt/format.h>

#include <utility>

namespace berth::runtime {

void ImagePulls::pull(const ServicePlan& service, const Deadline& deadline) {
    const std::string key = service.image + '@' + *service.spec.platform;
    std::unique_lock lock(mutex_);
    const auto free = [&] { return images_[key] != State::under_way; };
    if (!deadline.wait(changed_, lock, free)) {
        throw TimedOut({.code = "BR0304", .summary = "the time for the environment was over"});
    }
    if (images_[key] == State::done) {
        return;
    }
    images_[key] = State::under_way;
    lock.unlock();
    State now = State::none;
    const auto settle = [&] {
        lock.lock();
        images_[key] = now;
        changed_.notify_all();
    };
    try {
        do_pull(service, deadline);
        now = State::done;
    } catch (...) {
        settle();
        throw;
    }
    settle();
}

void ImagePulls::pull_missing(const ServicePlan& service, const Deadline& deadline) {
    if (service.spec.pull_policy.value_or(PullPolicy::missing) == PullPolicy::never) {
        throw Error(
            {.code = "BR0204",
             .summary = fmt::format("image '{}' of service '{}' is not on the engine, and its 'pull_policy' is "
                                    "'never'",
                                    service.image, service.name),
             .origin = service.spec.image.origin(),
             .hints = {fmt::format("pull it first ('docker pull {}'), or say 'pull_policy: missing'", service.image)}});
    }
    pull(service, deadline);
}

void ImagePulls::do_pull(const ServicePlan& service, const Deadline& deadline) {
    PullOptions options;
    options.platform = *service.spec.platform;
    options.on_progress = [&](const PullProgress& step) {
        reporter_.moving(
            {.service = service.name,
             .phase = "pull",
             .current = step.current,
             .total = step.total,
             .unit = "bytes",
             .text = step.layer.empty() ? step.status : fmt::format("layer {}: {}", step.layer, step.status)});
    };
    try {
        reporter_.phase(service.name, "pull", service.image,
                        [&] { engine_.images().pull(service.image, options, deadline.sooner(patience_)); });
    } catch (Error& error) {
        error.amend([&](ErrorFacts& facts) {
            facts.origin = service.spec.image.origin();
            facts.details.emplace_back("service", service.name);
        });
        throw;
    }
}

}  // namespace berth::runtime

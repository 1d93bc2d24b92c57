// SPDX-License-Identifier: Apache-2.0
#include <berth/spec/environment.hpp>

#include <algorithm>

namespace berth {

const ServiceSpec* EnvironmentSpec::find_service(std::string_view service) const noexcept {
    const auto found = std::find_if(services.begin(), services.end(),
                                    [&](const ServiceSpec& candidate) { return *candidate.name == service; });
    return found == services.end() ? nullptr : &*found;
}

EnvironmentSpec EnvironmentSpec::with_service(ServiceSpec service) const {
    EnvironmentSpec copy = *this;
    copy.services.push_back(std::move(service));
    return copy;
}

EnvironmentSpec EnvironmentSpec::with_network(std::string key, NetworkSpec network, Caller caller) const {
    EnvironmentSpec copy = *this;
    if (!network.origin.known()) {
        network.origin = caller.origin();
    }
    copy.networks.edit(caller).insert_or_assign(std::move(key), std::move(network));
    return copy;
}

EnvironmentSpec EnvironmentSpec::with_volume(std::string key, VolumeSpec volume, Caller caller) const {
    EnvironmentSpec copy = *this;
    if (!volume.origin.known()) {
        volume.origin = caller.origin();
    }
    copy.volumes.edit(caller).insert_or_assign(std::move(key), std::move(volume));
    return copy;
}

EnvironmentSpec EnvironmentSpec::with_timeouts(Given<Timeouts> times) const {
    EnvironmentSpec copy = *this;
    copy.timeouts = std::move(times);
    return copy;
}

EnvironmentSpec EnvironmentSpec::with_export(std::string variable, Value value) const {
    EnvironmentSpec copy = *this;
    const Caller caller(value.origin.file, value.origin.line);
    copy.exports.edit(caller).insert_or_assign(std::move(variable), std::move(value));
    return copy;
}

EnvironmentSpec EnvironmentSpec::with_isolation(Given<Isolation> how) const {
    EnvironmentSpec copy = *this;
    copy.isolation = std::move(how);
    return copy;
}

EnvironmentSpec EnvironmentSpec::with_artifacts(Given<ArtifactsRoot> root) const {
    EnvironmentSpec copy = *this;
    copy.artifacts = std::move(root);
    return copy;
}

EnvironmentSpec EnvironmentSpec::with_images(Given<ImageSettings> settings) const {
    EnvironmentSpec copy = *this;
    copy.images = std::move(settings);
    return copy;
}

}  // namespace berth

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

EnvironmentSpec EnvironmentSpec::with_name(Given<std::string> text) const {
    EnvironmentSpec copy = *this;
    copy.name = std::move(text);
    return copy;
}

EnvironmentSpec EnvironmentSpec::with_vars(Given<KeyValues> variables) const {
    EnvironmentSpec copy = *this;
    copy.vars = std::move(variables);
    return copy;
}

EnvironmentSpec EnvironmentSpec::with_exports(Given<KeyValues> variables) const {
    EnvironmentSpec copy = *this;
    copy.exports = std::move(variables);
    return copy;
}

EnvironmentSpec EnvironmentSpec::with_run(Given<RunSpec> what) const {
    EnvironmentSpec copy = *this;
    copy.run = std::move(what);
    return copy;
}

EnvironmentSpec EnvironmentSpec::with_defaults(Given<Defaults> values) const {
    EnvironmentSpec copy = *this;
    copy.defaults = std::move(values);
    return copy;
}

EnvironmentSpec EnvironmentSpec::with_matrix(Given<MatrixSpec> cells) const {
    EnvironmentSpec copy = *this;
    copy.matrix = std::move(cells);
    return copy;
}

EnvironmentSpec EnvironmentSpec::with_allow(Given<std::vector<Allowance>> what) const {
    EnvironmentSpec copy = *this;
    copy.allow = std::move(what);
    return copy;
}

EnvironmentSpec EnvironmentSpec::with_secret(std::string key, SecretSpec secret, Caller caller) const {
    EnvironmentSpec copy = *this;
    if (!secret.origin.known()) {
        secret.origin = caller.origin();
    }
    copy.secrets.edit(caller).insert_or_assign(std::move(key), std::move(secret));
    return copy;
}

EnvironmentSpec EnvironmentSpec::with_config(std::string key, ConfigSpec config, Caller caller) const {
    EnvironmentSpec copy = *this;
    if (!config.origin.known()) {
        config.origin = caller.origin();
    }
    copy.configs.edit(caller).insert_or_assign(std::move(key), std::move(config));
    return copy;
}

EnvironmentSpec EnvironmentSpec::with_fault(std::string key, FaultSpec fault, Caller caller) const {
    EnvironmentSpec copy = *this;
    if (!fault.origin.known()) {
        fault.origin = caller.origin();
    }
    copy.faults.edit(caller).insert_or_assign(std::move(key), std::move(fault));
    return copy;
}

}  // namespace berth

// SPDX-License-Identifier: Apache-2.0
#include <berth/spec/internal/changed.hpp>

namespace berth {
namespace {

using internal::changed;
using internal::put;

template <class T>
ServiceSpec appended(const ServiceSpec& service, Given<std::vector<T>> ServiceSpec::*list, T item, Caller caller) {
    ServiceSpec copy = service;
    (copy.*list).edit(caller).push_back(std::move(item));
    return copy;
}

/// The item with the caller's place where it does not know its own.
template <class T>
T placed(T item, Caller caller) {
    if (!item.origin.known()) {
        item.origin = caller.origin();
    }
    return item;
}

Caller caller_of(const Origin& origin) {
    return Caller(origin.file, origin.line);
}

}  // namespace

ServiceSpec ServiceSpec::with_image(Given<Text> reference) const {
    return changed(*this, &ServiceSpec::image, std::move(reference));
}

ServiceSpec ServiceSpec::with_profiles(Given<std::vector<std::string>> names) const {
    return changed(*this, &ServiceSpec::profiles, std::move(names));
}

ServiceSpec ServiceSpec::with_platform(Given<std::string> text) const {
    return changed(*this, &ServiceSpec::platform, std::move(text));
}

ServiceSpec ServiceSpec::with_pull_policy(Given<PullPolicy> policy) const {
    return changed(*this, &ServiceSpec::pull_policy, std::move(policy));
}

ServiceSpec ServiceSpec::with_command(Given<Words> words) const {
    return changed(*this, &ServiceSpec::command, std::move(words));
}

ServiceSpec ServiceSpec::with_entrypoint(Given<Words> words) const {
    return changed(*this, &ServiceSpec::entrypoint, std::move(words));
}

ServiceSpec ServiceSpec::with_environment(Given<KeyValues> variables) const {
    return changed(*this, &ServiceSpec::environment, std::move(variables));
}

ServiceSpec ServiceSpec::with_working_dir(Given<std::string> directory) const {
    return changed(*this, &ServiceSpec::working_dir, std::move(directory));
}

ServiceSpec ServiceSpec::with_user(Given<Text> text) const {
    return changed(*this, &ServiceSpec::user, std::move(text));
}

ServiceSpec ServiceSpec::with_hostname(Given<std::string> text) const {
    return changed(*this, &ServiceSpec::hostname, std::move(text));
}

ServiceSpec ServiceSpec::with_labels(Given<KeyValues> all) const {
    return changed(*this, &ServiceSpec::labels, std::move(all));
}

ServiceSpec ServiceSpec::with_init(Given<bool> on) const {
    return changed(*this, &ServiceSpec::init, std::move(on));
}

ServiceSpec ServiceSpec::with_tty(Given<bool> on) const {
    return changed(*this, &ServiceSpec::tty, std::move(on));
}

ServiceSpec ServiceSpec::with_stdin_open(Given<bool> on) const {
    return changed(*this, &ServiceSpec::stdin_open, std::move(on));
}

ServiceSpec ServiceSpec::with_publish(Given<Publish> when) const {
    return changed(*this, &ServiceSpec::publish, std::move(when));
}

ServiceSpec ServiceSpec::with_restart(Given<RestartPolicy> policy) const {
    return changed(*this, &ServiceSpec::restart, std::move(policy));
}

ServiceSpec ServiceSpec::with_ports(Given<std::vector<PortSpec>> all) const {
    return changed(*this, &ServiceSpec::ports, std::move(all));
}

ServiceSpec ServiceSpec::with_networks(Given<std::map<std::string, NetworkAttach>> all) const {
    return changed(*this, &ServiceSpec::networks, std::move(all));
}

ServiceSpec ServiceSpec::with_extra_hosts(Given<KeyValues> hosts) const {
    return changed(*this, &ServiceSpec::extra_hosts, std::move(hosts));
}

ServiceSpec ServiceSpec::with_volumes(Given<std::vector<MountSpec>> all) const {
    return changed(*this, &ServiceSpec::volumes, std::move(all));
}

ServiceSpec ServiceSpec::with_healthcheck(Given<HealthcheckSpec> check) const {
    return changed(*this, &ServiceSpec::healthcheck, std::move(check));
}

ServiceSpec ServiceSpec::with_wait(Given<WaitSpec> strategy) const {
    return changed(*this, &ServiceSpec::wait, std::move(strategy));
}

ServiceSpec ServiceSpec::with_stop_signal(Given<std::string> signal) const {
    return changed(*this, &ServiceSpec::stop_signal, std::move(signal));
}

ServiceSpec ServiceSpec::with_stop_grace_period(Given<Duration> time) const {
    return changed(*this, &ServiceSpec::stop_grace_period, std::move(time));
}

ServiceSpec ServiceSpec::with_mem_limit(Given<Bytes> size) const {
    return changed(*this, &ServiceSpec::mem_limit, std::move(size));
}

ServiceSpec ServiceSpec::with_cpus(Given<double> number) const {
    return changed(*this, &ServiceSpec::cpus, std::move(number));
}

ServiceSpec ServiceSpec::with_shm_size(Given<Bytes> size) const {
    return changed(*this, &ServiceSpec::shm_size, std::move(size));
}

ServiceSpec ServiceSpec::with_ulimits(Given<std::map<std::string, Ulimit>> all) const {
    return changed(*this, &ServiceSpec::ulimits, std::move(all));
}

ServiceSpec ServiceSpec::with_cap_add(Given<std::vector<std::string>> capabilities) const {
    return changed(*this, &ServiceSpec::cap_add, std::move(capabilities));
}

ServiceSpec ServiceSpec::with_cap_drop(Given<std::vector<std::string>> capabilities) const {
    return changed(*this, &ServiceSpec::cap_drop, std::move(capabilities));
}

ServiceSpec ServiceSpec::with_privileged(Given<bool> on) const {
    return changed(*this, &ServiceSpec::privileged, std::move(on));
}

ServiceSpec ServiceSpec::with_read_only(Given<bool> on) const {
    return changed(*this, &ServiceSpec::read_only, std::move(on));
}

ServiceSpec ServiceSpec::with_security_opt(Given<std::vector<std::string>> options) const {
    return changed(*this, &ServiceSpec::security_opt, std::move(options));
}

ServiceSpec ServiceSpec::with_environment(std::string variable, Value value) const {
    const Caller caller = caller_of(value.origin);
    return put(*this, &ServiceSpec::environment, std::move(variable), std::move(value), caller);
}

ServiceSpec ServiceSpec::with_label(std::string key, Value value) const {
    const Caller caller = caller_of(value.origin);
    return put(*this, &ServiceSpec::labels, std::move(key), std::move(value), caller);
}

ServiceSpec ServiceSpec::with_port(PortSpec port) const {
    const Caller caller = caller_of(port.origin);
    return appended(*this, &ServiceSpec::ports, std::move(port), caller);
}

ServiceSpec ServiceSpec::with_expose(PortRange port, Caller caller) const {
    return appended(*this, &ServiceSpec::expose, port, caller);
}

ServiceSpec ServiceSpec::with_network(std::string network, NetworkAttach attach, Caller caller) const {
    return put(*this, &ServiceSpec::networks, std::move(network), placed(std::move(attach), caller), caller);
}

ServiceSpec ServiceSpec::with_volume(MountSpec mount, Caller caller) const {
    return appended(*this, &ServiceSpec::volumes, placed(std::move(mount), caller), caller);
}

ServiceSpec ServiceSpec::with_tmpfs(std::string path, Caller caller) const {
    return appended(*this, &ServiceSpec::tmpfs, std::move(path), caller);
}

ServiceSpec ServiceSpec::with_copy(CopySpec copied, Caller caller) const {
    return appended(*this, &ServiceSpec::copy, placed(std::move(copied), caller), caller);
}

ServiceSpec ServiceSpec::with_depends_on(std::string service, DependsOn how, Caller caller) const {
    return put(*this, &ServiceSpec::depends_on, std::move(service), placed(std::move(how), caller), caller);
}

ServiceSpec ServiceSpec::with_post_ready(StepSpec step, Caller caller) const {
    return appended(*this, &ServiceSpec::post_ready, placed(std::move(step), caller), caller);
}

ServiceSpec ServiceSpec::with_artifact(ArtifactSpec artifact, Caller caller) const {
    return appended(*this, &ServiceSpec::artifacts, placed(std::move(artifact), caller), caller);
}

ServiceSpec service(std::string name, std::string image, Caller caller) {
    ServiceSpec made;
    made.name = Given<std::string>(std::move(name), caller);
    made.image = Given<Text>(Text(std::move(image), caller), caller);
    return made;
}

}  // namespace berth

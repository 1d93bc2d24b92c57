// SPDX-License-Identifier: Apache-2.0
#include <berth/core/names.hpp>
#include <berth/spec/defaults.hpp>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

namespace berth {
namespace {

using namespace std::chrono_literals;

bool contains_exit(const WaitSpec& wait) {
    const auto any_of = [](const std::vector<WaitSpec>& items) {
        return std::any_of(items.begin(), items.end(), contains_exit);
    };
    return wait.exit.given() || any_of(*wait.all) || any_of(*wait.any);
}

/// How others wait for the service's end.
struct Completion {
    bool wanted{false};
    bool any_code{true};
};

Completion completion_of(const EnvironmentSpec& spec, const ServiceSpec& service) {
    Completion completion;
    for (const auto& other : spec.services) {
        const auto found = other.depends_on->find(*service.name);
        if (found == other.depends_on->end()) {
            continue;
        }
        const auto condition = found->second.condition.value_or(DependsCondition::service_ready);
        if (condition == DependsCondition::service_completed_successfully) {
            completion = {true, false};
            break;
        }
        completion.wanted = completion.wanted || condition == DependsCondition::service_completed;
    }
    return completion;
}

bool health_is_off(const HealthcheckSpec& check) {
    return check.disable.value_or(false) || (!check.test->empty() && check.test->front().text == "NONE");
}

bool publishes_tcp(const ServiceSpec& service) {
    const auto ports = declared_ports(service);
    return std::any_of(ports.begin(), ports.end(),
                       [](const DeclaredPort& port) { return port.protocol == Protocol::tcp; });
}

PublishedPort nth(const PublishedPort& published, int index) {
    PublishedPort port = published;
    if (port.how == PublishedPort::How::fixed) {
        port.range = PortRange(std::min(published.range.first + index, static_cast<int>(published.range.last)));
    }
    return port;
}

}  // namespace

std::string project_name(const EnvironmentSpec& spec) {
    if (spec.name.given()) {
        return *spec.name;
    }
    std::error_code ignored;  // without a working directory the name is the fallback
    const auto directory = std::filesystem::absolute(spec.base.directory.empty() ? "." : spec.base.directory, ignored);
    auto path = directory.lexically_normal();
    if (!path.has_filename()) {
        path = path.parent_path();
    }
    return project_name_from(path.filename().string());
}

Duration up_timeout(const EnvironmentSpec& spec) {
    return spec.timeouts->up.value_or(5min);
}

Duration pull_timeout(const EnvironmentSpec& spec) {
    return spec.timeouts->pull.value_or(10min);
}

Duration step_timeout(const EnvironmentSpec& spec, const StepSpec& step) {
    return step.timeout.value_or(spec.timeouts->step.value_or(60s));
}

Duration ready_timeout(const EnvironmentSpec& spec, const ServiceSpec& service) {
    return service.wait->timeout.value_or(spec.timeouts->ready.value_or(60s));
}

Duration down_timeout(const EnvironmentSpec& spec) {
    return spec.timeouts->down.value_or(30s);
}

bool is_one_shot(const EnvironmentSpec& spec, const ServiceSpec& service) {
    return contains_exit(*service.wait) || completion_of(spec, service).wanted;
}

WaitSpec effective_wait(const EnvironmentSpec& spec, const ServiceSpec& service) {
    const WaitSpec& written = *service.wait;
    const bool automatic =
        !service.wait.given() || (written.simple.given() && *written.simple == WaitSpec::Simple::automatic);
    if (!automatic) {
        return written;
    }
    WaitSpec wait;
    wait.timeout = written.timeout;
    wait.interval = written.interval;
    const Origin place = service.wait.given() ? service.wait.origin() : service.name.origin();
    if (const Completion completion = completion_of(spec, service); completion.wanted) {
        WaitExit exit;
        if (completion.any_code) {
            exit.code = Given<CodeRanges>::read(CodeRanges(0, 255), place);
        }
        wait.exit = Given<WaitExit>::read(std::move(exit), place);
        return wait;
    }
    const bool off = health_is_off(*service.healthcheck);
    if (!service.healthcheck->test->empty() && !off) {
        wait.healthcheck = Given<WaitHealth>::read({}, place);
        return wait;
    }
    const bool by_port = publishes_tcp(service);
    if (by_port) {
        wait.port = Given<WaitPort>::read({}, place);
    }
    if (!off) {
        wait.simple = Given<WaitSpec::Simple>::read(WaitSpec::Simple::automatic, place);
    } else if (!by_port) {
        wait.simple = Given<WaitSpec::Simple>::read(WaitSpec::Simple::running, place);
    }
    return wait;
}

std::vector<std::string> networks_of(const EnvironmentSpec& spec, const ServiceSpec& service) {
    std::vector<std::string> networks;
    for (const auto& [name, attach] : *service.networks) {
        networks.push_back(name);
    }
    if (networks.empty() && spec.services.size() > 1) {
        networks.emplace_back("default");
    }
    return networks;
}

std::vector<std::string> networks_in_use(const EnvironmentSpec& spec) {
    std::vector<std::string> all;
    for (const auto& service : spec.services) {
        for (auto& name : networks_of(spec, service)) {
            if (std::find(all.begin(), all.end(), name) == all.end()) {
                all.push_back(std::move(name));
            }
        }
    }
    return all;
}

std::vector<DeclaredPort> declared_ports(const ServiceSpec& service) {
    std::vector<DeclaredPort> ports;
    for (const auto& port : *service.ports) {
        const PortRange& range = *port.target;
        for (int i = 0; i < range.size(); ++i) {
            ports.push_back({.container = range.first + i,
                             .protocol = port.protocol.value_or(Protocol::tcp),
                             .name = *port.name,
                             .published = nth(*port.published, i),
                             .host_ip = *port.host_ip,
                             .origin = port.origin.known() ? port.origin : port.target.origin()});
        }
    }
    return ports;
}

std::string host_path(const EnvironmentSpec& spec, const std::string& path, const Origin& origin) {
    namespace fs = std::filesystem;
    if (path == "~" || path.rfind("~/", 0) == 0) {
        const char* home = std::getenv("HOME");
        return (home == nullptr ? "/" : home) + path.substr(1);
    }
    const fs::path written(path);
    if (written.is_absolute()) {
        return written.lexically_normal().string();
    }
    if (!spec.base.directory.empty()) {
        return (fs::path(spec.base.directory) / written).lexically_normal().string();
    }
    // A spec from C++: what stands below the working directory, else beside the source that says it.
    std::error_code ignored;
    const fs::path here = fs::absolute(written, ignored);
    if (!fs::exists(here, ignored) && origin.known()) {
        const fs::path beside = fs::path(origin.file).parent_path() / written;
        if (fs::exists(beside, ignored)) {
            return beside.lexically_normal().string();
        }
    }
    return here.lexically_normal().string();
}

}  // namespace berth

// SPDX-License-Identifier: Apache-2.0
#include <berth/core/names.hpp>
#include <berth/core/units.hpp>
#include <berth/runtime/internal/address.hpp>
#include <berth/runtime/internal/environment_state.hpp>
#include <berth/runtime/state_file.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <filesystem>

// What is told of an environment that is up: variables for the test process, and the state file.

namespace berth {
namespace {

constexpr std::string_view k_state_name = "state.json";

std::string absolute(const std::string& path) {
    return std::filesystem::absolute(path).lexically_normal().string();
}

void add_service(const Service::State& service, std::map<std::string, std::string>& variables) {
    const auto live = service.live();
    if (!live || live->ports.empty()) {
        return;
    }
    const std::string prefix = fmt::format("BERTH_{}_", variable_part(service.plan.name));
    const auto& ports = service.plan.ports;
    for (const auto& port : ports) {
        const auto found = live->ports.find(runtime::port_key(port.container, port.protocol));
        if (found == live->ports.end()) {
            continue;
        }
        const std::string number = fmt::format("{}", found->second.port);
        variables[prefix + "HOST"] = found->second.host;
        variables[fmt::format("{}PORT_{}", prefix, port.container)] = number;
        if (!port.name.empty()) {
            variables[fmt::format("{}PORT_{}", prefix, variable_part(port.name))] = number;
        }
        if (ports.size() == 1) {
            variables[prefix + "PORT"] = number;
            variables[prefix + "URL"] = fmt::format("tcp://{}:{}", found->second.host, number);
        }
    }
}

StateFile::ServiceState state_of(const Service::State& service) {
    const auto live = service.live();
    StateFile::ServiceState state;
    state.state = service.exit_code() ? "completed" : "ready";
    state.container_name = service.plan.container_name;
    state.image = service.plan.image;
    state.internal_host = service.plan.name;
    for (const auto& port : service.plan.ports) {
        state.internal_ports[runtime::port_key(port.container, port.protocol)] =
            static_cast<std::uint16_t>(port.container);
    }
    if (live) {
        state.container_id = live->id.text;
        state.digest = live->image_id;
        for (const auto& [key, at] : live->ports) {
            state.ports[key] = {at.host, at.port};
        }
        if (!live->ports.empty()) {
            state.host = live->ports.begin()->second.host;
        }
    }
    if (service.plan.ports.size() == 1) {
        const auto& port = service.plan.ports.front();
        state.internal_url = fmt::format("tcp://{}:{}", service.plan.name, port.container);
        const auto at = state.ports.find(runtime::port_key(port.container, port.protocol));
        if (at != state.ports.end()) {
            state.url = fmt::format("tcp://{}:{}", at->second.host, at->second.port);
        }
    }
    state.ready_ms = std::chrono::duration_cast<std::chrono::milliseconds>(
                         service.ready_after().value_or(std::chrono::nanoseconds{0}))
                         .count();
    return state;
}

}  // namespace

std::map<std::string, std::string> Environment::variables() const {
    std::map<std::string, std::string> variables;
    for (const auto& service : state_->states) {
        add_service(*service, variables);
    }
    variables["BERTH_RUN_ID"] = state_->plan.run.text();
    variables["BERTH_STATE"] = absolute(fmt::format("{}/{}", state_->folder.path(), k_state_name));
    for (const auto& [name, value] : state_->exports) {
        variables[name] = value;
    }
    return variables;
}

std::string Environment::State::state_json() const {
    const EngineFacts& facts = engine.facts();
    StateFile file;
    file.run_id = plan.run.text();
    file.run_directory = absolute(folder.path());
    file.project = plan.project;
    file.started = format_time(timeline.started());
    file.engine_endpoint = facts.endpoint;
    file.engine_name = facts.name == facts.endpoint ? std::string() : facts.name;
    file.engine_kind = facts.kind == EngineKind::docker ? "docker" : "podman";
    file.engine_version = facts.version;
    file.engine_api = facts.api.text();
    for (const auto& service : states) {
        file.services.emplace_back(service->plan.name, state_of(*service));
    }
    file.exports = exports;
    return state_file_json(file);
}

}  // namespace berth

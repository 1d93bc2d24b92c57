// SPDX-License-Identifier: Apache-2.0
#include <berth/cli/dotenv.hpp>
#include <berth/cli/running.hpp>
#include <berth/cli/verbs.hpp>
#include <berth/core/names.hpp>
#include <berth/core/redaction.hpp>
#include <berth/core/units.hpp>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace berth::cli {
namespace {

using Json = nlohmann::ordered_json;

/// One service as it is now.
struct Shown {
    std::string name{};
    std::string state{};
    bool good{false};  ///< Runs, or ended with 0.
    std::map<std::string, StateFile::Port> ports{};
    ContainerFacts facts{};
};

const char* status_text(Status status) {
    switch (status) {
        case Status::created:
            return "created";
        case Status::running:
            return "running";
        case Status::paused:
            return "paused";
        case Status::restarting:
            return "restarting";
        case Status::removing:
            return "removing";
        case Status::exited:
            return "exited";
        case Status::dead:
            break;
    }
    return "dead";
}

std::string state_of(const ContainerFacts& facts) {
    std::string text = status_text(facts.status);
    if (facts.status == Status::exited) {
        text += fmt::format(" ({}{})", facts.exit_code, facts.out_of_memory ? ", out of memory" : "");
    }
    if (facts.running && facts.health.status == HealthState::Status::unhealthy) {
        text += ", unhealthy";
    }
    return text;
}

/// Of the state file, whose `up` decided how a port is reached; else as the engine publishes it on this machine.
std::map<std::string, StateFile::Port> ports_of(const Running& running, const std::string& service,
                                                const ContainerFacts& facts) {
    if (running.state) {
        for (const auto& [name, known] : running.state->services) {
            if (name == service) {
                return known.ports;
            }
        }
    }
    std::map<std::string, StateFile::Port> ports;
    for (const auto& [key, published] : facts.ports) {
        if (!published.empty()) {
            const std::string& ip = published.front().host_ip;
            const bool any = ip.empty() || ip == "0.0.0.0" || ip == "::";
            ports[key] = {any ? "127.0.0.1" : ip, published.front().host_port};
        }
    }
    return ports;
}

std::string address(const StateFile::Port& port) {
    const bool v6 = port.host.find(':') != std::string::npos;
    return v6 ? fmt::format("[{}]:{}", port.host, port.port) : fmt::format("{}:{}", port.host, port.port);
}

std::vector<Shown> look_at(const Context& context, const Running& running) {
    std::vector<Shown> all;
    for (const auto& service : running.services) {
        const auto facts =
            running.engine.containers().find(service.container.id, context.deadline().sooner(k_call_patience));
        if (!facts) {
            continue;  // removed since it was listed
        }
        Shown one{.name = service.name, .state = state_of(*facts), .facts = *facts};
        one.good = (facts->running && facts->health.status != HealthState::Status::unhealthy) ||
                   (facts->status == Status::exited && facts->exit_code == 0);
        one.ports = ports_of(running, service.name, *facts);
        all.push_back(std::move(one));
    }
    return all;
}

std::string table_of(const std::vector<Shown>& services) {
    std::vector<std::vector<std::string>> rows{{"SERVICE", "STATE", "ADDRESS", "IMAGE", "CONTAINER"}};
    for (const auto& one : services) {
        std::string where;
        for (const auto& [key, port] : one.ports) {
            const std::string number = key.substr(0, key.find('/'));
            const bool tcp = key.find("/tcp") != std::string::npos;
            where += fmt::format("{}{} -> {}", where.empty() ? "" : ", ", tcp ? number : key, address(port));
        }
        rows.push_back({escape_controls(one.name), one.state, where.empty() ? "-" : where,
                        escape_controls(one.facts.image), std::string(short_id(one.facts.id.text))});
    }
    return aligned(rows);
}

std::string json_of(const std::vector<Shown>& services) {
    Json array = Json::array();
    for (const auto& one : services) {
        Json object;
        object["service"] = one.name;
        object["state"] = status_text(one.facts.status);
        object["exit_code"] = one.facts.status == Status::exited ? Json(one.facts.exit_code) : Json(nullptr);
        object["container"] = {{"id", one.facts.id.text}, {"name", one.facts.name}};
        object["image"] = one.facts.image;
        object["ports"] = Json::object();
        for (const auto& [key, port] : one.ports) {
            object["ports"][key] = {{"host", port.host}, {"port", port.port}};
        }
        array.push_back(object);
    }
    return array.dump(2, ' ', false, Json::error_handler_t::replace) + '\n';
}

}  // namespace

int ps(Context& context) {
    const Running running = find_running(context);
    const std::vector<Shown> services = look_at(context, running);
    if (context.own().format == Format::json) {
        context.print(json_of(services));
    } else if (services.empty()) {
        context.say(fmt::format("nothing of project '{}' is up\n", running.project));
    } else if (!context.global().quiet) {
        context.print(table_of(services));
    }
    // A service of the state file whose container is gone does not run either.
    const std::size_t known = running.state ? running.state->services.size() : services.size();
    const bool up = !services.empty() && services.size() >= known &&
                    std::all_of(services.begin(), services.end(), [](const Shown& one) { return one.good; });
    return context.own().require_up && !up ? k_not_so : k_done;
}

int port(Context& context) {
    const Running running = find_running(context);
    const std::string& name = context.own().services.front();
    const RunningService& service = running.service(name);
    const auto facts =
        running.engine.containers().inspect(service.container.id, context.deadline().sooner(k_call_patience));
    const auto ports = ports_of(running, name, facts);
    std::string known;
    for (const auto& [key, where] : ports) {
        known += (known.empty() ? "" : ", ") + key;
    }
    std::string wanted = context.own().container_port;
    if (wanted.empty()) {
        if (ports.size() != 1) {
            throw Exit(
                k_not_so,
                ports.empty()
                    ? fmt::format("service '{}' has no published port", name)
                    : fmt::format(
                          "service '{}' has several published ports: {}\n  hint: say which one: berth port {} {}", name,
                          known, name, ports.begin()->first));
        }
        wanted = ports.begin()->first;
    } else if (wanted.find('/') == std::string::npos) {
        wanted += "/tcp";
    }
    const auto found = ports.find(wanted);
    if (found == ports.end()) {
        throw Exit(k_not_so, fmt::format("service '{}' publishes no port '{}'{}", name, wanted,
                                         known.empty() ? "" : "\n  hint: it publishes " + known));
    }
    context.print(address(found->second) + '\n');
    return k_done;
}

int env(Context& context) {
    const auto state = state_here(context);
    if (!state) {
        throw Exit(k_not_so, "nothing is known to be up here\n  hint: 'berth up' brings an environment up");
    }
    context.print(context.own().format == Format::json
                      ? nlohmann::json(state->exports).dump(2, ' ', false, Json::error_handler_t::replace) + '\n'
                      : dotenv_text(state->exports));
    return k_done;
}

}  // namespace berth::cli

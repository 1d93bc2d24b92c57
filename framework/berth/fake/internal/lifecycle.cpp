// SPDX-License-Identifier: Apache-2.0
#include <berth/core/digest.hpp>
#include <berth/core/error.hpp>
#include <berth/core/units.hpp>
#include <berth/fake/internal/connection.hpp>
#include <berth/fake/internal/world.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <limits>
#include <set>

namespace berth::fake {
namespace {

using namespace std::chrono_literals;

constexpr int k_killed = 137;
constexpr std::chrono::nanoseconds k_longest_first_probe = 100ms;
constexpr std::chrono::nanoseconds k_usual_interval = 30s;
constexpr std::chrono::nanoseconds k_first_restart = 100ms;

bool has_health_check(const Box& box) {
    const auto check = box.config.find("Healthcheck");
    if (check == box.config.end() || !check->is_object()) {
        return false;
    }
    const auto test = check->find("Test");
    return test != check->end() && test->is_array() && !test->empty() && test->front() != "NONE";
}

}  // namespace

void World::attach(Box& box) {
    for (auto& [name, attachment] : box.networks) {
        Network* network = find_network(name);
        if (network == nullptr) {
            throw Refusal{404, fmt::format("network {} not found", name)};
        }
        if (network->driver != "bridge" || attachment.address != 0) {
            continue;
        }
        std::set<int> taken;
        for (const auto& other : containers) {
            const auto found = other->networks.find(network->name);
            if (found != other->networks.end()) {
                taken.insert(found->second.address);
            }
        }
        int last = 2;
        while (taken.count(last) != 0) {
            ++last;
        }
        attachment.address = last;
        attachment.endpoint_id = random_hex(64);
    }
}

void World::detach(Box& box) {
    for (auto& [name, attachment] : box.networks) {
        if (attachment.address != 0) {
            attachment.address = 0;
            attachment.endpoint_id.clear();
            if (const Network* network = find_network(name)) {
                tell_network(*network, "disconnect", box.id);
            }
        }
    }
    box.ports.clear();
}

void World::publish(Box& box) {
    const Json bindings = box.host_config.value("PortBindings", Json::object());
    if (!bindings.is_object()) {
        return;
    }
    for (const auto& [port, places] : bindings.items()) {
        if (!box.config.value("ExposedPorts", Json::object()).contains(port)) {
            continue;  // as up to Docker 28: nothing is published, and nothing said
        }
        for (const auto& place : places) {
            const std::string ip = place.value("HostIp", "");
            const std::string number = place.value("HostPort", "");
            const auto wanted = parse_integer(number.empty() ? "0" : number);
            if (!wanted || *wanted < 0 || *wanted > std::numeric_limits<std::uint16_t>::max()) {
                throw Refusal{501, fmt::format("the fake engine does not publish on '{}'", number)};
            }
            const auto wanted_port = static_cast<std::uint16_t>(*wanted);
            // Two sockets that both reuse an address, and do not listen yet, get it both.
            const bool is_taken = std::any_of(containers.begin(), containers.end(), [&](const BoxPointer& other) {
                return std::any_of(other->ports.begin(), other->ports.end(),
                                   [&](const auto& held) { return held->number() == wanted_port; });
            });
            Socket bound = is_taken ? Socket() : bind_loopback(wanted_port);
            if (!bound) {
                box.ports.clear();
                throw Refusal{500, fmt::format("driver failed programming external connectivity on endpoint {} ({}): "
                                               "Bind for {}:{} failed: port is already allocated",
                                               box.name, random_hex(64), ip.empty() ? "0.0.0.0" : ip, number)};
            }
            box.ports.push_back(std::make_unique<Port>(port, ip.empty() ? "0.0.0.0" : ip, std::move(bound)));
        }
    }
}

void World::start(const BoxPointer& box) {
    const auto fail = [&](int status, int code, const std::string& text) {
        box->exit_code = code;
        box->error = text;
        changed.notify_all();
        throw Refusal{status, text};
    };
    try {
        attach(*box);
        publish(*box);
    } catch (const Refusal& refusal) {
        for (auto& [name, attachment] : box->networks) {
            attachment.address = 0;
        }
        constexpr int k_not_begun = 128;
        fail(refusal.status, k_not_begun, "failed to set up container networking: " + refusal.message);
    }
    if (!box->script.missing_command.empty()) {
        for (auto& [name, attachment] : box->networks) {
            attachment.address = 0;
        }
        box->ports.clear();
        constexpr int k_no_command = 127;
        fail(400, k_no_command,
             fmt::format("failed to create task for container: failed to create shim task: OCI runtime create failed: "
                         "runc create failed: unable to start container process: exec: \"{}\": executable file not "
                         "found in $PATH",
                         box->script.missing_command));
    }
    for (const auto& [name, attachment] : box->networks) {
        if (const Network* network = find_network(name)) {
            tell_network(*network, "connect", box->id);
        }
    }
    ++box->life;
    box->status = "running";
    box->started = now_nano();
    box->exit_code = 0;
    box->error.clear();
    box->out_of_memory = false;
    box->stopped_by_hand = false;
    box->pid = next_pid++;
    box->health = has_health_check(*box) ? "starting" : "";
    box->failing = 0;
    tell(*box, "start");
    plan(box);
}

void World::plan(const BoxPointer& box) {
    const auto later = [&](std::chrono::nanoseconds time, std::function<void(const BoxPointer&)> what) {
        clock.after(time, [this, box, life = box->life, what = std::move(what)] {
            if (box->life == life && box->runs()) {
                what(box);
                changed.notify_all();
            }
        });
    };
    const ImageScript& script = box->script;
    for (const auto& each : script.prints) {
        if (each.after <= 0ns) {
            print(*box, each.line, each.stream);
        } else {
            later(each.after, [this, &each](const BoxPointer& it) { print(*it, each.line, each.stream); });
        }
    }
    if (script.accepts_after) {
        later(*script.accepts_after, [](const BoxPointer& it) {
            for (const auto& port : it->ports) {
                port->open(it->script.http_answer);
            }
        });
    }
    if (!box->health.empty()) {
        plan_health(box);
    }
    if (script.exit) {
        later(script.exit->after,
              [this](const BoxPointer& it) { ended(it, it->script.exit->code, it->script.exit->ending); });
    }
}

void World::plan_health(const BoxPointer& box) {
    std::vector<ImageScript::HealthStep> steps = box->script.health;
    if (steps.empty()) {
        const Json& check = box->config["Healthcheck"];
        const bool begins_sooner = check.value("StartPeriod", std::int64_t{0}) > 0;
        const auto asked = check.value(begins_sooner ? "StartInterval" : "Interval", std::int64_t{0});
        const auto interval = asked > 0 ? std::chrono::nanoseconds(asked) : k_usual_interval;
        steps.push_back({std::min(interval, k_longest_first_probe), "healthy"});
    }
    for (const auto& step : steps) {
        clock.after(step.after, [this, box, life = box->life, status = step.status] {
            if (box->life == life && box->runs()) {
                report_health(*box, status);
            }
        });
    }
}

void World::report_health(Box& box, const std::string& status) {
    constexpr std::size_t k_kept = 5;
    const bool failed = status == "unhealthy";
    if (status != "starting") {
        const std::string now = time_text(now_nano());
        box.health_log.push_back({{"Start", now}, {"End", now}, {"ExitCode", failed ? 1 : 0}, {"Output", ""}});
        if (box.health_log.size() > k_kept) {
            box.health_log.erase(box.health_log.begin());
        }
    }
    box.failing = failed ? box.failing + 1 : 0;
    if (box.health != status) {
        box.health = status;
        tell(box, "health_status: " + status);
    }
    changed.notify_all();
}

void World::print(Box& box, std::string text, Stream stream) {
    text += '\n';
    box.log.push_back({now_nano(), stream, std::move(text)});
    changed.notify_all();
}

void World::come_to_rest(const BoxPointer& box, int code, Ending ending, const char* further_event) {
    constexpr std::int64_t k_second = 1'000'000'000;
    detach(*box);
    box->status = "exited";
    box->finished = now_nano();
    box->exit_code = code;
    box->pid = 0;
    for (auto& [id, exec] : execs) {
        if (exec.container == box->id && exec.running) {
            exec.running = false;
            exec.exit_code = k_killed;
        }
    }
    if (further_event != nullptr) {
        tell(*box, further_event);
    }
    if (ending == Ending::out_of_memory) {
        box->out_of_memory = true;
        tell(*box, "oom");
    }
    tell(*box, "die",
         {{"exitCode", std::to_string(code)},
          {"execDuration", std::to_string((box->finished - box->started) / k_second)}});
}

void World::ended(const BoxPointer& box, int code, Ending ending) {
    come_to_rest(box, code, ending, nullptr);
    const Json policy = box->host_config.value("RestartPolicy", Json::object());
    const std::string name = policy.value("Name", "no");
    const int most = policy.value("MaximumRetryCount", 0);
    const bool again =
        !box->stopped_by_hand && (name == "always" || name == "unless-stopped" ||
                                  (name == "on-failure" && code != 0 && (most == 0 || box->restarts < most)));
    if (again) {
        box->status = "restarting";
        clock.after(k_first_restart, [this, box, life = box->life] {
            if (box->life == life && box->status == "restarting") {
                ++box->restarts;
                try {
                    start(box);
                } catch (const Refusal&) {
                    box->status = "exited";  // its text stands in the state
                } catch (const Error& error) {
                    box->status = "exited";
                    box->error = error.what();
                }
            }
        });
    } else if (box->host_config.value("AutoRemove", false)) {
        remove(box, true);
    }
    changed.notify_all();
}

void World::kill(const BoxPointer& box, int signal) {
    tell(*box, "kill", {{"signal", std::to_string(signal)}});
    if (signal == SIGKILL) {
        box->stopped_by_hand = true;
        ended(box, k_killed, Ending::by_itself);
    } else if (!box->script.ignores_stop && (signal == SIGTERM || signal == SIGINT || signal == SIGQUIT)) {
        ended(box, box->script.stop_code, Ending::by_itself);
    }
}

void World::stop(const BoxPointer& box, std::unique_lock<std::mutex>& lock, std::chrono::seconds grace, int signal) {
    box->stopped_by_hand = true;
    if (box->status == "restarting") {
        box->status = "exited";
        changed.notify_all();
        return;
    }
    tell(*box, "kill", {{"signal", std::to_string(signal)}});
    int code = box->script.stop_code;
    if (box->script.ignores_stop) {
        const auto life = box->life;
        const auto over = [&] { return closing.load() || !box->runs() || box->life != life; };
        if (changed.wait_for(lock, grace, over)) {
            return;
        }
        tell(*box, "kill", {{"signal", std::to_string(SIGKILL)}});
        code = k_killed;
    }
    come_to_rest(box, code, Ending::by_itself, "stop");
    if (box->host_config.value("AutoRemove", false)) {
        remove(box, true);
    }
}

void World::remove(const BoxPointer& box, bool anonymous_volumes) {
    if (box->runs()) {
        tell(*box, "kill", {{"signal", std::to_string(SIGKILL)}});
        come_to_rest(box, k_killed, Ending::by_itself, nullptr);
    }
    box->removed = true;
    ++box->life;
    containers.erase(std::remove(containers.begin(), containers.end(), box), containers.end());
    if (anonymous_volumes) {
        for (const auto& name : box->anonymous_volumes) {
            volumes.remove_if([&](const Volume& volume) { return volume.name == name; });
        }
    }
    tell(*box, "destroy");
}

}  // namespace berth::fake

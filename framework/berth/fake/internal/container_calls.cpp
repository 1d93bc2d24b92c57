// SPDX-License-Identifier: Apache-2.0
#include <berth/core/units.hpp>
#include <berth/fake/internal/router.hpp>

#include <fmt/format.h>

#include <array>
#include <csignal>

namespace berth::fake {
namespace {

constexpr std::chrono::seconds k_usual_grace{10};

std::chrono::seconds grace_of(const Exchange& exchange, const Box& box) {
    const auto given = parse_integer(exchange.asked.parameter("t"));
    return given && *given >= 0 ? std::chrono::seconds(*given)
                                : std::chrono::seconds(box.config.value("StopTimeout", k_usual_grace.count()));
}

int stop_signal(const Exchange& exchange, const Box& box) {
    const std::string asked = exchange.asked.parameter("signal");
    return signal_number(asked.empty() ? box.config.value("StopSignal", "") : asked, SIGTERM);
}

}  // namespace

int signal_number(const std::string& text, int otherwise) {
    constexpr std::array<std::pair<std::string_view, int>, 8> k_signals{{{"HUP", SIGHUP},
                                                                         {"INT", SIGINT},
                                                                         {"QUIT", SIGQUIT},
                                                                         {"KILL", SIGKILL},
                                                                         {"USR1", SIGUSR1},
                                                                         {"USR2", SIGUSR2},
                                                                         {"TERM", SIGTERM},
                                                                         {"WINCH", SIGWINCH}}};
    if (text.empty()) {
        return otherwise;
    }
    const std::string_view name = text.rfind("SIG", 0) == 0 ? std::string_view(text).substr(3) : text;
    for (const auto& [word, number] : k_signals) {
        if (word == name || std::to_string(number) == name) {
            return number;
        }
    }
    return 0;
}

void start_container(Exchange& exchange) {
    bool was_running = false;
    {
        const auto lock = exchange.lock();
        const auto box = exchange.container();
        if (box->status == "paused") {
            throw Refusal{409, "cannot start a paused container, try unpause instead"};
        }
        was_running = box->runs();
        if (!was_running) {
            exchange.world.start(box);
        }
    }
    exchange.answer.send(was_running ? 304 : 204, "", "");
}

void stop_container(Exchange& exchange) {
    bool was_running = false;
    {
        auto lock = exchange.lock();
        const auto box = exchange.container();
        was_running = box->runs() || box->status == "restarting";
        if (was_running) {
            exchange.world.stop(box, lock, grace_of(exchange, *box), stop_signal(exchange, *box));
        }
    }
    exchange.answer.send(was_running ? 204 : 304, "", "");
}

void restart_container(Exchange& exchange) {
    {
        auto lock = exchange.lock();
        const auto box = exchange.container();
        if (box->runs()) {
            exchange.world.stop(box, lock, grace_of(exchange, *box), stop_signal(exchange, *box));
        }
        exchange.world.start(box);
        exchange.world.tell(*box, "restart");
    }
    exchange.answer.send(204, "", "");
}

void kill_container(Exchange& exchange) {
    {
        const auto lock = exchange.lock();
        const std::string& name = exchange.names.front();
        const auto refuse = [&](int status, const std::string& why) {
            throw Refusal{status, fmt::format("cannot kill container: {}: {}", name, why)};
        };
        const auto box = exchange.world.find_container(name);
        if (!box) {
            refuse(404, "No such container: " + name);
        }
        const std::string asked = exchange.asked.parameter("signal");
        const int signal = signal_number(asked, SIGKILL);
        if (signal == 0) {
            refuse(400, "invalid signal: " + asked);
        }
        if (!box->runs()) {
            refuse(409, fmt::format("container {} is not running", box->id));
        }
        exchange.world.kill(box, signal);
    }
    exchange.answer.send(204, "", "");
}

void pause_container(Exchange& exchange) {
    {
        const auto lock = exchange.lock();
        const auto box = exchange.container();
        if (box->status == "paused") {
            throw Refusal{409, fmt::format("Container {} is already paused", box->id)};
        }
        if (!box->runs()) {
            throw Refusal{409, fmt::format("container {} is not running", box->id)};
        }
        box->status = "paused";
        exchange.world.tell(*box, "pause");
    }
    exchange.answer.send(204, "", "");
}

void unpause_container(Exchange& exchange) {
    {
        const auto lock = exchange.lock();
        const auto box = exchange.container();
        if (box->status != "paused") {
            throw Refusal{500, fmt::format("Container {} is not paused", box->id)};
        }
        box->status = "running";
        exchange.world.tell(*box, "unpause");
    }
    exchange.answer.send(204, "", "");
}

void rename_container(Exchange& exchange) {
    {
        const auto lock = exchange.lock();
        const auto box = exchange.container();
        const std::string name = exchange.asked.parameter("name");
        if (name.empty()) {
            throw Refusal{400, "Neither old nor new names may be empty"};
        }
        if (name == box->name) {
            throw Refusal{400, "Renaming a container with the same name as its current name"};
        }
        for (const auto& other : exchange.world.containers) {
            if (other->name == name) {
                throw Refusal{409,
                              fmt::format("Error when allocating new name: Conflict. The container name \"/{}\" is "
                                          "already in use by container \"{}\". You have to remove (or rename) that "
                                          "container to be able to reuse that name.",
                                          name, other->id)};
            }
        }
        const std::string old = box->name;
        box->name = name;
        exchange.world.tell(*box, "rename", {{"oldName", '/' + old}});
    }
    exchange.answer.send(204, "", "");
}

void remove_container(Exchange& exchange) {
    {
        const auto lock = exchange.lock();
        const auto box = exchange.container();
        if (!exchange.asked.flag("force")) {
            if (box->status == "paused") {
                throw Refusal{409, fmt::format("cannot remove container \"{}\": container is paused and must be "
                                               "unpaused first",
                                               exchange.names.front())};
            }
            if (box->runs()) {
                throw Refusal{409, fmt::format("cannot remove container \"{}\": container is running: stop the "
                                               "container before removing or force remove",
                                               exchange.names.front())};
            }
        }
        exchange.world.remove(box, exchange.asked.flag("v"));
    }
    exchange.answer.send(204, "", "");
}

}  // namespace berth::fake

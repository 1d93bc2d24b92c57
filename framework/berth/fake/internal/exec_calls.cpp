// SPDX-License-Identifier: Apache-2.0
#include <berth/core/digest.hpp>
#include <berth/fake/internal/router.hpp>

#include <fmt/format.h>

namespace berth::fake {
namespace {

ExecResult not_there(const std::string& command) {
    constexpr int k_not_found = 127;
    return {k_not_found,
            fmt::format("OCI runtime exec failed: exec failed: unable to start container process: exec: \"{}\": "
                        "executable file not found in $PATH\r\n",
                        command),
            {},
            {}};
}

ExecRequest request_of(const Exec& exec) {
    ExecRequest request;
    request.command = exec.config.value("Cmd", std::vector<std::string>{});
    request.environment = exec.config.value("Env", std::vector<std::string>{});
    request.user = exec.config.value("User", "");
    request.working_dir = exec.config.value("WorkingDir", "");
    return request;
}

/// The result that was scripted. Asks without the world's lock, because it may run a test's code, which may look at the
/// engine.
ExecResult result_of(World& world, const ImageScript& script, const ExecRequest& request) {
    for (const auto& [command, result] : script.commands) {
        if (command == request.command) {
            return result;
        }
    }
    const std::lock_guard one_at_a_time(world.asking);
    return script.anything ? script.anything(request) : not_there(request.command.front());
}

std::string command_text(const Exec& exec) {
    std::string text;
    for (const auto& word : exec.config.value("Cmd", std::vector<std::string>{})) {
        text += ' ' + word;
    }
    return text;
}

/// Marks it as started. @returns false when it has run before
bool begin(Exchange& exchange, const std::string& id, BoxPointer& box, ExecRequest& request) {
    World& world = exchange.world;
    const auto lock = exchange.lock();
    const auto found = world.execs.find(id);
    if (found == world.execs.end()) {
        throw Refusal{404, "No such exec instance: " + id};
    }
    Exec& exec = found->second;
    box = world.find_container(exec.container);
    if (!box || !box->runs()) {
        throw Refusal{409, fmt::format("container {} is not running", exec.container)};
    }
    if (exec.started) {
        return false;
    }
    exec.started = true;
    exec.running = true;
    exec.pid = world.next_pid++;
    request = request_of(exec);
    world.tell(*box, "exec_start:" + command_text(exec), {{"execID", id}});
    return true;
}

void end(Exchange& exchange, const std::string& id, const BoxPointer& box, int code) {
    World& world = exchange.world;
    const auto lock = exchange.lock();
    const auto found = world.execs.find(id);
    if (found == world.execs.end() || !found->second.running) {
        return;  // its container has ended first
    }
    found->second.running = false;
    found->second.exit_code = code;
    world.tell(*box, "exec_die", {{"execID", id}, {"exitCode", std::to_string(code)}});
}

}  // namespace

void create_exec(Exchange& exchange) {
    std::string id;
    {
        const auto lock = exchange.lock();
        const auto box = exchange.container();
        const Json body = exchange.body();
        if (body.value("Cmd", Json::array()).empty()) {
            throw Refusal{400, "No exec command specified"};
        }
        if (box->status == "paused") {
            throw Refusal{409, fmt::format("Container {} is paused, unpause the container before exec", box->id)};
        }
        if (!box->runs()) {
            throw Refusal{409, fmt::format("container {} is not running", box->id)};
        }
        Exec exec;
        exec.id = id = random_hex(64);
        exec.container = box->id;
        exec.config = body;
        exchange.world.tell(*box, "exec_create:" + command_text(exec), {{"execID", id}});
        exchange.world.execs.emplace(id, std::move(exec));
    }
    exchange.answer.json(201, "{\"Id\":\"" + id + "\"}\n");
}

void start_exec(Exchange& exchange) {
    const std::string id = exchange.names.front();
    const Json body = exchange.body();
    const bool tty = body.value("Tty", false);
    BoxPointer box;
    ExecRequest request;
    Json config;
    const bool begun = begin(exchange, id, box, request);
    {
        const auto lock = exchange.lock();
        config = exchange.world.execs.at(id).config;
    }
    Answer& answer = exchange.answer;
    const auto give = [&](int stream, const std::string& text) {
        return text.empty() || answer.send_bytes(tty ? text : frame(stream, text));
    };
    if (!begun) {
        const std::string text = fmt::format("exec command {} has already run", id);
        if (body.value("Detach", false)) {
            throw Refusal{409, text};
        }
        answer.raw(exchange.stream_type(tty));
        give(2, text + "\r\n");
        return;
    }
    if (body.value("Detach", false)) {
        const ExecResult result = result_of(exchange.world, box->script, request);
        end(exchange, id, box, result.exit_code);
        answer.send(200, "", "");
        return;
    }
    answer.raw(exchange.stream_type(tty));
    if (config.value("AttachStdin", false)) {
        for (std::string bytes = answer.receive(); !bytes.empty(); bytes = answer.receive()) {
            request.input += bytes;
        }
    }
    const ExecResult result = result_of(exchange.world, box->script, request);
    const auto until = std::chrono::system_clock::now() + result.takes;
    if (config.value("AttachStdout", false)) {
        give(1, result.out);
    }
    if (config.value("AttachStderr", false)) {
        give(2, result.err);
    }
    {
        auto lock = exchange.lock();
        exchange.world.changed.wait_until(lock, until, [&] { return exchange.world.closing.load() || !box->runs(); });
    }
    end(exchange, id, box, result.exit_code);
}

void inspect_exec(Exchange& exchange) {
    Json json;
    {
        const auto lock = exchange.lock();
        const auto found = exchange.world.execs.find(exchange.names.front());
        if (found == exchange.world.execs.end() || !exchange.world.find_container(found->second.container)) {
            throw Refusal{404, "No such exec instance: " + exchange.names.front()};
        }
        const Exec& exec = found->second;
        auto arguments = exec.config.value("Cmd", std::vector<std::string>{});
        const std::string command = arguments.front();
        arguments.erase(arguments.begin());
        json = {{"ID", exec.id},
                {"Running", exec.running},
                {"ExitCode", exec.exit_code ? Json(*exec.exit_code) : Json()},
                {"ProcessConfig",
                 {{"tty", exec.config.value("Tty", false)},
                  {"entrypoint", command},
                  {"arguments", arguments},
                  {"privileged", false}}},
                {"OpenStdin", exec.config.value("AttachStdin", false)},
                {"OpenStderr", exec.config.value("AttachStderr", false)},
                {"OpenStdout", exec.config.value("AttachStdout", false)},
                {"CanRemove", false},
                {"ContainerID", exec.container},
                {"DetachKeys", ""},
                {"Pid", exec.pid}};
    }
    exchange.answer.json(200, json.dump() + '\n');
}

}  // namespace berth::fake

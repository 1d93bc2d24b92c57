// SPDX-License-Identifier: Apache-2.0
#include <berth/engine/containers.hpp>
#include <berth/engine/internal/container_bodies.hpp>
#include <berth/engine/internal/container_errors.hpp>
#include <berth/engine/internal/stream_state.hpp>

#include <fmt/format.h>

namespace berth {
namespace {

engine::Call call_for(std::string purpose, std::string method, const std::string& id, std::string_view rest) {
    return {.purpose = std::move(purpose),
            .method = std::move(method),
            .path = fmt::format("/exec/{}{}", http::encode_segment(id), rest)};
}

}  // namespace

Exec Containers::create_exec(const ContainerId& id, const ExecOptions& options, Deadline deadline) {
    std::string about = fmt::format("'{}' in container '{}'", engine::shown_command(options), engine::shown(id.text));
    const engine::Call call{.purpose = "cannot run " + about,
                            .method = "POST",
                            .path = fmt::format("/containers/{}/exec", http::encode_segment(id.text)),
                            .json = engine::create_exec_body(options, wire_->facts().api)};
    const auto answer = engine::with_states([&] { return wire_->send(call, {201}, std::move(deadline)); });
    return {wire_, wire_->json(call, answer.body).at("Id").required_text(), std::move(about), options.tty};
}

Streams Exec::start(Deadline deadline) const {
    engine::Call call = call_for("cannot run " + about_, "POST", id_, "/start");
    call.json = engine::start_exec_body(tty_);
    call.upgrade = true;
    http::Stream stream = engine::with_states([&] { return wire_->open(call, {101, 200}, std::move(deadline)); });
    return Streams(std::make_unique<Streams::State>(wire_, std::move(call), std::move(stream), tty_));
}

void Exec::start_detached(Deadline deadline) const {
    engine::Call call = call_for("cannot run " + about_, "POST", id_, "/start");
    call.json = engine::start_exec_body(tty_, true);
    try {
        engine::with_states([&] { return wire_->send(call, {200, 204}, std::move(deadline)); });
    } catch (EngineRefused& refused) {
        if (refused.code() == "BR0105") {
            refused.amend([&](ErrorFacts& facts) {
                facts.code = "BR0410";
                facts.hints = {"the command is taken word by word, and no shell is involved"};
            });
        }
        throw;
    }
}

void Exec::resize(TerminalSize size, Deadline deadline) const {
    engine::Call call = call_for("cannot resize the terminal of " + about_, "POST", id_, "/resize");
    call.query = {{"h", std::to_string(size.rows)}, {"w", std::to_string(size.columns)}};
    engine::with_states([&] { return wire_->send(call, {200, 201}, std::move(deadline)); });
}

ExecFacts Exec::inspect(Deadline deadline) const {
    const engine::Call call = call_for("cannot look at " + about_, "GET", id_, "/json");
    const auto answer = wire_->send(call, {200}, std::move(deadline));
    const engine::Json json = wire_->json(call, answer.body);
    ExecFacts facts;
    facts.container = json.at("ContainerID").text();
    facts.running = json.at("Running").flag();
    facts.pid = json.at("Pid").number();
    // Podman says 0 before the start and while it runs.
    const bool may_be_zero = wire_->facts().kind == EngineKind::podman && !json.at("CanRemove").flag();
    if (const auto code = json.at("ExitCode"); !facts.running && !may_be_zero && !code.absent()) {
        facts.exit_code = code.small_number();
    }
    const engine::Json process = json.at("ProcessConfig");
    facts.tty = process.at("tty").flag();
    facts.command.push_back(process.at("entrypoint").text());
    for (auto& argument : process.at("arguments").texts()) {
        facts.command.push_back(std::move(argument));
    }
    return facts;
}

int Exec::wait(Deadline deadline) const {
    engine::Backoff backoff(std::chrono::milliseconds(2), std::chrono::milliseconds(100));
    while (true) {
        const ExecFacts facts = inspect(deadline);
        if (facts.exit_code) {
            return *facts.exit_code;
        }
        ErrorFacts error = wire_->about(call_for(fmt::format("cannot wait for {}", about_), "GET", id_, "/json"));
        if (!facts.running && facts.pid == 0) {
            error.code = "BR0107";
            error.summary += ": it was never started";
            error.hints = {"start it first"};
            throw Conflict(std::move(error));
        }
        if (deadline.passed()) {
            error.code = "BR0103";
            error.summary += ": it did not end in time";
            error.hints = {"it may still run in the container: no engine can end a command alone, only its container"};
            throw TimedOut(std::move(error));
        }
        backoff.pause(deadline);
    }
}

}  // namespace berth

// SPDX-License-Identifier: Apache-2.0
#include <berth/engine/containers.hpp>
#include <berth/engine/internal/wire.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace berth {
namespace {

/// Sits in POST /wait until the engine says something, or until the exchange breaks (an engine that restarts). What it
/// said is not believed: under a restart policy it wakes at every exit, and for a created container it answers at once.
void sit(const Engine::Wire& wire, const engine::Call& call, const Deadline& deadline) {
    try {
        http::Stream stream = wire.open(call, {200}, deadline);
        std::array<char, 1024> buffer{};
        while (wire.read(call, stream, buffer.data(), buffer.size(), deadline) != 0) {
        }
    } catch (const http::BrokenExchange& broken) {
        if (broken.stage() == http::Stage::connecting) {
            throw;
        }
    }
}

}  // namespace

int Containers::wait(const ContainerId& id, Deadline deadline) {
    const engine::Call call{.purpose = fmt::format("cannot wait for container '{}'", engine::shown(id.text)),
                            .method = "POST",
                            .path = fmt::format("/containers/{}/wait", http::encode_segment(id.text)),
                            .query = {{"condition", "not-running"}}};
    engine::Backoff backoff;
    while (true) {
        sit(*wire_, call, deadline);
        const ContainerFacts facts = inspect(id, deadline);
        switch (facts.status) {
            case Status::exited:
            case Status::dead:
            case Status::removing:
                return facts.exit_code;
            case Status::created: {
                if (facts.exit_code != 0) {  // its start failed
                    return facts.exit_code;
                }
                ErrorFacts error = wire_->about(call);
                error.code = "BR0107";
                error.summary += ": it was never started";
                error.hints = {"start it first"};
                throw Conflict(std::move(error));
            }
            case Status::running:
            case Status::paused:
            case Status::restarting:
                break;
        }
        backoff.pause(deadline);
    }
}

int Containers::wait_for(const ContainerId& id, WaitFor what, const std::function<void()>& on_registered,
                         Deadline deadline) {
    constexpr std::size_t k_longest = 64 * 1024;
    const char* condition = what == WaitFor::next_exit ? "next-exit"
                            : what == WaitFor::removal ? "removed"
                                                       : "not-running";
    const engine::Call call{.purpose = fmt::format("cannot wait for container '{}'", engine::shown(id.text)),
                            .method = "POST",
                            .path = fmt::format("/containers/{}/wait", http::encode_segment(id.text)),
                            .query = {{"condition", condition}}};
    http::Stream stream = wire_->open(call, {200}, deadline);  // the head says that the engine waits
    if (on_registered) {
        on_registered();
    }
    std::string text;
    std::array<char, 1024> buffer{};
    while (const std::size_t size = wire_->read(call, stream, buffer.data(), buffer.size(), deadline)) {
        text.append(buffer.data(), std::min(size, k_longest - text.size()));
    }
    ErrorFacts facts = wire_->about(call);
    if (text.find_first_not_of(" \r\n") == std::string::npos) {  // an engine that goes down
        facts.code = "BR0102";
        facts.summary += ": the engine ended the answer without an exit code";
        facts.hints = {"look whether the engine still runs, and into its log"};
        throw ExchangeFailed(std::move(facts));
    }
    const engine::Json answer = wire_->json(call, text);
    if (const std::string said = answer.at("Error").at("Message").text(); !said.empty()) {
        facts.code = "BR0144";
        facts.summary += ": there is no exit code";
        facts.engine = engine::excerpt(said);
        facts.hints = {"look at it with 'docker inspect'"};
        throw EngineRefused(std::move(facts));
    }
    return answer.at("StatusCode").small_number();
}

}  // namespace berth

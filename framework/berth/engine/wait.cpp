// SPDX-License-Identifier: Apache-2.0
#include <berth/engine/containers.hpp>
#include <berth/engine/internal/wire.hpp>

#include <fmt/format.h>

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

}  // namespace berth

// SPDX-License-Identifier: Apache-2.0
#include <berth/core/log.hpp>
#include <berth/engine/containers.hpp>
#include <berth/engine/internal/container_bodies.hpp>
#include <berth/engine/internal/container_errors.hpp>
#include <berth/engine/internal/container_json.hpp>
#include <berth/engine/internal/features.hpp>
#include <berth/engine/internal/settle.hpp>
#include <berth/engine/internal/wire.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace berth {

using engine::Call;
using engine::Lost;
using engine::shown;

namespace {

std::string path_of(const ContainerId& id, std::string_view rest = {}) {
    return fmt::format("/containers/{}{}", http::encode_segment(id.text), rest);
}

Call call_for(std::string_view verb, const ContainerId& id, std::string method, std::string_view rest) {
    return {.purpose = fmt::format("cannot {} container '{}'", verb, shown(id.text)),
            .method = std::move(method),
            .path = path_of(id, rest)};
}

/// `t` counts whole seconds: rounded up, so that 1 ms does not become "kill at once".
void add_grace(Call& call, const StopOptions& options, const Engine::Wire& wire) {
    const auto seconds = std::chrono::ceil<std::chrono::seconds>(options.grace);
    call.query.emplace_back("t", std::to_string(seconds.count()));
    if (!options.signal.empty() && wire.speaks(42)) {
        call.query.emplace_back("signal", options.signal);
    }
}

/// A name as the regular expression that the engine's filter takes it for.
std::string exactly(const std::string& name) {
    std::string expression = "^";
    for (const char c : name) {
        if (std::string_view(".+*?()[]{}|^$\\").find(c) != std::string_view::npos) {
            expression += '\\';
        }
        expression += c;
    }
    return expression + "$";
}

/// What a create cannot name before API 1.44: each network after the first.
void connect(const Engine::Wire& wire, const NetworkEndpoint& endpoint, const ContainerId& id,
             const Deadline& deadline) {
    const Call call{.purpose = fmt::format("cannot connect container '{}' to network '{}'", shown(id.text),
                                           shown(endpoint.network)),
                    .method = "POST",
                    .path = fmt::format("/networks/{}/connect", http::encode_segment(endpoint.network)),
                    .json = engine::connect_endpoint_body(id.text, endpoint, wire.facts().api)};
    wire.send(call, {200}, deadline);
}

bool is_in_progress(const Error& refused) {
    return refused.facts().engine.find("already in progress") != std::string::npos;
}

/// A removal that failed half-way, or a file system that is busy for a moment.
bool may_pass(const Error& refused) {
    return refused.http_status() >= 500 && refused.facts().engine.find("busy") != std::string::npos;
}

}  // namespace

Created Containers::create(const std::string& name, const ContainerConfig& config, Deadline deadline) {
    engine::refuse_controls(name, config);
    engine::require_features(wire_->facts(), config);
    const std::string what = fmt::format("container '{}'", name);
    Call call{.purpose = "cannot create " + what,
              .method = "POST",
              .path = "/containers/create",
              .query = {{"name", name}},
              .json = engine::create_container_body(config, wire_->facts().api)};
    if (!config.platform.empty()) {
        call.query.emplace_back("platform", config.platform);
    }
    const std::function<Created()> create = [&] {
        try {
            const auto answer = wire_->send(call, {201}, deadline);
            const engine::Json json = wire_->json(call, answer.body);
            return Created{{json.at("Id").required_text()}, json.at("Warnings").texts()};
        } catch (const EngineRefused& refused) {
            engine::explain_create(refused, name, config.image);
        }
    };
    const std::function<std::optional<Created>(Deadline)> look_up = [&](Deadline patience) -> std::optional<Created> {
        const auto found = find({name}, patience);
        if (!found) {
            return std::nullopt;
        }
        if (config.labels.empty() || !engine::holds(found->labels, config.labels)) {
            ErrorFacts facts = wire_->about(call);
            facts.code = "BR0107";
            facts.summary = fmt::format("cannot create {}: container {} has that name", what, shown(found->id.text));
            facts.hints = {fmt::format("remove the other one if nobody needs it: docker rm -f {}", name)};
            throw Conflict(std::move(facts));
        }
        return Created{found->id, {}};
    };
    Created created = engine::settled(what, create, look_up, deadline);
    for (const auto& warning : created.warnings) {
        log::warn(fmt::format("{}: the engine warns: {}", name, warning));
    }
    if (!wire_->speaks(44)) {
        for (std::size_t i = 1; i < config.networks.size(); ++i) {
            connect(*wire_, config.networks[i], created.id, deadline);
        }
    }
    return created;
}

Started Containers::start(const ContainerId& id, Deadline deadline) {
    constexpr int k_was_running = 304;
    try {
        const auto answer =
            wire_->send(call_for("start", id, "POST", "/start"), {204, k_was_running}, deadline, Lost::send_again);
        // A second request finds running what the first one started.
        return answer.status == k_was_running && !answer.sent_again ? Started::was_running : Started::now;
    } catch (const EngineRefused& refused) {
        engine::explain_start(refused, shown(id.text));
    }
}

Stopped Containers::stop(const ContainerId& id, const StopOptions& options, Deadline deadline) {
    constexpr int k_not_running = 304;
    Call call = call_for("stop", id, "POST", "/stop");
    add_grace(call, options, *wire_);
    const auto answer = wire_->send(call, {204, k_not_running}, deadline, Lost::send_again);
    return answer.status == k_not_running && !answer.sent_again ? Stopped::was_not_running : Stopped::now;
}

void Containers::kill(const ContainerId& id, const std::string& signal, Deadline deadline) {
    Call call = call_for("kill", id, "POST", "/kill");
    call.query.emplace_back("signal", signal);
    engine::with_states([&] { return wire_->send(call, {204}, deadline); });
}

void Containers::restart(const ContainerId& id, const StopOptions& options, Deadline deadline) {
    Call call = call_for("restart", id, "POST", "/restart");
    add_grace(call, options, *wire_);
    try {
        wire_->send(call, {204}, deadline);
    } catch (const EngineRefused& refused) {
        engine::explain_start(refused, shown(id.text));
    }
}

ContainerFacts Containers::inspect(const ContainerId& id, Deadline deadline) {
    return inspect(id, Sizes::no, std::move(deadline));
}

ContainerFacts Containers::inspect(const ContainerId& id, Sizes sizes, Deadline deadline) {
    Call call = call_for("inspect", id, "GET", "/json");
    if (sizes == Sizes::yes) {
        call.query = {{"size", "1"}};
    }
    auto answer = wire_->send(call, {200}, deadline);
    ContainerFacts facts = engine::container_facts(wire_->json(call, answer.body));
    facts.raw = std::move(answer.body);
    return facts;
}

std::optional<ContainerFacts> Containers::find(const ContainerId& id, Deadline deadline) {
    try {
        return inspect(id, deadline);
    } catch (const NotFound&) {
        return std::nullopt;
    }
}

std::vector<ContainerSummary> Containers::list(const ListContainers& which, Deadline deadline) {
    Call call{.purpose = "cannot list containers", .path = "/containers/json"};
    if (which.all) {
        call.query.emplace_back("all", "1");
    }
    if (which.limit > 0) {
        call.query.emplace_back("limit", std::to_string(which.limit));
    }
    if (which.sizes == Sizes::yes) {
        call.query.emplace_back("size", "1");
    }
    const auto one = [](const std::string& value) {
        return value.empty() ? std::vector<std::string>{} : std::vector<std::string>{value};
    };
    std::vector<std::string> exit_codes;
    for (const int code : which.exit_codes) {
        exit_codes.push_back(std::to_string(code));
    }
    std::string filters = engine::filters({{"label", which.labels},
                                           {"name", which.name.empty() ? one("") : one(exactly(which.name))},
                                           {"id", which.ids},
                                           {"status", which.statuses},
                                           {"health", which.health},
                                           {"exited", exit_codes},
                                           {"ancestor", which.ancestors},
                                           {"network", which.networks},
                                           {"volume", which.volumes},
                                           {"publish", which.published},
                                           {"expose", which.exposed},
                                           {"before", one(which.before)},
                                           {"since", one(which.since)}});
    if (!filters.empty()) {
        call.query.emplace_back("filters", std::move(filters));
    }
    const auto answer = wire_->send(call, {200}, deadline);
    std::vector<ContainerSummary> result;
    for (const auto& item : wire_->json(call, answer.body).items()) {
        ContainerSummary summary = engine::container_summary(item);
        const auto& names_found = summary.names;
        if (which.name.empty() || std::find(names_found.begin(), names_found.end(), which.name) != names_found.end()) {
            result.push_back(std::move(summary));
        }
    }
    return result;
}

Removed Containers::remove(const ContainerId& id, const RemoveOptions& options, Deadline deadline) {
    Call call = call_for("remove", id, "DELETE", "");
    call.query.emplace_back("force", options.force ? "1" : "0");
    call.query.emplace_back("v", options.anonymous_volumes == AnonymousVolumes::remove ? "1" : "0");
    engine::Backoff backoff;
    Removed result = Removed::now;
    while (true) {
        try {
            const auto answer = engine::with_states([&] {
                return wire_->send(call, {204, 404}, deadline, Lost::send_again);
            });
            if (answer.status == 404 && !answer.sent_again && result == Removed::now) {
                return Removed::was_not_there;
            }
            return result;
        } catch (const Conflict& refused) {
            if (!is_in_progress(refused)) {
                Conflict conflict = refused;
                if (!options.force) {
                    conflict.amend([](ErrorFacts& facts) { facts.hints = {"stop it first, or remove it by force"}; });
                }
                throw conflict;
            }
            // Another removal is at work. It is going, which is all that was asked for; but only once it has gone is
            // its name free, and the other remover may fail: so asking again is how both are found out.
            result = Removed::already_going;
        } catch (const EngineRefused& refused) {
            if (!may_pass(refused)) {
                throw;
            }
            if (deadline.left() < std::chrono::milliseconds(500)) {
                throw;
            }
        }
        backoff.pause(deadline);
    }
}

}  // namespace berth

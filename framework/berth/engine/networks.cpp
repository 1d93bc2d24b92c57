// SPDX-License-Identifier: Apache-2.0
#include <berth/engine/internal/bodies.hpp>
#include <berth/engine/internal/settle.hpp>
#include <berth/engine/internal/wire.hpp>
#include <berth/engine/networks.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace berth {

using engine::Call;
using engine::Lost;
using engine::shown;

namespace {

// Endpoints of containers that are gone may linger for a moment.
constexpr std::chrono::seconds k_endpoints_patience{5};

Call call_for(std::string purpose, std::string method, const std::string& id, std::string_view rest) {
    return {.purpose = std::move(purpose),
            .method = std::move(method),
            .path = fmt::format("/networks/{}{}", http::encode_segment(id), rest)};
}

NetworkFacts network_facts(const engine::Json& json) {
    NetworkFacts facts;
    facts.id = json.at("Id").required_text();
    facts.name = json.at("Name").text();
    facts.driver = json.at("Driver").text();
    facts.labels = json.at("Labels").labels();
    const engine::Json options = json.at("Options");
    facts.bridge = options.at("com.docker.network.bridge.name").text();
    if (facts.bridge.empty() && facts.driver == "bridge") {
        constexpr std::size_t k_digits = 12;
        facts.bridge = "br-" + facts.id.substr(0, k_digits);  // the name Docker gives when none is asked for
    }
    for (const auto& [id, container] : json.at("Containers").members()) {
        facts.containers.push_back(id);
    }
    return facts;
}

std::vector<NetworkFacts> list_networks(const Engine::Wire& wire, const Call& call, const Deadline& deadline) {
    const auto answer = wire.send(call, {200}, deadline);
    std::vector<NetworkFacts> result;
    for (const auto& item : wire.json(call, answer.body).items()) {
        result.push_back(network_facts(item));
    }
    return result;
}

bool contains(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

[[noreturn]] void explain_create(const EngineRefused& refused, const std::string& name) {
    ErrorFacts facts = refused.facts();
    // Engines send this with a 404, of all things.
    if (contains(facts.engine, "non-overlapping") || contains(facts.engine, "fully subnetted")) {
        facts.code = "BR0113";
        facts.summary =
            fmt::format("cannot create network '{}': the engine has no addresses left for another network", name);
        facts.hints = {
            "remove networks that nobody uses ('docker network prune'), or give the engine more address pools "
            "('default-address-pools' in its daemon.json)"};
        throw EngineRefused(std::move(facts));
    }
    if (facts.http_status == 409 || contains(facts.engine, "already exists")) {
        facts.code = "BR0107";
        facts.summary = fmt::format("cannot create network '{}': the name is taken", name);
        facts.hints = {fmt::format("remove the other one if nobody needs it: docker network rm {}", name)};
        throw Conflict(std::move(facts));
    }
    if (facts.http_status == 404) {
        throw NotFound(std::move(facts));
    }
    if (facts.http_status == 401 || facts.http_status == 403) {
        throw PermissionDenied(std::move(facts));
    }
    throw EngineRefused(std::move(facts));
}

}  // namespace

std::string Networks::create(const std::string& name, const NetworkConfig& config, Deadline deadline) {
    const Call call{.purpose = fmt::format("cannot create network '{}'", name),
                    .method = "POST",
                    .path = "/networks/create",
                    .json = engine::create_network_body(name, config)};
    const std::function<std::string()> create = [&] {
        try {
            const auto answer = wire_->send(call, {201}, deadline);
            return wire_->json(call, answer.body).at("Id").required_text();
        } catch (const EngineRefused& refused) {
            explain_create(refused, name);
        }
    };
    const std::function<std::optional<std::string>(Deadline)> look_up =
        [&](Deadline patience) -> std::optional<std::string> {
        const Call lookup{
            .purpose = call.purpose, .path = "/networks", .query = {{"filters", engine::filters({{"name", {name}}})}}};
        for (const auto& found : list_networks(*wire_, lookup, patience)) {
            if (found.name == name && !config.labels.empty() && engine::holds(found.labels, config.labels)) {
                return found.id;
            }
        }
        return std::nullopt;
    };
    return engine::settled(fmt::format("network '{}'", name), create, look_up, deadline);
}

std::optional<NetworkFacts> Networks::find(const std::string& id_or_name, Deadline deadline) {
    const Call call = call_for(fmt::format("cannot inspect network '{}'", shown(id_or_name)), "GET", id_or_name, "");
    const auto answer = wire_->send(call, {200, 404}, deadline);
    if (answer.status == 404) {
        return std::nullopt;
    }
    return network_facts(wire_->json(call, answer.body));
}

std::vector<NetworkFacts> Networks::list(const std::vector<std::string>& labels, Deadline deadline) {
    Call call{.purpose = "cannot list networks", .path = "/networks"};
    if (std::string filters = engine::filters({{"label", labels}}); !filters.empty()) {
        call.query.emplace_back("filters", std::move(filters));
    }
    return list_networks(*wire_, call, deadline);
}

void Networks::connect(const std::string& id, const std::string& container, const std::vector<std::string>& aliases,
                       Deadline deadline) {
    Call call = call_for(fmt::format("cannot connect container '{}' to network '{}'", shown(container), shown(id)),
                         "POST", id, "/connect");
    call.json = engine::connect_body(container, aliases);
    wire_->send(call, {200}, deadline);
}

void Networks::disconnect(const std::string& id, const std::string& container, bool force, Deadline deadline) {
    Call call = call_for(fmt::format("cannot disconnect container '{}' from network '{}'", shown(container), shown(id)),
                         "POST", id, "/disconnect");
    call.json = engine::disconnect_body(container, force);
    wire_->send(call, {200}, deadline);
}

bool Networks::remove(const std::string& id, Deadline deadline) {
    const Call call = call_for(fmt::format("cannot remove network '{}'", shown(id)), "DELETE", id, "");
    const Deadline patience = deadline.sooner(k_endpoints_patience);
    engine::Backoff backoff(std::chrono::milliseconds(20), std::chrono::milliseconds(250));
    while (true) {
        try {
            const auto answer = wire_->send(call, {204, 404}, deadline, Lost::send_again);
            return answer.status != 404 || answer.sent_again;
        } catch (const EngineRefused& refused) {
            const std::string& said = refused.facts().engine;
            if (!contains(said, "active endpoints") && !contains(said, "associated containers")) {
                throw;
            }
            if (patience.passed()) {
                ErrorFacts facts = refused.facts();
                facts.code = "BR0107";
                facts.summary += ": containers are still attached to it";
                facts.hints = {fmt::format("see which with 'docker network inspect {}'", shown(id))};
                throw Conflict(std::move(facts));
            }
        }
        backoff.pause(patience);
    }
}

}  // namespace berth

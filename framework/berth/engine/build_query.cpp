// SPDX-License-Identifier: Apache-2.0
#include <berth/engine/internal/build_parts.hpp>
#include <berth/engine/internal/pull_errors.hpp>
#include <berth/engine/internal/request_json.hpp>

#include <fmt/format.h>

namespace berth::engine {
namespace {

using Value = RequestJson;

Value ulimits_of(const std::vector<BuildOptions::Limit>& limits, EngineKind engine) {
    Value result = Value::array();
    for (const auto& limit : limits) {
        if (engine == EngineKind::podman) {  // refuses objects
            result.push_back(fmt::format("{}={}:{}", limit.name, limit.soft, limit.hard));
        } else {
            result.push_back({{"Name", limit.name}, {"Soft", limit.soft}, {"Hard", limit.hard}});
        }
    }
    return result;
}

using Query = std::vector<std::pair<std::string, std::string>>;

/// Podman builds in the network of its host unless it is told of a namespace, whatever `networkmode` says.
void add_network(Query& query, const std::string& network, EngineKind engine) {
    if (network.empty() || (engine == EngineKind::podman && network == "host")) {
        return;
    }
    if (engine == EngineKind::docker) {
        query.emplace_back("networkmode", network);
        return;
    }
    Value space = {{"Name", "network"}, {"Host", false}};
    if (network == "none") {
        query.emplace_back("networkmode", "NetworkDisabled");
    } else if (network != "default" && network != "bridge") {
        space["Path"] = network;
    }
    query.emplace_back("nsoptions", text_of(Value::array({space})));
}

}  // namespace

std::string shown_image(const BuildContext& context, const BuildOptions& options) {
    return options.tags.empty() ? fmt::format("an image from {}", context.dockerfile_path().empty()
                                                                      ? context.dockerfile_shown()
                                                                      : '\'' + context.dockerfile_shown() + '\'')
                                : fmt::format("image '{}'", options.tags.front());
}

Query build_query(const BuildContext& context, const BuildOptions& options, Builder builder, EngineKind engine) {
    Query query{{"dockerfile", context.dockerfile_name()}, {"rm", "1"}, {"forcerm", "1"}};
    const auto add = [&](const char* key, std::string value) {
        if (!value.empty()) {
            query.emplace_back(key, std::move(value));
        }
    };
    const auto add_number = [&](const char* key, auto value) {
        if (value != 0) {
            query.emplace_back(key, fmt::format("{}", value));
        }
    };
    if (builder == Builder::buildkit) {
        query.emplace_back("version", "2");
    }
    for (const auto& tag : options.tags) {
        query.emplace_back("t", image_name(tag).familiar());
    }
    if (!options.args.empty()) {
        Value args = Value::object();
        for (const auto& [name, value] : options.args) {
            if (value) {
                args[name] = *value;
            } else if (engine == EngineKind::docker) {  // Podman takes null for an empty text
                args[name] = nullptr;
            }
        }
        query.emplace_back("buildargs", text_of(args));
    }
    if (!options.labels.empty()) {
        query.emplace_back("labels", text_of(Value(options.labels)));
    }
    if (!options.cache_from.empty()) {
        query.emplace_back("cachefrom", text_of(Value(options.cache_from)));
    }
    add("target", options.target);
    add("platform", options.platform);
    add_network(query, options.network, engine);
    add("nocache", options.no_cache ? "1" : "");
    if (engine == EngineKind::podman) {  // answers an empty 400 to any other form
        add("extrahosts", options.extra_hosts.empty() ? "" : text_of(Value(options.extra_hosts)));
    } else {
        for (const auto& host : options.extra_hosts) {
            query.emplace_back("extrahosts", host);
        }
    }
    add_number("shmsize", options.shm_size);
    add_number("memory", options.memory);
    add_number("memswap", options.memory_swap);
    add_number("cpushares", options.cpu_shares);
    add_number("cpuperiod", options.cpu_period);
    add_number("cpuquota", options.cpu_quota);
    add("cpusetcpus", options.cpuset_cpus);
    if (!options.ulimits.empty()) {
        query.emplace_back("ulimits", text_of(ulimits_of(options.ulimits, engine)));
    }
    return query;
}

}  // namespace berth::engine

// SPDX-License-Identifier: Apache-2.0
#include <berth/fake/internal/router.hpp>

namespace berth::fake {
namespace {

/// `28.5.2` of `Docker/28.5.2 (linux)`.
std::string version_of(const std::string& server) {
    const auto slash = server.find('/');
    return slash == std::string::npos ? std::string{} : server.substr(slash + 1, server.find(' ', slash) - slash - 1);
}

}  // namespace

void ping(Exchange& exchange) {
    Fields fields{{"Builder-Version", "2"},
                  {"Cache-Control", "no-cache, no-store, must-revalidate"},
                  {"Pragma", "no-cache"},
                  {"Swarm", "inactive"}};
    if (exchange.world.options.server.rfind("Libpod/", 0) == 0) {
        fields.emplace_back("Libpod-Api-Version", version_of(exchange.world.options.server));
    }
    exchange.answer.send(200, "text/plain; charset=utf-8", exchange.asked.request.method == "HEAD" ? "" : "OK", fields);
}

void version(Exchange& exchange) {
    const EngineOptions& options = exchange.world.options;
    const Json json{{"Platform", {{"Name", ""}}},
                    {"Components", Json::array()},
                    {"Version", version_of(options.server)},
                    {"ApiVersion", options.api_version},
                    {"MinAPIVersion", options.oldest_api_version},
                    {"Os", "linux"},
                    {"Arch", "amd64"}};
    exchange.answer.json(200, json.dump() + '\n');
}

void info(Exchange& exchange) {
    Json json;
    {
        const auto lock = exchange.lock();
        const World& world = exchange.world;
        json = {{"ID", "fake"},
                {"Name", "fake"},
                {"Containers", world.containers.size()},
                {"Images", world.images.size()},
                {"ServerVersion", version_of(world.options.server)},
                {"OSType", "linux"},
                {"Architecture", "x86_64"},
                {"OperatingSystem", "berth::fake"},
                {"Driver", "overlay2"},
                {"NCPU", 2},
                {"MemTotal", std::int64_t{4} << 30},
                {"SystemTime", time_text(now_nano())},
                {"Swarm", {{"LocalNodeState", "inactive"}}},
                {"Warnings", nullptr}};
    }
    exchange.answer.json(200, json.dump() + '\n');
}

}  // namespace berth::fake

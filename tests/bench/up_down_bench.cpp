// SPDX-License-Identifier: Apache-2.0
// What Berth adds to the engine's own time for one service up and down, against the same calls made raw in the same
// run; and how soon a wait returns after the fact.
#include "raw_engine.hpp"
#include "samples.hpp"

#include <berth/berth.hpp>
#include <berth/core/names.hpp>

#include <fmt/format.h>

#include <cstdlib>
#include <ctime>
#include <fstream>
#include <iostream>
#include <sstream>

namespace {

using namespace std::chrono_literals;

std::string busybox() {
    const char* folder = std::getenv("BERTH_TEST_IMAGES");
    std::ifstream index(std::string(folder == nullptr ? "." : folder) + "/index");
    std::string name;
    std::string version;
    std::string file;
    while (index >> name >> version >> file) {
        if (name == "busybox") {
            std::ifstream tar(std::string(folder) + '/' + file, std::ios::binary);
            std::stringstream bytes;
            bytes << tar.rdbuf();
            const std::string content = bytes.str();
            bool given = false;
            berth::Engine::connect().images().load([&] {
                const std::string_view piece = given ? std::string_view{} : std::string_view(content);
                given = true;
                return piece;
            });
            return "berth.local/busybox:" + version;
        }
    }
    throw std::runtime_error("BERTH_TEST_IMAGES names no folder with busybox in its index");
}

std::string socket_path() {
    const std::string endpoint = berth::Engine::connect().facts().endpoint;
    return endpoint.substr(std::string("unix://").size());
}

void raw_cycle(bench::RawEngine& engine, const std::string& body, int round) {
    const std::string name = fmt::format("bench-floor-{}", round);
    const auto created = engine.call("POST", "/v1.41/containers/create?name=" + name, body);
    if (created.status != 201) {
        throw std::runtime_error("create: " + created.body);
    }
    engine.call("POST", "/v1.41/containers/" + name + "/start");
    engine.call("GET", "/v1.41/containers/" + name + "/json");
    engine.call("DELETE", "/v1.41/containers/" + name + "?force=1&v=1");
}

bool own_share(const std::string& image, int rounds) {
    bench::RawEngine raw(socket_path());
    const std::string body = fmt::format(
        R"({{"Image":"{}","Cmd":["sleep","1000"],"ExposedPorts":{{"80/tcp":{{}}}},"HostConfig":{{"SecurityOpt":["no-new-privileges"],)"
        R"("PortBindings":{{"80/tcp":[{{"HostIp":"127.0.0.1","HostPort":""}}]}}}}}})",
        image);
    const berth::Engine engine = berth::Engine::connect();
    berth::UpOptions options;
    options.connected = engine;
    const auto spec =
        berth::service("bench", image).with_command({"sleep", "1000"}).with_port(80).with_wait(berth::wait::none());
    bench::Samples floor;
    bench::Samples ours;
    for (int round = -2; round < rounds; ++round) {  // the first two warm up
        bench::Samples unused;
        // Alternating, so that a slow moment of the machine hits both alike.
        (round < 0 ? unused : floor).measure([&] { raw_cycle(raw, body, round + 2); });
        (round < 0 ? unused : ours).measure([&] { const auto up = berth::start(spec, options); });
    }
    std::printf("one service up and down: floor %.1f ms, berth %.1f ms (median of %zu), ratio %.3f\n", floor.median(),
                ours.median(), ours.size(), ours.median() / floor.median());
    return bench::report("berth's own share, one service up and down", ours.median() - floor.median(), "ms", 20);
}

std::chrono::nanoseconds wall_clock() {
    timespec now{};
    ::clock_gettime(CLOCK_REALTIME, &now);
    return std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
}

/// `2026-01-31T10:00:00.123456789Z` since the epoch.
std::chrono::nanoseconds parse_time(const std::string& text) {
    std::tm parts{};
    ::strptime(text.c_str(), "%Y-%m-%dT%H:%M:%S", &parts);
    std::string fraction = text.substr(20, text.find('Z') - 20);
    fraction.resize(9, '0');
    return std::chrono::seconds(::timegm(&parts)) + std::chrono::nanoseconds(std::stol(fraction));
}

/// From the line that the container prints at the fact to the return of start().
bool noticed(const char* name, const berth::ServiceSpec& spec, int rounds, double goal) {
    berth::UpOptions options;
    options.connected = berth::Engine::connect();
    bench::Samples delays;
    for (int round = 0; round < rounds; ++round) {
        const auto up = berth::start(spec, options);
        const auto back = wall_clock();
        const auto lines = options.connected->containers().logs(up->container_id(), {.timestamps = true});
        for (const auto& line : lines) {
            if (line.text == "now") {
                delays.add(back - parse_time(line.time));
            }
        }
    }
    std::printf("%s: noticed after %.1f ms (median), %.1f ms (p99) of %zu\n", name, delays.median(), delays.at(0.99),
                delays.size());
    return bench::report(name, delays.median(), "ms", goal) && delays.size() == static_cast<std::size_t>(rounds);
}

}  // namespace

int main(int count, char** arguments) try {
    const int rounds = count > 1 ? std::atoi(arguments[1]) : 20;
    const std::string image = busybox();
    const auto engine = berth::Engine::connect().facts();
    std::printf("engine: %s %s (API %s)\n", engine.kind == berth::EngineKind::docker ? "docker" : "podman",
                engine.version.c_str(), engine.engine_api.text().c_str());
    bool met = own_share(image, rounds);
    const auto script = [&](const char* text) {
        return berth::service("bench", image).with_command({"sh", "-c", text}).with_port(80);
    };
    met = noticed("log wait", script("sleep 0.3; echo now; sleep 1000").with_wait(berth::wait::log("^now$")), rounds,
                  10) &&
          met;
    met = noticed("port wait", script("sleep 0.3; echo now; nc -ll -p 80 -e true").with_wait(berth::wait::port(80)),
                  rounds, 10) &&
          met;
    met = noticed("http wait",
                  script("mkdir /www; echo ok >/www/index.html; sleep 0.3; echo now; exec httpd -f -p 80 -h /www")
                      .with_wait(berth::wait::http("/")),
                  rounds, 10) &&
          met;
    return met ? 0 : 1;
} catch (const std::exception& failure) {
    std::cerr << failure.what() << '\n';
    return 1;
}

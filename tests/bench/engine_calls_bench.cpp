// SPDX-License-Identifier: Apache-2.0
// What the engine client costs: a call over the same bytes written and read raw on a warm connection, ten thousand
// calls, a log against curl, and how soon a stream lets go.
#include "raw_engine.hpp"
#include "samples.hpp"

#include <berth/core/names.hpp>
#include <berth/engine/containers.hpp>
#include <berth/engine/events.hpp>
#include <berth/engine/internal/container_json.hpp>
#include <berth/engine/system.hpp>
#include <berth/process/child.hpp>
#include <tests/support/test_image.hpp>

#include <fmt/format.h>

#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <thread>

namespace {

using namespace std::chrono_literals;
using berth::ContainerId;
using berth::Deadline;
using berth::within;

constexpr double k_mebibyte = 1024.0 * 1024.0;

double resident() {
    std::ifstream status("/proc/self/statm");
    double total = 0;
    double pages = 0;
    status >> total >> pages;
    return pages * 4096 / k_mebibyte;
}

double descriptors() {
    const std::filesystem::directory_iterator open("/proc/self/fd");
    return static_cast<double>(std::distance(begin(open), end(open)));
}

/// Removes its container.
class Running {
  public:
    Running(berth::Containers containers, const berth::ContainerConfig& config) : containers_(std::move(containers)) {
        id_ = containers_.create(name_, config).id;
        containers_.start(id_);
    }
    Running(const Running&) = delete;
    Running& operator=(const Running&) = delete;
    ~Running() {
        try {
            containers_.remove(id_);
        } catch (const std::exception& failure) {
            std::cerr << failure.what() << '\n';
        }
    }
    [[nodiscard]] const ContainerId& id() const { return id_; }

  private:
    berth::Containers containers_;
    std::string name_ = "bench-" + berth::new_run_id("calls").random;
    ContainerId id_;
};

double microseconds(const bench::Samples& samples) {
    return samples.median() * 1000;
}

bool call_cost(const berth::Engine& engine, const std::string& socket, const ContainerId& id) {
    constexpr int k_rounds = 3000;
    bench::RawEngine raw(socket);
    const berth::System system = engine.system();
    berth::Containers containers = engine.containers();
    const std::string version = "/v" + engine.facts().api.text();
    const std::string inspect = version + "/containers/" + id.text + "/json";
    bench::Samples raw_ping;
    bench::Samples our_ping;
    bench::Samples raw_inspect;
    bench::Samples our_inspect;
    bench::Samples parse;
    for (int round = 0; round < k_rounds; ++round) {  // alternating, so that a slow moment hits all alike
        raw_ping.measure([&] { raw.call("GET", version + "/_ping"); });
        our_ping.measure([&] { system.ping(); });
        std::string body;
        raw_inspect.measure([&] { body = raw.call("GET", inspect).body; });
        our_inspect.measure([&] { containers.inspect(id); });
        parse.measure([&] { berth::engine::container_facts(berth::engine::Json::parse(body, {})); });
    }
    std::printf("_ping: raw %.0f us, berth %.0f us; inspect: raw %.0f us, berth %.0f us, parsing %.0f us\n",
                microseconds(raw_ping), microseconds(our_ping), microseconds(raw_inspect), microseconds(our_inspect),
                microseconds(parse));
    const bool ping = bench::report("_ping over raw", microseconds(our_ping) - microseconds(raw_ping), "us", 60);
    const bool whole =
        bench::report("inspect over raw and parsing",
                      microseconds(our_inspect) - microseconds(raw_inspect) - microseconds(parse), "us", 150);
    return ping && whole;
}

bool no_growth(const berth::Engine& engine, const ContainerId& id) {
    constexpr int k_warm_up = 500;
    constexpr int k_calls = 10'000;
    berth::Containers containers = engine.containers();
    const auto call = [&](int times) {
        for (int i = 0; i < times; ++i) {
            containers.inspect(id);
        }
    };
    call(k_warm_up);
    const double memory = resident();
    const double open = descriptors();
    call(k_calls);
    const bool same_memory = bench::report("memory after 10000 inspects", resident() - memory, "MiB", 1);
    const bool same_open = bench::report("descriptors after 10000 inspects", descriptors() - open, "", 0);
    return same_memory && same_open;
}

bool log_against_curl(const berth::Engine& engine, const std::string& socket, const std::string& image) {
    constexpr std::size_t k_line = 1024;
    constexpr std::size_t k_lines = 100 * 1024;
    berth::Containers containers = engine.containers();
    const std::string script = fmt::format("yes {} | head -n {}", std::string(k_line - 1, 'x'), k_lines);
    const Running log(containers, {.image = image, .command = std::vector<std::string>{"sh", "-c", script}});
    containers.wait(log.id(), within(300s));
    bench::Samples curl;
    bench::Samples ours;
    std::size_t lines = 0;
    double most = 0;
    const double before = resident();
    for (int round = 0; round < 3; ++round) {
        curl.measure([&] {
            const std::string target = fmt::format("http://engine/v{}/containers/{}/logs?stdout=1&stderr=1&follow=1",
                                                   engine.facts().api.text(), log.id().text);
            const auto done = berth::process::run_captured(
                {.argv = {"curl", "-sS", "-o", "/dev/null", "--unix-socket", socket, target}}, within(300s));
            if (!done.status.success()) {
                throw std::runtime_error("curl: " + done.err);
            }
        });
        lines = 0;
        ours.measure([&] {
            containers.follow(
                log.id(), {},
                [&](const berth::LogLine&) {
                    if (++lines % 1000 == 0) {
                        most = std::max(most, resident() - before);
                    }
                    return true;
                },
                within(300s));
        });
    }
    if (lines != k_lines) {
        throw std::runtime_error(fmt::format("{} lines came, not {}", lines, k_lines));
    }
    std::printf("100 MiB of 1 KiB lines: curl %.2f s, berth %.2f s\n", curl.median() / 1000, ours.median() / 1000);
    const bool fast = bench::report("following a log, time over curl's", ours.median() / curl.median(), "x", 1 / 0.9);
    const bool small = bench::report("following a log, memory", most, "MiB", 16);
    return fast && small;
}

/// From the request to stop to the return of `block`.
template <class Block>
std::chrono::nanoseconds time_to_let_go(Block block) {
    std::stop_source stop;
    std::atomic<std::chrono::steady_clock::rep> asked{0};
    std::jthread canceller([&] {
        std::mutex mutex;
        std::condition_variable never;
        std::unique_lock lock(mutex);
        never.wait_for(lock, 100ms);
        asked = std::chrono::steady_clock::now().time_since_epoch().count();
        stop.request_stop();
    });
    try {
        block(within(60s, stop.get_token()));
    } catch (const berth::Cancelled&) {
        return std::chrono::steady_clock::now().time_since_epoch() - std::chrono::steady_clock::duration(asked.load());
    }
    throw std::runtime_error("it ended before it was cancelled");
}

bool letting_go(const berth::Engine& engine, const ContainerId& id) {
    berth::Containers containers = engine.containers();
    const berth::Exec exec = containers.create_exec(id, {.command = {"sleep", "1000"}, .attach_stdin = true});
    berth::Streams streams = exec.start();
    bench::Samples times;
    for (int round = 0; round < 10; ++round) {
        times.add(time_to_let_go([&](const Deadline& until) {
            containers.follow(
                id, {}, [](const berth::LogLine&) { return true; }, until);
        }));
        times.add(time_to_let_go([&](const Deadline& until) { containers.wait(id, until); }));
        times.add(time_to_let_go([&](const Deadline& until) { streams.read([](int, std::string_view) {}, until); }));
        times.add(time_to_let_go([&](const Deadline& until) {
            engine.events().watch(
                {.labels = {"no=such"}}, [] {}, [](const berth::Event&) { return true; }, until);
        }));
    }
    return bench::report("cancelling a stream, the longest", times.at(1), "ms", 50);
}

}  // namespace

int main() try {
    const berth::Engine engine = berth::Engine::connect();
    const std::string socket = engine.facts().endpoint.substr(std::string("unix://").size());
    const std::string image = berth::support::load_test_image(engine, "busybox");
    std::printf("engine: %s %s (API %s)\n", engine.facts().kind == berth::EngineKind::docker ? "docker" : "podman",
                engine.facts().version.c_str(), engine.facts().engine_api.text().c_str());
    const Running idle(engine.containers(), {.image = image, .command = std::vector<std::string>{"sleep", "1000"}});
    bool met = call_cost(engine, socket, idle.id());
    met = no_growth(engine, idle.id()) && met;
    met = letting_go(engine, idle.id()) && met;
    met = log_against_curl(engine, socket, image) && met;
    return met ? 0 : 1;
} catch (const std::exception& failure) {
    std::cerr << failure.what() << '\n';
    return 1;
}

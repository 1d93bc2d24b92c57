// SPDX-License-Identifier: Apache-2.0
#include <berth/yaml/reader.hpp>

#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <functional>
#include <string>
#include <vector>

// How long a spec takes to read and check: a large one, and the worst that the limits allow.

namespace {

using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr std::size_t k_limit = 1024 * 1024;

/// 60 services in 1,200 lines, each of the kind that people write.
std::string large_spec() {
    std::string text =
        "name: large\nnetworks:\n  front: {}\n  back: {internal: true}\nvolumes:\n  data: {}\nservices:\n";
    for (int i = 0; i < 60; ++i) {
        text += fmt::format(
            "  service-{0}:\n    image: registry.lan/shop/service-{0}:1.{0}\n    command: [serve, --port, \"8080\"]\n"
            "    environment:\n      LEVEL: ${{LEVEL:-info}}\n      UPSTREAM: {1}\n      NAME: service-{0}\n"
            "    ports:\n      - \"8080\"\n      - {{target: 9090, name: metrics}}\n    networks: [front, back]\n"
            "    tmpfs: [/tmp]\n    cap_drop: [ALL]\n    mem_limit: 256mb\n    wait:\n"
            "      http: {{path: /ready, port: 8080, status: 200}}\n      timeout: 30s\n    labels:\n"
            "      team: shop\n{2}",
            i, i == 0 ? "none" : fmt::format("http://${{services.service-{}.address.8080}}", i - 1),
            i == 0 ? "    init: true\n" : fmt::format("    depends_on: [service-{}]\n", i - 1));
    }
    return text;
}

/// Fills the file with `piece` as far as its size allows.
std::string filled(std::string text, const std::function<std::string(int)>& piece) {
    for (int i = 0;; ++i) {
        const std::string more = piece(i);
        if (text.size() + more.size() > k_limit) {
            return text;
        }
        text += more;
    }
}

struct Case {
    const char* name;
    std::string text;
    std::chrono::milliseconds limit;
};

std::vector<Case> all_cases() {
    const std::string head = "services:\n";
    std::string bomb = "x-0: &a0 [1, 2, 3, 4, 5, 6, 7, 8, 9]\n";
    for (int i = 1; i < 20; ++i) {
        bomb += fmt::format("x-{0}: &a{0} [*a{1}, *a{1}, *a{1}, *a{1}, *a{1}, *a{1}, *a{1}, *a{1}, *a{1}]\n", i, i - 1);
    }
    return {
        {"60 services, 1,200 lines", large_spec(), 15ms},
        {"1 MiB of services",
         filled(head, [](int i) { return fmt::format("  s{}: {{image: 'a:1', wait: none}}\n", i); }), 100ms},
        {"1 MiB of unknown keys", filled(head + "  a:\n", [](int i) { return fmt::format("    imge{}: 1\n", i); }),
         100ms},
        {"1 MiB of variables that are not set",
         filled(head + "  a:\n    environment:\n", [](int i) { return fmt::format("      A{0}: ${{V{0}}}\n", i); }),
         100ms},
        {"1 MiB of references in one text",
         filled(head + "  a:\n    image: a:1\n    wait: none\n    command: '",
                [](int) { return std::string("${a.host} "); }) +
             "'\n",
         100ms},
        {"one word of 1 MiB", head + "  a: {image: '" + std::string(k_limit - 64, 'x') + "', wait: none}\n", 100ms},
        {"1 MiB of comments",
         filled(head + "  a: {image: 'a:1', wait: none}\n", [](int) { return std::string("# a\n"); }), 100ms},
        {"aliases of aliases", bomb + head + "  a: {image: 'a:1', wait: none}\n", 100ms},
        {"1 MiB of brackets", head + std::string(k_limit - 64, '['), 100ms},
    };
}

}  // namespace

int main() {
    bool slow = false;
    for (const auto& one : all_cases()) {
        auto best = Clock::duration::max();
        std::size_t found = 0;
        for (int round = 0; round < 5; ++round) {
            const auto start = Clock::now();
            const auto result = berth::try_read_spec_text(one.text, "bench.yaml", {.use_process_environment = false});
            berth::ValidateOptions options;
            options.check_files = false;
            found = berth::check_spec(result, options).size();
            best = std::min(best, Clock::now() - start);
        }
        const double took = std::chrono::duration<double, std::milli>(best).count();
        const bool over = best > one.limit;
        slow = slow || over;
        std::fflush(stdout);
        fmt::print("{:<40} {:>8.1f} ms of {:>3} ms, {:>6} findings{}\n", one.name, took, one.limit.count(), found,
                   over ? "  TOO SLOW" : "");
    }
    struct rusage usage {};
    ::getrusage(RUSAGE_SELF, &usage);
    fmt::print("{:<40} {:>8.1f} MiB\n", "largest in memory", static_cast<double>(usage.ru_maxrss) / 1024.0);
    return slow ? 1 : 0;
}

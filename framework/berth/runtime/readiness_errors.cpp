// SPDX-License-Identifier: Apache-2.0
#include <berth/core/log.hpp>
#include <berth/core/units.hpp>
#include <berth/runtime/internal/readiness_errors.hpp>
#include <berth/runtime/internal/waiting.hpp>

#include <fmt/format.h>

#include <utility>

namespace berth::runtime {
namespace {

using namespace std::chrono_literals;

constexpr auto k_patience = 5s;  // for one look at what is left of the container

std::optional<ContainerFacts> look_at(const Service::State& service) {
    try {
        return service.engine.containers().find(service.id(), within(k_patience));
    } catch (const Error& error) {
        log::debug(fmt::format("{}: cannot inspect what is left of it: {}", service.plan.name, error.summary()));
        return std::nullopt;
    }
}

Origin place_of(const ServicePlan& plan) {
    return plan.spec.wait.given() ? plan.spec.wait.origin() : plan.spec.name.origin();
}

// The last line of a health check's output says it.
std::string of_health(const HealthState& health) {
    std::string output = health.last_output;
    while (!output.empty() && (output.back() == '\n' || output.back() == '\r')) {
        output.pop_back();
    }
    return output.empty() ? fmt::format("exit {}", health.last_exit_code)
                          : fmt::format("exit {}: {}", health.last_exit_code, output);
}

const char* k_look_inside = "look inside after 'berth up --keep'";

}  // namespace

std::string describe_log(const WaitLog& wanted) {
    return wanted.matches.given() ? fmt::format("log /{}/", *wanted.matches)
                                  : fmt::format("log '{}'", *wanted.contains);
}

std::string ReadinessErrors::last_probe() const {
    const auto last = journal_.last();
    std::string text = fmt::format("{}: {}", last.probe, last.seen);
    if (last.attempts > 0) {
        const auto live = service_.live();
        text += fmt::format(" ({} {} in {})", last.attempts, last.attempts == 1 ? "attempt" : "attempts",
                            readable_duration(Deadline::Clock::now() - live->started));
    }
    return text;
}

Readiness ReadinessErrors::readiness() const {
    const auto last = journal_.last();
    return {.service = service_.plan.name, .probe = last.probe, .attempts = last.attempts, .last_seen = last.seen};
}

ErrorFacts ReadinessErrors::facts(std::string code, std::string summary) const {
    ErrorFacts facts{.code = std::move(code), .summary = std::move(summary), .origin = place_of(service_.plan)};
    if (!journal_.last().probe.empty()) {
        facts.details.emplace_back("last probe", last_probe());
    }
    const auto live = service_.live();
    facts.log_tail = log_tail(service_.engine, service_.id(), live && live->tty);
    return facts;
}

// The end and its cause reach the engine on two ways; on a busy machine the cause comes a moment later.
bool ReadinessErrors::ran_out_of_memory(const ContainerFacts& left) const {
    constexpr int k_killed = 137;
    if (left.out_of_memory || hub_ == nullptr || left.exit_code != k_killed || !service_.plan.spec.mem_limit.given()) {
        return left.out_of_memory;
    }
    try {
        return hub_->wait(
            left.id, [](const EventHub::Seen& seen) { return seen.out_of_memory; }, within(500ms));
    } catch (const Error& broken) {
        log::debug(
            fmt::format("{}: cannot tell whether it ran out of memory: {}", service_.plan.name, broken.summary()));
        return false;
    }
}

void ReadinessErrors::late(std::chrono::nanoseconds timeout) const {
    ErrorFacts its_facts = facts(
        "BR0301", fmt::format("service '{}' was not ready within {}", service_.plan.name, format_duration(timeout)));
    its_facts.hints = {fmt::format("allow more with 'wait.timeout', or {}", k_look_inside)};
    throw NotReady(readiness(), std::move(its_facts));
}

void ReadinessErrors::environment_late() const {
    ErrorFacts its_facts =
        facts("BR0304",
              fmt::format("the time for the environment was over before service '{}' was ready", service_.plan.name));
    its_facts.hints = {"allow more with 'timeouts.up' or '--timeout'"};
    throw TimedOut(std::move(its_facts));
}

void ReadinessErrors::hopeless(const Hopeless& hopeless) const {
    const std::string& name = service_.plan.name;
    if (hopeless.why == Hopeless::Why::no_healthcheck) {
        throw Error({.code = "BE0703",
                     .summary = fmt::format("service '{}' waits on health but has no healthcheck here and none in the "
                                            "image",
                                            name),
                     .origin = place_of(service_.plan),
                     .hints = {"declare one with 'healthcheck', or wait for a port, a log line or a command"}});
    }
    const auto left = look_at(service_);
    Readiness its_readiness = readiness();
    if (hopeless.why == Hopeless::Why::unhealthy) {
        ErrorFacts its_facts = facts("BR0303", fmt::format("service '{}' is unhealthy", name));
        if (left) {
            its_facts.details.emplace_back("health", of_health(left->health));
        }
        its_facts.hints = {fmt::format("allow more with 'healthcheck.start_period', or {}", k_look_inside)};
        throw NotReady(std::move(its_readiness), std::move(its_facts));
    }
    const std::string status = left ? fmt::format(" with status {}", left->exit_code) : std::string{};
    its_readiness.out_of_memory = left && ran_out_of_memory(*left);
    if (left) {
        its_readiness.exit_code = left->exit_code;
    }
    ErrorFacts its_facts;
    if (its_readiness.out_of_memory) {
        its_facts = facts(
            "BR0302", fmt::format("service '{}' ran out of memory and was ended{} before it was ready", name, status));
        its_facts.hints = {"give it more with 'mem_limit'"};
    } else if (hopeless.why == Hopeless::Why::wrong_exit) {
        its_facts = facts("BR0302", fmt::format("service '{}' exited{}, wanted {}", name, status, hopeless.wanted));
        its_facts.hints = {fmt::format("accept it with 'wait.exit', or {}", k_look_inside)};
    } else {
        its_facts = facts("BR0302", fmt::format("service '{}' exited{} before it was ready", name, status));
        its_facts.hints = {fmt::format("{}; a service that is meant to end says 'wait: exit'", k_look_inside)};
    }
    throw NotReady(std::move(its_readiness), std::move(its_facts));
}

}  // namespace berth::runtime

// SPDX-License-Identifier: Apache-2.0
#include <berth/core/log.hpp>
#include <berth/core/units.hpp>
#include <berth/runtime/internal/probes.hpp>
#include <berth/runtime/internal/readiness_errors.hpp>
#include <berth/runtime/internal/waiting.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <optional>
#include <stop_token>
#include <thread>
#include <utility>

namespace berth::runtime {
namespace {

using namespace std::chrono_literals;

constexpr Duration k_stays_running = 1s;  // `wait: auto` of a service that offers nothing to look at
constexpr std::size_t k_kept_output = 4096;

std::string last_line(std::string_view text) {
    const auto end = text.find_last_not_of(" \t\r\n");
    if (end == std::string_view::npos) {
        return {};
    }
    text = text.substr(0, end + 1);
    const auto begin = text.find_last_of("\r\n");
    return std::string(begin == std::string_view::npos ? text : text.substr(begin + 1));
}

/// Looks at one service until its strategy holds.
class Waiting {
  public:
    explicit Waiting(const WaitInput& input) : in_(input), live_(input.service.live()) {}

    [[nodiscard]] const Journal& journal() const noexcept { return journal_; }

    // Whether everything in `node` held before its time was over. Hopeless when waiting longer is of no use.
    bool holds(const WaitSpec& node, const Deadline& outer) {
        const Deadline deadline =
            node.timeout.given() ? Deadline(std::min(outer.at(), live_->started + *node.timeout), outer.stop()) : outer;
        return (!node.log.given() || log(*node.log, deadline)) &&
               (!node.port.given() || is_image_health(node) || ports(*node.port, node.interval, deadline)) &&
               (!node.http.given() || http(*node.http, node.interval, deadline)) &&
               (!node.exec.given() || command(*node.exec, node.interval, deadline)) &&
               (!node.healthcheck.given() || health(*node.healthcheck, deadline)) &&
               (!node.exit.given() || exit(*node.exit, deadline)) && (!node.simple.given() || simple(node, deadline)) &&
               all(*node.all, deadline) && (!node.any.given() || any(*node.any, deadline));
    }

    bool health(const WaitHealth& wanted, const Deadline& deadline) {
        journal_.heard("healthcheck", "starting");
        const bool fails = wanted.on_unhealthy.value_or(WaitHealth::OnUnhealthy::fail) == WaitHealth::OnUnhealthy::fail;
        const auto& id = live_->id;
        if (!live_->has_healthcheck) {
            throw Hopeless{Hopeless::Why::no_healthcheck, {}};
        }
        const bool in_time = in_.hub->wait(
            id,
            [&](const EventHub::Seen& seen) {
                if (seen.health == HealthState::Status::unhealthy) {
                    journal_.heard("healthcheck", "unhealthy");
                    return fails;
                }
                return seen.health == HealthState::Status::healthy;
            },
            deadline);
        if (in_time && in_.hub->seen(id).health == HealthState::Status::unhealthy) {
            throw Hopeless{Hopeless::Why::unhealthy, {}};
        }
        return in_time;
    }

  private:
    // `wait: auto` with a port: the image's health check goes first where it has one.
    [[nodiscard]] bool is_image_health(const WaitSpec& node) const {
        return node.simple.given() && *node.simple == WaitSpec::Simple::automatic && live_->has_healthcheck;
    }

    bool simple(const WaitSpec& node, const Deadline& deadline) {
        switch (*node.simple) {
            case WaitSpec::Simple::none:
                return true;
            case WaitSpec::Simple::running:
                return in_.service.plan.asked_to_run ? stays_running(deadline) : runs();
            case WaitSpec::Simple::automatic:
                break;
        }
        if (live_->has_healthcheck) {
            return health({}, deadline);
        }
        return node.port.given() || stays_running(deadline);
    }

    [[nodiscard]] bool runs() const {
        if (!live_->running && !in_.service.plan.restarts) {
            throw Hopeless{Hopeless::Why::ended, {}};
        }
        return true;
    }

    bool stays_running(const Deadline& deadline) {
        journal_.heard("running", "not yet for a second");
        rest_until(live_->started + k_stays_running, deadline);
        return Deadline::Clock::now() >= live_->started + k_stays_running;
    }

    bool all(const std::vector<WaitSpec>& items, const Deadline& deadline) {
        return std::all_of(items.begin(), items.end(), [&](const WaitSpec& item) { return holds(item, deadline); });
    }

    bool any(const std::vector<WaitSpec>& items, const Deadline& outer) {
        std::stop_source stop;
        const std::stop_callback passed_on(outer.stop(), [&stop] { stop.request_stop(); });
        const Deadline deadline = outer.with_stop(stop.get_token());
        std::mutex mutex;
        bool held = false;
        std::size_t late = 0;
        std::exception_ptr error;
        {
            std::vector<std::jthread> threads;
            for (const auto& item : items) {
                threads.emplace_back([&, this] {
                    std::exception_ptr its_error;
                    bool its_held = false;
                    try {
                        its_held = holds(item, deadline);
                    } catch (...) {
                        its_error = std::current_exception();
                    }
                    const std::lock_guard lock(mutex);
                    if (its_held) {
                        held = true;
                        stop.request_stop();
                    } else if (!its_error) {
                        ++late;
                    } else if (!error) {
                        error = its_error;
                    }
                });
            }
        }
        if (held) {
            return true;
        }
        outer.throw_if_cancelled();
        if (late == 0 && error) {
            std::rethrow_exception(error);
        }
        return false;
    }

    bool log(const WaitLog& wanted, const Deadline& deadline) {
        const std::size_t number = in_.log_waits->number.at(&wanted);
        const std::string probe = describe_log(wanted);
        const auto note = [&] {
            const auto found = in_.log->found(number);
            const int times = wanted.times.value_or(1);
            const std::string lines = fmt::format("{} {}", found.lines, found.lines == 1 ? "line" : "lines");
            journal_.heard(probe, times == 1 ? fmt::format("not seen in {}", lines)
                                             : fmt::format("seen {} of {} times in {}", found.matches, times, lines));
        };
        note();
        try {
            if (in_.log->wait(number, deadline)) {
                return true;
            }
        } catch (const Cancelled&) {
            note();
            throw;
        }
        note();
        if (!in_.log->found(number).over) {
            return false;
        }
        if (in_.service.plan.one_shot) {
            throw Hopeless{Hopeless::Why::ended, {}};
        }
        // The log has ended because the container has; its event is on the way.
        rest_until(deadline.at(), deadline);
        return false;
    }

    [[nodiscard]] std::vector<int> ports_of(const WaitPort& wanted) const {
        std::vector<int> numbers;
        if (wanted.port.given() && !wanted.port->empty()) {
            for (const auto& port : *wanted.port) {
                numbers.push_back(number_of(port));
            }
            return numbers;
        }
        for (const auto& port : in_.service.plan.ports) {
            if (port.protocol == Protocol::tcp) {
                numbers.push_back(port.container);
            }
        }
        return numbers;
    }

    [[nodiscard]] int number_of(const PortName& port) const {
        for (const auto& declared : in_.service.plan.ports) {
            if (!port.name.empty() && declared.name == port.name) {
                return declared.container;
            }
        }
        return port.number;
    }

    bool ports(const WaitPort& wanted, const Given<Duration>& interval, const Deadline& deadline) {
        const auto numbers = ports_of(wanted);
        return std::all_of(numbers.begin(), numbers.end(), [&](int number) {
            const std::string probe = fmt::format("port {}", number);
            return until(probe, Pace::of_connects(interval), number, deadline,
                         [&](const ProbeTarget& target) { return look_at_port(target, deadline); });
        });
    }

    bool http(const WaitHttp& wanted, const Given<Duration>& interval, const Deadline& deadline) {
        int number = 0;
        if (wanted.port.given()) {
            number = number_of(*wanted.port);
        } else if (!in_.service.plan.ports.empty()) {
            number = in_.service.plan.ports.front().container;
        }
        http::Request request{.method = to_string(wanted.method.value_or(WaitHttp::Method::get)),
                              .target = wanted.path.value_or("/")};
        for (const auto& [name, value] : *wanted.headers) {
            request.headers.add(
                name, resolve(Text(value.text.value_or(std::string{}), value.origin), Side::host, in_.lookup));
        }
        const std::string probe = fmt::format("http :{}{}", number, request.target);
        std::optional<http::Client> client;
        std::string client_host;
        return until(probe, Pace::of_connects(interval), number, deadline, [&](const ProbeTarget& target) {
            if (!client || client_host != target.host) {
                client.emplace(
                    http::Endpoint{.scheme = http::Endpoint::Scheme::tcp, .host = target.host, .port = target.port});
                client_host = target.host;
            }
            return look_at_http(*client, wanted, request, deadline);
        });
    }

    // Looks at a port of the container again and again. Where its own address turns out not to be reachable after all,
    // the published port is looked at instead.
    template <class LookAt>
    bool until(const std::string& probe, Pace pace, int port, const Deadline& deadline, LookAt look_at) {
        auto target = probe_target(*live_, port);
        if (!target) {
            journal_.heard(probe, "it has no address");
            rest_until(deadline.at(), deadline);  // what has ended has none; its event is on the way
            return false;
        }
        do {
            const Look look = look_at(*target);
            journal_.tried(probe, look.seen);
            if (look.held) {
                return true;
            }
            if (look.unreachable && !target->proxied) {
                if (const auto published = published_target(*live_, port)) {
                    target = published;
                }
            }
        } while (pace.pause(deadline));
        return false;
    }

    bool command(const WaitExec& wanted, const Given<Duration>& interval, const Deadline& deadline) {
        ExecOptions options;
        for (const auto& word : wanted.command->argv()) {
            options.command.push_back(resolve(Text(word, wanted.command.origin()), Side::network, in_.lookup));
        }
        options.user = *wanted.user;
        options.check = Check::no;
        options.keep_output = k_kept_output;
        const std::string probe =
            fmt::format("exec {}", wanted.command->words.empty() ? std::string{} : wanted.command->words.front().text);
        const CodeRanges good = wanted.exit_code.value_or(CodeRanges(0));
        Pace pace = Pace::of_commands(interval);
        do {
            try {
                const auto result = in_.service.engine.containers().exec(live_->id, options, deadline);
                const std::string said =
                    last_line(result.standard_error.empty() ? result.standard_output : result.standard_error);
                journal_.tried(probe, said.empty() ? fmt::format("exit {}", result.exit_code)
                                                   : fmt::format("exit {}: {}", result.exit_code, said));
                if (good.contains(result.exit_code)) {
                    return true;
                }
            } catch (const EngineRefused& refused) {
                journal_.tried(probe, refused.facts().engine);  // it does not run: not yet, or not any more
            } catch (const TimedOut&) {
                journal_.tried(probe, "it did not end");
                return false;
            }
        } while (pace.pause(deadline));
        return false;
    }

    bool exit(const WaitExit& wanted, const Deadline& deadline) {
        journal_.heard("exit", "still running");
        const auto& id = live_->id;
        if (!in_.hub->wait(
                id, [](const EventHub::Seen& seen) { return seen.ended; }, deadline)) {
            return false;
        }
        const auto seen = in_.hub->seen(id);
        const int code = seen.exit_code ? *seen.exit_code : in_.service.engine.containers().inspect(id).exit_code;
        in_.service.ended(code);
        journal_.heard("exit", fmt::format("status {}", code));
        const CodeRanges good = wanted.code.value_or(CodeRanges(0));
        if (!good.contains(code)) {
            throw Hopeless{Hopeless::Why::wrong_exit, good.text()};
        }
        return true;
    }

    const WaitInput& in_;
    std::shared_ptr<const Live> live_;
    Journal journal_{};
};

// Runs `wait`, and makes an error of what it comes to. The container's end stops it, unless that is what is waited for.
template <class Wait>
void with_errors(const WaitInput& input, const Deadline& overall, Duration timeout, Wait wait) {
    const auto live = input.service.live();
    const ServicePlan& plan = input.service.plan;
    Waiting waiting(input);
    std::stop_source stop;
    const std::stop_callback passed_on(overall.stop(), [&stop] { stop.request_stop(); });
    std::optional<EventHub::Watch> watch;
    if (input.hub != nullptr && !plan.one_shot && !plan.restarts) {
        watch.emplace(*input.hub, live->id, [&stop] { stop.request_stop(); });
    }
    const Deadline deadline(std::min(overall.at(), live->started + timeout), stop.get_token());
    const ReadinessErrors errors(input.service, waiting.journal(), input.hub);
    try {
        if (wait(waiting, deadline)) {
            return;
        }
    } catch (const Hopeless& hopeless) {
        errors.hopeless(hopeless);
    } catch (const Cancelled&) {
        overall.throw_if_cancelled();
        const bool ended = input.hub != nullptr && input.hub->seen(live->id).ended;
        if (!ended && input.hub != nullptr && input.hub->broken()) {
            std::rethrow_exception(input.hub->broken());
        }
        errors.hopeless({Hopeless::Why::ended, {}});
    }
    if (overall.passed()) {
        errors.environment_late();
    }
    errors.late(timeout);
}

}  // namespace

LogWaits log_waits_of(const WaitSpec& wait) {
    LogWaits all;
    const auto walk = [&](const WaitSpec& node, const auto& self) -> void {
        if (node.log.given()) {
            const WaitLog& log = *node.log;
            all.number[&log] = all.wanted.size();
            all.wanted.push_back({log.matches.given() ? Pattern(*log.matches) : Pattern::of_literal(*log.contains),
                                  log.times.value_or(1), log.stream.value_or(WaitLog::Stream::both)});
        }
        for (const auto& item : *node.all) {
            self(item, self);
        }
        for (const auto& item : *node.any) {
            self(item, self);
        }
    };
    walk(wait, walk);
    return all;
}

bool needs_events(const WaitSpec& wait) {
    const auto in_any = [](const std::vector<WaitSpec>& items) {
        return std::any_of(items.begin(), items.end(), needs_events);
    };
    return wait.port.given() || wait.http.given() || wait.log.given() || wait.exec.given() ||
           wait.healthcheck.given() || wait.exit.given() ||
           (wait.simple.given() && *wait.simple == WaitSpec::Simple::automatic) || in_any(*wait.all) ||
           in_any(*wait.any);
}

std::string describe(const WaitSpec& wait) {
    std::vector<std::string> parts;
    if (wait.log.given()) {
        parts.push_back(describe_log(*wait.log));
    }
    if (wait.port.given()) {
        std::string ports;
        for (const auto& port : *wait.port->port) {
            ports += ' ' + port.text();
        }
        parts.push_back("port" + ports);
    }
    if (wait.http.given()) {
        parts.push_back("http " + wait.http->path.value_or("/"));
    }
    if (wait.exec.given()) {
        parts.push_back("exec " +
                        (wait.exec->command->words.empty() ? std::string{} : wait.exec->command->words[0].text));
    }
    if (wait.healthcheck.given()) {
        parts.emplace_back("healthcheck");
    }
    if (wait.exit.given()) {
        parts.emplace_back("exit");
    }
    if (parts.empty() && wait.simple.given()) {
        parts.emplace_back(*wait.simple == WaitSpec::Simple::none ? "none" : "running");
    }
    for (const auto& item : *wait.all) {
        parts.push_back(describe(item));
    }
    std::string text = fmt::format("{}", fmt::join(parts, " and "));
    std::vector<std::string> others;
    for (const auto& item : *wait.any) {
        others.push_back(describe(item));
    }
    if (!others.empty()) {
        text += fmt::format("{}{}", text.empty() ? "" : " and ", fmt::join(others, " or "));
    }
    return text;
}

void wait_until_ready(const WaitInput& input, const Deadline& deadline) {
    const ServicePlan& plan = input.service.plan;
    with_errors(input, deadline, plan.ready_timeout,
                [&](Waiting& waiting, const Deadline& until) { return waiting.holds(plan.wait, until); });
}

void wait_until_healthy(const WaitInput& input, const Deadline& deadline) {
    with_errors(input, deadline, input.service.plan.ready_timeout,
                [&](Waiting& waiting, const Deadline& until) { return waiting.health({}, until); });
}

int wait_until_ended(const WaitInput& input, const Deadline& deadline) {
    const ContainerId id = input.service.live()->id;
    if (!input.hub->wait(
            id, [](const EventHub::Seen& seen) { return seen.ended; }, deadline)) {
        Journal journal;
        journal.heard("exit", "still running");
        ReadinessErrors(input.service, journal, input.hub).environment_late();
    }
    const auto seen = input.hub->seen(id);
    const int code = seen.exit_code ? *seen.exit_code : input.service.engine.containers().inspect(id).exit_code;
    input.service.ended(code);
    return code;
}

std::vector<std::string> log_tail(const Engine& engine, const ContainerId& id, bool tty) {
    constexpr int k_lines = 20;
    constexpr Duration k_patience = 5s;
    LogOptions options;
    options.tail = k_lines;
    options.tty = tty;
    std::vector<std::string> lines;
    try {
        for (auto& line : engine.containers().logs(id, options, within(k_patience))) {
            if (!line.text.empty()) {
                lines.push_back(std::move(line.text));
            }
        }
    } catch (const Error& error) {
        log::debug(fmt::format("no log of container {}: {}", id.text, error.summary()));
    }
    return lines;
}

}  // namespace berth::runtime

// SPDX-License-Identifier: Apache-2.0
#include <berth/spec/internal/validation.hpp>

#include <berth/core/pattern.hpp>
#include <berth/core/units.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace berth::internal {
namespace {

/// One `wait` of a service, with everything below it.
class WaitCheck {
  public:
    WaitCheck(Findings& findings, const ServiceSpec& service) : findings_(findings), service_(service) {
        for (const auto& port : declared_ports(service)) {
            if (port.protocol == Protocol::tcp && !never_published(service)) {
                published_.push_back(port);
            }
        }
    }

    /// @param key as it is called in messages: `wait`, `wait.all.0`
    void check(const WaitSpec& wait, const Origin& where, const std::string& key, Duration budget,
               const std::string& budget_key) {
        const Duration timeout = wait.timeout.value_or(budget);
        if (wait.timeout.given() && timeout > budget) {
            longer(key + ".timeout", timeout, budget_key, budget, wait.timeout.origin());
        } else if (wait.interval.given() && *wait.interval > timeout) {
            longer(key + ".interval", *wait.interval, wait.timeout.given() ? key + ".timeout" : budget_key, timeout,
                   wait.interval.origin());
        }
        const std::string child_budget = wait.timeout.given() ? key + ".timeout" : budget_key;
        check_count(wait, where, key);
        if (wait.port.given()) {
            check_port(*wait.port, first_known({wait.port->port.origin(), wait.port.origin(), where}), key);
        }
        if (wait.http.given()) {
            check_http(*wait.http, first_known({wait.http.origin(), where}), key, timeout, child_budget);
        }
        if (wait.log.given()) {
            check_log(*wait.log, first_known({wait.log.origin(), where}), key);
        }
        if (wait.exec.given() && wait.exec->command->words.empty()) {
            error("BE0203", fmt::format("'{}.exec' in service '{}' needs 'command'", key, *service_.name),
                  first_known({wait.exec.origin(), where}), key + ".exec");
        }
        if (wait.healthcheck.given()) {
            check_health(first_known({wait.healthcheck.origin(), where}), key);
        }
        if (wait.exit.given()) {
            check_exit(first_known({wait.exit.origin(), where}), key);
        }
        if (wait.file.given() && (wait.file->empty() || wait.file->front() != '/')) {
            error("BE0302", fmt::format("'{}' must be an absolute path in the container", *wait.file),
                  first_known({wait.file.origin(), where}), key + ".file");
        }
        if (wait.delay.given()) {
            findings_.warning("BW0112",
                              "'delay' makes runs slow and still racy; wait for a port, a log line or a command",
                              first_known({wait.delay.origin(), where}), path_of(service_, "wait"));
            if (*wait.delay > timeout) {
                longer(key + ".delay", *wait.delay, child_budget, timeout, wait.delay.origin());
            }
        }
        check_pattern(wait.exec->output_matches, where, key + ".exec.output_matches");
        check_pattern(wait.http->body_matches, where, key + ".http.body_matches");
        children(wait.all, key + ".all", where, timeout, child_budget);
        children(wait.any, key + ".any", where, timeout, child_budget);
    }

  private:
    static bool never_published(const ServiceSpec& service) {
        return service.publish.given() && *service.publish == Publish::never;
    }

    Diagnostic& error(std::string code, std::string message, const Origin& where, const std::string& key) {
        std::string path = key;
        std::replace(path.begin(), path.end(), '.', '/');
        return findings_.error(std::move(code), std::move(message), where, path_of(service_, path));
    }

    void children(const Given<std::vector<WaitSpec>>& items, const std::string& key, const Origin& where,
                  Duration timeout, const std::string& budget_key) {
        for (std::size_t i = 0; i < items->size(); ++i) {
            check((*items)[i], first_known({items.origin(), where}), fmt::format("{}.{}", key, i), timeout, budget_key);
        }
    }

    void longer(const std::string& key, Duration value, const std::string& than, Duration limit, const Origin& where) {
        error("BE0702",
              fmt::format("'{}' ({}) is longer than '{}' ({})", key, format_duration(value), than,
                          format_duration(limit)),
              where, key);
    }

    void check_count(const WaitSpec& wait, const Origin& where, const std::string& key) {
        std::vector<std::string> given;
        const auto count = [&](bool is_given, std::string_view name) {
            if (is_given) {
                given.emplace_back(name);
            }
        };
        count(wait.port.given(), "port");
        count(wait.http.given(), "http");
        count(wait.log.given(), "log");
        count(wait.exec.given(), "exec");
        count(wait.healthcheck.given(), "healthcheck");
        count(wait.exit.given(), "exit");
        count(wait.file.given(), "file");
        count(wait.delay.given(), "delay");
        count(!wait.all->empty(), "all");
        count(!wait.any->empty(), "any");
        if (!wait.simple.given() && given.empty()) {
            error(
                "BE0701",
                fmt::format("'{}' needs at least one strategy; known are 'port', 'http', 'log', 'exec', 'healthcheck', "
                            "'exit', 'file', 'all', 'any'",
                            key),
                where, key);
        } else if (wait.simple.given() && !given.empty()) {
            static constexpr std::string_view k_names[] = {"auto", "none", "running"};
            error("BE0204",
                  fmt::format("'{}' and '{}' cannot both be given", k_names[static_cast<std::size_t>(*wait.simple)],
                              given.front()),
                  first_known({wait.simple.origin(), where}), key);
        }
    }

    /// Whether `port` can be probed from the host; says why not.
    void check_reachable(const PortName& port, const Origin& where, const std::string& key) {
        if (port.name.empty() && (port.number < 1 || port.number > 65535)) {
            error("BE0307", fmt::format("'{}' is not a port: ports are 1 to 65535", port.number), where, key);
            return;
        }
        const bool published = std::any_of(published_.begin(), published_.end(), [&](const DeclaredPort& one) {
            return port.name.empty() ? one.container == port.number : one.name == port.name;
        });
        if (published) {
            return;
        }
        const auto declared = declared_ports(service_);
        const bool known = std::any_of(declared.begin(), declared.end(),
                                       [&](const DeclaredPort& one) { return one.name == port.name; });
        if (!port.name.empty() && !known) {
            error("BE0413", fmt::format("port '{}' of '{}' is not in its 'ports'", port.name, *service_.name), where,
                  key);
        } else {
            error("BE0707",
                  fmt::format("port {} of '{}' is not published, so the host cannot probe it; add it to 'ports'",
                              port.text(), *service_.name),
                  where, key);
        }
    }

    void check_port(const WaitPort& wait, const Origin& where, const std::string& key) {
        const bool through_host =
            wait.from.value_or(WaitPort::From::host) == WaitPort::From::host || *wait.from == WaitPort::From::both;
        if (!through_host) {
            return;
        }
        for (const auto& port : *wait.port) {
            check_reachable(port, where, key + ".port");
        }
        if (wait.port->empty() && published_.empty()) {
            error("BE0707",
                  fmt::format("'{}' publishes no TCP port, so the host has none to probe; add one to 'ports'",
                              *service_.name),
                  where, key + ".port");
        }
    }

    void check_http(const WaitHttp& http, const Origin& where, const std::string& key, Duration timeout,
                    const std::string& budget_key) {
        if (http.port.given()) {
            check_reachable(*http.port, first_known({http.port.origin(), where}), key + ".http");
        } else if (published_.empty()) {
            error("BE0707",
                  fmt::format("'{}' publishes no TCP port, so the host has none to probe; add one to 'ports'",
                              *service_.name),
                  where, key + ".http");
        } else if (published_.size() > 1) {
            std::vector<std::string> ports;
            for (const auto& port : published_) {
                ports.push_back(port.name.empty() ? fmt::format("{}", port.container) : port.name);
            }
            error("BE0704", fmt::format("'{}' publishes {}; say which with 'port'", *service_.name, quoted_list(ports)),
                  where, key + ".http");
        }
        if (http.request_timeout.given() && *http.request_timeout > timeout) {
            longer(key + ".http.request_timeout", *http.request_timeout, budget_key, timeout,
                   http.request_timeout.origin());
        }
    }

    void check_log(const WaitLog& log, const Origin& where, const std::string& key) {
        if (log.matches.given() && log.contains.given()) {
            error("BE0204", "'matches' and 'contains' cannot both be given", where, key + ".log");
        } else if (!log.matches.given() && !log.contains.given()) {
            error("BE0709", "'log' needs 'matches' or 'contains'", where, key + ".log");
        }
        check_pattern(log.matches, where, key + ".log.matches");
        check_pattern(log.fail_on, where, key + ".log.fail_on");
        check_early_line(log, where, key);
    }

    void check_pattern(const Given<std::string>& pattern, const Origin& where, const std::string& key) {
        if (!pattern.given()) {
            return;
        }
        try {
            const Pattern compiled(*pattern);
        } catch (const BadPattern& bad) {
            error("BE0311",
                  fmt::format("regular expression does not compile: {} at character {}", bad.what(), bad.position()),
                  first_known({pattern.origin(), where}), key);
        }
    }

    /// Images that start their server once to set it up, and then again.
    void check_early_line(const WaitLog& log, const Origin& where, const std::string& key) {
        struct Early {
            std::string_view image;
            std::string_view line;
        };
        static constexpr Early k_early[] = {{"postgres", "ready to accept connections"},
                                            {"mysql", "ready for connections"},
                                            {"mariadb", "ready for connections"}};
        const std::string_view image = service_.image->text;
        const std::string_view repository = image.substr(0, image.find_first_of(":@"));
        const std::string_view name = repository.substr(repository.rfind('/') + 1);
        const std::string line = log.contains.given() ? *log.contains : *log.matches;
        for (const auto& early : k_early) {
            if (name == early.image && line.find(early.line) != std::string::npos && log.times.value_or(1) < 2) {
                auto& found = error("BW0116",
                                    fmt::format("'{}' prints this line before it is ready; use 'times: 2' or the '{}' "
                                                "fixture",
                                                image, early.image),
                                    first_known({log.contains.origin(), log.matches.origin(), where}), key + ".log");
                found.severity = Severity::warning;
            }
        }
    }

    void check_health(const Origin& where, const std::string& key) {
        const HealthcheckSpec& check = *service_.healthcheck;
        if (check.disable.value_or(false) || (!check.test->empty() && check.test->front().text == "NONE")) {
            auto& found =
                error("BE0703", fmt::format("'{}' waits on health, but its healthcheck is disabled", *service_.name),
                      where, key + ".healthcheck");
            if (const Origin off = first_known({check.disable.origin(), check.test.origin()}); off.known()) {
                found.labels.push_back({off, "disabled here"});
            }
        }
    }

    void check_exit(const Origin& where, const std::string& key) {
        const auto kind = service_.restart->kind;
        if (kind == RestartPolicy::Kind::always || kind == RestartPolicy::Kind::unless_stopped) {
            error("BE0708",
                  fmt::format("'{}' waits for exit but 'restart: {}' starts it again", *service_.name,
                              to_text(*service_.restart)),
                  where, key + ".exit");
        }
    }

    Findings& findings_;
    const ServiceSpec& service_;
    std::vector<DeclaredPort> published_{};
};

void check_healthcheck(Findings& findings, const ServiceSpec& service) {
    const auto& test = service.healthcheck->test;
    if (test->empty()) {
        return;
    }
    const std::string& first = test->front().text;
    if (first != "CMD" && first != "CMD-SHELL" && first != "NONE") {
        findings.error("BE0305",
                       fmt::format("a 'test' list starts with CMD, CMD-SHELL or NONE, this starts with '{}'", first),
                       first_known({test->front().origin, test.origin(), service.healthcheck.origin()}),
                       path_of(service, "healthcheck/test"));
    }
}

/// A long interval counts in full before the first answer where the engine has no probes at start.
void check_slow_probe(Findings& findings, const ServiceSpec& service) {
    constexpr Duration k_slow = std::chrono::seconds(10);
    const HealthcheckSpec& check = *service.healthcheck;
    const WaitSpec wait = effective_wait(findings.spec, service);
    if (wait.healthcheck.given() && check.interval.given() && *check.interval >= k_slow &&
        !check.start_interval.given()) {
        findings.warning("BW0117",
                         fmt::format("health 'interval' of {} delays readiness; add 'start_interval'",
                                     format_duration(*check.interval)),
                         check.interval.origin(), path_of(service, "healthcheck/interval"));
    }
}

void check_no_readiness(Findings& findings, const ServiceSpec& service) {
    const WaitSpec wait = effective_wait(findings.spec, service);
    const bool by_itself = wait.simple.given() && *wait.simple == WaitSpec::Simple::automatic && !wait.port.given();
    const bool written = service.wait.given() && service.wait->simple.given();
    if (by_itself) {
        findings.warning(
            "BW0118",
            fmt::format("'{}' has no healthcheck, no port and no 'wait'; ready means only running", *service.name),
            written ? service.wait.origin() : place_of(service), path_of(service));
    }
}

}  // namespace

void check_waits(Findings& findings) {
    for (const auto& service : findings.spec.services) {
        check_healthcheck(findings, service);
        if (service.wait.given()) {
            WaitCheck(findings, service)
                .check(*service.wait, service.wait.origin(), "wait", up_timeout(findings.spec), "timeouts.up");
        }
        check_slow_probe(findings, service);
        check_no_readiness(findings, service);
    }
}

namespace {

void check_step(Findings& findings, const StepSpec& step, const Origin& list, const std::string& path) {
    const Origin where = first_known({step.origin, step.name.origin(), step.exec.origin(), list});
    const int actions = (step.exec.given() && !step.exec->words.empty() ? 1 : 0) +
                        (step.host.given() && !step.host->words.empty() ? 1 : 0) + (step.http.given() ? 1 : 0) +
                        (step.copy.given() ? 1 : 0) + (step.container.given() ? 1 : 0);
    if (actions != 1) {
        findings.error(
            "BE0705",
            fmt::format("a step needs exactly one of 'exec', 'host', 'http', 'copy', 'container', this has {}",
                        actions),
            where, path);
    }
    if (step.stdin_text.given() && step.stdin_file.given()) {
        findings.error("BE0204", "'stdin' and 'stdin_file' cannot both be given", where, path);
    }
    if (step.http->body.given() && step.http->body_file.given()) {
        findings.error("BE0204", "'body' and 'body_file' cannot both be given", where, path);
    }
}

}  // namespace

void check_steps(Findings& findings) {
    for (const auto& service : findings.spec.services) {
        for (const auto& [steps, key] : {std::pair{&service.post_ready, "post_ready"}, {&service.reset, "reset"}}) {
            for (std::size_t i = 0; i < (*steps)->size(); ++i) {
                check_step(findings, (**steps)[i], steps->origin(), path_of(service, fmt::format("{}/{}", key, i)));
            }
        }
    }
}

}  // namespace berth::internal

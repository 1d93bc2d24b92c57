// SPDX-License-Identifier: Apache-2.0
#include <berth/core/log.hpp>
#include <berth/core/units.hpp>
#include <berth/runtime/internal/probes.hpp>
#include <berth/runtime/internal/steps.hpp>
#include <berth/spec/defaults.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <utility>

namespace berth::runtime {
namespace {

using namespace std::chrono_literals;

constexpr Duration k_between_retries = 1s;
constexpr std::size_t k_shown_output = 20;  // lines

std::string read_input(const EnvironmentSpec& spec, const StepSpec& step) {
    const std::string path = host_path(spec, *step.stdin_file, step.stdin_file.origin());
    std::ifstream file(path, std::ios::binary);
    std::string content{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    if (!file.is_open() || file.bad()) {
        throw Error({.code = "BR0401",
                     .summary = fmt::format("cannot read '{}'", path),
                     .origin = step.stdin_file.origin(),
                     .hints = {"it is the 'stdin_file' of a step"}});
    }
    return content;
}

std::vector<std::string> last_lines(const std::string& text) {
    std::vector<std::string> lines;
    std::size_t at = 0;
    while (at < text.size()) {
        const auto end = std::min(text.find('\n', at), text.size());
        lines.push_back(text.substr(at, end - at));
        at = end + 1;
    }
    if (lines.size() > k_shown_output) {
        lines.erase(lines.begin(), lines.end() - static_cast<std::ptrdiff_t>(k_shown_output));
    }
    return lines;
}

ExecOptions options_of(const EnvironmentSpec& spec, const StepSpec& step, const ReferenceLookup& lookup) {
    ExecOptions options;
    for (const auto& word : step.exec->argv()) {
        options.command.push_back(resolve(Text(word, step.exec.origin()), Side::network, lookup));
    }
    for (const auto& [name, value] : *step.environment) {
        options.environment.push_back(fmt::format(
            "{}={}", name, resolve(Text(value.text.value_or(std::string{}), value.origin), Side::network, lookup)));
    }
    options.user = *step.user;
    if (step.stdin_text.given()) {
        options.input = resolve(*step.stdin_text, Side::network, lookup);
        options.attach_stdin = true;
    } else if (step.stdin_file.given()) {
        options.input = read_input(spec, step);
        options.attach_stdin = true;
    }
    options.check = Check::no;
    return options;
}

/// One step until it succeeds or its retries are over. @returns why it failed; empty when it did not
class Step {
  public:
    Step(const Service::State& service, const EnvironmentSpec& spec, const StepSpec& step, std::size_t number)
        : service_(service),
          spec_(spec),
          step_(step),
          name_(step.name.given() ? *step.name : fmt::format("step {}", number)) {}

    void run(const ReferenceLookup& lookup, const Deadline& outer) const {
        const ExecOptions options = options_of(spec_, step_, lookup);
        const CodeRanges good = step_.exit_code.value_or(CodeRanges(0));
        const int retries = step_.retries.value_or(0);
        for (int attempt = 0;; ++attempt) {
            const Duration patience = step_timeout(spec_, step_);
            CommandResult result;
            bool late = false;
            try {
                result = service_.engine.containers().exec(service_.id(), options, outer.sooner(patience));
            } catch (const TimedOut&) {
                if (outer.passed()) {
                    throw;
                }
                late = true;
            }
            if (!late && good.contains(result.exit_code)) {
                return;
            }
            if (attempt < retries) {
                const auto pause = step_.interval.value_or(k_between_retries);
                rest_until(Deadline::Clock::now() + pause, outer);
                continue;
            }
            fail(result, late ? fmt::format("did not end within {}", format_duration(patience))
                              : fmt::format("ended with status {}", result.exit_code));
            return;
        }
    }

  private:
    void fail(const CommandResult& result, const std::string& how) const {
        const std::string summary = fmt::format("{} of service '{}' {}", name_, service_.plan.name, how);
        if (step_.ignore_failure.value_or(false)) {
            log::warn(summary + ", which its 'ignore_failure' allows");
            return;
        }
        ErrorFacts facts{.code = "BR0307", .summary = summary, .origin = step_.origin};
        const std::string& said = result.standard_error.empty() ? result.standard_output : result.standard_error;
        for (auto& line : last_lines(said)) {
            facts.details.emplace_back("output", std::move(line));
        }
        facts.hints = {fmt::format("try it by hand after 'berth up --keep': berth exec {} -- …", service_.plan.name)};
        throw CommandFailed(result.exit_code, result.standard_output, result.standard_error, std::move(facts));
    }

    const Service::State& service_;
    const EnvironmentSpec& spec_;
    const StepSpec& step_;
    std::string name_;
};

}  // namespace

void run_post_ready(const Service::State& service, const EnvironmentSpec& spec, const ReferenceLookup& lookup,
                    const Deadline& deadline) {
    std::size_t number = 0;
    for (const auto& step : *service.plan.spec.post_ready) {
        Step(service, spec, step, ++number).run(lookup, deadline);
    }
}

}  // namespace berth::runtime

// SPDX-License-Identifier: Apache-2.0
#include <berth/core/log.hpp>
#include <berth/core/text_distance.hpp>
#include <berth/core/units.hpp>
#include <berth/runtime/environment.hpp>
#include <berth/runtime/internal/environment_state.hpp>
#include <berth/spec/defaults.hpp>

#include <fmt/format.h>

#include <exception>
#include <utility>

namespace berth {
namespace {

using namespace std::chrono_literals;

constexpr auto k_connect_patience = 5s;

std::string runs_directory(const runtime::Plan& plan, const UpOptions& options) {
    return options.runs_directory.empty() ? plan.spec.artifacts->dir.value_or(".berth/runs") : options.runs_directory;
}

Deadline for_down(const Environment::State& state) {
    return within(down_timeout(state.plan.spec));
}

void resolve_exports(Environment::State& state) {
    const ReferenceLookup lookup = runtime::references_of(state.world());
    for (const auto& [name, value] : *state.plan.spec.exports) {
        state.exports[name] = resolve(Text(value.text.value_or(std::string{}), value.origin), Side::host, lookup);
    }
}

// Ends a bring-up that failed: everything goes (or stays, when that was asked for) before anybody hears of it.
// @returns what else is to be told
std::vector<std::string> roll_back(Environment::State& state) {
    state.failed = true;
    state.is_down = true;
    const Deadline deadline = for_down(state);
    runtime::gather(state, deadline);
    if (state.options.keep_on_failure) {
        runtime::release_all(state);
        return {fmt::format("what came up is kept; 'berth down --all --project {}' removes it (label berth.run={})",
                            state.plan.project, state.plan.run.text())};
    }
    std::vector<std::string> notes;
    for (const auto& left : runtime::remove_all(state, deadline)) {
        notes.push_back("left behind: " + left);
    }
    runtime::abandon_all(state);
    return notes;
}

// The whole environment's time was over: that is what the caller asked for, whatever it was that took the time.
[[noreturn]] void time_is_over(const Environment::State& state, const ErrorFacts& because) {
    ErrorFacts facts = because;
    facts.code = "BR0304";
    facts.summary = fmt::format("environment '{}' was not up in time: {}", state.plan.project, because.summary);
    facts.hints = {fmt::format("allow more than {} with 'timeouts.up' or '--timeout'",
                               format_duration(up_timeout(state.plan.spec)))};
    throw TimedOut(std::move(facts));
}

void bring_up(Environment::State& state, const Deadline& deadline) {
    try {
        runtime::launch(state, deadline);
        resolve_exports(state);
        state.folder.write("state.json", state.state_json());
    } catch (Error& error) {
        const auto notes = roll_back(state);
        error.amend([&](ErrorFacts& facts) { facts.notes.insert(facts.notes.end(), notes.begin(), notes.end()); });
        if (deadline.passed() && error.code() != "BR0304" && dynamic_cast<const TimedOut*>(&error) != nullptr) {
            time_is_over(state, error.facts());
        }
        throw;
    } catch (...) {
        for (const auto& note : roll_back(state)) {
            log::error(note);
        }
        throw;
    }
}

}  // namespace

Environment::State::State(runtime::Plan its_plan, const UpOptions& its_options, const Engine& its_engine)
    : plan(std::move(its_plan)),
      options(its_options),
      engine(its_engine),
      session(its_engine, plan.run,
              {.project = plan.project, .keep = options.outlives_process ? KeepLabel::up : KeepLabel::nothing}),
      folder(runs_directory(plan, options), plan.run),
      reporter(timeline, options.on_progress),
      containers(plan.services.size()) {
    for (const auto& service : plan.services) {
        states.push_back(std::make_shared<Service::State>(engine, plan, service));
        services.emplace_back(states.back());
    }
}

Environment up(const EnvironmentSpec& spec, const UpOptions& options, Deadline deadline) {
    deadline.throw_if_cancelled();
    runtime::Plan plan = runtime::make_plan(spec, options);
    const Deadline overall = deadline.sooner(up_timeout(plan.spec));
    const Engine engine = options.connected ? *options.connected
                                            : Engine::connect({.endpoint = options.engine, .api_version = {}},
                                                              overall.sooner(k_connect_patience));
    auto state = std::make_unique<Environment::State>(std::move(plan), options, engine);
    if (options.on_folder) {
        options.on_folder(state->folder.path());
    }
    state->reporter.phase({}, "up", state->plan.project, [&] { bring_up(*state, overall); });
    return Environment(std::move(state));
}

OwnedService start(const ServiceSpec& service, const UpOptions& options, Deadline deadline) {
    EnvironmentSpec spec;
    spec.name = project_name_from(*service.name);
    return OwnedService(up(spec.with_service(service), options, std::move(deadline)));
}

Environment::Environment(std::unique_ptr<State> state) noexcept : state_(std::move(state)) {}
Environment::Environment(Environment&&) noexcept = default;

Environment& Environment::operator=(Environment other) noexcept {
    std::swap(state_, other.state_);
    return *this;
}

Environment::~Environment() {
    if (!state_ || state_->is_down || !state_->session.is_owner_process() || state_->options.outlives_process) {
        if (state_) {
            runtime::release_all(*state_);
        }
        return;
    }
    try {
        try {
            down();
        } catch (const std::exception& error) {
            runtime::abandon_all(*state_);
            log::error(error.what());
        }
    } catch (...) {
        // Not even a line could be made of it (out of memory): the labels still name the owner for the next sweep.
        return;
    }
}

const EnvironmentSpec& Environment::spec() const noexcept {
    return state_->plan.spec;
}

const RunId& Environment::run() const noexcept {
    return state_->plan.run;
}

const std::string& Environment::folder() const noexcept {
    return state_->folder.path();
}

const Engine& Environment::engine() const noexcept {
    return state_->engine;
}

const Service& Environment::service(std::string_view name) const {
    std::vector<std::string> known;
    for (const auto& service : state_->services) {
        if (service.name() == name) {
            return service;
        }
        known.push_back(service.name());
    }
    const std::string guess = did_you_mean(near_matches(name, known));
    throw Error({.code = "BE0505",
                 .summary = fmt::format("'{}' is not a service{}{}", name, guess.empty() ? "" : "; ", guess),
                 .hints = {fmt::format("the services that are up are {}", fmt::join(known, ", "))}});
}

const std::vector<Service>& Environment::services() const noexcept {
    return state_->services;
}

const std::map<std::string, std::string>& Environment::exports() const noexcept {
    return state_->exports;
}

std::string Environment::resolve(const Text& text) const {
    return berth::resolve(text, Side::host, runtime::references_of(state_->world()));
}

std::string Environment::state_json() const {
    return state_->state_json();
}

const Timeline& Environment::timeline() const noexcept {
    return state_->timeline;
}

void Environment::mark_failed() noexcept {
    state_->failed = true;
}

void Environment::down(Deadline deadline) {
    if (!state_ || state_->is_down || !state_->session.is_owner_process()) {
        return;
    }
    runtime::gather(*state_, deadline);
    const auto left = runtime::remove_all(*state_, deadline);
    if (!left.empty()) {
        ErrorFacts facts{
            .code = "BR0501",
            .summary = fmt::format("{} of environment '{}' could not be removed",
                                   left.size() == 1 ? "one object" : fmt::format("{} objects", left.size()),
                                   state_->plan.project),
            .hints = {fmt::format("'berth down --all --project {}' tries again; they carry the label berth.run={}",
                                  state_->plan.project, state_->plan.run.text())}};
        for (const auto& each : left) {
            facts.details.emplace_back("left", each);
        }
        throw Error(std::move(facts));
    }
    state_->is_down = true;
}

void Environment::down() {
    if (state_) {
        down(for_down(*state_));
    }
}

void Environment::release() noexcept {
    if (state_) {
        runtime::release_all(*state_);
        state_->is_down = true;
    }
}

}  // namespace berth

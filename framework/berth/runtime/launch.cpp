// SPDX-License-Identifier: Apache-2.0
#include <berth/core/names.hpp>
#include <berth/engine/containers.hpp>
#include <berth/engine/images.hpp>
#include <berth/runtime/internal/address.hpp>
#include <berth/runtime/internal/container_config.hpp>
#include <berth/runtime/internal/environment_state.hpp>
#include <berth/runtime/internal/files.hpp>
#include <berth/runtime/internal/image_pulls.hpp>
#include <berth/runtime/internal/scheduler.hpp>
#include <berth/runtime/internal/start_gate.hpp>
#include <berth/runtime/internal/steps.hpp>
#include <berth/runtime/internal/waiting.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <utility>

namespace berth::runtime {
namespace {

constexpr std::size_t k_none = static_cast<std::size_t>(-1);

// A service's name says more than that of its container, or than 12 digits of an id.
void name_service(ErrorFacts& facts, const Service::State& service) {
    const std::string id(short_id(service.id().text));
    for (const std::string& shown : {service.plan.container_name, id}) {
        const std::string before = fmt::format("container '{}'", shown);
        if (const auto at = facts.summary.find(before); !shown.empty() && at != std::string::npos) {
            facts.summary.replace(at, before.size(), fmt::format("service '{}'", service.plan.name));
        }
    }
    if (!facts.origin.known()) {
        facts.origin = service.plan.spec.name.origin();
    }
}

/// The phases of one bring-up, and what they share.
class Launch {
  public:
    explicit Launch(Environment::State& state)
        : state_(state),
          pulls_(state.engine, state.reporter, pull_timeout(state.plan.spec)),
          gate_(state.options.parallel) {}

    void run(const Deadline& deadline) {
        add_phases();
        scheduler_.run(deadline);
    }

  private:
    /// The numbers of a service's phases in the scheduler.
    struct Phases {
        std::size_t create{k_none};
        std::size_t start{k_none};
        std::size_t ready{k_none};  ///< The last one: also post_ready.
        std::size_t healthy{k_none};
        std::size_t completed{k_none};
        std::size_t completed_well{k_none};
    };

    struct Prepared {
        explicit Prepared(ReferenceLookup its_lookup) : lookup(std::move(its_lookup)) {}
        ReferenceLookup lookup;
        LogWaits log_waits{};
        std::optional<LogFollower> log{};
    };

    void add_phases() {
        const Plan& plan = state_.plan;
        const std::vector<std::size_t> networks = add_networks();
        const std::vector<std::size_t> volumes = add_volumes();
        const std::size_t events = add_events();
        phases_.resize(plan.services.size());
        for (std::size_t i = 0; i < plan.services.size(); ++i) {
            prepared_.push_back(std::make_unique<Prepared>(references_of(state_.world(), plan.services[i].name)));
            add_service(i, networks, volumes, events);
        }
        for (const auto& edge : plan.graph.edges()) {
            const Phases& from = phases_[edge.from];
            const std::size_t reached = condition(edge.to, edge.condition);
            scheduler_.order(edge.implicit ? from.create : from.start, reached);
        }
    }

    std::vector<std::size_t> add_networks() {
        std::vector<std::size_t> phases;
        state_.networks.resize(state_.plan.networks.size());
        for (std::size_t i = 0; i < state_.plan.networks.size(); ++i) {
            phases.push_back(scheduler_.add([this, i](const Deadline& deadline) { create_network(i, deadline); }));
        }
        return phases;
    }

    std::vector<std::size_t> add_volumes() {
        std::vector<std::size_t> phases;
        state_.volumes.resize(state_.plan.volumes.size());
        for (std::size_t i = 0; i < state_.plan.volumes.size(); ++i) {
            phases.push_back(scheduler_.add([this, i](const Deadline& deadline) { create_volume(i, deadline); }));
        }
        return phases;
    }

    std::size_t add_events() {
        const auto& services = state_.plan.services;
        const auto& edges = state_.plan.graph.edges();
        const bool wanted =
            std::any_of(services.begin(), services.end(),
                        [](const auto& each) { return needs_events(each.wait) || each.asked_to_run; }) ||
            std::any_of(edges.begin(), edges.end(),
                        [](const Edge& edge) { return edge.condition != DependsCondition::service_ready; });
        if (!wanted) {
            return k_none;
        }
        hub_.emplace(state_.engine, state_.plan.run.text());
        return scheduler_.add([this](const Deadline& deadline) { hub_->open(deadline); });
    }

    void add_service(std::size_t i, const std::vector<std::size_t>& networks, const std::vector<std::size_t>& volumes,
                     std::size_t events) {
        const ServicePlan& service = state_.plan.services[i];
        Phases& phases = phases_[i];
        std::vector<std::size_t> before;
        for (std::size_t n = 0; n < networks.size(); ++n) {
            const auto& on = service.networks;
            if (std::find(on.begin(), on.end(), state_.plan.networks[n]) != on.end()) {
                before.push_back(networks[n]);
            }
        }
        before.insert(before.end(), volumes.begin(), volumes.end());
        if (service.spec.pull_policy.value_or(PullPolicy::missing) == PullPolicy::always) {
            before.push_back(scheduler_.add([this, i](const Deadline& deadline) { pull(i, deadline); }));
        }
        phases.create = scheduler_.add([this, i](const Deadline& deadline) { create(i, deadline); }, before);
        std::size_t last = phases.create;
        if (!service.spec.copy->empty()) {
            last = scheduler_.add([this, i](const Deadline& deadline) { copy(i, deadline); }, {last});
        }
        phases.start = scheduler_.add([this, i](const Deadline& deadline) { start(i, deadline); }, {last});
        if (events != k_none) {
            scheduler_.order(phases.start, events);
        }
        phases.ready = scheduler_.add([this, i](const Deadline& deadline) { ready(i, deadline); }, {phases.start});
        if (!service.spec.post_ready->empty()) {
            phases.ready =
                scheduler_.add([this, i](const Deadline& deadline) { post_ready(i, deadline); }, {phases.ready});
        }
    }

    // The phase after which `service` has reached `condition`; made when it is first asked for.
    std::size_t condition(std::size_t service, DependsCondition condition) {
        Phases& phases = phases_[service];
        switch (condition) {
            case DependsCondition::service_started:
                return phases.start;
            case DependsCondition::service_ready:
                return phases.ready;
            case DependsCondition::service_healthy:
                if (phases.healthy == k_none) {
                    phases.healthy = scheduler_.add(
                        [this, service](const Deadline& deadline) { wait_until_healthy(input(service), deadline); },
                        {phases.start});
                }
                return phases.healthy;
            case DependsCondition::service_completed:
                if (phases.completed == k_none) {
                    phases.completed = scheduler_.add(
                        [this, service](const Deadline& deadline) { wait_until_ended(input(service), deadline); },
                        {phases.start});
                }
                return phases.completed;
            case DependsCondition::service_completed_successfully:
                if (phases.completed_well == k_none) {
                    phases.completed_well =
                        scheduler_.add([this, service](const Deadline& deadline) { completed_well(service, deadline); },
                                       {phases.start});
                }
                return phases.completed_well;
        }
        return phases.ready;
    }

    void create_network(std::size_t i, const Deadline& deadline) {
        const std::string& key = state_.plan.networks[i];
        state_.reporter.phase({}, "network", key, [&] {
            NetworkConfig config;
            const auto& declared = *state_.plan.spec.networks;
            if (const auto found = declared.find(key); found != declared.end()) {
                config.driver = found->second.driver.value_or("bridge");
                config.internal = found->second.internal.value_or(false);
            }
            config.labels = state_.session.labels();
            auto& owner = state_.networks[i].emplace(state_.session, object_name(state_.plan.run, key));
            owner.create(config, deadline);
        });
    }

    void create_volume(std::size_t i, const Deadline& deadline) {
        const std::string& key = state_.plan.volumes[i];
        state_.reporter.phase({}, "volume", key, [&] {
            std::string driver = "local";
            const auto& declared = *state_.plan.spec.volumes;
            if (const auto found = declared.find(key); found != declared.end()) {
                driver = found->second.driver.value_or(driver);
            }
            auto& owner = state_.volumes[i].emplace(state_.session, object_name(state_.plan.run, key));
            owner.create(driver, deadline);
        });
    }

    // What the engine refuses in a phase is told with the service's name and its place in the spec.
    template <class Work>
    void phase(std::size_t i, const std::string& name, const std::string& detail, Work work) {
        const Service::State& service = *state_.states[i];
        try {
            state_.reporter.phase(service.plan.name, name, detail, work);
        } catch (Error& error) {
            error.amend([&](ErrorFacts& facts) { name_service(facts, service); });
            throw;
        }
    }

    void pull(std::size_t i, const Deadline& deadline) { pulls_.pull(state_.plan.services[i], deadline); }

    void create(std::size_t i, const Deadline& deadline) {
        const ServicePlan& plan = state_.plan.services[i];
        Service::State& service = *state_.states[i];
        ConfigInput input{.plan = state_.plan,
                          .service = plan,
                          .engine = state_.engine.facts(),
                          .lookup = prepared_[i]->lookup,
                          .session_labels = state_.session.labels(plan.name, spec_hash(plan.spec)),
                          .volume_labels = state_.session.labels()};
        for (std::size_t n = 0; n < state_.plan.networks.size(); ++n) {
            if (std::find(plan.networks.begin(), plan.networks.end(), state_.plan.networks[n]) != plan.networks.end()) {
                input.network_ids[state_.plan.networks[n]] = state_.networks[n]->id();
            }
        }
        for (std::size_t n = 0; n < state_.plan.volumes.size(); ++n) {
            input.volume_names[state_.plan.volumes[n]] = state_.volumes[n]->name();
        }
        const ContainerConfig config = container_config(input);
        OwnedContainer& owner = state_.containers[i].emplace(state_.session, plan.container_name);
        const auto send = [&] { phase(i, "create", plan.container_name, [&] { owner.create(config, deadline); }); };
        try {
            send();
        } catch (const NotFound& missing) {
            if (missing.code() != "BR0202") {
                throw;
            }
            pulls_.pull_missing(plan, deadline);
            send();
        }
        service.created(owner.id());
    }

    void copy(std::size_t i, const Deadline& deadline) {
        const auto& copies = *state_.plan.services[i].spec.copy;
        phase(i, "copy", fmt::format("{} {}", copies.size(), copies.size() == 1 ? "entry" : "entries"),
              [&] { copy_all_in(*state_.states[i], state_.plan.spec, prepared_[i]->lookup, deadline); });
    }

    void start(std::size_t i, const Deadline& deadline) {
        Service::State& service = *state_.states[i];
        Prepared& prepared = *prepared_[i];
        check_started(i);
        phase(i, "start", {}, [&] {
            const auto slot = gate_.enter(deadline);
            {
                const std::lock_guard lock(state_.mutex);
                state_.start_order.push_back(i);
            }
            state_.engine.containers().start(service.id(), deadline);
            const auto started = Deadline::Clock::now();
            const ContainerFacts facts = state_.engine.containers().inspect(service.id(), deadline);
            service.came_alive(live_of(facts, started));
            prepared.log_waits = log_waits_of(service.plan.wait);
            if (!prepared.log_waits.wanted.empty()) {
                prepared.log.emplace(state_.engine, prepared.log_waits.wanted);
                prepared.log->open(service.id(), facts.tty, service.plan.restarts);
            }
        });
    }

    // `service_started` means that it still runs, or has ended well.
    void check_started(std::size_t i) const {
        for (const auto& edge : state_.plan.graph.needs_of(i)) {
            if (edge.condition != DependsCondition::service_started || edge.implicit || !hub_) {
                continue;
            }
            const Service::State& needed = *state_.states[edge.to];
            const auto seen = hub_->seen(needed.id());
            if (seen.ended && seen.exit_code.value_or(0) != 0 && !needed.plan.restarts) {
                throw NotReady({.service = needed.plan.name, .exit_code = seen.exit_code},
                               {.code = "BR0302",
                                .summary = fmt::format("service '{}' exited with status {} before '{}' was started",
                                                       needed.plan.name, *seen.exit_code, state_.plan.services[i].name),
                                .origin = edge.origin,
                                .log_tail = log_tail(state_.engine, needed.id(), needed.live()->tty)});
            }
        }
    }

    [[nodiscard]] Live live_of(const ContainerFacts& facts, Deadline::Clock::time_point started) const {
        Live live{.id = facts.id, .image_id = facts.image_id};
        live.ports = reached_ports(state_.engine.facts(), facts);
        live.direct = direct_address(state_.engine.facts(), facts, own_interfaces());
        for (const auto& [name, address] : facts.networks) {
            if (!address.ip.empty()) {
                live.ip = address.ip;
                break;
            }
        }
        live.has_healthcheck = facts.has_healthcheck;
        live.running = facts.running;
        live.tty = facts.tty;
        live.started = started;
        live.inspect = facts.raw;
        return live;
    }

    [[nodiscard]] WaitInput input(std::size_t i) {
        Prepared& prepared = *prepared_[i];
        return {.service = *state_.states[i],
                .lookup = prepared.lookup,
                .hub = hub_ ? &*hub_ : nullptr,
                .log = prepared.log ? &*prepared.log : nullptr,
                .log_waits = &prepared.log_waits};
    }

    void ready(std::size_t i, const Deadline& deadline) {
        Service::State& service = *state_.states[i];
        phase(i, "ready", describe(service.plan.wait), [&] { wait_until_ready(input(i), deadline); });
        service.became_ready();
    }

    void post_ready(std::size_t i, const Deadline& deadline) {
        Service::State& service = *state_.states[i];
        phase(i, "post_ready", {}, [&] { run_post_ready(service, state_.plan.spec, prepared_[i]->lookup, deadline); });
        service.became_ready();
    }

    void completed_well(std::size_t i, const Deadline& deadline) {
        const Service::State& service = *state_.states[i];
        const int code = wait_until_ended(input(i), deadline);
        if (code != 0) {
            throw NotReady({.service = service.plan.name, .exit_code = code},
                           {.code = "BR0302",
                            .summary = fmt::format("service '{}' exited with status {}, and others need it to end "
                                                   "well",
                                                   service.plan.name, code),
                            .origin = service.plan.spec.name.origin(),
                            .log_tail = log_tail(state_.engine, service.id(), service.live()->tty)});
        }
    }

    Environment::State& state_;
    ImagePulls pulls_;
    StartGate gate_;
    Scheduler scheduler_{};
    std::vector<Phases> phases_{};
    std::optional<EventHub> hub_{};
    std::vector<std::unique_ptr<Prepared>> prepared_{};
};

}  // namespace

void launch(Environment::State& state, const Deadline& deadline) {
    Launch(state).run(deadline);
}

}  // namespace berth::runtime

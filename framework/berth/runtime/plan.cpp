// SPDX-License-Identifier: Apache-2.0
#include <berth/core/image_reference.hpp>
#include <berth/core/log.hpp>
#include <berth/runtime/internal/plan.hpp>
#include <berth/spec/not_yet.hpp>
#include <berth/spec/template.hpp>
#include <berth/spec/validation.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <set>
#include <utility>

namespace berth::runtime {
namespace {

std::map<std::string, std::string> substitutions_of(const EnvironmentSpec& spec, const UpOptions& options) {
    std::map<std::string, std::string> all;
    if (spec.images.given() && spec.images->substitute.given()) {
        for (const auto& [from, to] : *spec.images->substitute) {
            all[from] = unescape_dollars(to.text.value_or(std::string{}));
        }
    }
    if (const char* variable = std::getenv("BERTH_SUBSTITUTE"); variable != nullptr && *variable != '\0') {
        std::map<std::string, std::string> from_variable;
        if (!parse_substitutions(variable, from_variable)) {
            throw Error(
                {.code = "BR0205",
                 .summary = fmt::format("BERTH_SUBSTITUTE is '{}', which is no list of FROM=TO", variable),
                 .hints = {"write it as 'redis:7.4-alpine=berth.local/redis:7.0.15,docker.io/=registry.lan/'"}});
        }
        for (auto& [from, to] : from_variable) {
            all[from] = std::move(to);
        }
    }
    for (const auto& [from, to] : options.substitutions) {
        all[from] = to;
    }
    return all;
}

// References in an image may name variables of the spec only; whatever runs is not known yet.
std::string image_of(const ServiceSpec& service, const EnvironmentSpec& spec) {
    return resolve(*service.image, Side::host, [&](const Reference& reference, Side) -> std::optional<std::string> {
        if (reference.segments.size() == 2 && reference.segments[0] == "vars" && spec.vars.given()) {
            if (const auto found = spec.vars->find(reference.segments[1]); found != spec.vars->end()) {
                return found->second.text;
            }
        }
        return std::nullopt;
    });
}

bool asked_to_run(const ServiceSpec& service, const WaitSpec& effective) {
    const bool automatic =
        !service.wait.given() || (service.wait->simple.given() && *service.wait->simple == WaitSpec::Simple::automatic);
    return automatic && effective.simple.given() && *effective.simple == WaitSpec::Simple::running;
}

bool restarts(const ServiceSpec& service) {
    return service.restart.given() && service.restart->kind != RestartPolicy::Kind::no;
}

std::vector<std::string> volumes_in_use(const EnvironmentSpec& spec) {
    std::set<std::string> keys;
    for (const auto& service : spec.services) {
        for (const auto& mount : *service.volumes) {
            if (*mount.type == MountSpec::Type::volume && mount.source.given()) {
                keys.insert(unescape_dollars(mount.source->text));
            }
        }
    }
    return {keys.begin(), keys.end()};
}

/// Collects what a spec may say and this version does not do yet: refused, never ignored.
class NotYet {
  public:
    void look_at(const EnvironmentSpec& spec) {
        if (spec.isolation->teardown.value_or(Teardown::automatic) == Teardown::background) {
            add("isolation.teardown: background", spec.isolation->teardown.origin());
        }
        for (const auto& service : spec.services) {
            for (const auto& port : *service.ports) {
                if (port.published->how == PublishedPort::How::automatic) {
                    add("published: auto", port.published.origin());
                }
            }
            look_at(*service.wait);
        }
    }
    [[nodiscard]] std::vector<Diagnostic> found() && { return std::move(found_); }

  private:
    void look_at(const WaitSpec& wait) {
        if (wait.http->scheme.value_or(WaitHttp::Scheme::http) == WaitHttp::Scheme::https) {
            add("wait.http.scheme: https", wait.http->scheme.origin());
        }
        for (const auto* items : {&*wait.all, &*wait.any}) {
            for (const auto& item : *items) {
                look_at(item);
            }
        }
    }

    void add(std::string_view key, const Origin& where) {
        found_.push_back(
            {.code = "BE0906", .message = fmt::format("'{}' is understood and not built yet", key), .where = where});
    }

    std::vector<Diagnostic> found_{};
};

ServicePlan plan_service(const EnvironmentSpec& spec, const ServiceSpec& service, const Plan& plan, int number,
                         const std::map<std::string, std::string>& substitutions) {
    ServicePlan one;
    one.spec = service;
    one.name = *service.name;
    one.container_name = container_name(plan.run, number, one.name);
    one.image = substitute_image(image_of(service, spec), substitutions);
    one.wait = effective_wait(spec, service);
    one.ready_timeout = ready_timeout(spec, service);
    one.one_shot = is_one_shot(spec, service);
    one.restarts = restarts(service);
    one.asked_to_run = asked_to_run(service, one.wait);
    one.asks_image = one.wait.simple.given() && *one.wait.simple == WaitSpec::Simple::automatic;
    one.published = service.publish.value_or(Publish::automatic) != Publish::never;
    one.ports = declared_ports(service);
    one.networks = networks_of(spec, service);
    return one;
}

}  // namespace

const ServicePlan* Plan::find(std::string_view service) const noexcept {
    const auto found =
        std::find_if(services.begin(), services.end(), [&](const ServicePlan& each) { return each.name == service; });
    return found == services.end() ? nullptr : &*found;
}

Plan make_plan(const EnvironmentSpec& spec, const UpOptions& options) {
    const ValidateOptions which{.profiles = options.profiles, .services = options.services};
    const std::vector<Diagnostic> diagnostics = validate(spec, which);
    if (has_errors(diagnostics)) {
        throw InvalidSpec(diagnostics, {});
    }
    EnvironmentSpec active = active_part(spec, which);
    std::vector<Diagnostic> found = not_yet(active);
    NotYet refused;
    refused.look_at(active);
    const auto also = std::move(refused).found();
    found.insert(found.end(), also.begin(), also.end());
    if (!found.empty()) {
        throw InvalidSpec(std::move(found), {});
    }
    refuse_dangers(active);

    const std::string project = options.project.value_or(project_name(spec));
    const auto substitutions = substitutions_of(spec, options);
    Plan plan{.spec = {}, .project = project, .run = new_run_id(project), .graph = Graph(active.services)};
    int number = 0;
    for (const auto& service : active.services) {
        plan.services.push_back(plan_service(active, service, plan, ++number, substitutions));
        const auto& one = plan.services.back();
        if (const std::string written = image_of(service, active);
            substitute_image(written, substitutions) != written &&
            plan.substituted.emplace(written, one.image).second) {
            log::info(fmt::format("image '{}' is replaced by '{}'", written, one.image));
        }
    }
    plan.networks = networks_in_use(active);
    plan.volumes = volumes_in_use(active);
    plan.spec = std::move(active);
    return plan;
}

}  // namespace berth::runtime

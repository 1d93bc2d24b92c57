// SPDX-License-Identifier: Apache-2.0
#include <berth/cli/describe.hpp>
#include <berth/cli/loading.hpp>
#include <berth/cli/verbs.hpp>
#include <berth/core/error.hpp>
#include <berth/core/units.hpp>
#include <berth/engine/images.hpp>
#include <berth/spec/defaults.hpp>
#include <berth/spec/graph.hpp>
#include <berth/spec/validation.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>

namespace berth::cli {
namespace {

std::string image_line(const Context& context, const std::optional<Engine>& engine, const std::string& image,
                       const std::vector<const ServiceSpec*>& users) {
    if (!engine) {
        return "not known without an engine";
    }
    const auto with_policy = [&](PullPolicy policy) {
        return std::any_of(users.begin(), users.end(), [&](const ServiceSpec* service) {
            return service->pull_policy.value_or(PullPolicy::missing) == policy;
        });
    };
    const bool there = engine->images().find(image, context.deadline().sooner(k_call_patience)).has_value();
    if (with_policy(PullPolicy::always)) {
        return "would be pulled, because of pull_policy: always";
    }
    if (there) {
        return "is there";
    }
    return with_policy(PullPolicy::never) ? "is missing, and pull_policy: never forbids to pull it" : "would be pulled";
}

std::string engine_line(const std::optional<Engine>& engine) {
    if (!engine) {
        return "engine    none answers ('berth doctor' tells why)\n";
    }
    const EngineFacts& facts = engine->facts();
    return fmt::format("engine    {} at {}\n", engine_text(facts), facts.endpoint);
}

std::string images_part(const Context& context, const std::optional<Engine>& engine, const EnvironmentSpec& spec) {
    const auto substitutions = substitutions_of(context, spec);
    std::vector<std::pair<std::string, std::vector<const ServiceSpec*>>> images;
    std::vector<std::string> written;
    for (const auto& service : spec.services) {
        const std::string image = image_of(spec, service);
        const auto found = std::find(written.begin(), written.end(), image);
        if (found == written.end()) {
            written.push_back(image);
            images.push_back({image, {&service}});
        } else {
            images[static_cast<std::size_t>(found - written.begin())].second.push_back(&service);
        }
    }
    std::vector<std::vector<std::string>> rows;
    for (const auto& [image, users] : images) {
        const std::string used = substitute_image(image, substitutions);
        rows.push_back({"  " + image + (used == image ? "" : fmt::format(" as {}", used)),
                        image_line(context, engine, used, users)});
    }
    return "\nimages\n" + aligned(rows);
}

std::string list_part(const char* title, const std::vector<std::string>& names) {
    return names.empty() ? "" : fmt::format("\n{}\n  {}\n", title, fmt::join(names, ", "));
}

std::string services_part(const EnvironmentSpec& spec) {
    const Graph graph(spec.services);
    std::vector<std::vector<std::string>> rows;
    int number = 0;
    for (const std::size_t at : graph.order()) {
        const ServiceSpec& service = spec.services[at];
        std::vector<std::string> after;
        for (const auto& edge : graph.needs_of(at)) {
            after.push_back(fmt::format("{} {}", *spec.services[edge.to].name, condition_text(edge.condition)));
        }
        std::vector<std::string> ports;
        for (const auto& port : declared_ports(service)) {
            ports.push_back(port.protocol == Protocol::tcp
                                ? std::to_string(port.container)
                                : fmt::format("{}/{}", port.container, to_string(port.protocol)));
        }
        rows.push_back({fmt::format("  {}", ++number), *service.name,
                        after.empty() ? "at once" : fmt::format("after {}", fmt::join(after, ", ")),
                        ports.empty() ? "no ports"
                                      : fmt::format("port{} {}", ports.size() == 1 ? "" : "s", fmt::join(ports, ", ")),
                        fmt::format("ready: {}, within {}", wait_text(effective_wait(spec, service)),
                                    format_duration(ready_timeout(spec, service)))});
    }
    return "\nservices, in the order in which they can start\n" + aligned(rows);
}

}  // namespace

int plan(Context& context) {
    const Loaded loaded = load(context, Notes::always);
    const EnvironmentSpec spec =
        active_part(loaded.spec, {.profiles = context.global().profiles, .services = context.own().services});
    std::optional<Engine> engine;
    try {
        engine = context.connect();
    } catch (const EngineUnreachable&) {
        // Said in the plan: it is what most people want to know without one.
    }
    std::string text = fmt::format("project   {}, {}, from {}\n", project_of(context, spec),
                                   counted(spec.services.size(), "service"), loaded.path);
    text += engine_line(engine);
    text += images_part(context, engine, spec);
    text += list_part("networks", networks_in_use(spec));
    text += list_part("volumes", volumes_in_use(spec));
    text += services_part(spec);
    if (spec.exports.given() && !spec.exports->empty()) {
        std::vector<std::string> names;
        for (const auto& [name, value] : *spec.exports) {
            names.push_back(name);
        }
        text += list_part("exports", names);
    }
    context.print(text);
    return k_done;
}

}  // namespace berth::cli

// SPDX-License-Identifier: Apache-2.0
#include <berth/spec/internal/validation.hpp>

#include <berth/core/error.hpp>
#include <berth/core/text_distance.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace berth {
namespace internal {
namespace {

bool shares_one(const std::vector<std::string>& left, const std::vector<std::string>& right) {
    return std::find_first_of(left.begin(), left.end(), right.begin(), right.end()) != left.end();
}

std::size_t characters(std::string_view text) {
    return static_cast<std::size_t>(std::count_if(
        text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U; }));
}

}  // namespace

Active active_services(const EnvironmentSpec& spec, const ValidateOptions& options, const Graph& graph) {
    const auto& services = spec.services;
    Active active{std::vector<bool>(services.size(), false), std::vector<bool>(services.size(), false), {}};
    std::vector<std::string> profiles = options.profiles;
    std::vector<std::size_t> wanted;
    for (const auto& name : options.services) {
        const auto found = std::find_if(services.begin(), services.end(),
                                        [&](const ServiceSpec& service) { return *service.name == name; });
        if (found == services.end()) {
            active.unknown.push_back(name);
            continue;
        }
        // Asking for a service turns its profiles on.
        profiles.insert(profiles.end(), found->profiles->begin(), found->profiles->end());
        wanted.push_back(static_cast<std::size_t>(found - services.begin()));
    }
    for (std::size_t i = 0; i < services.size(); ++i) {
        active.on[i] = services[i].profiles->empty() || shares_one(*services[i].profiles, profiles);
        if (options.services.empty() && active.on[i]) {
            active.counts[i] = true;
        }
    }
    while (!wanted.empty()) {
        const std::size_t next = wanted.back();
        wanted.pop_back();
        if (active.counts[next] || !active.on[next]) {
            continue;
        }
        active.counts[next] = true;
        for (const auto& edge : graph.needs_of(next)) {
            wanted.push_back(edge.to);
        }
    }
    return active;
}

Findings::Findings(const EnvironmentSpec& judged, const ValidateOptions& chosen)
    : spec(judged), options(chosen), graph(judged.services), active(active_services(judged, chosen, graph)) {}

Diagnostic& Findings::error(std::string code, std::string message, const Origin& where, std::string path) {
    Diagnostic diagnostic;
    diagnostic.code = std::move(code);
    diagnostic.message = std::move(message);
    diagnostic.where = where;
    diagnostic.path = std::move(path);
    return found.emplace_back(std::move(diagnostic));
}

Diagnostic& Findings::warning(std::string code, std::string message, const Origin& where, std::string path) {
    Diagnostic& diagnostic = error(std::move(code), std::move(message), where, std::move(path));
    diagnostic.severity = Severity::warning;
    return diagnostic;
}

Diagnostic& Findings::note(std::string code, std::string message, const Origin& where, std::string path) {
    Diagnostic& diagnostic = error(std::move(code), std::move(message), where, std::move(path));
    diagnostic.severity = Severity::note;
    return diagnostic;
}

std::vector<std::string> Findings::service_names() const {
    std::vector<std::string> names;
    for (const auto& service : spec.services) {
        names.push_back(*service.name);
    }
    return names;
}

void Findings::unknown_service(const std::string& name, const Origin& where, std::string path) {
    const auto known = service_names();
    Diagnostic& diagnostic =
        error("BE0505", with_guess(fmt::format("'{}' is not a service", name), name, known), where, std::move(path));
    const auto near = near_matches(name, known);
    if (near.size() == 1) {
        if (const Origin place = place_of(*spec.find_service(near.front())); place.known()) {
            diagnostic.labels.push_back({place, "defined here"});
        }
    }
}

Origin first_known(std::initializer_list<Origin> places) {
    for (const auto& place : places) {
        if (place.known()) {
            return place;
        }
    }
    return {};
}

Origin place_of(const ServiceSpec& service) {
    return first_known({service.name.origin(), service.image.origin(), service.image->origin});
}

std::string path_of(const ServiceSpec& service, std::string_view rest) {
    return fmt::format("/services/{}{}{}", *service.name, rest.empty() ? "" : "/", rest);
}

std::string with_guess(std::string message, std::string_view written, const std::vector<std::string>& known) {
    const std::string guess = did_you_mean(near_matches(written, known));
    return guess.empty() ? message : message + "; " + guess;
}

std::string quoted_list(const std::vector<std::string>& items) {
    std::string text;
    for (const auto& item : items) {
        text += fmt::format("{}'{}'", text.empty() ? "" : ", ", item);
    }
    return text;
}

Origin part_of(const Origin& whole, std::string_view text, std::size_t offset, std::size_t length) {
    if (whole.column <= 0 || whole.end_line != whole.line) {
        return whole;
    }
    const auto written = static_cast<std::size_t>(std::max(whole.end_column - whole.column, 0));
    const std::size_t size = characters(text);
    const bool quoted = written == size + 2;
    if (written != size && !quoted) {
        return whole;  // interpolated, or with escapes
    }
    Origin part = whole;
    part.column += static_cast<int>(characters(text.substr(0, offset))) + (quoted ? 1 : 0);
    part.end_column = part.column + static_cast<int>(characters(text.substr(offset, length)));
    return part;
}

std::string to_text(const RestartPolicy& policy) {
    switch (policy.kind) {
        case RestartPolicy::Kind::always:
            return "always";
        case RestartPolicy::Kind::unless_stopped:
            return "unless-stopped";
        case RestartPolicy::Kind::on_failure:
            return policy.most_retries > 0 ? fmt::format("on-failure:{}", policy.most_retries) : "on-failure";
        case RestartPolicy::Kind::no:
            break;
    }
    return "no";
}

}  // namespace internal

std::vector<Diagnostic> validate(const EnvironmentSpec& spec, const ValidateOptions& options) {
    internal::Findings findings(spec, options);
    internal::check_names(findings);
    internal::check_images_and_rights(findings);
    internal::check_graph(findings);
    internal::check_ports(findings);
    internal::check_networks(findings);
    internal::check_mounts(findings);
    internal::check_files(findings);
    internal::check_waits(findings);
    internal::check_steps(findings);
    internal::check_references(findings);
    internal::check_value_cycles(findings);
    internal::check_exports(findings);
    internal::check_options(findings);
    internal::check_sections(findings);
    sort_diagnostics(findings.found);
    return std::move(findings.found);
}

EnvironmentSpec active_part(const EnvironmentSpec& spec, const ValidateOptions& options) {
    internal::Findings findings(spec, options);
    for (const auto& name : findings.active.unknown) {
        findings.unknown_service(name, {}, {});
    }
    if (!findings.found.empty()) {
        throw InvalidSpec(std::move(findings.found), SourceTexts{});
    }
    EnvironmentSpec part = spec;
    part.services.clear();
    for (std::size_t i = 0; i < spec.services.size(); ++i) {
        if (findings.active.counts[i]) {
            part.services.push_back(spec.services[i]);
        }
    }
    const auto names_what_is_off = [&](const Value& value) {
        std::vector<TemplateMistake> mistakes;  // validate() reports them
        const auto references = references_in(value.text.value_or(""), mistakes);
        return std::any_of(references.begin(), references.end(), [&](const Reference& reference) {
            const auto target = internal::target_of(reference, spec.services, std::nullopt);
            return target.kind == internal::Target::Kind::service && !findings.active.counts[target.service] &&
                   reference.operation != Reference::Operator::or_default &&
                   reference.operation != Reference::Operator::and_instead;
        });
    };
    if (part.services.size() != spec.services.size() && part.exports.given()) {
        KeyValues kept;
        for (const auto& [name, value] : *spec.exports) {
            if (!names_what_is_off(value)) {
                kept.emplace(name, value);
            }
        }
        part.exports = Given<KeyValues>::read(std::move(kept), spec.exports.origin(), spec.exports.presence());
    }
    return part;
}

}  // namespace berth

// SPDX-License-Identifier: Apache-2.0
#include <berth/spec/internal/validation.hpp>

#include <berth/core/names.hpp>
#include <berth/core/text_distance.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace berth::internal {
namespace {

const std::vector<std::string>& service_properties() {
    static const std::vector<std::string> all = {"host", "port",  "address", "url", "name",
                                                 "id",   "image", "ip",      "env", "exit_code"};
    return all;
}

std::string port_text(const DeclaredPort& port) {
    return port.name.empty() ? fmt::format("{}", port.container) : port.name;
}

/// The references of one text.
class TextCheck {
  public:
    TextCheck(Findings& findings, const TextUse& use, std::optional<std::size_t> self)
        : findings_(findings), use_(use), self_(self) {}

    void run() {
        std::vector<TemplateMistake> mistakes;
        const auto references = references_in(use_.text, mistakes);
        const auto look_alikes = variables_like_references(use_.text, findings_.service_names());
        for (const auto& mistake : mistakes) {
            auto& found = error(mistake.code, mistake.message, mistake.offset, mistake.length);
            const bool looks = std::any_of(look_alikes.begin(), look_alikes.end(),
                                           [&](const auto& other) { return other.offset == mistake.offset; });
            if (looks) {
                found.help = fmt::format("for the service write '${{services.{}'",
                                         use_.text.substr(mistake.offset + 2, mistake.length - 2));
            }
        }
        for (const auto& reference : references) {
            check(reference);
        }
    }

  private:
    Diagnostic& error(std::string code, std::string message, std::size_t offset, std::size_t length) {
        return findings_.error(std::move(code), std::move(message), part_of(use_.origin, use_.text, offset, length),
                               use_.path);
    }

    Diagnostic& error(std::string code, std::string message, const Reference& reference) {
        return error(std::move(code), std::move(message), reference.offset, reference.length);
    }

    void check(const Reference& reference) {
        const Target target = target_of(reference, findings_.spec.services, self_);
        switch (target.kind) {
            case Target::Kind::service:
                check_service(reference, target);
                break;
            case Target::Kind::run:
                check_words(reference, "run", target.rest, {"id", "dir", "artifacts"});
                break;
            case Target::Kind::project:
                check_words(reference, "project", target.rest, {"name", "dir"});
                break;
            case Target::Kind::network:
                check_network(reference, target);
                break;
            case Target::Kind::volume:
                check_declared(reference, target, "volume", names_of(findings_.spec.volumes), "BE0603");
                break;
            case Target::Kind::variable:
                check_variable(reference, target);
                break;
            case Target::Kind::secret:
                check_secret(reference, target);
                break;
            case Target::Kind::matrix:
                check_axis(reference, target);
                break;
            case Target::Kind::unknown:
                unknown(reference, target);
                break;
        }
    }

    template <class T>
    static std::vector<std::string> names_of(const Given<std::map<std::string, T>>& map) {
        std::vector<std::string> names;
        for (const auto& [name, item] : *map) {
            names.push_back(name);
        }
        return names;
    }

    void unknown(const Reference& reference, const Target& target) {
        if (target.by_self) {
            error("BE0410",
                  fmt::format("'${{{}}}' stands in no service here; write the service's name", reference.text),
                  reference);
            return;
        }
        std::vector<std::string> known = findings_.service_names();
        if (reference.segments.front() != "services") {
            known.erase(
                std::remove_if(known.begin(), known.end(), [](const auto& name) { return !is_variable_name(name); }),
                known.end());
            known.insert(known.end(), reference_roots().begin(), reference_roots().end());
        }
        const auto near = near_matches(target.name, known);
        auto& found = error(
            "BE0410",
            with_guess(fmt::format("'${{{}}}' names no service or namespace", reference.text), target.name, known),
            reference);
        if (near.size() == 1) {
            const ServiceSpec* meant = findings_.spec.find_service(near.front());
            if (meant != nullptr && place_of(*meant).known()) {
                found.labels.push_back({place_of(*meant), "defined here"});
            }
        }
    }

    void check_words(const Reference& reference, std::string_view root, const std::vector<std::string>& rest,
                     const std::vector<std::string>& known) {
        if (rest.size() != 1 || std::find(known.begin(), known.end(), rest.front()) == known.end()) {
            auto& found =
                error("BE0411", fmt::format("'{}' has no '{}'; it has {}", root, joined(rest), quoted_list(known)),
                      reference);
            found.caret = rest.size() == 1 ? did_you_mean(near_matches(rest.front(), known)) : "";
        }
    }

    void check_declared(const Reference& reference, const Target& target, std::string_view kind,
                        const std::vector<std::string>& known, std::string code) {
        if (std::find(known.begin(), known.end(), target.name) == known.end()) {
            error(std::move(code),
                  with_guess(fmt::format("{0} '{1}' is not declared under '{0}s'", kind, target.name), target.name,
                             known),
                  reference);
        } else {
            check_words(reference, fmt::format("{}s.{}", kind, target.name), target.rest, {"name"});
        }
    }

    void check_network(const Reference& reference, const Target& target) {
        auto known = names_of(findings_.spec.networks);
        if (findings_.spec.networks->count("default") == 0) {
            known.emplace_back("default");
        }
        check_declared(reference, target, "network", known, "BE0601");
    }

    void check_secret(const Reference& reference, const Target& target) {
        const auto known = names_of(findings_.spec.secrets);
        if (std::find(known.begin(), known.end(), target.name) == known.end()) {
            error(
                "BE0615",
                with_guess(fmt::format("secret '{}' is not declared under 'secrets'", target.name), target.name, known),
                reference);
        } else {
            check_words(reference, fmt::format("secrets.{}", target.name), target.rest, {"path", "value"});
        }
    }

    void check_axis(const Reference& reference, const Target& target) {
        const auto known = names_of(findings_.spec.matrix->axes);
        if (!target.rest.empty() || std::find(known.begin(), known.end(), target.name) == known.end()) {
            error("BE0410",
                  with_guess(fmt::format("'${{{}}}' names no axis of 'matrix'", reference.text), target.name, known),
                  reference);
        }
    }

    void check_variable(const Reference& reference, const Target& target) {
        const auto known = names_of(findings_.spec.vars);
        if (!target.rest.empty() || std::find(known.begin(), known.end(), target.name) == known.end()) {
            error("BE0410",
                  with_guess(fmt::format("'${{{}}}' names no variable of 'vars'", reference.text), target.name, known),
                  reference);
        }
    }

    static std::string joined(const std::vector<std::string>& rest) {
        std::string text;
        for (const auto& segment : rest) {
            text += (text.empty() ? "" : ".") + segment;
        }
        return text;
    }

    void unknown_property(const Reference& reference, const Target& target, std::vector<std::string> known) {
        std::string message = target.rest.empty()
                                  ? fmt::format("'${{{}}}' needs a property of service '{}'; it has {}", reference.text,
                                                target.name, quoted_list(known))
                                  : fmt::format("service '{}' has no '{}'; it has {}", target.name, joined(target.rest),
                                                known.empty() ? "none" : quoted_list(known));
        auto& found = error("BE0411", std::move(message), reference);
        if (!target.rest.empty()) {
            found.caret = did_you_mean(near_matches(joined(target.rest), known));
        }
    }

    void check_service(const Reference& reference, const Target& target) {
        const ServiceSpec& service = findings_.spec.services[target.service];
        const Side side = reference.forced.value_or(use_.side);
        const std::string property = target.rest.empty() ? std::string{} : target.rest.front();
        if (property == "env") {
            if (!text_behind(service, target.rest)) {
                std::vector<std::string> known;
                for (const auto& [name, value] : *service.environment) {
                    if (value.text) {
                        known.push_back("env." + name);
                    }
                }
                unknown_property(reference, target, std::move(known));
                return;
            }
        } else if (property == "port" || property == "address" || property == "url") {
            if (!check_port(reference, target, service, side)) {
                return;
            }
        } else {
            const auto& known = service_properties();
            if (target.rest.size() != 1 || std::find(known.begin(), known.end(), property) == known.end()) {
                unknown_property(reference, target, known);
                return;
            }
        }
        check_time(reference, target, service, side);
        check_shared_network(reference, target, service, side);
    }

    bool check_port(const Reference& reference, const Target& target, const ServiceSpec& service, Side side) {
        if (target.rest.size() > 2) {
            unknown_property(reference, target, service_properties());
            return false;
        }
        const auto published = declared_ports(service);
        if (target.rest.size() == 2) {
            if (port_of(service, target.rest)) {
                return true;
            }
            const std::string& wanted = target.rest[1];
            const bool exposed =
                std::any_of(service.expose->begin(), service.expose->end(), [&](const PortRange& range) {
                    for (int port = range.first; port <= range.last; ++port) {
                        if (std::to_string(port) == wanted) {
                            return true;
                        }
                    }
                    return false;
                });
            if (exposed && side == Side::network) {
                return true;
            }
            error("BE0413",
                  exposed ? fmt::format("port {} of '{}' is not published, so it has no place on the host", wanted,
                                        target.name)
                          : fmt::format("port {} of '{}' is not in its 'ports' or 'expose'", wanted, target.name),
                  reference);
            return false;
        }
        std::vector<std::string> candidates;
        for (const auto& port : published) {
            candidates.push_back(port_text(port));
        }
        if (candidates.empty() && side == Side::network) {
            for (const auto& range : *service.expose) {
                for (int port = range.first; port <= range.last; ++port) {
                    candidates.push_back(std::to_string(port));
                }
            }
        }
        if (candidates.empty()) {
            error("BE0413",
                  side == Side::network ? fmt::format("'{}' has no port in its 'ports' or 'expose'", target.name)
                                        : fmt::format("'{}' publishes no port", target.name),
                  reference);
        } else if (candidates.size() > 1) {
            error("BE0412",
                  fmt::format("'${{{0}}}' is ambiguous, '{1}' has ports {2}; write '${{{0}.{3}}}'", path_in(reference),
                              target.name, quoted_list(candidates), candidates.front()),
                  reference);
        }
        return candidates.size() == 1;
    }

    /// Without the operator and its argument.
    static std::string path_in(const Reference& reference) {
        return reference.text.substr(0, reference.text.find(':'));
    }

    void check_time(const Reference& reference, const Target& target, const ServiceSpec& service, Side side) {
        if (self_ != target.service || use_.when == TextUse::When::up) {
            return;
        }
        const Phase phase = phase_of(service, target.rest, side);
        const bool early = use_.when == TextUse::When::create ? phase > Phase::reserved : phase > Phase::started;
        if (!early) {
            return;
        }
        std::string why;
        std::string help;
        if (phase == Phase::created) {
            why = "the engine gives the id when the container is created";
        } else if (phase == Phase::ended) {
            why = "the container has not ended then";
        } else if (target.rest.front() == "ip") {
            why = "the engine gives the address when the container starts";
        } else {
            why = "the engine picks the host port when the container starts";
            help = "write 'published: auto' for the port, and it is reserved before";
        }
        auto& found = error(
            "BE0414", fmt::format("'${{{}}}' is not known yet when '{}' is used: {}", reference.text, use_.key, why),
            reference);
        found.help = std::move(help);
    }

    void check_shared_network(const Reference& reference, const Target& target, const ServiceSpec& service, Side side) {
        static const std::set<std::string> k_reached = {"host", "port", "address", "url", "ip"};
        const bool from_inside = use_.side == Side::network && side == Side::network;
        if (!self_ || *self_ == target.service || !from_inside || k_reached.count(target.rest.front()) == 0) {
            return;
        }
        const ServiceSpec& own = findings_.spec.services[*self_];
        const auto mine = networks_of(findings_.spec, own);
        const auto theirs = networks_of(findings_.spec, service);
        if (std::find_first_of(mine.begin(), mine.end(), theirs.begin(), theirs.end()) == mine.end()) {
            error("BE0618",
                  fmt::format("'{}' refers to '{}', but they share no network ({}; {})", *own.name, target.name,
                              quoted_list(mine), quoted_list(theirs)),
                  reference);
        }
    }

    Findings& findings_;
    const TextUse& use_;
    std::optional<std::size_t> self_;
};

}  // namespace

void check_references(Findings& findings) {
    for (std::size_t i = 0; i < findings.spec.services.size(); ++i) {
        for_each_text(findings.spec.services[i], [&](const TextUse& use) { TextCheck(findings, use, i).run(); });
    }
    for_each_text(findings.spec, [&](const TextUse& use) { TextCheck(findings, use, std::nullopt).run(); });
}

}  // namespace berth::internal

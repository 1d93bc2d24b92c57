// SPDX-License-Identifier: Apache-2.0
#include <berth/spec/internal/validation.hpp>

#include <berth/core/image_reference.hpp>
#include <berth/core/names.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>

namespace berth::internal {
namespace {

constexpr std::string_view k_name_rule =
    "letters, digits, '.', '_' and '-', a letter or digit first, at most 63 characters";
constexpr std::string_view k_label_prefix = "berth.";

void bad_name(Findings& findings, std::string_view text, std::string_view kind, std::string_view rule,
              const Origin& where, std::string path) {
    findings.error("BE0304", fmt::format("'{}' is not a valid {}: {}", text, kind, rule), where, std::move(path));
}

void check_service_name(Findings& findings, const ServiceSpec& service, std::map<std::string, Origin>& seen) {
    const Origin where = place_of(service);
    if (service.name->empty()) {
        findings.error("BE0203", "a service needs 'name'", where, "/services");
        return;
    }
    if (!is_name(*service.name)) {
        bad_name(findings, *service.name, "service name", k_name_rule, where, path_of(service));
        return;
    }
    const auto [first, fresh] = seen.emplace(*service.name, where);
    if (!fresh) {
        auto& twice =
            findings.error("BE0208", fmt::format("'{}' is listed twice", *service.name), where, path_of(service));
        if (first->second.known()) {
            twice.labels.push_back({first->second, "first here"});
        }
        return;
    }
    if (!is_host_name(*service.name)) {
        findings.warning("BW0105", fmt::format("'{}' is not a valid host name; some clients refuse it", *service.name),
                         where, path_of(service));
    }
}

void check_variables(Findings& findings, const Given<KeyValues>& variables, bool strict, const std::string& path) {
    for (const auto& [name, value] : *variables) {
        const Origin where = first_known({value.origin, variables.origin()});
        if (strict && !is_variable_name(name)) {
            bad_name(findings, name, "variable name", "letters, digits and '_', no digit first", where,
                     path + '/' + name);
        } else if (name.empty() || name.find('=') != std::string::npos) {
            bad_name(findings, name, "variable name", "it is not empty and has no '='", where, path + '/' + name);
        }
    }
}

void check_profiles(Findings& findings) {
    std::set<std::string> known;
    for (const auto& service : findings.spec.services) {
        for (const auto& profile : *service.profiles) {
            known.insert(profile);
            if (!is_name(profile)) {
                bad_name(findings, profile, "profile", k_name_rule, service.profiles.origin(),
                         path_of(service, "profiles"));
            }
        }
    }
    for (const auto& profile : findings.options.profiles) {
        if (known.count(profile) == 0) {
            findings.error("BE0514",
                           known.empty() ? fmt::format("no service has profile '{}'; there are no profiles", profile)
                                         : fmt::format("no service has profile '{}'; profiles are {}", profile,
                                                       quoted_list({known.begin(), known.end()})),
                           {});
        }
    }
}

void check_image(Findings& findings, const ServiceSpec& service) {
    const std::string& text = service.image->text;
    const Origin where = first_known({service.image->origin, service.image.origin()});
    if (!service.image.given()) {
        if (service.build.given() || service.fixture.given()) {
            return;
        }
        findings.error("BE0502", fmt::format("service '{}' needs 'image', 'build' or 'fixture'", *service.name),
                       place_of(service), path_of(service));
        return;
    }
    if (text.find('$') != std::string::npos) {
        return;  // known later
    }
    ImageReference reference;
    ImageReferenceError error;
    if (!parse_image_reference(text, reference, error)) {
        findings.error(
            "BE0310",
            fmt::format("'{}' is not an image reference: {} at character {}", text, error.why, error.position), where,
            path_of(service, "image"));
    } else if (reference.floating()) {
        findings.warning("BW0101", fmt::format("'{}' can change between runs; pin a tag or use a lock file", text),
                         where, path_of(service, "image"));
    }
}

const std::vector<std::string>& capabilities() {
    static const std::vector<std::string> all = {"ALL",
                                                 "AUDIT_CONTROL",
                                                 "AUDIT_READ",
                                                 "AUDIT_WRITE",
                                                 "BLOCK_SUSPEND",
                                                 "BPF",
                                                 "CHECKPOINT_RESTORE",
                                                 "CHOWN",
                                                 "DAC_OVERRIDE",
                                                 "DAC_READ_SEARCH",
                                                 "FOWNER",
                                                 "FSETID",
                                                 "IPC_LOCK",
                                                 "IPC_OWNER",
                                                 "KILL",
                                                 "LEASE",
                                                 "LINUX_IMMUTABLE",
                                                 "MAC_ADMIN",
                                                 "MAC_OVERRIDE",
                                                 "MKNOD",
                                                 "NET_ADMIN",
                                                 "NET_BIND_SERVICE",
                                                 "NET_BROADCAST",
                                                 "NET_RAW",
                                                 "PERFMON",
                                                 "SETFCAP",
                                                 "SETGID",
                                                 "SETPCAP",
                                                 "SETUID",
                                                 "SYSLOG",
                                                 "SYS_ADMIN",
                                                 "SYS_BOOT",
                                                 "SYS_CHROOT",
                                                 "SYS_MODULE",
                                                 "SYS_NICE",
                                                 "SYS_PACCT",
                                                 "SYS_PTRACE",
                                                 "SYS_RAWIO",
                                                 "SYS_RESOURCE",
                                                 "SYS_TIME",
                                                 "SYS_TTY_CONFIG",
                                                 "WAKE_ALARM"};
    return all;
}

std::string upper(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
    return text;
}

void check_capabilities(Findings& findings, const ServiceSpec& service, const Given<std::vector<std::string>>& list,
                        std::string_view key) {
    std::set<std::string> seen;
    for (const auto& written : *list) {
        std::string name = upper(written);
        if (name.rfind("CAP_", 0) == 0) {
            name.erase(0, 4);
        }
        const auto& known = capabilities();
        if (std::find(known.begin(), known.end(), name) == known.end()) {
            findings.error("BE0306",
                           with_guess(fmt::format("'{}' is not one of the Linux capabilities", written), name, known),
                           list.origin(), path_of(service, key));
        } else if (!seen.insert(name).second) {
            findings.error("BE0208", fmt::format("'{}' is listed twice", written), list.origin(),
                           path_of(service, key));
        }
    }
}

void check_shell_words(Findings& findings, const ServiceSpec& service, const Given<Words>& words,
                       std::string_view key) {
    static constexpr std::array<std::string_view, 12> k_shell_words = {"&&", "||",  "|",    ">", ">>", "<",
                                                                       "2>", "2>>", "2>&1", ";", "&",  "&>"};
    const bool shell = std::any_of(words->begin(), words->end(), [](const Text& word) { return word.text == "-c"; });
    if (shell || service.entrypoint.given()) {
        return;  // a shell gets them after all, or a program of its own that may want them
    }
    for (const auto& word : *words) {
        if (std::find(k_shell_words.begin(), k_shell_words.end(), word.text) != k_shell_words.end()) {
            findings.warning("BW0103",
                             fmt::format("'{}' is passed as a word, no shell runs it; write 'sh -c '...''", word.text),
                             first_known({word.origin, words.origin()}), path_of(service, key));
            return;
        }
    }
}

}  // namespace

void check_names(Findings& findings) {
    const auto& spec = findings.spec;
    if (spec.name.given() && !is_project_name(*spec.name)) {
        bad_name(findings, *spec.name, "project name",
                 "lower-case letters, digits, '_' and '-', a letter or digit first, at most 40 characters",
                 spec.name.origin(), "/name");
    }
    std::map<std::string, Origin> seen;
    for (const auto& service : spec.services) {
        check_service_name(findings, service, seen);
        const std::string& host = *service.hostname;
        if (service.hostname.given() && host.find('$') == std::string::npos && !is_host_name(host)) {
            bad_name(findings, host, "host name",
                     "letters, digits and '-' between dots, none longer than 63 characters", service.hostname.origin(),
                     path_of(service, "hostname"));
        }
        check_variables(findings, service.environment, false, path_of(service, "environment"));
        for (const auto& [label, value] : *service.labels) {
            if (label.rfind(k_label_prefix, 0) == 0) {
                findings.error("BE0612", fmt::format("labels starting with '{}' are reserved", k_label_prefix),
                               first_known({value.origin, service.labels.origin()}),
                               path_of(service, "labels/" + label));
            }
        }
        for (const auto& port : *service.ports) {
            if (port.name.given() && !is_name(*port.name)) {
                bad_name(findings, *port.name, "port name", k_name_rule, port.name.origin(), path_of(service, "ports"));
            }
        }
    }
    for (const auto& [name, network] : *spec.networks) {
        if (!is_name(name)) {
            bad_name(findings, name, "network name", k_name_rule, first_known({network.origin, spec.networks.origin()}),
                     "/networks/" + name);
        }
    }
    for (const auto& [name, volume] : *spec.volumes) {
        if (!is_name(name)) {
            bad_name(findings, name, "volume name", k_name_rule, first_known({volume.origin, spec.volumes.origin()}),
                     "/volumes/" + name);
        }
    }
    const auto check_section_names = [&](std::string_view kind, const auto& all) {
        for (const auto& [name, one] : *all) {
            if (!is_name(name)) {
                bad_name(findings, name,
                         kind == "fault"    ? "fault name"
                         : kind == "secret" ? "secret name"
                                            : "config name",
                         k_name_rule, first_known({one.origin, all.origin()}), fmt::format("/{}s/{}", kind, name));
            }
        }
    };
    check_section_names("secret", spec.secrets);
    check_section_names("config", spec.configs);
    check_section_names("fault", spec.faults);
    check_variables(findings, spec.vars, true, "/vars");
    check_variables(findings, spec.exports, true, "/exports");
    check_profiles(findings);
}

void check_images_and_rights(Findings& findings) {
    for (const auto& service : findings.spec.services) {
        check_image(findings, service);
        check_capabilities(findings, service, service.cap_add, "cap_add");
        check_capabilities(findings, service, service.cap_drop, "cap_drop");
        check_shell_words(findings, service, service.command, "command");
        check_shell_words(findings, service, service.entrypoint, "entrypoint");
        if (service.restart->kind != RestartPolicy::Kind::no) {
            findings.warning("BW0110",
                             fmt::format("'restart: {}' hides crashes from the test", to_text(*service.restart)),
                             service.restart.origin(), path_of(service, "restart"));
        }
        if (service.privileged.value_or(false)) {
            findings.warning("BW0111", fmt::format("'{}' is privileged", *service.name), service.privileged.origin(),
                             path_of(service, "privileged"));
        }
    }
}

}  // namespace berth::internal

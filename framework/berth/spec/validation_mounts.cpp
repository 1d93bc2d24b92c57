// SPDX-License-Identifier: Apache-2.0
#include <berth/spec/internal/validation.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <map>
#include <set>

namespace berth::internal {
namespace {

bool is_absolute(std::string_view path) noexcept {
    return !path.empty() && path.front() == '/';
}

bool is_host_path(std::string_view source) noexcept {
    return !source.empty() && (source.front() == '.' || source.front() == '/' || source.front() == '~');
}

void not_absolute(Findings& findings, std::string_view path, const Origin& where, std::string place) {
    findings.error("BE0302", fmt::format("'{}' must be an absolute path in the container", path), where,
                   std::move(place));
}

/// Without a slash at the end, so that `/data` and `/data/` are one place.
std::string target_of_mount(std::string_view path) {
    while (path.size() > 1 && path.back() == '/') {
        path.remove_suffix(1);
    }
    return std::string(path);
}

bool exists(const std::string& path) {
    std::error_code failure;
    // What may not be looked at is there all the same: reading it says why it fails.
    return std::filesystem::exists(path, failure) || failure == std::errc::permission_denied;
}

bool is_engine_socket(const std::string& path) {
    static constexpr std::array<std::string_view, 4> k_names = {"docker.sock", "podman.sock", "containerd.sock",
                                                                "docker.raw.sock"};
    const std::string name = std::filesystem::path(path).filename().string();
    return std::find(k_names.begin(), k_names.end(), name) != k_names.end();
}

bool is_outside(const EnvironmentSpec& spec, const std::string& path) {
    if (spec.base.directory.empty()) {
        return false;  // there is no project folder to be outside of
    }
    const auto below =
        std::filesystem::path(path).lexically_relative(std::filesystem::path(spec.base.directory).lexically_normal());
    return below.empty() || *below.begin() == "..";
}

void check_bind(Findings& findings, const ServiceSpec& service, const std::string& source, bool makes_path,
                const Origin& where, const std::string& path) {
    const std::string host = host_path(findings.spec, source, where);
    if (is_engine_socket(host)) {
        findings.warning("BW0113", fmt::format("'{}' can control the engine through its socket", *service.name), where,
                         path);
        return;
    }
    if (findings.options.check_files && !makes_path && !exists(host)) {
        auto& error = findings.error("BE0404", fmt::format("bind source '{}' does not exist", source), where, path);
        error.help = fmt::format("make '{}' first; nothing is made on the host by itself", host);
        return;
    }
    if (is_outside(findings.spec, host)) {
        findings.warning("BW0109", fmt::format("bind source '{}' is outside the project", source), where, path);
    }
}

/// Whether the source names a volume of the spec.
bool names_volume(const MountSpec& mount) {
    if (mount.type.given()) {
        return *mount.type == MountSpec::Type::volume && mount.source.given();
    }
    return mount.source.given() && !is_host_path(mount.source->text);
}

void check_source(Findings& findings, const ServiceSpec& service, const MountSpec& mount, const Origin& where,
                  const std::string& path) {
    const std::string& source = mount.source->text;
    const Origin place = first_known({mount.source->origin, mount.source.origin(), where});
    const bool bind = mount.type.given() ? *mount.type == MountSpec::Type::bind : is_host_path(source);
    if (source.find("${") != std::string::npos || (mount.type.given() && *mount.type == MountSpec::Type::tmpfs) ||
        (mount.type.given() && *mount.type == MountSpec::Type::image)) {
        return;
    }
    if (bind && !mount.source.given()) {
        findings.error("BE0203", fmt::format("a bind in service '{}' needs 'source'", *service.name), where, path);
    } else if (bind) {
        check_bind(findings, service, unescape_dollars(source), mount.bind->create_host_path.value_or(false), place,
                   path);
    } else if (names_volume(mount) && findings.spec.volumes->count(source) == 0) {
        std::vector<std::string> known;
        for (const auto& [name, volume] : *findings.spec.volumes) {
            known.push_back(name);
        }
        findings.error("BE0603",
                       with_guess(fmt::format("volume '{}' is not declared under 'volumes'; a host path starts with "
                                              "'.', '/' or '~'",
                                              source),
                                  source, known),
                       place, path);
    }
}

/// Targets of a service that are taken.
class Targets {
  public:
    void add(Findings& findings, const std::string& target, const Origin& where, const std::string& path) {
        const auto [first, fresh] = taken_.emplace(target_of_mount(target), where);
        if (fresh) {
            return;
        }
        const Origin& before = first->second;
        const std::string place = before.column > 0 && std::string_view(before.file) == where.file
                                      ? fmt::format("{}:{}", before.line, before.column)
                                      : to_string(before);
        findings.error("BE0607",
                       place.empty() ? fmt::format("'{}' is mounted twice", target)
                                     : fmt::format("'{}' is already mounted at {}", target, place),
                       where, path);
    }

  private:
    std::map<std::string, Origin> taken_;
};

void check_copy(Findings& findings, const ServiceSpec& service, const CopySpec& copy, const std::string& path) {
    const Origin where =
        first_known({copy.origin, copy.from.origin(), copy.content.origin(), copy.to.origin(), service.copy.origin()});
    if (copy.from.given() && copy.content.given()) {
        findings.error("BE0204", "'from' and 'content' cannot both be given", where, path);
    } else if (!copy.from.given() && !copy.content.given()) {
        findings.error("BE0203", fmt::format("a copy in service '{}' needs 'from' or 'content'", *service.name), where,
                       path);
    }
    if (!copy.to.given()) {
        findings.error("BE0203", fmt::format("a copy in service '{}' needs 'to'", *service.name), where, path);
    } else if (!is_absolute(*copy.to)) {
        not_absolute(findings, *copy.to, first_known({copy.to.origin(), where}), path + "/to");
    }
}

}  // namespace

bool missing_file(Findings& findings, const std::string& written, const Origin& where, std::string path) {
    const std::string host = host_path(findings.spec, written, where);
    if (exists(host)) {
        return false;
    }
    findings.error(
        "BE0403",
        fmt::format("'{}' does not exist (looked in {})", written, std::filesystem::path(host).parent_path().string()),
        where, std::move(path));
    return true;
}

void check_mounts(Findings& findings) {
    std::set<std::string> used;
    for (const auto& service : findings.spec.services) {
        Targets targets;
        for (std::size_t i = 0; i < service.volumes->size(); ++i) {
            const MountSpec& mount = (*service.volumes)[i];
            const std::string path = path_of(service, fmt::format("volumes/{}", i));
            const Origin where =
                first_known({mount.origin, mount.target.origin(), mount.source.origin(), service.volumes.origin()});
            check_source(findings, service, mount, where, path);
            if (names_volume(mount)) {
                used.insert(mount.source->text);
            }
            if (!mount.target.given()) {
                findings.error("BE0203", fmt::format("a mount in service '{}' needs 'target'", *service.name), where,
                               path);
            } else if (!is_absolute(*mount.target)) {
                not_absolute(findings, *mount.target, first_known({mount.target.origin(), where}), path + "/target");
            } else {
                targets.add(findings, *mount.target, where, path);
            }
        }
        for (const auto& entry : *service.tmpfs) {
            const std::string target = entry.substr(0, entry.find(':'));
            if (!is_absolute(target)) {
                not_absolute(findings, target, service.tmpfs.origin(), path_of(service, "tmpfs"));
            } else {
                targets.add(findings, target, service.tmpfs.origin(), path_of(service, "tmpfs"));
            }
        }
    }
    for (const auto& [name, volume] : *findings.spec.volumes) {
        if (used.count(name) == 0) {
            findings.warning("BW0107", fmt::format("volume '{}' is never used", name),
                             first_known({volume.origin, findings.spec.volumes.origin()}), "/volumes/" + name);
        }
    }
}

namespace {

void check_step_files(Findings& findings, const StepSpec& step, const Origin& list, const std::string& path) {
    const auto there = [&](const Given<std::string>& file, std::string_view key) {
        if (file.given()) {
            missing_file(findings, *file, first_known({file.origin(), step.origin, list}),
                         fmt::format("{}/{}", path, key));
        }
    };
    there(step.stdin_file, "stdin_file");
    there(step.http->body_file, "http/body_file");
    there(step.copy->from, "copy/from");
}

}  // namespace

void check_files(Findings& findings) {
    for (const auto& service : findings.spec.services) {
        const std::string& directory = *service.working_dir;
        if (service.working_dir.given() && !is_absolute(directory) && directory.find('$') == std::string::npos) {
            not_absolute(findings, directory, service.working_dir.origin(), path_of(service, "working_dir"));
        }
        for (std::size_t i = 0; i < service.copy->size(); ++i) {
            const CopySpec& copy = (*service.copy)[i];
            const std::string path = path_of(service, fmt::format("copy/{}", i));
            check_copy(findings, service, copy, path);
            if (findings.options.check_files && copy.from.given() && !copy.content.given()) {
                missing_file(findings, *copy.from,
                             first_known({copy.from.origin(), copy.origin, service.copy.origin()}), path + "/from");
            }
        }
        for (std::size_t i = 0; i < service.artifacts->size(); ++i) {
            const ArtifactSpec& artifact = (*service.artifacts)[i];
            const std::string path = path_of(service, fmt::format("artifacts/{}", i));
            const Origin where = first_known({artifact.path.origin(), artifact.origin, service.artifacts.origin()});
            if (!artifact.path.given()) {
                findings.error("BE0203", fmt::format("an artifact in service '{}' needs 'path'", *service.name), where,
                               path);
            } else if (!is_absolute(*artifact.path)) {
                not_absolute(findings, *artifact.path, where, path + "/path");
            }
            const auto to = std::filesystem::path(*artifact.to).lexically_normal();
            if (artifact.to.given() && (to.is_absolute() || (!to.empty() && *to.begin() == ".."))) {
                findings.error("BE0405", fmt::format("'{}' leaves the run folder", *artifact.to),
                               first_known({artifact.to.origin(), where}), path + "/to");
            }
        }
        for (const auto& [steps, key] : {std::pair{&service.post_ready, "post_ready"}, {&service.reset, "reset"}}) {
            for (std::size_t i = 0; i < (*steps)->size() && findings.options.check_files; ++i) {
                check_step_files(findings, (**steps)[i], steps->origin(),
                                 path_of(service, fmt::format("{}/{}", key, i)));
            }
        }
    }
}

}  // namespace berth::internal

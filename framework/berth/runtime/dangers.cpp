// SPDX-License-Identifier: Apache-2.0
#include <berth/core/error.hpp>
#include <berth/runtime/internal/plan.hpp>
#include <berth/spec/template.hpp>

#include <fmt/format.h>
#include <sys/stat.h>

#include <filesystem>

namespace berth::runtime {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void refuse(const std::string& what, const std::string& why, const std::string& hint,
                         const Origin& origin) {
    throw Error(
        {.code = "BR0601", .summary = fmt::format("{} is refused: {}", what, why), .origin = origin, .hints = {hint}});
}

// Where the path leads in the end, as far as it exists.
fs::path real_path(const std::string& path) {
    std::error_code failed;
    fs::path real = fs::weakly_canonical(path, failed);
    return failed ? fs::path(path).lexically_normal() : real;
}

bool is_below(const fs::path& path, const fs::path& directory) {
    const fs::path relative = path.lexically_relative(directory);
    return !relative.empty() && *relative.begin() != "..";
}

bool is_engine_socket(const fs::path& path) {
    struct stat facts {};
    if (::stat(path.c_str(), &facts) == 0 && S_ISSOCK(facts.st_mode)) {
        return true;
    }
    const std::string name = path.filename().string();
    return name == "docker.sock" || name == "podman.sock" || name == "containerd.sock";
}

void look_at_bind(const EnvironmentSpec& spec, const ServiceSpec& service, const MountSpec& mount) {
    const std::string written = unescape_dollars(mount.source->text);
    const Origin& origin = mount.source.origin();
    const fs::path source = real_path(host_path(spec, written, origin));
    if (is_engine_socket(source)) {
        refuse(fmt::format("the bind of '{}' in service '{}'", written, *service.name),
               "through the engine's socket a container can take over this machine",
               "give the service what it needs of the engine in another way", origin);
    }
    const fs::path project = real_path(spec.base.directory.empty() ? "." : spec.base.directory);
    const fs::path beside =
        origin.known() && spec.base.directory.empty() ? real_path(origin.file).parent_path() : project;
    if (!is_below(source, project) && !is_below(source, beside)) {
        refuse(fmt::format("the bind of '{}' in service '{}'", written, *service.name),
               fmt::format("it is outside the project ('{}')", project.string()),
               "put it below the project, or 'copy' it in", origin);
    }
}

}  // namespace

void refuse_dangers(const EnvironmentSpec& spec) {
    for (const auto& service : spec.services) {
        if (service.privileged.value_or(false)) {
            refuse(fmt::format("'privileged' of service '{}'", *service.name),
                   "a privileged container can take over this machine",
                   "name the single capabilities that it needs by 'cap_add'", service.privileged.origin());
        }
        for (const auto& mount : *service.volumes) {
            if (*mount.type == MountSpec::Type::bind && mount.source.given()) {
                look_at_bind(spec, service, mount);
            }
        }
    }
}

}  // namespace berth::runtime

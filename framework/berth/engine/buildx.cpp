// SPDX-License-Identifier: Apache-2.0
#include <berth/core/log.hpp>
#include <berth/engine/internal/build_parts.hpp>
#include <berth/engine/internal/wire.hpp>
#include <berth/process/child.hpp>
#include <berth/process/wake.hpp>

#include <fmt/format.h>

#include <unistd.h>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <system_error>

namespace berth::engine {
namespace {

namespace fs = std::filesystem;

/// A folder of its own for what the command reads and writes.
class Folder {
  public:
    Folder() {
        std::string text = (fs::temp_directory_path() / "berth-build-XXXXXX").native();
        if (::mkdtemp(text.data()) == nullptr) {  // mode 0700
            throw Error(
                {.code = "BR0401",
                 .summary = fmt::format("cannot make a folder '{}': {}", text, std::generic_category().message(errno)),
                 .hints = {"name a folder that can be written to in TMPDIR"}});
        }
        path_ = text;
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    ~Folder() {
        std::error_code error;
        fs::remove_all(path_, error);
        if (error) {
            log::warn(fmt::format("cannot remove '{}': {}", path_.native(), error.message()));
        }
    }
    [[nodiscard]] const fs::path& path() const noexcept { return path_; }

  private:
    fs::path path_;
};

/// How the command finds the engine that we speak to.
std::vector<std::string> engine_arguments(const http::Endpoint& endpoint) {
    std::string text = endpoint.text();
    std::vector<std::string> result{"docker", "--host", text};
    if (endpoint.scheme != http::Endpoint::Scheme::tls) {
        return result;
    }
    result.emplace_back(endpoint.tls.verify == http::Tls::Verify::peer ? "--tlsverify" : "--tls");
    const auto add = [&](const char* option, const std::string& path) {
        if (!path.empty()) {
            result.insert(result.end(), {option, path});
        }
    };
    add("--tlscacert", endpoint.tls.authorities);
    add("--tlscert", endpoint.tls.certificate);
    add("--tlskey", endpoint.tls.key);
    return result;
}

[[noreturn]] void no_buildx(const BuildContext& context, const BuildOptions& options,
                            const DockerfileFacts& dockerfile) {
    ErrorFacts facts{.code = "BR0253"};
    const auto& feature = dockerfile.session ? dockerfile.session : dockerfile.buildkit;
    if (options.builder != Builder::buildx && feature) {
        facts.summary = fmt::format("{}:{} uses '{}', which needs the buildx command", context.dockerfile_shown(),
                                    feature->line, feature->text);
    } else {
        facts.summary = fmt::format("cannot build {}: 'docker buildx' is not there", shown_image(context, options));
    }
    facts.hints = {"install it (Debian: docker-cli docker-buildx)"};
    throw Error(std::move(facts));
}

/// Reads what comes until the child has ended; lines go to `progress`.
process::ExitStatus follow(process::Child& child, PlainProgress& progress, const BuildContext& context,
                           const BuildOptions& options, const Deadline& deadline) {
    process::Descriptor& from = child.standard_error();
    process::Wake wake;
    LineCutter lines;
    std::vector<BuildEvent> events;
    const auto take = [&](const std::vector<std::string>& whole) {
        for (const auto& line : whole) {
            progress.take(line, events);
        }
        for (const auto& event : events) {
            if (options.on_event) {
                options.on_event(event);
            }
        }
        events.clear();
    };
    while (from) {
        process::Watch readable{.descriptor = from.get(), .for_reading = true};
        const Deadline patience = options.stall.count() == 0 ? deadline : deadline.sooner(options.stall);
        if (!wake.wait({&readable}, patience)) {
            if (!deadline.passed()) {
                throw explain_build({.operation = "docker buildx build"}, {.message = silence(options)}, context,
                                    options);
            }
            throw TimedOut({.code = "BR0103", .summary = "'docker buildx build' did not end in time"});
        }
        std::array<char, 16384> piece{};
        const ssize_t count = ::read(from.get(), piece.data(), piece.size());
        if (count > 0) {
            take(lines.take({piece.data(), static_cast<std::size_t>(count)}));
        } else if (count == 0 || errno != EINTR) {
            from.close();
        }
    }
    take({lines.finish()});
    return child.wait(deadline);
}

bool has_buildx(const Deadline& deadline) {
    constexpr std::chrono::seconds k_patience{10};
    try {
        return process::run_captured({.argv = {"docker", "buildx", "version"}}, deadline.sooner(k_patience))
            .status.success();
    } catch (const TimedOut&) {
        if (deadline.passed()) {
            throw;
        }
        return false;
    } catch (const Error& missing) {
        log::debug(missing.what());
        return false;
    }
}

}  // namespace

std::vector<std::string> buildx_arguments(const BuildOptions& options, const std::string& dockerfile,
                                          const std::string& id_file, const std::string& directory) {
    std::vector<std::string> result{"buildx",    "build", "--progress=plain", "--load",
                                    "--iidfile", id_file, "--file",           dockerfile};
    const auto add = [&](std::string_view option, std::string_view value) {
        if (!value.empty()) {
            result.push_back(fmt::format("--{}={}", option, value));
        }
    };
    const auto add_all = [&](std::string_view option, const std::vector<std::string>& values) {
        for (const auto& value : values) {
            add(option, value);
        }
    };
    add_all("tag", options.tags);
    for (const auto& [name, value] : options.args) {
        add("build-arg", value ? name : "");  // its value comes out of the environment, where no other user sees it
    }
    for (const auto& [name, value] : options.labels) {
        add("label", fmt::format("{}={}", name, value));
    }
    add("target", options.target);
    add("platform", options.platform);
    add_all("cache-from", options.cache_from);
    add("network", options.network);
    add_all("add-host", options.extra_hosts);
    add_all("secret", options.secrets);
    add_all("ssh", options.ssh);
    add("shm-size", options.shm_size == 0 ? "" : fmt::format("{}", options.shm_size));
    for (const auto& limit : options.ulimits) {
        add("ulimit", fmt::format("{}={}:{}", limit.name, limit.soft, limit.hard));
    }
    if (options.no_cache) {
        result.emplace_back("--no-cache");
    }
    if (options.pull) {
        result.emplace_back("--pull");
    }
    result.insert(result.end(), {"--", directory});
    return result;
}

BuiltImage build_with_buildx(const Engine::Wire& wire, const BuildContext& context, const BuildOptions& options,
                             const DockerfileFacts& dockerfile, const Deadline& deadline) {
    if (!has_buildx(deadline)) {
        no_buildx(context, options, dockerfile);
    }
    const Folder folder;
    const std::string id_file = (folder.path() / "id").native();
    fs::path file = context.dockerfile_path();
    fs::path directory = context.directory();
    if (file.empty()) {
        file = folder.path() / "Dockerfile";
        std::ofstream(file, std::ios::binary) << context.dockerfile_text();
    }
    if (directory.empty()) {
        directory = folder.path() / "context";
        fs::create_directory(directory);
    }
    process::Options command{.argv = engine_arguments(wire.client().endpoint())};
    const auto arguments = buildx_arguments(options, file.native(), id_file, directory.native());
    command.argv.insert(command.argv.end(), arguments.begin(), arguments.end());
    for (const auto& [name, value] : options.args) {
        if (value) {
            command.additions.emplace_back(name, *value);
        }
    }
    command.standard_input = process::Standard::null();
    command.standard_output = process::Standard::null();
    command.standard_error = process::Standard::pipe();
    command.own_group = true;  // the plug-in is a child of the command

    PlainProgress progress;
    process::Child child(command);
    const auto status = follow(child, progress, context, options, deadline);
    if (!status.success()) {
        throw explain_build({.operation = "docker buildx build", .endpoint = wire.facts().endpoint},
                            progress.failure(status.as_shell_status()), context, options);
    }
    std::string id;
    std::ifstream(id_file) >> id;
    if (id.empty()) {
        throw ExchangeFailed(
            {.code = "BR0104",
             .summary = fmt::format("cannot build {}: 'docker buildx' names no image", shown_image(context, options)),
             .hints = {"look at what 'docker buildx ls' says of the builder in use"}});
    }
    return {id, Builder::buildx};
}

}  // namespace berth::engine

// SPDX-License-Identifier: Apache-2.0
#include <berth/archive/tar_writer.hpp>
#include <berth/runtime/internal/address.hpp>
#include <berth/runtime/internal/files.hpp>
#include <berth/runtime/internal/live.hpp>
#include <berth/runtime/service.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <utility>

namespace berth {
namespace {

std::string list_of(const std::map<std::string, ReachedAt>& ports) {
    std::string text;
    for (const auto& [key, at] : ports) {
        text += fmt::format("{}{}", text.empty() ? "" : ", ", key);
    }
    return text.empty() ? "none" : text;
}

[[noreturn]] void not_published(const Service::State& service, const std::string& what) {
    throw Error({.code = "BE0413",
                 .summary = fmt::format("{} of service '{}' is not published", what, service.plan.name),
                 .origin = service.plan.spec.name.origin(),
                 .details = {{"published", list_of(service.live()->ports)}},
                 .hints = {"name it under 'ports'"}});
}

const ReachedAt& only_port(const Service::State& service) {
    const auto live = service.live();
    if (live->ports.empty()) {
        not_published(service, "a port");
    }
    if (live->ports.size() > 1) {
        throw Error({.code = "BE0412",
                     .summary = fmt::format("service '{}' publishes {}: which port is meant?", service.plan.name,
                                            list_of(live->ports)),
                     .origin = service.plan.spec.name.origin(),
                     .hints = {"give the port of the container"}});
    }
    return live->ports.begin()->second;
}

}  // namespace

const std::string& Service::name() const noexcept {
    return state_->plan.name;
}

const ServiceSpec& Service::spec() const noexcept {
    return state_->plan.spec;
}

const std::string& Service::container_name() const noexcept {
    return state_->plan.container_name;
}

const ContainerId& Service::container_id() const noexcept {
    return state_->stable_id();
}

std::string Service::host() const {
    const auto live = state_->live();
    if (live->ports.empty()) {
        not_published(*state_, "a port");
    }
    return live->ports.begin()->second.host;
}

std::uint16_t Service::port() const {
    return only_port(*state_).port;
}

std::uint16_t Service::port(int container_port) const {
    const auto live = state_->live();
    for (const Protocol protocol : {Protocol::tcp, Protocol::udp, Protocol::sctp}) {
        const auto found = live->ports.find(runtime::port_key(container_port, protocol));
        if (found != live->ports.end()) {
            return found->second.port;
        }
    }
    not_published(*state_, fmt::format("port {}", container_port));
}

std::uint16_t Service::port(std::string_view port_name) const {
    const auto& ports = state_->plan.ports;
    const auto named =
        std::find_if(ports.begin(), ports.end(), [&](const DeclaredPort& port) { return port.name == port_name; });
    if (named == ports.end()) {
        not_published(*state_, fmt::format("port '{}'", port_name));
    }
    return port(named->container);
}

std::map<std::string, ReachedAt> Service::ports() const {
    return state_->live()->ports;
}

std::string Service::url() const {
    return "tcp://" + address();
}

std::string Service::address() const {
    const ReachedAt at = only_port(*state_);
    return fmt::format("{}:{}", at.host, at.port);
}

CommandResult Service::exec(const std::vector<std::string>& command, const ServiceExec& options,
                            Deadline deadline) const {
    ExecOptions whole;
    whole.command = command;
    for (const auto& [name, value] : options.environment) {
        whole.environment.push_back(fmt::format("{}={}", name, value));
    }
    whole.user = options.user;
    whole.working_dir = options.working_dir;
    whole.input = options.input;
    whole.attach_stdin = !options.input.empty();
    whole.check = options.check;
    return state_->engine.containers().exec(container_id(), whole, std::move(deadline));
}

void Service::copy_in(const std::string& from, const std::string& to, const CopyIn& options, Deadline deadline) const {
    const std::filesystem::path source(from);
    archive::EntryOptions entry{.uid = options.uid, .gid = options.gid};
    if (options.mode != 0) {
        entry.mode = options.mode;
    }
    std::string name = to;
    if (!name.empty() && name.back() == '/') {
        name += source.filename().string();
    }
    archive::TarSource tar;
    if (std::filesystem::is_directory(source)) {
        tar.add_tree(source, name, entry);
    } else {
        tar.add_file(source, name, entry);
    }
    state_->engine.containers().put_archive(container_id(), "/", archive::pieces(std::move(tar)), std::move(deadline));
}

void Service::copy_out(const std::string& from, const std::string& to_directory, Deadline deadline) const {
    runtime::copy_out(state_->engine, container_id(), from, to_directory, {}, {}, deadline);
}

std::string Service::read_file(const std::string& path, Deadline deadline) const {
    return runtime::read_file(state_->engine, container_id(), path, deadline);
}

std::string Service::logs(const LogOptions& options, Deadline deadline) const {
    LogOptions whole = options;
    whole.tty = state_->live()->tty;
    std::string text;
    for (const auto& line : state_->engine.containers().logs(container_id(), whole, std::move(deadline))) {
        text += line.time.empty() ? fmt::format("{}\n", line.text) : fmt::format("{} {}\n", line.time, line.text);
    }
    return text;
}

LogLine Service::wait_for_log(std::string_view text, Deadline deadline) const {
    LogOptions options;
    options.tty = state_->live()->tty;
    std::optional<LogLine> found;
    std::size_t lines = 0;
    const auto facts = [&](std::string code, std::string_view how) {
        return ErrorFacts{
            .code = std::move(code),
            .summary = fmt::format("the log of service '{}' {} a line that contains '{}'", name(), how, text),
            .details = {{"lines read", fmt::format("{}", lines)}}};
    };
    try {
        state_->engine.containers().follow(
            container_id(), options,
            [&](const LogLine& line) {
                ++lines;
                if (line.text.find(text) != std::string::npos) {
                    found = line;
                }
                return !found;
            },
            std::move(deadline));
    } catch (const TimedOut&) {
        throw TimedOut(facts("BR0301", "did not in time show"));
    }
    if (!found) {
        throw Error(facts("BR0302", "ended without"));
    }
    return *found;
}

}  // namespace berth

// SPDX-License-Identifier: Apache-2.0
#include <berth/core/digest.hpp>
#include <berth/spec/defaults.hpp>

#include <fmt/format.h>

#include <type_traits>

namespace berth {
namespace {

/// Writes values so that different ones never give the same bytes: every text with its length before it, every list
/// with its count, every member by its name and only when it is given.
class Canonical {
  public:
    std::string bytes;

    template <class T>
    void member(std::string_view name, const Given<T>& value) {
        if (value.given()) {
            add(name);
            add(*value);
        }
    }

    void add(std::string_view text) {
        bytes += fmt::format("{}:", text.size());
        bytes += text;
    }
    void add(const std::string& text) { add(std::string_view(text)); }
    void add(const Text& text) { add(text.text); }
    void add(bool value) { add(std::string_view(value ? "true" : "false")); }
    void add(double value) { add(fmt::format("{}", value)); }
    void add(Bytes value) { add(fmt::format("{}", count(value))); }
    void add(Duration value) { add(fmt::format("{}", value.count())); }
    template <class T, std::enable_if_t<std::is_integral_v<T> && !std::is_same_v<T, bool>, int> = 0>
    void add(T value) {
        add(fmt::format("{}", value));
    }
    template <class T, std::enable_if_t<std::is_enum_v<T> && !std::is_same_v<T, Bytes>, int> = 0>
    void add(T value) {
        add(static_cast<int>(value));
    }
    void add(const Value& value) {
        add(value.text.has_value());
        add(value.text.value_or(""));
    }
    void add(const PortRange& range) {
        add(range.first);
        add(range.last);
    }
    void add(const PublishedPort& port) {
        add(port.how);
        add(port.range);
    }
    void add(const PortSpec& port) {
        member("target", port.target);
        member("published", port.published);
        member("host_ip", port.host_ip);
        member("protocol", port.protocol);
        end();
    }
    void add(const NetworkAttach& attach) {
        member("aliases", attach.aliases);
        end();
    }
    void add(const MountSpec& mount) {
        member("type", mount.type);
        member("source", mount.source);
        member("target", mount.target);
        member("read_only", mount.read_only);
        end();
    }
    void add(const CopySpec& copy) {
        member("from", copy.from);
        member("content", copy.content);
        member("to", copy.to);
        member("mode", copy.mode);
        member("owner", copy.owner);
        end();
    }
    void add(const Ulimit& limit) {
        add(limit.soft);
        add(limit.hard);
    }
    void add(const RestartPolicy& policy) {
        add(policy.kind);
        add(policy.most_retries);
    }
    void add(const HealthcheckSpec& check) {
        member("test", check.test);
        member("interval", check.interval);
        member("timeout", check.timeout);
        member("retries", check.retries);
        member("start_period", check.start_period);
        member("start_interval", check.start_interval);
        member("disable", check.disable);
        end();
    }
    void add(const ShellOrArgv& command) {
        add(command.shell);
        add(command.words);
    }
    void add(const CodeRanges& codes) { add(codes.text()); }
    void add(const StepSpec& step) {
        member("exec", step.exec);
        member("stdin", step.stdin_text);
        member("stdin_file", step.stdin_file);
        member("user", step.user);
        member("environment", step.environment);
        member("exit_code", step.exit_code);
        member("ignore_failure", step.ignore_failure);
        end();
    }
    template <class T>
    void add(const std::vector<T>& items) {
        add(items.size());
        for (const auto& item : items) {
            add(item);
        }
    }
    template <class T>
    void add(const std::map<std::string, T>& items) {
        add(items.size());
        for (const auto& [key, item] : items) {
            add(key);
            add(item);
        }
    }

  private:
    void end() { bytes += ';'; }
};

}  // namespace

std::string spec_hash(const ServiceSpec& service) {
    Canonical canonical;
    // What only decides when and how it is waited for, pulled or kept takes no part.
    canonical.member("name", service.name);
    canonical.member("image", service.image);
    canonical.member("platform", service.platform);
    canonical.member("command", service.command);
    canonical.member("entrypoint", service.entrypoint);
    canonical.member("environment", service.environment);
    canonical.member("working_dir", service.working_dir);
    canonical.member("user", service.user);
    canonical.member("hostname", service.hostname);
    canonical.member("labels", service.labels);
    canonical.member("init", service.init);
    canonical.member("tty", service.tty);
    canonical.member("stdin_open", service.stdin_open);
    canonical.member("publish", service.publish);
    canonical.member("restart", service.restart);
    canonical.member("ports", service.ports);
    canonical.member("expose", service.expose);
    canonical.member("networks", service.networks);
    canonical.member("extra_hosts", service.extra_hosts);
    canonical.member("volumes", service.volumes);
    canonical.member("tmpfs", service.tmpfs);
    canonical.member("copy", service.copy);
    canonical.member("healthcheck", service.healthcheck);
    canonical.member("post_ready", service.post_ready);
    canonical.member("stop_signal", service.stop_signal);
    canonical.member("mem_limit", service.mem_limit);
    canonical.member("cpus", service.cpus);
    canonical.member("shm_size", service.shm_size);
    canonical.member("ulimits", service.ulimits);
    canonical.member("cap_add", service.cap_add);
    canonical.member("cap_drop", service.cap_drop);
    canonical.member("privileged", service.privileged);
    canonical.member("read_only", service.read_only);
    canonical.member("security_opt", service.security_opt);
    return sha256_hex(canonical.bytes);
}

}  // namespace berth

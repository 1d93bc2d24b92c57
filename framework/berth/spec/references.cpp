// SPDX-License-Identifier: Apache-2.0
#include <berth/spec/internal/references.hpp>

#include <berth/core/names.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace berth::internal {
namespace {

using When = TextUse::When;

class Walk {
  public:
    Walk(std::string prefix, const UseText& use) : prefix_(std::move(prefix)), use_(use) {}

    void text(const Text& text, std::string key, const std::string& path, When when, Side side = Side::network) const {
        use_({text.text, text.origin, std::move(key), prefix_ + path, side, when});
    }

    void words(const Given<Words>& all, const std::string& key, When when, Side side = Side::network) const {
        for (std::size_t i = 0; i < all->size(); ++i) {
            text((*all)[i], key, fmt::format("{}/{}", key, i), when, side);
        }
    }

    void values(const Given<KeyValues>& all, const std::string& key, const std::string& path, When when,
                Side side = Side::network) const {
        for (const auto& [name, value] : *all) {
            if (value.text) {
                const Origin& where = value.origin.known() ? value.origin : all.origin();
                use_({*value.text, where, key, fmt::format("{}{}/{}", prefix_, path, name), side, when});
            }
        }
    }

    void command(const Given<ShellOrArgv>& all, const std::string& key, const std::string& path) const {
        for (const auto& word : all->words) {
            text(word, key, path, When::started);
        }
    }

    void step(const StepSpec& step, const std::string& key, const std::string& path) const {
        command(step.exec, key, path + "/exec");
        for (const auto& word : step.host->words) {
            text(word, key, path + "/host", When::up, Side::host);
        }
        text(*step.http->path, key, path + "/http/path", When::started, Side::host);
        values(step.http->headers, key, path + "/http/headers", When::started, Side::host);
        text(*step.http->body, key, path + "/http/body", When::started, Side::host);
        text(*step.copy->content, key, path + "/copy/content", When::started);
        hook(*step.container, key, path + "/container");
        text(*step.stdin_text, key, path + "/stdin", When::started);
        values(step.environment, key, path + "/environment", When::started);
    }

    void hook(const HookSpec& hook, const std::string& key, const std::string& path) const {
        for (const auto& word : *hook.command) {
            text(word, key, path + "/command", When::started);
        }
        text(*hook.image, key, path + "/image", When::create);
        values(hook.environment, key, path + "/environment", When::started);
    }

    void hooks(const Given<std::vector<HookSpec>>& all, const std::string& key) const {
        for (std::size_t i = 0; i < all->size(); ++i) {
            hook((*all)[i], key, fmt::format("{}/{}", key, i));
        }
    }

    void wait(const WaitSpec& wait, const std::string& path) const {
        values(wait.exec->environment, "wait.exec", path + "/exec/environment", When::started);
        text(*wait.http->body, "wait.http.body", path + "/http/body", When::started, Side::host);
        text(*wait.http->auth->user, "wait.http.auth", path + "/http/auth/user", When::started, Side::host);
        text(*wait.http->auth->password, "wait.http.auth", path + "/http/auth/password", When::started, Side::host);
        command(wait.exec->command, "wait.exec", path + "/exec");
        values(wait.http->headers, "wait.http.headers", path + "/http/headers", When::started, Side::host);
        for (std::size_t i = 0; i < wait.all->size(); ++i) {
            this->wait((*wait.all)[i], fmt::format("{}/all/{}", path, i));
        }
        for (std::size_t i = 0; i < wait.any->size(); ++i) {
            this->wait((*wait.any)[i], fmt::format("{}/any/{}", path, i));
        }
    }

  private:
    std::string prefix_;
    const UseText& use_;
};

}  // namespace

void for_each_text(const ServiceSpec& service, const UseText& use) {
    const Walk walk(fmt::format("/services/{}/", *service.name), use);
    walk.text(*service.image, "image", "image", When::create);
    walk.words(service.command, "command", When::create);
    walk.words(service.entrypoint, "entrypoint", When::create);
    walk.values(service.environment, "environment", "environment", When::create);
    walk.text(*service.user, "user", "user", When::create);
    walk.values(service.labels, "labels", "labels", When::create);
    walk.values(service.extra_hosts, "extra_hosts", "extra_hosts", When::create);
    for (std::size_t i = 0; i < service.volumes->size(); ++i) {
        walk.text(*(*service.volumes)[i].source, "volumes", fmt::format("volumes/{}/source", i), When::create);
    }
    for (std::size_t i = 0; i < service.copy->size(); ++i) {
        walk.text(*(*service.copy)[i].content, "copy", fmt::format("copy/{}/content", i), When::create);
    }
    for (const auto& word : *service.healthcheck->test) {
        walk.text(word, "healthcheck.test", "healthcheck/test", When::create);
    }
    walk.wait(*service.wait, "wait");
    for (std::size_t i = 0; i < service.post_ready->size(); ++i) {
        walk.step((*service.post_ready)[i], "post_ready", fmt::format("post_ready/{}", i));
    }
    for (std::size_t i = 0; i < service.reset->size(); ++i) {
        walk.step((*service.reset)[i], "reset", fmt::format("reset/{}", i));
    }
    walk.hooks(service.pre_start, "pre_start");
    walk.hooks(service.post_start, "post_start");
    walk.hooks(service.pre_stop, "pre_stop");
    walk.text(*service.domainname, "domainname", "domainname", When::create);
    walk.text(*service.container_name, "container_name", "container_name", When::create);
    walk.values(service.annotations, "annotations", "annotations", When::create);
    walk.values(service.sysctls, "sysctls", "sysctls", When::create);
    walk.values(service.build->args, "build.args", "build/args", When::create, Side::host);
}

void for_each_text(const EnvironmentSpec& spec, const UseText& use) {
    const Walk walk("/", use);
    walk.values(spec.exports, "exports", "exports", When::up, Side::host);
    for (const auto& [name, config] : *spec.configs) {
        walk.text(*config.content, "configs", fmt::format("configs/{}/content", name), When::create);
    }
    const Walk run("/run/", use);
    run.words(spec.run->command, "command", When::up, Side::host);
    run.values(spec.run->environment, "environment", "environment", When::up, Side::host);
}

const std::vector<std::string>& reference_roots() {
    static const std::vector<std::string> roots = {"services", "self",    "run",  "project", "networks",
                                                   "volumes",  "secrets", "vars", "matrix"};
    return roots;
}

Target target_of(const Reference& reference, const std::vector<ServiceSpec>& services,
                 std::optional<std::size_t> self) {
    const auto& segments = reference.segments;
    const std::string& root = segments.front();
    Target target;
    const auto rest_from = [&](std::size_t position) {
        for (std::size_t i = position; i < segments.size(); ++i) {
            target.rest.push_back(segments[i]);
        }
    };
    const auto service_named = [&](const std::string& name) {
        target.name = name;
        for (std::size_t i = 0; i < services.size(); ++i) {
            if (*services[i].name == name) {
                target.kind = Target::Kind::service;
                target.service = i;
                return;
            }
        }
    };
    if (root == "self") {
        target.by_self = true;
        if (self) {
            target.kind = Target::Kind::service;
            target.service = *self;
            target.name = *services[*self].name;
        }
        rest_from(1);
    } else if (root == "run" || root == "project") {
        target.kind = root == "run" ? Target::Kind::run : Target::Kind::project;
        rest_from(1);
    } else if (root == "networks" || root == "volumes" || root == "vars" || root == "secrets" || root == "matrix") {
        target.kind = root == "networks"  ? Target::Kind::network
                      : root == "volumes" ? Target::Kind::volume
                      : root == "secrets" ? Target::Kind::secret
                      : root == "matrix"  ? Target::Kind::matrix
                                          : Target::Kind::variable;
        target.name = segments[1];
        rest_from(2);
    } else if (root == "services") {
        service_named(segments[1]);
        rest_from(2);
    } else {
        service_named(root);
        rest_from(1);
    }
    return target;
}

std::optional<DeclaredPort> port_of(const ServiceSpec& service, const std::vector<std::string>& property) {
    const auto ports = declared_ports(service);
    if (property.size() < 2) {
        return ports.size() == 1 ? std::optional(ports.front()) : std::nullopt;
    }
    const auto found = std::find_if(ports.begin(), ports.end(), [&](const DeclaredPort& port) {
        return (!port.name.empty() && port.name == property[1]) || std::to_string(port.container) == property[1];
    });
    return found == ports.end() ? std::nullopt : std::optional(*found);
}

Phase phase_of(const ServiceSpec& service, const std::vector<std::string>& property, Side side) {
    const std::string name = property.empty() ? std::string{} : property.front();
    if (name == "exit_code") {
        return Phase::ended;
    }
    if (name == "ip") {
        return Phase::started;
    }
    if (name == "id") {
        return Phase::created;
    }
    if (side == Side::network || (name != "port" && name != "address" && name != "url")) {
        return Phase::load;
    }
    const auto port = port_of(service, property);
    if (!port || port->published.how == PublishedPort::How::engine) {
        return Phase::started;
    }
    return port->published.how == PublishedPort::How::fixed ? Phase::load : Phase::reserved;
}

std::optional<std::string_view> text_behind(const ServiceSpec& service, const std::vector<std::string>& property) {
    if (property.size() == 1 && property[0] == "image") {
        return service.image->text;
    }
    if (property.size() == 2 && property[0] == "env") {
        const auto found = service.environment->find(property[1]);
        if (found != service.environment->end() && found->second.text) {
            return *found->second.text;
        }
    }
    return std::nullopt;
}

}  // namespace berth::internal

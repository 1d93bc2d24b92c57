// SPDX-License-Identifier: Apache-2.0
#include <berth/yaml/internal/compose_forms.hpp>
#include <berth/yaml/internal/outside_braces.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace berth::yaml {
namespace {

constexpr auto k_nowhere = std::string::npos;

std::string text_at(const Node& map, std::string_view key) {
    const Slot* slot = map.find(key);
    return slot == nullptr ? std::string{} : slot->value->text;
}

bool is_any_address(std::string_view ip) noexcept {
    return ip == "0.0.0.0" || ip == "::" || ip == "[::]";
}

class Adapting {
  public:
    Adapting(NodeStore& nodes, ComposeNotes& notes, const ComposeOptions& options, const IsMissing& is_missing)
        : nodes_(nodes), notes_(notes), options_(options), is_missing_(is_missing) {}

    const Node& root(const Node& root) {
        Node& out = nodes_.copy(root);
        const Slot* services = out.find("services");
        if (services == nullptr || services->value->kind != Kind::map) {
            return out;
        }
        Node& all = nodes_.copy(*services->value);
        select(all);
        for (Slot& slot : all.slots) {
            Node& own = nodes_.copy(*slot.value);
            services_.emplace(slot.key->text, &own);
            slot.value = &own;
        }
        for (const Slot& slot : all.slots) {
            if (slot.value->kind == Kind::map) {
                service(*slot.key, *services_.at(slot.key->text));
            }
        }
        for (const Slot& slot : all.slots) {
            if (slot.value->kind == Kind::map) {
                readiness(*slot.key, *slot.value);
            }
        }
        put(nodes_, out, "services", all);
        unique_names(out, "networks", "network");
        unique_names(out, "volumes", "volume");
        return out;
    }

  private:
    /// Those that were asked for, and what they need.
    void select(Node& all) const {
        if (options_.services.empty()) {
            return;
        }
        std::set<std::string> wanted;
        std::vector<std::string> open = options_.services;
        while (!open.empty()) {
            const std::string name = open.back();
            open.pop_back();
            const Slot* service = all.find(name);
            if (!wanted.insert(name).second || service == nullptr) {
                continue;
            }
            for (const auto& needed : needs(*service->value)) {
                open.push_back(needed);
            }
        }
        for (const auto& name : options_.services) {
            if (all.find(name) == nullptr) {
                notes_.say("BE0505", all.where, fmt::format("'{}' is not a service of the compose file", name));
            }
        }
        all.slots.erase(std::remove_if(all.slots.begin(), all.slots.end(),
                                       [&](const Slot& slot) { return wanted.count(slot.key->text) == 0; }),
                        all.slots.end());
    }

    static std::vector<std::string> needs(const Node& service) {
        std::vector<std::string> names;
        for (const std::string_view key : {"depends_on", "links", "volumes_from"}) {
            const Slot* slot = service.find(key);
            for (const Slot& item : slot == nullptr ? std::vector<Slot>{} : slot->value->slots) {
                const std::string& text = item.key != nullptr ? item.key->text : item.value->text;
                names.push_back(text.substr(0, text.find(':')));
            }
        }
        for (const std::string_view key : {"network_mode", "ipc", "pid"}) {
            if (const std::string text = text_at(service, key); text.rfind("service:", 0) == 0) {
                names.push_back(text.substr(8));
            }
        }
        return names;
    }

    void service(const Node& name, Node& service) {
        profiles(name, service);
        if (const Slot* ports_slot = service.find("ports"); ports_slot != nullptr) {
            put(nodes_, service, "ports", ports(name.text, *ports_slot->value), ports_slot->hop);
        }
        if (const Slot* restart = service.find("restart");
            restart != nullptr && restart->value->kind == Kind::scalar && !options_.keep_restart) {
            if (restart->value->text != "no") {
                notes_.say(
                    "BN0913", restart->value->where,
                    fmt::format("'restart: {}' is not applied: a crash must fail the test", restart->value->text));
            }
            static_cast<void>(take(service, "restart"));
        }
        if (const Node* container_name = take(service, "container_name"); container_name != nullptr) {
            notes_.say(
                "BN0911", container_name->where,
                fmt::format("container name '{}' is a network alias of '{}' here", container_name->text, name.text));
            if (container_name->text != name.text) {
                add_alias(service, *container_name, container_name->text);
            }
        }
        if (const Node* links = take(service, "links"); links != nullptr) {
            for (const Slot& link : links->slots) {
                add_link(service, *link.value);
            }
        }
        if (options_.depends_on == ComposeOptions::DependsOn::ready) {
            wait_for_ready(name.text, service);
        }
        if (const Slot* volumes = service.find("volumes"); volumes != nullptr && is_missing_) {
            put(nodes_, service, "volumes", mounts(*volumes->value), volumes->hop);
        }
    }

    void profiles(const Node& name, Node& service) {
        const Slot* own = service.find("profiles");
        if (own == nullptr) {
            return;
        }
        for (const Slot& profile : own->value->slots) {
            const auto& on = options_.profiles;
            if (std::find(on.begin(), on.end(), profile.value->text) != on.end()) {
                notes_.say(
                    "BN0921", profile.value->where,
                    fmt::format("'{}' is always on here: profile '{}' was asked for", name.text, profile.value->text));
                static_cast<void>(take(service, "profiles"));
                return;
            }
        }
    }

    const Node& ports(const std::string& service, const Node& written) {
        if (written.kind != Kind::list) {
            return written;
        }
        Node& out = nodes_.copy(written);
        out.slots.clear();
        std::set<std::string> seen;
        for (const Slot& slot : written.slots) {
            notes_.say_once("BN0914", slot.value->where,
                            "ports are published on loopback; compose takes all interfaces");
            const Node& port =
                slot.value->kind == Kind::map ? long_port(service, *slot.value) : short_port(service, *slot.value);
            if (port.kind != Kind::scalar || seen.insert(port.text).second) {
                out.slots.push_back({nullptr, &port, slot.hop});
            }
        }
        return out;
    }

    void freed(const Node& at, const std::string& service, const std::string& host, const std::string& container) {
        std::string caret;
        if (container.find_first_not_of("0123456789") == k_nowhere) {
            const bool name = service.find_first_of(".-") == k_nowhere;
            caret =
                fmt::format("the engine's choice is '${{{}{}.port.{}}}'", name ? "" : "services.", service, container);
        }
        notes_.say("BN0910", at.where, fmt::format("host port {} of '{}' is left to the engine", host, service), caret);
    }

    const Node& short_port(const std::string& service, const Node& node) {
        const std::string& text = node.text;
        auto last = k_nowhere;
        auto before = k_nowhere;
        for (auto at = find_outside_braces(text, ":"); at != k_nowhere; at = find_outside_braces(text, ":", at + 1)) {
            before = last;
            last = at;
        }
        if (node.kind != Kind::scalar || last == k_nowhere) {
            return node;
        }
        std::string address = before == k_nowhere ? std::string{} : text.substr(0, before);
        const auto from = before == k_nowhere ? 0 : before + 1;
        std::string host = text.substr(from, last - from);
        const std::string container = text.substr(last + 1);
        const bool wide = is_any_address(address);
        const bool frees = !host.empty() && options_.ports == ComposeOptions::Ports::ephemeral;
        if (!wide && !frees) {
            return node;
        }
        if (frees) {
            freed(node, service, host, container.substr(0, container.find('/')));
            host.clear();
        }
        address = wide ? std::string{} : address;
        std::string left = address.empty() ? host : address + ':' + host;
        return nodes_.scalar(left.empty() ? container : left + ':' + container, node, Style::double_quoted);
    }

    const Node& long_port(const std::string& service, const Node& node) {
        Node& out = nodes_.copy(node);
        const Slot* published = out.find("published");
        if (published != nullptr && options_.ports == ComposeOptions::Ports::ephemeral) {
            freed(*published->value, service, published->value->text, text_at(out, "target"));
            static_cast<void>(take(out, "published"));
        }
        if (is_any_address(text_at(out, "host_ip"))) {
            static_cast<void>(take(out, "host_ip"));
        }
        return out;
    }

    /// On each network of the service.
    void add_alias(Node& service, const Node& at, const std::string& alias) {
        if (service.find("network_mode") != nullptr) {
            return;  // no network of ours, and no names on it
        }
        const Slot* slot = service.find("networks");
        Node& networks =
            slot == nullptr || slot->value->kind != Kind::map ? nodes_.empty_map(at) : nodes_.copy(*slot->value);
        if (networks.slots.empty()) {
            put(nodes_, networks, "default", nodes_.empty_map(at));
        }
        for (Slot& attach : networks.slots) {
            Node& how = attach.value->kind == Kind::map ? nodes_.copy(*attach.value) : nodes_.empty_map(at);
            const Slot* known = how.find("aliases");
            Node& aliases = known == nullptr ? nodes_.empty_list(at) : nodes_.copy(*known->value);
            const bool there = std::any_of(aliases.slots.begin(), aliases.slots.end(),
                                           [&](const Slot& one) { return one.value->text == alias; });
            if (!there) {
                aliases.slots.push_back({nullptr, &nodes_.scalar(alias, at), nullptr});
            }
            put(nodes_, how, "aliases", aliases);
            attach.value = &how;
        }
        put(nodes_, service, "networks", networks);
    }

    void add_link(Node& service, const Node& link) {
        const auto colon = link.text.find(':');
        const std::string target = link.text.substr(0, colon);
        const std::string alias = colon == k_nowhere ? target : link.text.substr(colon + 1);
        if (alias == target) {
            notes_.say("BN0917", link.where, fmt::format("link '{}' is a dependency here", link.text));
        } else {
            notes_.say(
                "BN0917", link.where,
                fmt::format("link '{}' is a dependency here, and '{}' an alias for everybody", link.text, alias));
        }
        if (const auto found = services_.find(target);
            found != services_.end() && alias != target && found->second->kind == Kind::map) {
            add_alias(*found->second, link, alias);
        }
        const Slot* slot = service.find("depends_on");
        Node& edges = slot == nullptr ? nodes_.empty_map(link) : nodes_.copy(*slot->value);
        if (edges.find(target) == nullptr) {
            Node& how = nodes_.empty_map(link);
            put(nodes_, how, "condition", nodes_.scalar("service_started", link));
            put(nodes_, edges, target, how);
        }
        put(nodes_, service, "depends_on", edges);
    }

    void wait_for_ready(const std::string& name, Node& service) {
        const Slot* slot = service.find("depends_on");
        if (slot == nullptr) {
            return;
        }
        Node& edges = nodes_.copy(*slot->value);
        for (Slot& edge : edges.slots) {
            if (text_at(*edge.value, "condition") == "service_started") {
                notes_.say("BN0915", edge.key->where,
                           fmt::format("'{}' waits until '{}' is ready, not only started", name, edge.key->text));
                Node& how = nodes_.copy(*edge.value);
                put(nodes_, how, "condition", nodes_.scalar("service_ready", *edge.value));
                edge.value = &how;
            }
        }
        put(nodes_, service, "depends_on", edges);
    }

    /// Compose makes a directory of a short bind that is not there.
    const Node& mounts(const Node& written) {
        Node& out = nodes_.copy(written);
        for (Slot& slot : out.slots) {
            const Node& mount = *slot.value;
            const auto colon = mount.text.find(':');
            const std::string source = mount.text.substr(0, colon);
            const bool bind = mount.kind == Kind::scalar && colon != k_nowhere && !source.empty() &&
                              (source.front() == '.' || source.front() == '/' || source.front() == '~');
            if (!bind || source.find('$') != k_nowhere || !is_missing_(source)) {
                continue;
            }
            notes_.say(
                "BW0121", mount.where,
                fmt::format("bind source '{}' does not exist; an empty directory is made, as compose does", source));
            const auto second = mount.text.find(':', colon + 1);
            Node& map = nodes_.empty_map(mount);
            put(nodes_, map, "type", nodes_.scalar("bind", mount));
            put(nodes_, map, "source", nodes_.scalar(source, mount));
            put(nodes_, map, "target", nodes_.scalar(mount.text.substr(colon + 1, second - colon - 1), mount));
            if (second != k_nowhere && mount.text.substr(second + 1) == "ro") {
                put(nodes_, map, "read_only", nodes_.scalar("true", mount));
            }
            Node& how = nodes_.empty_map(mount);
            put(nodes_, how, "create_host_path", nodes_.scalar("true", mount));
            put(nodes_, map, "bind", how);
            slot.value = &map;
        }
        return out;
    }

    void readiness(const Node& name, const Node& service) {
        const Slot* ports = service.find("ports");
        if (service.find("healthcheck") != nullptr || ports == nullptr || ports->value->slots.empty()) {
            return;
        }
        std::string list;
        bool several = false;
        for (const Slot& slot : ports->value->slots) {
            std::string text = slot.value->kind == Kind::map ? text_at(*slot.value, "target") : slot.value->text;
            const bool tcp = slot.value->kind == Kind::map
                                 ? text_at(*slot.value, "protocol").empty() || text_at(*slot.value, "protocol") == "tcp"
                                 : text.find("/udp") == k_nowhere && text.find("/sctp") == k_nowhere;
            if (tcp) {
                for (auto colon = find_outside_braces(text, ":"); colon != k_nowhere;
                     colon = find_outside_braces(text, ":")) {
                    text.erase(0, colon + 1);
                }
                text = text.substr(0, text.find('/'));
                several = several || !list.empty() || text.find('-') != k_nowhere;
                list += (list.empty() ? "" : ", ") + text;
            }
        }
        if (!list.empty()) {
            notes_.say("BN0920", name.where,
                       fmt::format("'{}' is ready when {} {} connections; compose does not wait for it", name.text,
                                   several ? "ports" : "port", list + (several ? " accept" : " accepts")));
        }
    }

    void unique_names(Node& root, std::string_view section, std::string_view kind) {
        const Slot* slot = root.find(section);
        if (slot == nullptr || slot->value->kind != Kind::map) {
            return;
        }
        Node& all = nodes_.copy(*slot->value);
        for (Slot& entry : all.slots) {
            if (entry.value->kind != Kind::map || text_at(*entry.value, "external") == "true") {
                continue;
            }
            Node& own = nodes_.copy(*entry.value);
            if (const Node* name = take(own, "name"); name != nullptr) {
                notes_.say("BN0912", name->where,
                           fmt::format("{} name '{}' is made unique for each run", kind, name->text));
            }
            entry.value = &own;
        }
        put(nodes_, root, section, all);
    }

    NodeStore& nodes_;
    ComposeNotes& notes_;
    const ComposeOptions& options_;
    const IsMissing& is_missing_;
    std::map<std::string, Node*> services_;
};

}  // namespace

const Node& adapt(NodeStore& nodes, ComposeNotes& notes, const ComposeOptions& options, const Node& root,
                  const IsMissing& is_missing) {
    return Adapting(nodes, notes, options, is_missing).root(root);
}

}  // namespace berth::yaml

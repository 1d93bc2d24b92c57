// SPDX-License-Identifier: Apache-2.0
#include <berth/yaml/internal/compose_forms.hpp>
#include <berth/yaml/internal/outside_braces.hpp>

#include <berth/core/units.hpp>

#include <fmt/format.h>

namespace berth::yaml {

const Node* ComposeForms::service(const Node& node) {
    if (node.kind != Kind::map) {
        return &node;
    }
    if (const Slot* provider = node.find("provider"); provider != nullptr) {
        context_.notes.say("BE0905", provider->key->where,
                           "compose key 'provider' has no equivalent here: no plugin of compose is run");
    }
    Node old = node;
    if (first_generation_) {
        from_first_generation(old);
    }
    Node& out = nodes().copy(*rewrite(
        old, "Service", "", [this](std::string_view key, const Node& value) { return service_value(key, value); }));
    static_cast<void>(take(out, "provider"));
    return &out;
}

/// Keys that had another name, or stood elsewhere.
void ComposeForms::from_first_generation(Node& service) const {
    if (const Node* net = take(service, "net"); net != nullptr) {
        put(nodes(), service, "network_mode", *net);
    }
    if (const Node* dockerfile = take(service, "dockerfile"); dockerfile != nullptr) {
        Node& build = nodes().empty_map(*dockerfile);
        if (const Node* context = take(service, "build"); context != nullptr) {
            put(nodes(), build, "context", *context);
        }
        put(nodes(), build, "dockerfile", *dockerfile);
        put(nodes(), service, "build", build);
    }
    const Node* driver = take(service, "log_driver");
    const Node* options = take(service, "log_opt");
    if (driver != nullptr || options != nullptr) {
        Node& logging = nodes().empty_map(driver != nullptr ? *driver : *options);
        if (driver != nullptr) {
            put(nodes(), logging, "driver", *driver);
        }
        if (options != nullptr) {
            put(nodes(), logging, "options", *options);
        }
        put(nodes(), service, "logging", logging);
    }
    if (const Slot* volume_driver = service.find("volume_driver"); volume_driver != nullptr) {
        context_.notes.ignored(*volume_driver->key, "volume_driver");
        static_cast<void>(take(service, "volume_driver"));
    }
}

const Node* ComposeForms::service_value(std::string_view key, const Node& value) {
    if (value.kind == Kind::null &&
        (key == "command" || key == "entrypoint" || key == "pid" || key == "deploy" || key == "healthcheck")) {
        return nullptr;
    }
    if (key == "environment") {
        return key_values(value, Bare::is_passed);
    }
    if (key == "labels" || key == "annotations" || key == "sysctls" || key == "storage_opt") {
        return key_values(value, Bare::is_empty);
    }
    if (key == "volumes") {
        return mounts(value);
    }
    if (key == "build") {
        return build(value);
    }
    if (key == "pull_policy" && value.kind == Kind::scalar && meant(value) == "if_not_present") {
        return &nodes().scalar("missing", value);
    }
    if (key == "post_start" || key == "pre_stop" || key == "pre_start") {
        return hooks(value);
    }
    if (key == "networks" || key == "depends_on" || key == "extra_hosts") {
        return network_value(key, value);
    }
    return resource_value(key, value);
}

const Node* ComposeForms::network_value(std::string_view key, const Node& value) const {
    if (key == "depends_on") {
        return dependencies(value);
    }
    if (key == "extra_hosts") {
        return hosts(value);
    }
    return each(*named(value), [this](const Node& node) -> const Node* {
        return node.kind == Kind::null ? &nodes().empty_map(node) : rewrite(node, "NetworkAttach", "networks");
    });
}

const Node* ComposeForms::resource_value(std::string_view key, const Node& value) const {
    if (key == "env_file") {
        return env_files(value);
    }
    if (key == "secrets" || key == "configs") {
        return references(value, key == "secrets" ? "SecretRef" : "ConfigRef", std::string(key));
    }
    if (key == "devices") {
        return devices(value);
    }
    if (key == "ports") {
        return each(*list_of_one(value), [this](const Node& node) {
            return rewrite(node, "Port", "ports", [this](std::string_view part, const Node& one) -> const Node* {
                const bool nothing = one.kind == Kind::scalar && meant(one).empty();
                return part == "published" && nothing ? nullptr : &one;
            });
        });
    }
    if (key == "healthcheck") {
        return rewrite(value, "Healthcheck", "healthcheck");
    }
    if (key == "deploy") {
        return rewrite(value, "Deploy", "deploy");
    }
    if (key == "tmpfs" || key == "dns" || key == "dns_search" || key == "profiles") {
        return list_of_one(value);
    }
    return &value;
}

const Node* ComposeForms::build(const Node& node) const {
    if (node.kind == Kind::scalar) {
        Node& map = nodes().empty_map(node);
        map.tag = node.tag;
        put(nodes(), map, "context", *path(node));
        return &map;
    }
    return rewrite(node, "Build", "build", [this](std::string_view key, const Node& value) -> const Node* {
        if (key == "context") {
            return path(value);
        }
        if (key == "args") {
            return key_values(value, Bare::is_passed);
        }
        return key == "labels" ? key_values(value, Bare::is_empty) : &value;
    });
}

const Node* ComposeForms::env_files(const Node& node) const {
    return each(*list_of_one(node), [this](const Node& item) {
        return item.kind == Kind::map ? rewrite(item, "EnvFile", "env_file",
                                                [this](std::string_view key, const Node& value) {
                                                    return key == "path" ? path(value) : &value;
                                                })
                                      : path(item);
    });
}

const Node* ComposeForms::dependencies(const Node& node) const {
    return each(*named(node), [this](const Node& item) -> const Node* {
        if (item.kind != Kind::map) {
            return &item;
        }
        const Node* out = rewrite(item, "DependsOn", "depends_on");
        if (out->find("condition") != nullptr) {
            return out;
        }
        Node& filled = nodes().copy(*out);
        put(nodes(), filled, "condition", nodes().scalar("service_started", item));
        return &filled;
    });
}

const Node* ComposeForms::mounts(const Node& node) {
    return each(node,
                [this](const Node& item) { return item.kind == Kind::map ? long_mount(item) : short_mount(item); });
}

/// As it is, or in the long form where a word behind the second colon says more than `ro`.
const Node* ComposeForms::short_mount(const Node& node) {
    if (node.kind != Kind::scalar) {
        return &node;
    }
    const std::string& text = node.text;
    const auto first = find_outside_braces(text, ":");
    if (first == std::string::npos) {
        return &node;
    }
    const auto second = find_outside_braces(text, ":", first + 1);
    Node source = node;
    source.text = text.substr(0, first);
    const std::string meant_source = meant(source);
    const bool host = !meant_source.empty() && std::string_view("./~").find(meant_source.front()) != std::string::npos;
    if (!host && first_generation_ && !meant_source.empty()) {
        undeclared_volumes_.emplace(meant_source, &node);
    }
    source.text = host ? with_prefix(context_.prefix, source.text, meant_source) : source.text;
    const std::string target = text.substr(first + 1, second == std::string::npos ? second : second - first - 1);
    std::string kept;  // all but what means nothing on Linux; the reader of specs judges the rest
    std::string words = second == std::string::npos ? std::string{} : text.substr(second + 1);
    while (!words.empty()) {
        const auto comma = words.find(',');
        const std::string word = words.substr(0, comma);
        words = comma == std::string::npos ? std::string{} : words.substr(comma + 1);
        if (word == "cached" || word == "delegated" || word == "consistent") {
            context_.notes.ignored(node, "volumes: " + word, true);
        } else {
            kept += (kept.empty() ? "" : ",") + word;
        }
    }
    std::string written = fmt::format("{}:{}{}{}", source.text, target, kept.empty() ? "" : ":", kept);
    return written == text ? &node : &nodes().scalar(std::move(written), node);
}

const Node* ComposeForms::long_mount(const Node& node) const {
    const Slot* type = node.find("type");
    const bool bind = type != nullptr && meant(*type->value) == "bind";
    return rewrite(node, "Mount", "volumes", [this, bind](std::string_view key, const Node& value) -> const Node* {
        if (key == "source" && bind) {
            return path(value);
        }
        if (key == "bind" || key == "volume") {
            return each(value, [this](const Node& inner) { return bool_word(inner); });
        }
        return &value;
    });
}

const Node* ComposeForms::references(const Node& node, std::string_view owner, const std::string& label) const {
    return each(node, [this, owner, &label](const Node& item) {
        return rewrite(item, owner, label, [this](std::string_view key, const Node& value) {
            return key == "mode" ? mode(value) : &value;
        });
    });
}

/// A number without a leading zero is decimal in compose, whatever was meant.
const Node* ComposeForms::mode(const Node& node) const {
    if (node.kind != Kind::scalar || node.style != Style::plain || node.text.empty() || node.text.front() == '0') {
        return &node;
    }
    const auto decimal = parse_integer(node.text);
    if (!decimal || *decimal < 0 || *decimal > 07777) {
        return &node;
    }
    std::string octal = fmt::format("{:04o}", *decimal);
    context_.notes.say(
        "BN0918", node.where,
        fmt::format("mode {} is a decimal number in compose; it is written as {} here", node.text, octal));
    return &nodes().scalar(std::move(octal), node, Style::double_quoted);
}

const Node* ComposeForms::hosts(const Node& node) const {
    return each(*key_values(node, Bare::is_empty, "=:"), [this](const Node& value) -> const Node* {
        if (value.kind == Kind::list && !value.slots.empty()) {
            if (value.slots.size() > 1) {
                context_.notes.say("BN0919", value.where, "a host has one address here; the first one counts");
            }
            return value.slots.front().value;
        }
        const std::string& text = value.text;
        const bool brackets =
            value.kind == Kind::scalar && text.size() > 2 && text.front() == '[' && text.back() == ']';
        return brackets ? &nodes().scalar(text.substr(1, text.size() - 2), value) : &value;
    });
}

const Node* ComposeForms::devices(const Node& node) const {
    return each(node, [this](const Node& item) -> const Node* {
        const Slot* source = item.kind == Kind::map ? item.find("source") : nullptr;
        if (source == nullptr) {
            return &item;
        }
        std::string text = source->value->text;
        for (const std::string_view key : {"target", "permissions"}) {
            if (const Slot* part = item.find(key); part != nullptr) {
                text += ':' + part->value->text;
            } else if (key == "target" && item.find("permissions") != nullptr) {
                text += ':' + source->value->text;
            }
        }
        return &nodes().scalar(std::move(text), item);
    });
}

const Node* ComposeForms::hooks(const Node& node) const {
    return each(node, [this](const Node& item) {
        return rewrite(item, "Hook", "hooks", [this](std::string_view key, const Node& value) {
            return key == "environment" ? key_values(value, Bare::is_passed) : &value;
        });
    });
}

}  // namespace berth::yaml

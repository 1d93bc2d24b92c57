// SPDX-License-Identifier: Apache-2.0
#include <berth/yaml/internal/compose_forms.hpp>
#include <berth/yaml/internal/outside_braces.hpp>

#include <berth/spec/field_table.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace berth::yaml {
namespace {

struct OwnedKey {
    std::string_view owner;
    std::string_view key;
};

/// What compose knows and nothing here acts on.
constexpr OwnedKey k_without_effect[] = {
    {"Root", "models"},
    {"Service", "attach"},
    {"Service", "cpu_count"},
    {"Service", "cpu_percent"},
    {"Service", "cpu_rt_period"},
    {"Service", "cpu_rt_runtime"},
    {"Service", "credential_spec"},
    {"Service", "develop"},
    {"Service", "external_links"},
    {"Service", "isolation"},
    {"Service", "label_file"},
    {"Service", "models"},
    {"Service", "pull_refresh_after"},
    {"Service", "use_api_socket"},
    {"Build", "additional_contexts"},
    {"Build", "cache_to"},
    {"Build", "entitlements"},
    {"Build", "extra_hosts"},
    {"Build", "isolation"},
    {"Build", "no_cache_filter"},
    {"Build", "privileged"},
    {"Build", "provenance"},
    {"Build", "sbom"},
    {"Build", "shm_size"},
    {"Build", "tags"},
    {"Build", "ulimits"},
    {"Port", "mode"},
    {"DependsOn", "restart"},
    {"Mount", "consistency"},
    {"Mount", "image"},
    {"NetworkAttach", "interface_name"},
    {"NetworkAttach", "link_local_ips"},
    {"Network", "enable_ipv4"},
    {"Secret", "driver"},
    {"Secret", "driver_opts"},
    {"Secret", "labels"},
    {"Secret", "name"},
    {"Secret", "template_driver"},
    {"Config", "labels"},
    {"Config", "name"},
    {"Config", "template_driver"},
    {"Deploy", "endpoint_mode"},
    {"Deploy", "labels"},
    {"Deploy", "mode"},
    {"Deploy", "placement"},
    {"Deploy", "restart_policy"},
    {"Deploy", "rollback_config"},
    {"Deploy", "update_config"},
};

bool is_without_effect(std::string_view owner, std::string_view key) noexcept {
    return std::any_of(std::begin(k_without_effect), std::end(k_without_effect),
                       [&](const OwnedKey& known) { return known.owner == owner && known.key == key; });
}

/// Files of the first generation have services at the root, and nothing else.
bool is_first_generation(const Node& root) {
    if (root.kind != Kind::map || root.find("services") != nullptr || root.find("version") != nullptr) {
        return false;
    }
    bool any = false;
    for (const Slot& slot : root.slots) {
        if (slot.key->text.rfind("x-", 0) == 0) {
            continue;
        }
        const bool service = slot.value->kind == Kind::map &&
                             (slot.value->find("image") != nullptr || slot.value->find("build") != nullptr ||
                              slot.value->find("extends") != nullptr);
        if (!service) {
            return false;
        }
        any = true;
    }
    return any;
}

}  // namespace

std::string ComposeForms::meant(const Node& scalar) const {
    if (scalar.text.find('$') == std::string::npos) {
        return scalar.text;
    }
    return unescape_dollars(interpolate(scalar.text, context_.lookup, true).text);
}

const Node* ComposeForms::bool_word(const Node& node) const {
    if (node.kind != Kind::scalar) {
        return &node;
    }
    std::string word = meant(node);
    if (word == "true" || word == "false") {
        return &node;
    }
    std::transform(word.begin(), word.end(), word.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    for (const auto& [written, value] : {std::pair<std::string_view, std::string_view>{"yes", "true"},
                                         {"on", "true"},
                                         {"y", "true"},
                                         {"true", "true"},
                                         {"no", "false"},
                                         {"off", "false"},
                                         {"n", "false"},
                                         {"false", "false"}}) {
        if (word == written) {
            return &nodes().scalar(std::string(value), node);
        }
    }
    return &node;
}

const Node* ComposeForms::path(const Node& node) const {
    if (node.kind != Kind::scalar) {
        return &node;
    }
    std::string text = with_prefix(context_.prefix, node.text, meant(node));
    return text == node.text ? &node : &nodes().scalar(std::move(text), node);
}

const Node* ComposeForms::paths(const Node& node) const {
    if (node.kind != Kind::list) {
        return path(node);
    }
    Node& out = nodes().copy(node);
    for (Slot& slot : out.slots) {
        slot.value = path(*slot.value);
    }
    return &out;
}

const Node* ComposeForms::list_of_one(const Node& node) const {
    if (node.kind != Kind::scalar) {
        return &node;
    }
    Node& list = nodes().empty_list(node);
    list.flow = true;
    list.tag = node.tag;
    list.slots.push_back({nullptr, &node, nullptr});
    return &list;
}

const Node* ComposeForms::key_values(const Node& node, Bare bare, std::string_view separators) const {
    if (node.kind != Kind::list && node.kind != Kind::map) {
        return &node;
    }
    Node& map = nodes().empty_map(node);
    map.tag = node.tag;
    for (const Slot& slot : node.slots) {
        if (slot.key != nullptr) {
            const bool fill = slot.value->kind == Kind::null && bare == Bare::is_empty;
            const Node* value = fill ? &nodes().scalar("", *slot.value, Style::double_quoted) : slot.value;
            map.slots.push_back({slot.key, value, slot.hop});
            continue;
        }
        if (slot.value->kind != Kind::scalar) {
            return &node;  // no list of pairs; the reader says so
        }
        const std::string& text = slot.value->text;
        auto split = find_outside_braces(text, separators.substr(0, 1));
        if (split == std::string::npos && separators.size() > 1) {
            split = find_outside_braces(text, separators.substr(1));
        }
        Node key_text = *slot.value;
        key_text.text = text.substr(0, split);
        const Node& key = nodes().scalar(meant(key_text), *slot.value);
        const Node& value = split != std::string::npos ? nodes().scalar(text.substr(split + 1), *slot.value)
                            : bare == Bare::is_empty   ? nodes().scalar("", *slot.value, Style::double_quoted)
                                                       : nodes().null(*slot.value);
        put(nodes(), map, key.text, value, slot.hop);
    }
    return &map;
}

const Node* ComposeForms::named(const Node& node) const {
    if (node.kind != Kind::list) {
        return &node;
    }
    Node& map = nodes().empty_map(node);
    map.tag = node.tag;
    for (const Slot& slot : node.slots) {
        if (slot.value->kind != Kind::scalar) {
            return &node;
        }
        map.slots.push_back({slot.value, &nodes().empty_map(*slot.value), slot.hop});
    }
    return &map;
}

const Node* ComposeForms::rewrite(const Node& map, std::string_view owner, const std::string& label,
                                  const Rewrite& special) const {
    if (map.kind != Kind::map) {
        return &map;
    }
    Node& out = nodes().copy(map);
    out.slots.clear();
    for (const Slot& slot : map.slots) {
        const std::string& key = slot.key->text;
        if (key.rfind("x-", 0) == 0) {
            continue;
        }
        if (is_without_effect(owner, key)) {
            context_.notes.ignored(*slot.key, label.empty() ? key : label + '.' + key);
            continue;
        }
        const FieldRow* row = find_field(owner, key);
        const Node* value = row != nullptr && row->type == "bool" && slot.value->tag != Tag::reset
                                ? bool_word(*slot.value)
                                : slot.value;
        if (special && slot.value->tag != Tag::reset) {
            value = special(key, *value);
        }
        if (value != nullptr) {
            out.slots.push_back({slot.key, value, slot.hop});
        }
    }
    return &out;
}

const Node* ComposeForms::each(const Node& node, const std::function<const Node*(const Node&)>& change) const {
    if (node.kind != Kind::list && node.kind != Kind::map) {
        return &node;
    }
    Node& out = nodes().copy(node);
    for (Slot& slot : out.slots) {
        if (slot.value->tag != Tag::reset) {
            slot.value = change(*slot.value);
        }
    }
    return &out;
}

/// `external: {name: x}`, as files of the second generation have it.
const Node* ComposeForms::with_external(const Node& node, std::string_view owner, const std::string& label,
                                        const Rewrite& special) const {
    const Node* named_there = nullptr;
    const Node* out = rewrite(node, owner, label, [&](std::string_view key, const Node& value) -> const Node* {
        if (key == "external" && value.kind == Kind::map) {
            const Slot* name = value.find("name");
            named_there = name == nullptr ? nullptr : name->value;
            return &nodes().scalar("true", value);
        }
        return special ? special(key, value) : &value;
    });
    if (named_there != nullptr && node.find("name") == nullptr && find_field(owner, "name") != nullptr) {
        Node& filled = nodes().copy(*out);
        put(nodes(), filled, "name", *named_there);
        return &filled;
    }
    return out;
}

const Node& ComposeForms::root(const Node& root) {
    if (root.kind != Kind::map) {
        return root;
    }
    first_generation_ = is_first_generation(root);
    if (first_generation_) {
        Node& services = nodes().copy(root);
        Node& out = nodes().empty_map(root);
        services.slots.erase(std::remove_if(services.slots.begin(), services.slots.end(),
                                            [](const Slot& slot) { return slot.key->text.rfind("x-", 0) == 0; }),
                             services.slots.end());
        context_.notes.say_once("BN0916", services.slots.front().key->where,
                                "the file has the layout of compose 1; its services are taken from the root");
        put(nodes(), out, "services", *each(services, [this](const Node& node) { return service(node); }));
        if (!undeclared_volumes_.empty()) {
            Node& volumes = nodes().empty_map(root);
            for (const auto& [name, at] : undeclared_volumes_) {
                put(nodes(), volumes, name, nodes().empty_map(*at));
            }
            put(nodes(), out, "volumes", volumes);
        }
        return out;
    }
    Node& out = nodes().copy(
        *rewrite(root, "Root", "", [this](std::string_view key, const Node& value) { return section(key, value); }));
    if (const Slot* version = root.find("version"); version != nullptr) {
        context_.notes.ignored(*version->key, "version", true);
    }
    static_cast<void>(take(out, "version"));
    if (out.find("services") == nullptr) {
        put(nodes(), out, "services", nodes().empty_map(root));  // an override file need not have any
    }
    return out;
}

const Node* ComposeForms::section(std::string_view key, const Node& value) {
    if (key == "services") {
        return each(value, [this](const Node& node) { return service(node); });
    }
    if (key == "networks") {
        return each(value, [this](const Node& node) {
            return with_external(node, "Network", "networks", [this](std::string_view inner, const Node& one) {
                return inner == "labels" ? key_values(one, Bare::is_empty) : &one;
            });
        });
    }
    if (key == "volumes") {
        return each(value, [this](const Node& node) {
            return with_external(node, "Volume", "volumes", [this](std::string_view inner, const Node& one) {
                return inner == "labels" ? key_values(one, Bare::is_empty) : &one;
            });
        });
    }
    if (key == "secrets" || key == "configs") {
        const bool secret = key == "secrets";
        return each(value, [this, secret, &key](const Node& node) {
            return with_external(
                node, secret ? "Secret" : "Config", std::string(key),
                [this](std::string_view inner, const Node& one) { return inner == "file" ? path(one) : &one; });
        });
    }
    return &value;
}

const Node& in_spec_form(const ComposeContext& context, const Node& root) {
    return ComposeForms(context).root(root);
}

}  // namespace berth::yaml

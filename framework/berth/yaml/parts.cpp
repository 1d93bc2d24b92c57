// SPDX-License-Identifier: Apache-2.0
#include <berth/yaml/internal/values.hpp>

#include <berth/core/text_distance.hpp>

#include <fmt/format.h>

namespace berth::yaml {
namespace {

constexpr auto k_nowhere = std::string_view::npos;

/// Each item a mapping, or (`key` given) a text that stands for it; one with unknown or missing keys is left out.
template <class Struct, class Member>
bool read_items(Binder& binder, const Node& node, std::string_view key, Given<Member> Struct::*member,
                std::vector<Struct>& out) {
    return binder.each_item(node, "a list", true, true, [&](const Node& item) {
        Struct one;
        one.origin = item.where;
        if (item.kind == Kind::map) {
            if (read_struct(binder, item, one)) {
                out.push_back(std::move(one));
            }
            return;
        }
        if (item.kind != Kind::scalar) {
            binder.wrong_type(item, "a text or a mapping");
            return;
        }
        read_member(binder, row_of<Struct>(key), item, one.*member);
        if ((one.*member).given()) {
            out.push_back(std::move(one));
        }
    });
}

template <class Struct>
bool read_sections(Binder& binder, const Node& node, std::map<std::string, Struct>& out) {
    return binder.each_entry(
        node, "a mapping",
        [&](const Node& key, const Node& value) {
            Struct one;
            one.origin = key.where;
            one.presence = value.tag == Tag::reset       ? Presence::reset
                           : value.tag == Tag::override_ ? Presence::overridden
                                                         : Presence::given;
            if (value.tag != Tag::reset) {
                static_cast<void>(read_struct(binder, value, one));
            }
            out.emplace(key.text, std::move(one));
        },
        true);
}

}  // namespace

bool read_value(Binder& binder, const FieldRow& row, const Node& node, AnyValue& out) {
    bool fine = true;
    out.origin = node.where;
    switch (node.kind) {
        case Kind::null:
            return true;
        case Kind::scalar: {
            auto scalar = binder.template_text(node);
            if (!scalar) {
                return false;
            }
            out.kind = AnyValue::Kind::text;
            out.quoted = node.style != Style::plain;
            out.text = std::move(scalar->text);
            return true;
        }
        case Kind::list:
            out.kind = AnyValue::Kind::list;
            return binder.each_item(node, "a list", false, false, [&](const Node& item) {
                AnyValue one;
                fine = read_value(binder, row, item, one) && fine;
                out.items.push_back(std::move(one));
            }) && fine;
        case Kind::map:
            out.kind = AnyValue::Kind::map;
            return read_value(binder, row, node, out.entries);
    }
    return false;
}

bool read_value(Binder& binder, const FieldRow& row, const Node& node, std::map<std::string, AnyValue>& out) {
    bool fine = true;
    return binder.each_entry(node, "a mapping", [&](const Node& key, const Node& value) {
        AnyValue one;
        fine = read_value(binder, row, value, one) && fine;
        out.emplace(key.text, std::move(one));
    }) && fine;
}

bool read_value(Binder& binder, const FieldRow& row, const Node& node, BuildSpec& out) {
    static_cast<void>(row);
    if (node.kind == Kind::scalar) {
        read_member(binder, row_of<BuildSpec>("context"), node, out.context);
        return out.context.given();
    }
    return read_struct(binder, node, out, "a folder or a mapping");
}

bool read_value(Binder& binder, const FieldRow& row, const Node& node, ExtendsSpec& out) {
    static_cast<void>(row);
    if (node.kind == Kind::scalar) {
        read_member(binder, row_of<ExtendsSpec>("service"), node, out.service);
        return out.service.given();
    }
    return read_struct(binder, node, out, "a service or a mapping");
}

bool read_value(Binder& binder, const FieldRow& row, const Node& node, std::vector<IncludeSpec>& out) {
    static_cast<void>(row);
    return read_items(binder, node, "path", &IncludeSpec::path, out);
}

bool read_value(Binder& binder, const FieldRow& row, const Node& node, std::vector<ImportSpec>& out) {
    static_cast<void>(row);
    return read_items(binder, node, "compose", &ImportSpec::compose, out);
}

bool read_value(Binder& binder, const FieldRow& row, const Node& node, HookSpec& out) {
    static_cast<void>(row);
    out.origin = node.where;
    if (!read_struct(binder, node, out)) {
        return false;
    }
    const bool helper = binder.place().key().find("pre_start") != std::string::npos ||
                        binder.place().key().find("container") != std::string::npos;
    if (node.find("command") == nullptr && node.find("image") == nullptr) {
        binder.report("BE0203", node.where, fmt::format("{} needs 'command'", binder.place().phrase()));
        return false;
    }
    if (const Slot* image = node.find("image"); image != nullptr && !helper) {
        binder.report("BE0206", image->key->where,
                      fmt::format("'image' belongs in 'pre_start', not in {}: it runs in the service's container",
                                  binder.place().phrase()));
        return false;
    }
    return true;
}

bool read_value(Binder& binder, const FieldRow& row, const Node& node, std::vector<HookSpec>& out) {
    return binder.each_item(node, "a list of mappings", false, true, [&](const Node& item) {
        HookSpec hook;
        if (read_value(binder, row, item, hook)) {
            out.push_back(std::move(hook));
        }
    });
}

/// `METHOD path`, or a mapping.
bool read_value(Binder& binder, const FieldRow& row, const Node& node, StepHttp& out) {
    static_cast<void>(row);
    if (node.kind != Kind::scalar) {
        return read_struct(binder, node, out, "'METHOD path' or a mapping");
    }
    const auto scalar = binder.template_text(node);
    if (!scalar) {
        return false;
    }
    const std::string_view text = scalar->text;
    const auto space = text.find(' ');
    const auto path = space == k_nowhere ? k_nowhere : text.find_first_not_of(' ', space);
    if (path == k_nowhere || text[path] != '/') {
        binder.report("BE0202", *scalar,
                      fmt::format("'{}' must be 'METHOD path' or a mapping, this is '{}'", binder.place().key(), text));
        return false;
    }
    const Origin method_at = binder.origin_of(*scalar, 0, space);
    const Origin path_at = binder.origin_of(*scalar, path, text.size() - path);
    out.method = Given<std::string>::read(std::string(text.substr(0, space)), method_at);
    out.path = Given<Text>::read(Text(std::string(text.substr(path)), path_at), path_at);
    return true;
}

bool read_value(Binder& binder, const FieldRow& row, const Node& node, CopySpec& out) {
    static_cast<void>(row);
    out.origin = node.where;
    return read_struct(binder, node, out);
}

bool read_value(Binder& binder, const FieldRow& row, const Node& node, ReuseSpec& out) {
    static_cast<void>(row);
    if (node.kind == Kind::scalar) {
        read_member(binder, row_of<ReuseSpec>("scope"), node, out.scope);
        return out.scope.given();
    }
    return read_struct(binder, node, out, "a scope or a mapping");
}

bool read_value(Binder& binder, const FieldRow& row, const Node& node, NetworkMode& out) {
    static_cast<void>(row);
    const auto scalar = binder.plain_text(node);
    if (!scalar) {
        return false;
    }
    const std::string_view text = scalar->text;
    const auto colon = text.find(':');
    for (const auto& [name, kind] : EnumNames<NetworkMode::Kind>::k_names) {
        const bool named = kind == NetworkMode::Kind::service || kind == NetworkMode::Kind::container;
        if (name == text.substr(0, colon) && named == (colon != k_nowhere && colon + 1 < text.size())) {
            out.kind = kind;
            out.name = named ? text.substr(colon + 1) : "";
            return true;
        }
    }
    binder.report(
        "BE0306", *scalar,
        fmt::format("'{}' is not one of 'none', 'host', 'bridge', 'service:<name>', 'container:<name>'", text),
        did_you_mean(near_matches(text, {"none", "host", "bridge"})));
    return false;
}

bool read_value(Binder& binder, const FieldRow& row, const Node& node, std::map<std::string, Words>& out) {
    static_cast<void>(row);
    bool fine = true;
    return binder.each_entry(node, "a mapping of lists", [&](const Node& key, const Node& value) {
        Words words;
        fine = binder.each_item(value, "a list", true, false, [&](const Node& item) {
            auto scalar = binder.plain_text(item);
            if (scalar) {
                words.emplace_back(std::move(scalar->text), item.where);
            }
        }) && fine;
        out.emplace(key.text, std::move(words));
    }) && fine;
}

bool read_value(Binder& binder, const FieldRow& row, const Node& node, std::vector<KeyValues>& out) {
    return binder.each_item(node, "a list of mappings", false, true, [&](const Node& item) {
        KeyValues values;
        if (read_value(binder, row, item, values)) {
            out.push_back(std::move(values));
        }
    });
}

bool read_value(Binder& binder, const FieldRow& row, const Node& node, std::map<std::string, FaultSpec>& out) {
    static_cast<void>(row);
    return read_sections(binder, node, out);
}

bool read_value(Binder& binder, const FieldRow& row, const Node& node, std::map<std::string, SecretSpec>& out) {
    static_cast<void>(row);
    return read_sections(binder, node, out);
}

bool read_value(Binder& binder, const FieldRow& row, const Node& node, std::map<std::string, ConfigSpec>& out) {
    static_cast<void>(row);
    return read_sections(binder, node, out);
}

bool read_value(Binder& binder, const FieldRow& row, const Node& node, std::vector<ArtifactSpec>& out) {
    static_cast<void>(row);
    return read_items(binder, node, "path", &ArtifactSpec::path, out);
}

bool read_value(Binder& binder, const FieldRow& row, const Node& node, std::vector<SecretRef>& out) {
    static_cast<void>(row);
    return read_items(binder, node, "source", &SecretRef::source, out);
}

bool read_value(Binder& binder, const FieldRow& row, const Node& node, std::vector<ConfigRef>& out) {
    static_cast<void>(row);
    return read_items(binder, node, "source", &ConfigRef::source, out);
}

bool read_value(Binder& binder, const FieldRow& row, const Node& node, std::vector<IpamPool>& out) {
    static_cast<void>(row);
    return binder.each_item(node, "a list of mappings", false, true, [&](const Node& item) {
        IpamPool pool;
        if (read_struct(binder, item, pool)) {
            out.push_back(std::move(pool));
        }
    });
}

/// `all`, or a list of mappings.
bool read_value(Binder& binder, const FieldRow& row, const Node& node, std::vector<DeviceReservation>& out) {
    if (row.type == "gpus" && node.kind == Kind::scalar) {
        const auto scalar = binder.plain_text(node);
        if (scalar && scalar->text != "all") {
            binder.report("BE0306", *scalar, fmt::format("'{}' is not one of 'all'", scalar->text));
        }
        if (!scalar || scalar->text != "all") {
            return false;
        }
        DeviceReservation all;
        all.count = Given<int>::read(-1, node.where);
        out.push_back(std::move(all));
        return true;
    }
    return binder.each_item(node, row.type == "gpus" ? "'all' or a list of mappings" : "a list of mappings", false,
                            true, [&](const Node& item) {
                                DeviceReservation one;
                                if (read_struct(binder, item, one)) {
                                    out.push_back(std::move(one));
                                }
                            });
}

bool read_value(Binder& binder, const FieldRow& row, const Node& node, UserSetup& out) {
    static_cast<void>(row);
    if (!read_struct(binder, node, out)) {
        return false;
    }
    // `sudo` says whether, or what.
    const Slot* sudo = node.find("sudo");
    if (sudo != nullptr && sudo->value->kind == Kind::list) {
        std::vector<std::string> commands;
        static_cast<void>(read_value(binder, FieldRow{.key = "sudo", .type = "list:string"}, *sudo->value, commands));
        out.sudo_commands = Given<std::vector<std::string>>::read(std::move(commands), sudo->value->where);
    }
    return true;
}

}  // namespace berth::yaml

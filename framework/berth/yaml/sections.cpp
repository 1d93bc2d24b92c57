// SPDX-License-Identifier: Apache-2.0
#include <berth/yaml/internal/outside_braces.hpp>
#include <berth/yaml/internal/values.hpp>

#include <berth/core/names.hpp>

#include <fmt/format.h>

namespace berth::yaml {
namespace {

constexpr auto k_nowhere = std::string_view::npos;

/// Each item a mapping; one with unknown or missing keys is left out.
template <class Struct>
bool read_structs(Binder& binder, const Node& node, std::vector<Struct>& out) {
    return binder.each_item(node, "a list of mappings", false, true, [&](const Node& item) {
        Struct one;
        one.origin = item.where;
        if (read_struct(binder, item, one)) {
            out.push_back(std::move(one));
        }
    });
}

/// Names to mappings, or a list of names; with `null_is_default`, a name without a value stands for `{}`.
template <class Struct>
bool read_named(Binder& binder, const Node& node, bool or_list, bool null_is_default,
                std::map<std::string, Struct>& out) {
    const std::string_view wanted = or_list ? "a list or a mapping" : "a mapping";
    if (or_list && node.kind != Kind::map) {
        return binder.each_item(node, wanted, true, false, [&](const Node& item) {
            const auto scalar = binder.plain_text(item, "a name");
            if (!scalar) {
                return;
            }
            Struct one;
            one.origin = item.where;
            const auto [first, fresh] = out.emplace(scalar->text, std::move(one));
            if (!fresh) {
                binder.report("BE0208", *scalar, fmt::format("'{}' is listed twice", scalar->text))
                    .labels.push_back({first->second.origin, "first here"});
            }
        });
    }
    return binder.each_entry(
        node, wanted,
        [&](const Node& key, const Node& value) {
            Struct one;
            one.origin = key.where;
            one.presence = value.tag == Tag::reset       ? Presence::reset
                           : value.tag == Tag::override_ ? Presence::overridden
                                                         : Presence::given;
            if (value.tag != Tag::reset && !(value.kind == Kind::null && null_is_default)) {
                static_cast<void>(read_struct(binder, value, one));
            }
            out.emplace(key.text, std::move(one));
        },
        true);
}

bool is_host_path(std::string_view source) noexcept {
    return !source.empty() && (source.front() == '.' || source.front() == '/' || source.front() == '~');
}

template <class Enum>
std::optional<Enum> word_in(std::string_view text) {
    for (const auto& [name, value] : EnumNames<Enum>::k_names) {
        if (name == text) {
            return value;
        }
    }
    return std::nullopt;
}

BindOptions& bind_of(MountSpec& mount, const Origin& where) {
    if (!mount.bind.given()) {
        mount.bind = Given<BindOptions>::read({}, where);
    }
    return mount.bind.edit();
}

/// Words behind the second colon of a short mount.
bool read_mount_mode(Binder& binder, const Scalar& scalar, std::size_t offset, MountSpec& out) {
    const std::string_view text = scalar.text;
    bool fine = true;
    while (offset <= text.size()) {
        const std::size_t end = std::min(text.find(',', offset), text.size());
        const std::string_view word = text.substr(offset, end - offset);
        const Origin where = binder.origin_of(scalar, offset, end - offset);
        if (word == "ro" || word == "rw") {
            out.read_only = Given<bool>::read(word == "ro", where);
        } else if (const auto propagation = word_in<BindOptions::Propagation>(word)) {
            bind_of(out, where).propagation = Given<BindOptions::Propagation>::read(*propagation, where);
        } else if (const auto label = word_in<BindOptions::Selinux>(word)) {
            bind_of(out, where).selinux = Given<BindOptions::Selinux>::read(*label, where);
        } else if (word == "nocopy") {
            VolumeOptions options;
            options.nocopy = Given<bool>::read(true, where);
            out.volume = Given<VolumeOptions>::read(std::move(options), where);
        } else if (word == "cached" || word == "delegated" || word == "consistent") {
            binder.report("BN0901", where, fmt::format("'{}' is read and has no effect here", word));
        } else {
            binder.report(
                "BE0306", scalar, offset, end - offset,
                fmt::format("'{}' is not one of 'ro', 'rw', 'z', 'Z', 'nocopy', or a kind of propagation", word));
            fine = false;
        }
        offset = end + 1;
    }
    return fine;
}

/// `TARGET`, `SOURCE:TARGET`, `SOURCE:TARGET:MODE`.
bool read_short_mount(Binder& binder, const Scalar& scalar, MountSpec& out) {
    const std::string_view text = scalar.text;
    const std::size_t first = find_outside_braces(text, ":");
    const std::size_t second = first == k_nowhere ? k_nowhere : find_outside_braces(text, ":", first + 1);
    const std::size_t target = first == k_nowhere ? 0 : first + 1;
    const std::size_t target_end = std::min(second, text.size());
    if (first != k_nowhere) {
        const std::string source(text.substr(0, first));
        const Origin where = binder.origin_of(scalar, 0, first);
        if (source.empty()) {
            binder.report("BE0205", scalar, "the source before ':' is empty; remove the colon or give one");
            return false;
        }
        out.source = Given<Text>::read(Text(source, where), where);
        out.type =
            Given<MountSpec::Type>::read(is_host_path(source) ? MountSpec::Type::bind : MountSpec::Type::volume, where);
    } else {
        out.type = Given<MountSpec::Type>::read(MountSpec::Type::volume, scalar.node->where);
    }
    const Origin where = binder.origin_of(scalar, target, target_end - target);
    const std::string path = unescape_dollars(text.substr(target, target_end - target));
    if (path.find("${") != std::string::npos) {
        binder.report(
            "BE0402", scalar, target, target_end - target,
            fmt::format("'{}': the target of a mount takes no references; write '$$' for a literal dollar", path));
        return false;
    }
    out.target = Given<std::string>::read(path, where);
    return second == k_nowhere || read_mount_mode(binder, scalar, second + 1, out);
}

}  // namespace

bool read_value(Binder& binder, const FieldRow& row, const Node& node, std::vector<MountSpec>& out) {
    static_cast<void>(row);
    return binder.each_item(node, "a list", true, true, [&](const Node& item) {
        MountSpec mount;
        mount.origin = item.where;
        bool fine = false;
        if (item.kind == Kind::map) {
            fine = read_struct(binder, item, mount);
        } else if (const auto scalar = binder.template_text(item, "SOURCE:TARGET or a mapping")) {
            fine = read_short_mount(binder, *scalar, mount);
        }
        if (fine) {
            out.push_back(std::move(mount));
        }
    });
}

bool read_value(Binder& binder, const FieldRow& row, const Node& node, std::map<std::string, NetworkAttach>& out) {
    static_cast<void>(row);
    return read_named(binder, node, true, true, out);
}

bool read_value(Binder& binder, const FieldRow& row, const Node& node, std::map<std::string, DependsOn>& out) {
    static_cast<void>(row);
    return read_named(binder, node, true, false, out);
}

bool read_value(Binder& binder, const FieldRow& row, const Node& node, std::map<std::string, NetworkSpec>& out) {
    static_cast<void>(row);
    return read_named(binder, node, false, true, out);
}

bool read_value(Binder& binder, const FieldRow& row, const Node& node, std::map<std::string, VolumeSpec>& out) {
    static_cast<void>(row);
    return read_named(binder, node, false, true, out);
}

bool read_value(Binder& binder, const FieldRow& row, const Node& node, std::map<std::string, Ulimit>& out) {
    static_cast<void>(row);
    return binder.each_entry(node, "a mapping", [&](const Node& key, const Node& value) {
        Ulimit limit;
        bool fine = false;
        if (value.kind == Kind::map) {
            fine = read_struct(binder, value, limit);
        } else {
            fine = read_value(binder, row_of<Ulimit>("soft"), value, limit.soft);
            limit.hard = limit.soft;
        }
        if (fine) {
            out.emplace(key.text, limit);
        }
    });
}

bool read_value(Binder& binder, const FieldRow& row, const Node& node, std::vector<CopySpec>& out) {
    static_cast<void>(row);
    return read_structs(binder, node, out);
}

bool read_value(Binder& binder, const FieldRow& row, const Node& node, std::vector<StepSpec>& out) {
    static_cast<void>(row);
    return binder.each_item(node, "a list of mappings", false, true, [&](const Node& item) {
        StepSpec step;
        step.origin = item.where;
        if (!read_struct(binder, item, step)) {
            return;
        }
        int actions = 0;
        for (const std::string_view key : {"exec", "host", "http", "copy", "container"}) {
            actions += item.find(key) != nullptr ? 1 : 0;
        }
        if (actions != 1) {
            binder.report(
                "BE0705", item.where,
                fmt::format("a step needs exactly one of 'exec', 'host', 'http', 'copy', 'container', this has {}",
                            actions));
            return;
        }
        out.push_back(std::move(step));
    });
}

bool read_value(Binder& binder, const FieldRow& row, const Node& node, std::vector<EnvFile>& out) {
    static_cast<void>(row);
    return binder.each_item(node, "a path or a list", true, true, [&](const Node& item) {
        EnvFile file;
        if (item.kind == Kind::map) {
            static_cast<void>(read_struct(binder, item, file));
        } else {
            read_member(binder, row_of<EnvFile>("path"), item, file.path);
        }
        // Without knowing whether it must be there, nothing is said about a file that is not.
        const bool misread = item.find("required") != nullptr && !file.required.given();
        if (file.path.given() && !misread) {
            out.push_back(std::move(file));
        }
    });
}

bool read_value(Binder& binder, const FieldRow& row, const Node& node, std::vector<ServiceSpec>& out) {
    out.reserve(node.slots.size());
    return binder.each_entry(
        node, "a mapping of services",
        [&](const Node& key, const Node& value) {
            ServiceSpec service;
            const Presence presence = value.tag == Tag::reset       ? Presence::reset
                                      : value.tag == Tag::override_ ? Presence::overridden
                                                                    : Presence::given;
            service.name = Given<std::string>::read(key.text, key.where, presence);
            // Kept also when something in it is wrong: others may name it.
            if (presence != Presence::reset) {
                static_cast<void>(read_value(binder, row, value, service));
            }
            out.push_back(std::move(service));
        },
        true);
}

bool read_value(Binder& binder, const FieldRow& row, const Node& node, ServiceSpec& out) {
    static_cast<void>(row);
    const bool fine = read_struct(binder, node, out);
    // Two keys whose longer forms have members of their own.
    for (std::size_t i = 0; i < node.slots.size() && node.kind == Kind::map; ++i) {
        const Slot& slot = node.slots[i];
        if (slot.key->text == "user" && slot.value->kind == Kind::map) {
            const Binder::Inside inside(binder, slot, i);
            UserSetup user;
            if (read_value(binder, row, *slot.value, user)) {
                out.user_setup = Given<UserSetup>::read(std::move(user), slot.value->where);
            }
        } else if (slot.key->text == "pull_policy" && out.pull_policy.given() &&
                   *out.pull_policy == PullPolicy::every) {
            const Binder::Inside inside(binder, slot, i);
            const auto text = binder.plain_text(*slot.value);
            out.pull_interval = Given<Duration>::read(pull_interval_of(text->text), slot.value->where);
        }
    }
    return fine;
}

bool read_value(Binder& binder, const FieldRow& row, const Node& node, Isolation& out) {
    static_cast<void>(row);
    if (node.kind == Kind::scalar) {
        read_member(binder, row_of<Isolation>("scope"), node, out.scope);
        return out.scope.given();
    }
    return read_struct(binder, node, out, "a scope or a mapping");
}

}  // namespace berth::yaml

// SPDX-License-Identifier: Apache-2.0
#include <berth/yaml/internal/compose.hpp>

#include <algorithm>

namespace berth::yaml {
namespace {

/// Where it stands in the container, or what names it: two of a list with the same one are the same thing.
std::string identity(std::string_view key, const Node& item) {
    const auto part = [&item](std::string_view name) {
        const Slot* slot = item.find(name);
        return slot == nullptr ? std::string{} : slot->value->text;
    };
    if (key == "volumes") {
        if (item.kind == Kind::map) {
            return part("target");
        }
        const auto colon = item.text.find(':');
        return item.text.substr(colon + 1,
                                colon == std::string::npos ? colon : item.text.find(':', colon + 1) - colon - 1);
    }
    if (key == "secrets" || key == "configs") {
        return item.kind != Kind::map ? item.text : part("target").empty() ? part("source") : part("target");
    }
    if (key == "ports" && item.kind == Kind::map) {
        return part("host_ip") + ':' + part("published") + ':' + part("target") + '/' + part("protocol");
    }
    if (key == "env_file" && item.kind == Kind::map) {
        return part("path");
    }
    return item.kind == Kind::scalar ? item.text : std::string{};
}

class Merge {
  public:
    Merge(NodeStore& nodes, const Hop* way) : nodes_(nodes), way_(way) {}

    const Node& maps(const Node& under, const Node& over, bool of_service) {
        Node& out = nodes_.copy(over);
        out.slots.clear();
        out.tag = Tag::none;
        for (const Slot& slot : under.slots) {
            const Slot* own = over.find(slot.key->text);
            if (own == nullptr) {
                out.slots.push_back({slot.key, slot.value, come_from(slot.hop)});
            } else if (own->value->tag != Tag::reset) {
                out.slots.push_back(
                    {own->key, &values(slot.key->text, *slot.value, *own->value, of_service), own->hop});
            }
        }
        for (const Slot& slot : over.slots) {
            if (under.find(slot.key->text) == nullptr && slot.value->tag != Tag::reset) {
                out.slots.push_back({slot.key, &plain(*slot.value), slot.hop});
            }
        }
        return out;
    }

  private:
    const Node& values(std::string_view key, const Node& under, const Node& over, bool of_service) {
        if (over.tag == Tag::override_) {
            return plain(over);
        }
        if (over.kind == Kind::null) {
            return under.kind == Kind::null ? over : under;
        }
        if (over.kind == Kind::map && under.kind == Kind::map) {
            const bool other_driver = key == "logging" && over.find("driver") != nullptr &&
                                      under.find("driver") != nullptr &&
                                      over.find("driver")->value->text != under.find("driver")->value->text;
            return other_driver ? over : maps(under, over, false);
        }
        const bool replaces = key == "command" || key == "entrypoint" || key == "test";
        if (over.kind == Kind::list && under.kind == Kind::list && !replaces) {
            return lists(of_service ? key : std::string_view{}, under, over);
        }
        return over;
    }

    const Node& lists(std::string_view key, const Node& under, const Node& over) {
        Node& out = nodes_.copy(under);
        out.where = over.where;
        for (Slot& slot : out.slots) {
            slot.hop = come_from(slot.hop);
        }
        for (const Slot& slot : over.slots) {
            const std::string own = identity(key, *slot.value);
            const auto same = std::find_if(out.slots.begin(), out.slots.end(), [&](const Slot& before) {
                return !own.empty() && identity(key, *before.value) == own;
            });
            if (same == out.slots.end()) {
                out.slots.push_back(slot);
            } else {
                *same = slot;
            }
        }
        return out;
    }

    const Node& plain(const Node& node) {
        if (node.tag == Tag::none) {
            return node;
        }
        Node& out = nodes_.copy(node);
        out.tag = Tag::none;
        return out;
    }

    const Hop* come_from(const Hop* before) {
        return way_ == nullptr ? before : nodes_.hop(way_->where, way_->text, before);
    }

    NodeStore& nodes_;
    const Hop* way_;
};

}  // namespace

const Node& merge_services(NodeStore& nodes, const Node& under, const Node& over, const Hop* way) {
    return Merge(nodes, way).maps(under, over, true);
}

const Node& merge_roots(NodeStore& nodes, const Node& under, const Node& over) {
    Node& out = nodes.copy(under);
    for (const Slot& slot : over.slots) {
        const Slot* before = out.find(slot.key->text);
        if (before == nullptr || slot.value->kind != Kind::map || before->value->kind != Kind::map) {
            put(nodes, out, slot.key->text, *slot.value, slot.hop);
            continue;
        }
        Node& section = nodes.copy(*before->value);
        for (const Slot& entry : slot.value->slots) {
            const Slot* below = section.find(entry.key->text);
            const bool both = below != nullptr && below->value->kind == Kind::map && entry.value->kind == Kind::map &&
                              entry.value->tag == Tag::none;
            if (entry.value->tag == Tag::reset) {
                static_cast<void>(take(section, entry.key->text));
            } else if (below == nullptr) {
                section.slots.push_back(entry);
            } else if (both) {
                put(nodes, section, entry.key->text,
                    Merge(nodes, nullptr).maps(*below->value, *entry.value, slot.key->text == "services"));
            } else if (entry.value->kind != Kind::null) {
                put(nodes, section, entry.key->text, *entry.value);
            }
        }
        put(nodes, out, slot.key->text, section);
    }
    return out;
}

}  // namespace berth::yaml

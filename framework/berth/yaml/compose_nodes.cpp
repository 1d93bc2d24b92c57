// SPDX-License-Identifier: Apache-2.0
#include <berth/yaml/internal/compose.hpp>

#include <berth/spec/codes.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

namespace berth::yaml {

Node& NodeStore::copy(const Node& node) {
    nodes_.push_back(node);
    nodes_.back().made = true;
    return nodes_.back();
}

Node& NodeStore::empty(Kind kind, const Node& at) {
    Node& node = nodes_.emplace_back();
    node.kind = kind;
    node.empty = kind == Kind::null;
    node.made = true;
    node.complete = true;
    node.begin = at.begin;
    node.end = at.end;
    node.where = at.where;
    node.source = at.source;
    return node;
}

Node& NodeStore::scalar(std::string text, const Node& at, Style style) {
    Node& node = empty(Kind::scalar, at);
    node.text = std::move(text);
    node.style = style;
    return node;
}

const Hop* NodeStore::hop(const Origin& where, std::string text, const Hop* before) {
    hops_.push_back({where, std::move(text), before});
    return &hops_.back();
}

void put(NodeStore& nodes, Node& map, std::string_view key, const Node& value, const Hop* hop) {
    for (Slot& slot : map.slots) {
        if (slot.key->text == key) {
            slot.value = &value;
            slot.hop = hop;
            return;
        }
    }
    map.slots.push_back({&nodes.scalar(std::string(key), value), &value, hop});
}

const Node* take(Node& map, std::string_view key) {
    const auto found =
        std::find_if(map.slots.begin(), map.slots.end(), [key](const Slot& slot) { return slot.key->text == key; });
    if (found == map.slots.end()) {
        return nullptr;
    }
    const Node* value = found->value;
    map.slots.erase(found);
    return value;
}

Diagnostic& ComposeNotes::say(std::string_view code, const Origin& where, std::string message, std::string caret) {
    Diagnostic& note = found_.emplace_back();
    note.code = code;
    note.severity = find_code(code)->severity;
    note.message = std::move(message);
    note.where = where;
    note.caret = std::move(caret);
    return note;
}

void ComposeNotes::say_once(std::string_view code, const Origin& where, std::string message, std::string caret) {
    if (said_.insert(std::string(code) + message).second) {
        say(code, where, std::move(message), std::move(caret));
    }
}

void ComposeNotes::ignored(const Node& key, const std::string& what, bool harmless) {
    if (!said_.insert(what).second) {
        return;
    }
    if (strict_ && !harmless) {
        say("BE0905", key.where, fmt::format("compose key '{}' has no equivalent here (strict import)", what));
    } else {
        say("BN0901", key.where, fmt::format("'{}' is read and has no effect here", what));
    }
}

std::string with_prefix(const std::string& prefix, const std::string& path, const std::string& meant) {
    const bool stays = prefix == "." || meant.empty() || meant.front() == '/' || meant.front() == '~' ||
                       meant.find("://") != std::string::npos || meant.rfind("git@", 0) == 0;
    if (stays) {
        return path;
    }
    std::string joined = prefix + '/' + (path.rfind("./", 0) == 0 ? path.substr(2) : path);
    if (path.find('$') == std::string::npos) {
        joined = std::filesystem::path(joined).lexically_normal().string();
        while (joined.size() > 1 && joined.back() == '/') {
            joined.pop_back();
        }
        if (joined.front() != '.' && joined.front() != '/') {
            joined = "./" + joined;
        }
    }
    return joined;
}

}  // namespace berth::yaml

// SPDX-License-Identifier: Apache-2.0
#include <berth/yaml/internal/compose.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace berth::yaml {
namespace {

constexpr std::size_t k_widest = 110;

/// Whether a text without quotes would be read as something else, or not at all.
bool needs_quotes(const std::string& text, bool in_flow) {
    static constexpr std::string_view k_words[] = {"~",  "null", "Null", "NULL", "true", "false", "yes",
                                                   "no", "on",   "off",  "y",    "n",    "<<",    "="};
    if (text.empty() || text.front() == ' ' || text.back() == ' ' || text.back() == ':') {
        return true;
    }
    if (std::string_view("!&*-?|>@`%\"'#,[]{}:").find(text.front()) != std::string_view::npos) {
        return true;
    }
    const bool control = std::any_of(text.begin(), text.end(),
                                     [](char c) { return static_cast<unsigned char>(c) < 0x20U || c == 0x7f; });
    const bool flow = in_flow && text.find_first_of(",[]{}") != std::string::npos;
    return control || flow || text.find(": ") != std::string::npos || text.find(" #") != std::string::npos ||
           std::find(std::begin(k_words), std::end(k_words), text) != std::end(k_words) || text.rfind("---", 0) == 0 ||
           text.rfind("...", 0) == 0;
}

std::string quoted(const std::string& text) {
    std::string out = "\"";
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (c == '\n') {
            out += "\\n";
        } else if (c == '\t') {
            out += "\\t";
        } else if (byte < 0x20U || byte == 0x7fU) {
            out += fmt::format("\\x{:02x}", byte);
        } else {
            out += c;
        }
    }
    return out + '"';
}

class Writer {
  public:
    std::string take() { return std::move(text_); }
    void comment(const std::string& line) { text_ += "# " + line + '\n'; }
    void blank() { text_ += '\n'; }

    void map(const Node& node, std::size_t indent, bool first_is_placed) {
        bool placed = first_is_placed;
        for (const Slot& slot : node.slots) {
            if (!placed) {
                text_.append(indent, ' ');
            }
            placed = false;
            text_ += scalar(*slot.key, false, false) + ':';
            value(*slot.value, indent);
        }
    }

  private:
    static std::string scalar(const Node& node, bool in_flow, bool as_value) {
        if (node.kind == Kind::null) {
            return as_value && !in_flow ? "" : "null";
        }
        const bool was_quoted = as_value && (node.style == Style::double_quoted || node.style == Style::single_quoted);
        // A word that is written without quotes on purpose (`true`) stays so.
        const bool plain_word = as_value && node.style == Style::plain && (node.text == "true" || node.text == "false");
        return !plain_word && (was_quoted || needs_quotes(node.text, in_flow)) ? quoted(node.text) : node.text;
    }

    static bool is_block_text(const Node& node) {
        const std::string& text = node.text;
        const bool block = node.style == Style::literal || node.style == Style::folded;
        return block && text.find('\n') != std::string::npos && text.front() != ' ' && text.front() != '\n' &&
               text.find(" \n") == std::string::npos && text.find("\n\n\n") == std::string::npos &&
               text.find_first_of("\t\r\x7f") == std::string::npos &&
               std::none_of(text.begin(), text.end(),
                            [](char c) { return c != '\n' && static_cast<unsigned char>(c) < 0x20U; }) &&
               (text.size() < 2 || text.substr(text.size() - 2) != "\n\n");
    }

    void block_text(const Node& node, std::size_t indent) {
        const bool ends = node.text.back() == '\n';
        text_ += ends ? " |\n" : " |-\n";
        std::size_t at = 0;
        while (at < node.text.size()) {
            const auto end = std::min(node.text.find('\n', at), node.text.size());
            if (end > at) {
                text_.append(indent, ' ');
            }
            text_ += node.text.substr(at, end - at) + '\n';
            at = end + 1;
        }
    }

    /// `[a, b]` where it was written so, or is short.
    static std::string flow(const Node& node) {
        std::string line = "[";
        for (const Slot& slot : node.slots) {
            if (slot.value->kind == Kind::map || slot.value->kind == Kind::list) {
                return {};
            }
            line += (line.size() > 1 ? ", " : "") + scalar(*slot.value, true, true);
        }
        return line + ']';
    }

    void value(const Node& node, std::size_t indent) {
        const bool collection = node.kind == Kind::map || node.kind == Kind::list;
        if (collection && node.slots.empty()) {
            text_ += node.kind == Kind::map ? " {}\n" : " []\n";
        } else if (node.kind == Kind::map) {
            text_ += '\n';
            map(node, indent + 2, false);
        } else if (node.kind == Kind::list) {
            const std::string line = node.flow ? flow(node) : std::string{};
            if (!line.empty() && line.size() + indent < k_widest) {
                text_ += ' ' + line + '\n';
                return;
            }
            text_ += '\n';
            list(node, indent + 2);
        } else if (is_block_text(node)) {
            block_text(node, indent + 2);
        } else {
            const std::string written = scalar(node, false, true);
            text_ += (written.empty() ? "" : " ") + written + '\n';
        }
    }

    void list(const Node& node, std::size_t indent) {
        for (const Slot& slot : node.slots) {
            text_.append(indent, ' ');
            const Node& item = *slot.value;
            if (item.kind == Kind::map && !item.slots.empty()) {
                text_ += "- ";
                map(item, indent + 2, true);
            } else {
                text_ += '-';
                value(item.kind == Kind::null ? null_ : item, indent);
            }
        }
    }

    static Node written_null() {
        Node node;
        node.kind = Kind::scalar;
        node.text = "null";
        return node;
    }

    std::string text_;
    Node null_ = written_null();
};

}  // namespace

std::string tree_text(const Node& root, const std::vector<std::string>& comments) {
    Writer writer;
    for (const auto& line : comments) {
        writer.comment(line);
    }
    if (!comments.empty()) {
        writer.blank();
    }
    writer.map(root, 0, false);
    return writer.take();
}

}  // namespace berth::yaml

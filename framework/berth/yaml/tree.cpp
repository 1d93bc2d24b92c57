// SPDX-License-Identifier: Apache-2.0
#include <berth/yaml/internal/place.hpp>
#include <berth/yaml/internal/syntax.hpp>
#include <berth/yaml/internal/tree.hpp>

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <istream>
#include <memory>
#include <streambuf>
#include <unordered_map>

namespace berth::yaml {
namespace {

/// Ends the reading: what is wrong makes the rest meaningless, and has been reported.
struct Stop {};

/// Lets the parser read the text where it is.
class TextBuffer : public std::streambuf {
  public:
    explicit TextBuffer(std::string_view text) {
        char* begin = const_cast<char*>(text.data());  // never written to: the stream is for reading
        setg(begin, begin, begin + text.size());
    }
};

class Builder : public YAML::EventHandler {
  public:
    Builder(const Source& source, Tree& tree) : source_(source), text_(source.text()), tree_(tree) {}

    [[nodiscard]] std::size_t document_begin() const noexcept { return document_begin_; }

    void OnDocumentStart(const YAML::Mark& mark) override { document_begin_ = offset_of(mark); }
    void OnDocumentEnd() override {}

    void OnAnchor(const YAML::Mark& mark, const std::string& name) override {
        static_cast<void>(mark);
        anchor_name_ = name;
    }

    void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        Node& node = make(Kind::null, mark, anchor);
        const std::string_view written = null_at(node.begin);
        node.empty = written.empty();
        node.text = written;
        node.end = node.begin + written.size();
        close(node);
        add(node, nullptr);
    }

    void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        const std::size_t begin = offset_of(mark);
        std::size_t end = begin;
        while (end < text_.size() && std::string_view(" \t\r\n,]}").find(text_[end]) == std::string_view::npos) {
            ++end;
        }
        const Origin where = source_.origin(begin, end);
        const std::string name(text_.substr(begin, end - begin));
        const auto found = anchors_.find(anchor);
        if (found == anchors_.end() || !found->second->complete) {
            fail("BE0104", where,
                 found == anchors_.end() ? fmt::format("alias '{}' has no anchor '&{}' before it", name,
                                                       name.substr(std::min<std::size_t>(1, name.size())))
                                         : fmt::format("alias '{}' stands inside its own anchor", name));
            throw Stop{};
        }
        if (++aliases_ > k_most_aliases) {
            fail("BE0106", where, fmt::format("a file has at most {} aliases", k_most_aliases));
            throw Stop{};
        }
        count(found->second->weight, where);
        if (static_cast<int>(frames_.size()) + found->second->height > k_deepest) {
            too_deep(where);
        }
        tree_.hops.push_back({where, fmt::format("used here as '{}'", name), nullptr});
        add(*found->second, &tree_.hops.back());
    }

    void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  const std::string& value) override {
        static_cast<void>(tag);  // the source says it, and says it for nulls as well
        Node& node = make(Kind::scalar, mark, anchor);
        node.text = value;
        node.style = style_at(node.begin);
        if (node.tag != Tag::none && value.empty() && node.style == Style::plain) {
            node.kind = Kind::null;  // a tag with nothing behind it
            node.empty = true;
            node.end = node.begin;
        } else {
            find_end(node);
        }
        close(node);
        add(node, nullptr);
    }

    void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                         YAML::EmitterStyle::value style) override {
        static_cast<void>(tag);
        open(Kind::list, mark, anchor, style);
    }
    void OnSequenceEnd() override { end_frame(); }

    void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                    YAML::EmitterStyle::value style) override {
        static_cast<void>(tag);
        open(Kind::map, mark, anchor, style);
    }
    void OnMapEnd() override { end_frame(); }

  private:
    struct Frame {
        Node* node{nullptr};
        const Node* key{nullptr};  ///< Read, its value not yet.
        bool bad_key{false};       ///< Of the pair that is being read; its value is left out.
        std::vector<std::pair<const Node*, const Hop*>> merges{};
        std::unordered_map<std::string_view, const Node*> keys{};
    };

    [[nodiscard]] std::size_t offset_of(const YAML::Mark& mark) const noexcept {
        return std::min(static_cast<std::size_t>(std::max(mark.pos, 0)), text_.size());
    }

    void fail(std::string code, const Origin& where, std::string message) {
        Diagnostic found;
        found.code = std::move(code);
        found.message = std::move(message);
        found.where = where;
        found.path = place_.pointer();
        tree_.diagnostics.push_back(std::move(found));
    }

    [[noreturn]] void too_deep(const Origin& where) {
        fail("BE0110", where, fmt::format("nesting deeper than {}", k_deepest));
        throw Stop{};
    }

    void count(std::size_t more, const Origin& where) {
        nodes_ += more;
        if (nodes_ > k_most_nodes) {
            fail("BE0106", where,
                 aliases_ > 0 ? fmt::format("aliases expand to more than {} nodes", k_most_nodes)
                              : fmt::format("a file has at most {} nodes", k_most_nodes));
            throw Stop{};
        }
    }

    Node& make(Kind kind, const YAML::Mark& mark, YAML::anchor_t anchor) {
        tree_.nodes.emplace_back();
        Node& node = tree_.nodes.back();
        node.kind = kind;
        node.source = &source_;
        node.begin = offset_of(mark);
        node.end = node.begin;
        skip_properties(node);
        node.where = source_.origin(node.begin, node.begin);
        count(1, node.where);
        if (anchor != 0) {
            anchors_[anchor] = &node;
        }
        return node;
    }

    /// The mark stands before `&anchor` and `!tag`: what they belong to starts behind them.
    void skip_properties(Node& node) {
        std::size_t at = node.begin;
        while (at < text_.size() && (text_[at] == '&' || text_[at] == '!')) {
            std::size_t end = at;
            while (end < text_.size() && std::string_view(" \t\r\n,[]{}").find(text_[end]) == std::string_view::npos) {
                ++end;
            }
            if (text_[at] == '!') {
                set_tag(node, text_.substr(at, end - at), source_.origin(at, end));
            }
            at = skip_gap(text_, end);
        }
        node.begin = at;
        node.end = at;
    }

    void set_tag(Node& node, std::string_view tag, const Origin& where) {
        if (tag == "!reset") {
            node.tag = Tag::reset;
        } else if (tag == "!override") {
            node.tag = Tag::override_;
        } else {
            fail("BE0108", where, fmt::format("tag '{}' is not known; only '!reset' and '!override' are", tag));
        }
    }

    [[nodiscard]] std::string_view null_at(std::size_t at) const noexcept {
        for (const std::string_view word : {"~", "null", "Null", "NULL"}) {
            if (text_.substr(at, word.size()) != word) {
                continue;
            }
            // The mark of an empty value is the next token, which may be a key of that name.
            std::size_t behind = at + word.size();
            while (behind < text_.size() && text_[behind] == ' ') {
                ++behind;
            }
            const bool key = behind < text_.size() && text_[behind] == ':';
            return key ? std::string_view{} : text_.substr(at, word.size());
        }
        return {};
    }

    [[nodiscard]] Style style_at(std::size_t at) const noexcept {
        switch (at < text_.size() ? text_[at] : '\0') {
            case '\'':
                return Style::single_quoted;
            case '"':
                return Style::double_quoted;
            case '|':
                return Style::literal;
            case '>':
                return Style::folded;
            default:
                return Style::plain;
        }
    }

    void find_end(Node& node) {
        if (node.style == Style::single_quoted || node.style == Style::double_quoted) {
            const std::size_t close = closing_quote(text_, node.begin);
            if (close == std::string_view::npos) {
                tree_.diagnostics.push_back(unclosed_quote(source_, node.begin));
                throw Stop{};
            }
            node.end = close + 1;
        } else if (node.style == Style::plain && text_.substr(node.begin, node.text.size()) == node.text) {
            node.end = node.begin + node.text.size();
        } else if (node.style == Style::plain) {
            node.end = written_range(source_, node, 0, node.text.size()).second;
        } else {
            node.end = std::min(text_.find('\n', node.begin), text_.size());  // its header stands for it
        }
    }

    void close(Node& node) {
        const bool quoted = node.kind == Kind::scalar && !node.text.empty() &&
                            (node.style == Style::single_quoted || node.style == Style::double_quoted);
        // What is wrong with a value stands between its quotes.
        node.where = quoted ? source_.origin(node.begin + 1, node.end - 1) : source_.origin(node.begin, node.end);
        node.complete = true;
    }

    void open(Kind kind, const YAML::Mark& mark, YAML::anchor_t anchor, YAML::EmitterStyle::value style) {
        Node& node = make(kind, mark, anchor);
        node.flow = style == YAML::EmitterStyle::Flow;
        if (static_cast<int>(frames_.size()) >= k_deepest) {
            too_deep(node.where);
        }
        if (!frames_.empty()) {
            if (Frame& above = frames_.back(); above.node->kind == Kind::list) {
                place_.enter(above.node->slots.size());
            }
        }
        Frame frame;
        frame.node = &node;
        frames_.push_back(std::move(frame));
    }

    void end_frame() {
        Frame frame = std::move(frames_.back());
        frames_.pop_back();
        Node& node = *frame.node;
        if (!node.slots.empty()) {
            node.end = std::max(node.begin, node.slots.back().value->end);
            for (const Slot& slot : node.slots) {
                node.height = std::max(node.height, slot.value->height + 1);
                node.weight += slot.value->weight + (slot.key != nullptr ? 1 : 0);
            }
            if (node.slots.back().hop != nullptr) {  // an alias: what it stands for is elsewhere
                node.end = node.begin + 1;
            }
        }
        if (node.flow) {
            const std::size_t last = text_.find(node.kind == Kind::map ? '}' : ']', node.end);
            node.end = last == std::string_view::npos ? node.end : last + 1;
        }
        merge(frame);
        close(node);
        if (!frames_.empty() && frames_.back().node->kind == Kind::list) {
            place_.leave();
        }
        add(node, nullptr);
    }

    /// `<<`: own keys win, then those of earlier mappings.
    void merge(Frame& frame) {
        Node& node = *frame.node;
        for (const auto& [from, hop] : frame.merges) {
            for (const Slot& slot : from->slots) {
                if (!frame.keys.emplace(slot.key->text, slot.key).second) {
                    continue;
                }
                const Hop* way = hop;
                if (slot.hop != nullptr && hop != nullptr) {
                    tree_.hops.push_back({hop->where, hop->text, slot.hop});
                    way = &tree_.hops.back();
                } else if (hop == nullptr) {
                    way = slot.hop;
                }
                count(slot.value->weight, node.where);
                node.weight += slot.value->weight + 1;
                node.height = std::max(node.height, slot.value->height + 1);
                node.slots.push_back({slot.key, slot.value, way});
            }
        }
    }

    void add(const Node& node, const Hop* hop) {
        if (frames_.empty()) {
            tree_.root = &node;
            return;
        }
        Frame& frame = frames_.back();
        if (frame.node->kind == Kind::list) {
            Node& item = const_cast<Node&>(node);  // made by this builder a moment ago
            if (node.kind == Kind::null && node.empty && hop == nullptr) {
                const std::size_t dash = text_.rfind('-', node.begin == 0 ? 0 : node.begin - 1);
                if (dash != std::string_view::npos && !frame.node->flow) {
                    item.begin = dash;
                    item.end = dash + 1;
                    item.where = source_.origin(dash, dash + 1);
                }
            }
            frame.node->slots.push_back({nullptr, &node, hop});
        } else if (frame.key == nullptr && !frame.bad_key) {
            add_key(frame, node, hop);
        } else {
            add_value(frame, node, hop);
        }
    }

    void add_key(Frame& frame, const Node& node, const Hop* hop) {
        if (node.kind == Kind::map && node.flow && node.begin > 0 && text_[node.begin - 1] == '{') {
            tree_.diagnostics.push_back(template_braces(source_, node.begin - 1));
            throw Stop{};
        }
        if (node.kind != Kind::scalar || hop != nullptr) {
            fail("BE0107", hop != nullptr ? hop->where : node.where, "a key must be plain text here");
            frame.bad_key = true;
            place_.enter("?");
            return;
        }
        frame.key = &node;
        if (node.text != "<<" || node.style != Style::plain) {
            const auto [first, fresh] = frame.keys.emplace(node.text, &node);
            if (!fresh) {
                const Origin& before = first->second->where;
                fail("BE0103", node.where,
                     fmt::format("key '{}' appears twice in {} (first at {}:{})", node.text, place_.phrase(),
                                 before.line, before.column));
                tree_.diagnostics.back().labels.push_back({before, "first here"});
                frame.bad_key = true;
            }
        }
        place_.enter(node.text);
    }

    void add_value(Frame& frame, const Node& node, const Hop* hop) {
        place_.leave();
        const Node* key = std::exchange(frame.key, nullptr);
        const bool bad = std::exchange(frame.bad_key, false);
        if (bad || key == nullptr) {
            return;
        }
        if (key->text == "<<" && key->style == Style::plain) {
            add_merge(frame, *key, node, hop);
            return;
        }
        if (node.kind == Kind::null && node.empty && hop == nullptr) {
            if (!frame.node->flow && lacks_colon(*key)) {
                fail("BE0101", key->where, fmt::format("'{}' needs a ':' to be a key", key->text));
                return;
            }
            Node& value = const_cast<Node&>(node);  // made by this builder a moment ago
            value.begin = key->end;
            value.end = key->end;
            value.where = key->where;
        }
        frame.node->slots.push_back({key, &node, hop});
    }

    /// The parser takes a lone word for a key without a value.
    [[nodiscard]] bool lacks_colon(const Node& key) const noexcept {
        const std::size_t behind = skip_gap(text_, key.end);
        const std::size_t before = key.begin < 2 ? std::string_view::npos : text_.rfind('?', key.begin - 1);
        const bool explicit_key = before != std::string_view::npos && skip_gap(text_, before + 1) == key.begin;
        return !explicit_key && (behind >= text_.size() || text_[behind] != ':');
    }

    void add_merge(Frame& frame, const Node& key, const Node& node, const Hop* hop) {
        const auto merged = [&](const Node& map, const Hop* way) {
            tree_.hops.push_back({way != nullptr ? way->where : key.where, "merged in here by '<<'", nullptr});
            frame.merges.emplace_back(&map, &tree_.hops.back());
        };
        if (node.kind == Kind::map) {
            merged(node, hop);
            return;
        }
        const bool all_maps =
            node.kind == Kind::list && std::all_of(node.slots.begin(), node.slots.end(),
                                                   [](const Slot& slot) { return slot.value->kind == Kind::map; });
        if (!all_maps) {
            fail("BE0109", hop != nullptr ? hop->where : node.where,
                 fmt::format("'<<' needs a mapping or a list of mappings, this is {}",
                             node.kind == Kind::list ? "a list of something else" : describe(node)));
            return;
        }
        for (const Slot& slot : node.slots) {
            merged(*slot.value, slot.hop != nullptr ? slot.hop : hop);
        }
    }

    const Source& source_;
    std::string_view text_;
    Tree& tree_;
    Place place_;
    std::vector<Frame> frames_;
    std::unordered_map<YAML::anchor_t, Node*> anchors_;
    std::string anchor_name_;
    std::size_t nodes_{0};
    std::size_t aliases_{0};
    std::size_t document_begin_{0};
};

/// Only notices where a further document starts.
class SecondDocument : public YAML::EventHandler {
  public:
    struct Found {
        std::size_t at;
    };
    void OnDocumentStart(const YAML::Mark& mark) override {
        throw Found{static_cast<std::size_t>(std::max(mark.pos, 0))};
    }
    void OnDocumentEnd() override {}
    void OnNull(const YAML::Mark&, YAML::anchor_t) override {}
    void OnAlias(const YAML::Mark&, YAML::anchor_t) override {}
    void OnScalar(const YAML::Mark&, const std::string&, YAML::anchor_t, const std::string&) override {}
    void OnSequenceStart(const YAML::Mark&, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {}
    void OnSequenceEnd() override {}
    void OnMapStart(const YAML::Mark&, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {}
    void OnMapEnd() override {}
};

/// A file ends with its one document: no other may follow, with or without `---`.
void expect_end(const Source& source, YAML::Parser& parser, Tree& tree) {
    try {
        SecondDocument second;
        parser.HandleNextDocument(second);
    } catch (const SecondDocument::Found& found) {
        tree.diagnostics.push_back(second_document(source, found.at));
    }
}

}  // namespace

const Slot* Node::find(std::string_view key) const noexcept {
    const auto found = std::find_if(slots.begin(), slots.end(),
                                    [key](const Slot& slot) { return slot.key != nullptr && slot.key->text == key; });
    return found == slots.end() ? nullptr : &*found;
}

std::string describe(const Node& node) {
    switch (node.kind) {
        case Kind::map:
            return "a mapping";
        case Kind::list:
            return "a list";
        case Kind::null:
            return "empty";
        case Kind::scalar:
            break;
    }
    constexpr std::size_t k_shown = 40;
    if (node.text.size() <= k_shown) {
        return fmt::format("'{}'", node.text);
    }
    std::size_t end = k_shown;
    while (end > 0 && (static_cast<unsigned char>(node.text[end]) & 0xc0U) == 0x80U) {
        --end;
    }
    return fmt::format("'{}…'", node.text.substr(0, end));
}

Tree read_tree(const Source& source) {
    Tree tree;
    if (auto found = forbidden_character(source)) {
        tree.diagnostics.push_back(std::move(*found));
        return tree;
    }
    TextBuffer buffer(source.text());
    std::istream stream(&buffer);
    try {
        YAML::Parser parser(stream);
        Builder builder(source, tree);
        if (parser.HandleNextDocument(builder)) {
            expect_end(source, parser, tree);
        }
    } catch (const Stop&) {
        tree.root = nullptr;
    } catch (const YAML::Exception& error) {
        tree.root = nullptr;
        tree.diagnostics.push_back(reworded(source, static_cast<std::size_t>(std::max(error.mark.pos, 0)), error.msg));
    }
    return tree;
}

}  // namespace berth::yaml

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/yaml/compose.hpp>
#include <berth/yaml/internal/tree.hpp>

#include <berth/spec/template.hpp>
#include <berth/spec/text_file.hpp>

#include <deque>
#include <functional>
#include <initializer_list>
#include <set>
#include <string>
#include <string_view>
#include <vector>

// Compose files are made into the tree of a spec, which is then read like any other. The steps, each in a file of its
// own: forms (one file's keys and values as a spec writes them), loading (files, variables, `include`, `extends`),
// merging, adapting (what means something else here, with a note for each change), text.

namespace berth::yaml {

/// Nodes that stand in no file as they are, at the place of those that they were made from.
class NodeStore {
  public:
    Node& copy(const Node& node);
    Node& empty_map(const Node& at) { return empty(Kind::map, at); }
    Node& empty_list(const Node& at) { return empty(Kind::list, at); }
    Node& null(const Node& at) { return empty(Kind::null, at); }
    Node& scalar(std::string text, const Node& at, Style style = Style::plain);
    const Hop* hop(const Origin& where, std::string text, const Hop* before);

  private:
    Node& empty(Kind kind, const Node& at);

    std::deque<Node> nodes_;
    std::deque<Hop> hops_;
};

/// Puts `value` under the key `text`, in the place of what is there.
void put(NodeStore& nodes, Node& map, std::string_view key, const Node& value, const Hop* hop = nullptr);
/// Takes the slot of a key out. @returns its value; null when there is none
const Node* take(Node& map, std::string_view key);

/// What is said about the change of meaning.
class ComposeNotes {
  public:
    ComposeNotes(std::vector<Diagnostic>& found, bool strict) : found_(found), strict_(strict) {}

    /// BN0901, or BE0905 with `strict`: once a key, at its first place.
    void ignored(const Node& key, const std::string& what, bool harmless = false);
    Diagnostic& say(std::string_view code, const Origin& where, std::string message, std::string caret = {});
    /// Once for all files, at the first place.
    void say_once(std::string_view code, const Origin& where, std::string message, std::string caret = {});

  private:
    std::vector<Diagnostic>& found_;
    std::set<std::string> said_;
    bool strict_;
};

/// What a file is made into a spec's tree with.
struct ComposeContext {
    NodeStore& nodes;
    ComposeNotes& notes;
    const VariableLookup& lookup;
    std::string prefix{};  ///< The way from the spec's folder to the one that the file's paths start at; `.`.
};

/// The root of a compose file of any generation in the form of a spec. `include` and `extends` stay.
const Node& in_spec_form(const ComposeContext& context, const Node& root);

/// `path` as seen from the spec's folder, when it is relative and no address.
std::string with_prefix(const std::string& prefix, const std::string& path, const std::string& meant);

/// Compose's merge, of trees in the form of a spec: `over` counts. With `way`, what comes from `under` says so.
const Node& merge_services(NodeStore& nodes, const Node& under, const Node& over, const Hop* way);
const Node& merge_roots(NodeStore& nodes, const Node& under, const Node& over);

using IsMissing = std::function<bool(const std::string& path)>;

/// What a path names: read_text_file(), or nothing at all for texts alone.
using TextReader = std::function<TextFile(const std::string& path)>;

/// What has been loaded, with all that it stands on.
struct ComposeProject {
    std::deque<Source> sources{};
    std::deque<Tree> trees{};
    NodeStore nodes{};
    const Node* root{nullptr};             ///< The spec's tree; null when the files are wrong.
    std::string name{};                    ///< By the first file's folder.
    std::vector<std::string> env_files{};  ///< `.env` files that its variables come from, from the spec's folder.
};

struct ComposeLoading {
    const ComposeOptions& options;
    const ReadOptions& variables;
    const TextReader& read;
    bool keep_variables{false};
    bool look_at_files{true};
    std::vector<Diagnostic>& found;
    SourceTexts& texts;
};

/// Reads `files` and all they name, checks each by the field table, resolves `extends` and `include`, merges.
/// @param base the spec's folder, absolute
void load_compose(const ComposeLoading& loading, const std::vector<std::string>& files, const std::string& base,
                  ComposeProject& project);

/// The spec that the files make; what is said about them, and their texts, go to `into`.
EnvironmentSpec compose_spec(const std::vector<std::string>& files, const ComposeOptions& options,
                             const ReadOptions& variables, ReadResult& into);

/// Makes what compose means mean the same here, or says what does not.
/// @param is_missing whether a bind's source, from the spec's folder, is not there; empty: nobody looks
const Node& adapt(NodeStore& nodes, ComposeNotes& notes, const ComposeOptions& options, const Node& root,
                  const IsMissing& is_missing);

/// The tree as a file, with `comments` at its top, a line each.
std::string tree_text(const Node& root, const std::vector<std::string>& comments);

}  // namespace berth::yaml

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/yaml/internal/source.hpp>

#include <berth/core/diagnostic.hpp>

#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace berth::yaml {

enum class Kind { null, scalar, list, map };
enum class Style { plain, single_quoted, double_quoted, literal, folded };
enum class Tag { none, reset, override_ };

/// A step on the way of a value to its place: an alias, or a merge by `<<`.
struct Hop {
    Origin where{};
    std::string text{};  ///< `used here as '*limits'`.
    const Hop* before{nullptr};
};

struct Node;

/// A value at its place in a map or list. The same node may stand at several places (aliases).
struct Slot {
    const Node* key{nullptr};  ///< Null in a list.
    const Node* value{nullptr};
    const Hop* hop{nullptr};
};

struct Node {
    Kind kind{Kind::null};
    Style style{Style::plain};
    Tag tag{Tag::none};
    bool empty{false};  ///< A null that was not written at all.
    bool flow{false};   ///< `[…]`, `{…}`.
    bool complete{false};
    std::size_t begin{0};  ///< Bytes of the source; an empty null has no width.
    std::size_t end{0};
    const Source* source{nullptr};  ///< The file that it is from.
    bool made{false};               ///< Not as it was written: what is wrong with a part of it stands at the whole.
    Origin where{};
    std::string text{};  ///< Of a scalar, as it is meant; of a written null, as it is written.
    std::vector<Slot> slots{};
    std::size_t weight{1};  ///< Nodes in it, aliases taken apart.
    int height{1};

    [[nodiscard]] const Slot* find(std::string_view key) const noexcept;
};

/// What has been read of a file. `root` is null when the text is no YAML at all.
struct Tree {
    std::deque<Node> nodes{};
    std::deque<Hop> hops{};
    const Node* root{nullptr};
    std::vector<Diagnostic> diagnostics{};
};

constexpr std::size_t k_most_nodes = 50'000;
constexpr std::size_t k_most_aliases = 256;
constexpr int k_deepest = 64;

/// Reads the one document of `source`. Mistakes of form go to the tree's diagnostics; never throws for bad text.
Tree read_tree(const Source& source);

/// Bytes of the source that the bytes [offset, offset + length) of a scalar's text were written as.
std::pair<std::size_t, std::size_t> written_range(const Source& source, const Node& scalar, std::size_t offset,
                                                  std::size_t length);

/// The same for many ranges of one scalar of any file, each at once.
class WrittenRanges {
  public:
    /// The whole of a scalar that was made.
    Origin origin(const Node& scalar, std::size_t offset, std::size_t length);

  private:
    std::pair<std::size_t, std::size_t> of(const Node& scalar, std::size_t offset, std::size_t length);

    const Node* scalar_{nullptr};
    std::vector<std::size_t> begins_;  ///< Where each byte of the text, and its end, was written.
    std::vector<std::size_t> ends_;    ///< The same, before what was skipped on the way there.
};

/// `a mapping`, `a list`, `empty`, or the text in quotes.
std::string describe(const Node& node);

}  // namespace berth::yaml

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/yaml/internal/place.hpp>
#include <berth/yaml/internal/tree.hpp>
#include <berth/yaml/internal/variables.hpp>

#include <berth/core/diagnostic.hpp>
#include <berth/spec/environment.hpp>
#include <berth/spec/field_table.hpp>
#include <berth/spec/template.hpp>
#include <berth/yaml/reader.hpp>

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace berth::yaml {

/// A scalar after interpolation, with the way back to where each byte of it was written.
struct Scalar {
    const Node* node{nullptr};
    std::string text{};
    std::vector<Interpolated> pieces{};
    bool traceable{true};  ///< Offsets of `text` still mean what they did (no `$$` was taken away).
};

/// Where the key of a value stands, for rows that do not act yet: it is the key that is not.
struct KeyPlace {
    Origin value{};
    Origin key{};
};

class Binder;

/// A row of the field table with the code that reads its value into a member; none when the reader acts on it itself.
struct RowReader {
    FieldRow row{};
    void (*read)(Binder& binder, const FieldRow& row, const Node& value, void* out){nullptr};
};

/// Which keys of a mapping are looked at: `keys` and no other, or all but those.
struct KeyFilter {
    std::span<const std::string_view> keys{};
    bool only{false};
};

/// What all value readers share: where they are, what is wrong, and what scalars mean. A value that is wrong is
/// reported once and then left out.
class Binder {
  public:
    Binder(const Variables& variables, Defaults::UnsetVariables unset, std::vector<Diagnostic>& diagnostics,
           std::vector<Way>& ways, std::vector<KeyPlace>& keys);

    /// Inside a value of a map or list, for as long as it lives.
    class Inside {
      public:
        Inside(Binder& binder, const Slot& slot, std::size_t index);
        Inside(const Inside&) = delete;
        Inside& operator=(const Inside&) = delete;
        ~Inside();

      private:
        Binder& binder_;
        bool hop_;
    };
    [[nodiscard]] const Place& place() const noexcept { return place_; }

    Diagnostic& report(std::string_view code, const Origin& where, std::string message, std::string caret = {});
    /// About part of a scalar; when that came from a variable, the `${…}` is marked and its value's origin said.
    Diagnostic& report(std::string_view code, const Scalar& scalar, std::size_t offset, std::size_t length,
                       std::string message, std::string caret = {});
    Diagnostic& report(std::string_view code, const Scalar& scalar, std::string message, std::string caret = {});
    /// BE0205 for an empty value, BE0202 otherwise. @returns false
    bool wrong_type(const Node& node, std::string_view wanted);

    /// Variables replaced, references and `$$` kept. Nothing (reported) when the node is no scalar or has a mistake.
    std::optional<Scalar> template_text(const Node& node, std::string_view wanted = "a text");
    /// Variables replaced, `$$` made `$`; a reference is a mistake (BE0402).
    std::optional<Scalar> plain_text(const Node& node, std::string_view wanted = "a text");

    [[nodiscard]] Origin origin_of(const Scalar& scalar, std::size_t offset, std::size_t length);

    /// Reads a mapping by the rows of `owner`. `node` must be one.
    /// @returns whether all of its keys are known and none is missing; what its values have is reported, and not said
    /// here
    bool read_fields(const Node& node, std::span<const RowReader> rows, std::string_view owner, void* out,
                     KeyFilter filter = {});

    /// Each item of a list; a scalar (and with `or_map` a mapping) stands for a list of one. @returns false, reported,
    /// for anything else
    template <class Read>
    bool each_item(const Node& node, std::string_view wanted, bool or_scalar, bool or_map, Read read) {
        if ((or_scalar && node.kind == Kind::scalar) || (or_map && node.kind == Kind::map)) {
            read(node);
            return true;
        }
        if (node.kind != Kind::list) {
            return wrong_type(node, wanted);
        }
        for (std::size_t i = 0; i < node.slots.size(); ++i) {
            const Inside inside(*this, node.slots[i], i);
            no_tag(*node.slots[i].value);
            read(*node.slots[i].value);
        }
        return true;
    }

    /// Each entry of a mapping whose keys are names. With `tags_act`, `!reset` and `!override` may stand before a
    /// value.
    template <class Read>
    bool each_entry(const Node& node, std::string_view wanted, Read read, bool tags_act = false) {
        if (node.kind != Kind::map) {
            return wrong_type(node, wanted);
        }
        for (std::size_t i = 0; i < node.slots.size(); ++i) {
            const Inside inside(*this, node.slots[i], i);
            if (!tags_act) {
                no_tag(*node.slots[i].value);
            }
            read(*node.slots[i].key, *node.slots[i].value);
        }
        return true;
    }

    /// Keys have been lost while the tree was read: none is reported as missing.
    void expect_missing_keys() noexcept { keys_are_lost_ = true; }
    /// What is read is merged with more: other files may have the keys that a spec needs.
    void expect_missing_root_keys() noexcept { root_is_partial_ = true; }

    /// A tag where none can act.
    void no_tag(const Node& node);

  private:
    static bool is_ignored(std::string_view owner, std::string_view key);
    void unknown_key(const Slot& slot, std::span<const RowReader> rows, std::string_view owner);
    std::optional<Scalar> interpolated(const Node& node, std::string_view wanted);
    void add_hops(Diagnostic& diagnostic) const;

    const Variables& variables_;
    VariableLookup lookup_;
    Defaults::UnsetVariables unset_;
    std::vector<Diagnostic>& diagnostics_;
    std::vector<Way>& ways_;
    std::vector<KeyPlace>& keys_;
    Place place_;
    std::vector<const Hop*> hops_;
    WrittenRanges written_;
    bool keys_are_lost_{false};
    bool root_is_partial_{false};
};

}  // namespace berth::yaml

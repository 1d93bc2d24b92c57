// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <span>
#include <string_view>
#include <tuple>
#include <utility>

// The field table: every key of the format, once. The reader binds by it, and schema, reference pages and `berth
// explain` are printed from it. The rows stand in fields/, by owner.

namespace berth {

/// Where a key comes from.
enum class KeyFrom {
    compose,        ///< Compose's name and meaning.
    compose_wider,  ///< Compose's name; wider values or another default.
    own             ///< New here.
};

/// One key of one owner.
struct FieldRow {
    std::string_view key{};
    /// How its value is written: `duration`, `int>=1`, `list:Mount`, `enum:missing | always`, the name of an owner.
    /// What begins with a capital letter is an owner of the table; the reader decides by this text how a value is read.
    std::string_view type{};
    std::string_view default_value{};  ///< As a person reads it; empty: none.
    KeyFrom from{KeyFrom::own};
    int stage{1};              ///< Order of building: 1 first.
    std::string_view since{};  ///< First version that reads it.
    bool required{false};
    bool secret{false};          ///< Its value is masked wherever it is shown.
    std::string_view codes{};    ///< What can be wrong with its value, besides kind and emptiness: `BE0301 BE0702`.
    std::string_view doc{};      ///< One or two sentences.
    std::string_view example{};  ///< A value, as YAML on one line.
    /// Whether it acts. What does not yet is read and checked all the same, and refused by `up`.
    bool runs{true};
};

/// A row and the member that it fills; a member that does not exist does not compile.
template <class Struct, class Member>
struct BoundField {
    FieldRow row{};
    Member Struct::*member{};
};

/// A row that the reader acts on itself: nothing of it is left in the spec.
struct ReaderField {
    FieldRow row{};
};

template <class Struct, class Member>
constexpr BoundField<Struct, Member> field(Member Struct::*member, FieldRow row) {
    row.since = "0.1";
    return {row, member};
}

constexpr ReaderField for_reader(FieldRow row) {
    row.since = "0.1";
    return {row};
}

/// The rows of a struct, as a tuple of BoundField and ReaderField: `Fields<ServiceSpec>::k_rows`, with the owner's name
/// in `k_owner`. Specialised in fields/.
template <class Struct>
struct Fields;

/// The written names of an enum's values: `EnumNames<PullPolicy>::k_names`. Specialised in fields/enums.hpp.
template <class Enum>
struct EnumNames;

template <class Enum, std::size_t Count>
using EnumTable = std::array<std::pair<std::string_view, Enum>, Count>;

/// One owner with its rows, in the order of the reference.
struct FieldOwner {
    std::string_view name{};  ///< `Service`.
    std::span<const FieldRow> rows{};
};

/// All owners, the root first.
std::span<const FieldOwner> field_owners() noexcept;

/// Null when there is none.
const FieldOwner* find_field_owner(std::string_view name) noexcept;
const FieldRow* find_field(std::string_view owner, std::string_view key) noexcept;

/// The owner that a type's text names (`map:Service`, `list:Mount`, `Healthcheck`); empty when it names none.
std::string_view owner_in_type(std::string_view type) noexcept;

/// The words of `enum:a | b | c`, also behind `list:`; empty for other types.
std::string_view enum_words(std::string_view type) noexcept;

}  // namespace berth

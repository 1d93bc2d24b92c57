// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/spec/fields/all.hpp>

#include <tuple>
#include <type_traits>
#include <utility>

// Walks over the members of a spec by the field table, so that nothing that knows them all has a list of its own.

namespace berth::internal {

template <class T, class = void>
inline constexpr bool k_has_fields = false;
template <class T>
inline constexpr bool k_has_fields<T, std::void_t<decltype(Fields<T>::k_rows)>> = true;

/// Calls `visit(row, pointer to member)` for each row of `Struct` that has a member.
template <class Struct, class Visit>
void for_each_member(Visit visit) {
    const auto one = [&visit](const auto& field) {
        if constexpr (!std::is_same_v<std::decay_t<decltype(field)>, ReaderField>) {
            visit(field.row, field.member);
        }
    };
    std::apply([&one](const auto&... fields) { (one(fields), ...); }, Fields<Struct>::k_rows);
}

}  // namespace berth::internal

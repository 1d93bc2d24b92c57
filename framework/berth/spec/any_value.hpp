// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/core/origin.hpp>

#include <map>
#include <string>
#include <vector>

namespace berth {

/// A value whose shape the format leaves open: as it was written, with texts that may hold references.
struct AnyValue {
    enum class Kind { null, text, list, map };
    Kind kind{Kind::null};
    bool quoted{false};  ///< A text that was written in quotes: never a number or a boolean.
    std::string text{};
    std::vector<AnyValue> items{};
    std::map<std::string, AnyValue> entries{};
    Origin origin{};

    AnyValue() = default;
    // NOLINTBEGIN(google-explicit-constructor): a literal stands for its text everywhere in a spec.
    AnyValue(std::string written) : kind(Kind::text), text(std::move(written)) {}
    AnyValue(const char* written) : kind(Kind::text), text(written) {}
    AnyValue(std::vector<AnyValue> list) : kind(Kind::list), items(std::move(list)) {}
    // NOLINTEND(google-explicit-constructor)

    friend bool operator==(const AnyValue& left, const AnyValue& right) {
        return left.kind == right.kind && left.quoted == right.quoted && left.text == right.text &&
               left.items == right.items && left.entries == right.entries;
    }
};

}  // namespace berth

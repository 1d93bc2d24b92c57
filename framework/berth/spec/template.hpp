// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/core/diagnostic.hpp>
#include <berth/spec/text.hpp>

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace berth {

/// From where a reference is seen: the test process on the host, or a container on the environment's networks.
enum class Side { host, network };

/// `${db.port.5432}`, `${services.my-db.external.url:-none}`: what stands between the braces, in its parts.
struct Reference {
    std::string text{};                   ///< As written, without `${` and `}`.
    std::vector<std::string> segments{};  ///< `{"db", "port", "5432"}`; `services` is kept where it was written.
    std::size_t offset{0};                ///< Byte of the `$` in the text.
    std::size_t length{0};                ///< Bytes from `$` to `}`.
    std::optional<Side> forced{};         ///< By `.external.` or `.internal.`, which are not in `segments`.
    enum class Operator { none, or_default, or_error, and_instead };
    Operator operation{Operator::none};
    std::string argument{};  ///< Template behind the operator.
};

/// What a variable is, where one is set.
struct VariableValue {
    std::string value{};
    std::string source{};  ///< `.env:4`, `the environment`, `--set`.
};
using VariableLookup = std::function<std::optional<VariableValue>(std::string_view name)>;

/// A mistake in a template: what, and which bytes of the text.
struct TemplateMistake {
    std::string code{};  ///< BE0401, BE0402, BE0406.
    std::string message{};
    std::size_t offset{0};
    std::size_t length{0};
    std::string caret{};
};

/// A range of an interpolated text that came from a variable.
struct Interpolated {
    std::size_t result_offset{0};
    std::size_t result_length{0};
    std::size_t source_offset{0};
    std::size_t source_length{0};
    std::string variable{};
    std::string source{};  ///< As VariableLookup gave it; empty when the default in the text counts.
};

/// Replaces the variables of `text` and leaves its references. In the result a dollar is literal only when doubled:
/// `$$` stays, and a dollar that comes out of a variable's value is doubled, so that no value can smuggle in a
/// reference.
struct Interpolation {
    std::string text{};
    std::vector<Interpolated> pieces{};
    std::vector<TemplateMistake> mistakes{};
};
Interpolation interpolate(std::string_view text, const VariableLookup& lookup, bool unset_is_empty = false);

/// The references of an interpolated text, in order; mistakes in them go to `mistakes`.
std::vector<Reference> references_in(std::string_view text, std::vector<TemplateMistake>& mistakes);

/// BW0106 for each variable that reads like a reference: `${my-db.port}`, where `my-db` is a service, is the variable
/// `my` with the default `db.port`. `text` is as it was written, before interpolation.
std::vector<TemplateMistake> variables_like_references(std::string_view text, const std::vector<std::string>& services);

/// What a reference stands for; nothing when it is not known (then the operator decides).
using ReferenceLookup = std::function<std::optional<std::string>(const Reference& reference, Side side)>;

/// The final text: references replaced, `$$` made `$`.
/// @throws Error (BE0410 …) naming the reference when one is not known and has no default
std::string resolve(const Text& text, Side side, const ReferenceLookup& lookup);

/// `$$` made `$` in a text that takes no references.
std::string unescape_dollars(std::string_view text);

/// A text as a template that means it literally: each `$` doubled.
std::string escape_dollars(std::string_view text);

}  // namespace berth

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/spec/template.hpp>

#include <string_view>
#include <vector>

namespace berth::internal {

/// One part of a template; its views look into the text that was parsed.
struct Piece {
    enum class Kind { literal, dollar, variable, reference };
    enum class Operator { none, dash, colon_dash, question, colon_question, plus, colon_plus };
    Kind kind{Kind::literal};
    std::size_t offset{0};
    std::size_t length{0};
    std::string_view name{};  ///< Of a variable, or the whole path of a reference.
    Operator operation{Operator::none};
    std::size_t argument_offset{0};
    std::size_t argument_length{0};
    std::vector<Piece> argument{};
};

struct Template {
    std::vector<Piece> pieces{};
    std::vector<TemplateMistake> mistakes{};  ///< BE0402 only; what is wrong is not among the pieces.
};

/// Takes the grammar apart, and nothing else: no variable is looked up.
Template parse_template(std::string_view text);

/// BE0402 about `piece` of a text, with the escape as a way out.
std::string bad_template(std::string_view piece, std::string_view why);

/// The piece's parts as the lookups get them.
Reference reference_of(const Piece& piece, std::string_view text);

constexpr std::size_t k_largest_result = 1024 * 1024;

}  // namespace berth::internal

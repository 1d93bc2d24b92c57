// SPDX-License-Identifier: Apache-2.0
#include <berth/spec/internal/template_parser.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace berth::internal {
namespace {

constexpr int k_deepest = 64;
constexpr auto k_nowhere = std::string_view::npos;

bool starts_name(char c) noexcept {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
}

bool continues_name(char c) noexcept {
    return starts_name(c) || (c >= '0' && c <= '9');
}

bool in_segment(char c) noexcept {
    return continues_name(c) || c == '-';
}

/// The whole character of UTF-8 that starts at `at`.
std::string_view character_at(std::string_view text, std::size_t at) noexcept {
    std::size_t end = at + 1;
    while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xc0U) == 0x80U) {
        ++end;
    }
    return text.substr(at, end - at);
}

class Parser {
  public:
    explicit Parser(std::string_view text) : text_(text) {}

    Template parse() {
        Template result;
        result.pieces = pieces(false, 0);
        result.mistakes = std::move(mistakes_);
        return result;
    }

  private:
    [[nodiscard]] bool at_end() const noexcept { return at_ >= text_.size(); }
    [[nodiscard]] char here(std::size_t ahead = 0) const noexcept {
        return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
    }

    /// Until the end, or (nested) up to the brace that closes.
    std::vector<Piece> pieces(bool nested, int depth) {
        std::vector<Piece> result;
        std::size_t literal = at_;
        const auto end_literal = [&] {
            if (at_ > literal) {
                Piece piece;
                piece.offset = literal;
                piece.length = at_ - literal;
                result.push_back(std::move(piece));
            }
        };
        while (!at_end() && !(nested && here() == '}')) {
            const char next = here(1);
            if (here() != '$' || (next != '$' && next != '{' && !starts_name(next))) {
                ++at_;
                continue;
            }
            end_literal();
            if (next == '$') {
                Piece piece;
                piece.kind = Piece::Kind::dollar;
                piece.offset = at_;
                piece.length = 2;
                result.push_back(std::move(piece));
                at_ += 2;
            } else if (next == '{') {
                braced(result, depth);
            } else {
                bare(result);
            }
            literal = at_;
        }
        end_literal();
        return result;
    }

    void bare(std::vector<Piece>& result) {
        Piece piece;
        piece.kind = Piece::Kind::variable;
        piece.offset = at_++;
        piece.name = take(continues_name);
        piece.length = at_ - piece.offset;
        result.push_back(std::move(piece));
    }

    template <class Wanted>
    std::string_view take(Wanted wanted) {
        const std::size_t from = at_;
        while (!at_end() && wanted(here())) {
            ++at_;
        }
        return text_.substr(from, at_ - from);
    }

    void braced(std::vector<Piece>& result, int depth) {
        Piece piece;
        piece.offset = at_;
        at_ += 2;
        const std::string why =
            depth >= k_deepest ? fmt::format("braces nest deeper than {}", k_deepest) : body(piece, depth);
        if (!why.empty()) {
            skip(piece.offset);
            mistake(piece.offset, why);
            return;
        }
        if (at_end()) {
            mistake(piece.offset, "the '{' is never closed");
            return;
        }
        ++at_;
        piece.length = at_ - piece.offset;
        result.push_back(std::move(piece));
    }

    /// What stands between the braces. @returns why it is wrong; empty when it is fine up to the closing brace
    std::string body(Piece& piece, int depth) {
        const std::size_t from = at_;
        if (!starts_name(here())) {
            return at_end()        ? "the '{' is never closed"
                   : here() == '}' ? "a name is missing"
                                   : "a name starts with a letter or '_'";
        }
        take(continues_name);
        piece.kind = here() == '.' ? Piece::Kind::reference : Piece::Kind::variable;
        while (here() == '.') {
            ++at_;
            if (take(in_segment).empty()) {
                return "a part of the reference is missing behind '.'";
            }
        }
        piece.name = text_.substr(from, at_ - from);
        if (at_end() || here() == '}') {
            return {};
        }
        const bool reference = piece.kind == Piece::Kind::reference;
        if (!take_operator(piece, reference)) {
            if (here() == ':') {
                return "':' is followed by '-', '?' or '+'";
            }
            return fmt::format("'{}' cannot stand in a {}", character_at(text_, at_), reference ? "reference" : "name");
        }
        piece.argument_offset = at_;
        piece.argument = pieces(true, depth + 1);
        piece.argument_length = at_ - piece.argument_offset;
        return {};
    }

    bool take_operator(Piece& piece, bool reference) {
        using Operator = Piece::Operator;
        static constexpr std::array<std::pair<std::string_view, Operator>, 6> k_operators{
            {{":-", Operator::colon_dash},
             {":?", Operator::colon_question},
             {":+", Operator::colon_plus},
             {"-", Operator::dash},
             {"?", Operator::question},
             {"+", Operator::plus}}};
        for (const auto& [written, operation] : k_operators) {
            if (text_.substr(at_, written.size()) == written && (!reference || written.size() == 2)) {
                piece.operation = operation;
                at_ += written.size();
                return true;
            }
        }
        return false;
    }

    /// Goes behind the brace that closes the one at `from`, or to the end.
    void skip(std::size_t from) {
        int open = 0;
        for (at_ = from; !at_end(); ++at_) {
            if (here() == '$' && here(1) == '$') {
                ++at_;
            } else if (here() == '$' && here(1) == '{') {
                ++open;
                ++at_;
            } else if (here() == '}' && --open == 0) {
                ++at_;
                return;
            }
        }
    }

    void mistake(std::size_t from, std::string_view why) {
        // One unclosed brace leaves all those around it unclosed too: the innermost is said.
        if (at_end() && !mistakes_.empty() && mistakes_.back().offset >= from) {
            return;
        }
        const std::string_view piece = text_.substr(from, at_ - from);
        mistakes_.push_back({"BE0402", bad_template(piece, why), from, piece.size(), {}});
    }

    std::string_view text_;
    std::size_t at_{0};
    std::vector<TemplateMistake> mistakes_;
};

/// Where `external` or `internal` may stand: behind the service.
std::size_t side_position(const std::vector<std::string>& segments) {
    static constexpr std::array<std::string_view, 5> k_sideless = {"run", "project", "networks", "volumes", "vars"};
    if (std::find(k_sideless.begin(), k_sideless.end(), segments.front()) != k_sideless.end()) {
        return segments.size();
    }
    return segments.front() == "services" ? 2 : 1;
}

}  // namespace

Template parse_template(std::string_view text) {
    return Parser(text).parse();
}

std::string bad_template(std::string_view piece, std::string_view why) {
    constexpr std::size_t k_shown = 60;
    std::string shown(piece.substr(0, k_shown));
    if (piece.size() > k_shown) {
        while (!shown.empty() && (static_cast<unsigned char>(piece[shown.size()]) & 0xc0U) == 0x80U) {
            shown.pop_back();  // never half a character
        }
        shown += "…";
    }
    return fmt::format("'{}': {}; write '$$' for a literal dollar", shown, why);
}

Reference reference_of(const Piece& piece, std::string_view text) {
    Reference reference;
    reference.offset = piece.offset;
    reference.length = piece.length;
    reference.text = text.substr(piece.offset + 2, piece.length - 3);
    reference.argument = text.substr(piece.argument_offset, piece.argument_length);
    for (std::string_view rest = piece.name; !rest.empty();) {
        const auto dot = rest.find('.');
        reference.segments.emplace_back(rest.substr(0, dot));
        rest = dot == k_nowhere ? std::string_view{} : rest.substr(dot + 1);
    }
    const std::size_t side = side_position(reference.segments);
    if (side < reference.segments.size() && side + 1 < reference.segments.size()) {
        const std::string& word = reference.segments[side];
        if (word == "external" || word == "internal") {
            reference.forced = word == "external" ? Side::host : Side::network;
            reference.segments.erase(reference.segments.begin() + static_cast<std::ptrdiff_t>(side));
        }
    }
    switch (piece.operation) {
        case Piece::Operator::colon_dash:
            reference.operation = Reference::Operator::or_default;
            break;
        case Piece::Operator::colon_question:
            reference.operation = Reference::Operator::or_error;
            break;
        case Piece::Operator::colon_plus:
            reference.operation = Reference::Operator::and_instead;
            break;
        default:
            break;
    }
    return reference;
}

}  // namespace berth::internal

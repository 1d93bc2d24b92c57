// SPDX-License-Identifier: Apache-2.0
#include <berth/spec/internal/template_parser.hpp>

#include <berth/core/error.hpp>
#include <berth/spec/template.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace berth {
namespace {

using internal::k_largest_result;
using internal::Piece;

constexpr std::string_view k_operators[] = {"", "-", ":-", "?", ":?", "+", ":+"};

/// Replaces variables. One pass over the pieces: what a variable brings is never read again.
class Interpolator {
  public:
    Interpolator(std::string_view text, const VariableLookup& lookup, bool unset_is_empty)
        : text_(text), lookup_(lookup), unset_is_empty_(unset_is_empty) {}

    Interpolation run() {
        auto parsed = internal::parse_template(text_);
        result_.mistakes = std::move(parsed.mistakes);
        for (const auto& piece : parsed.pieces) {
            const std::size_t from = result_.text.size();
            const std::size_t mistakes = result_.mistakes.size();
            source_.clear();
            add(piece, result_.text, false);
            if (too_large_) {
                result_.mistakes.push_back({"BE0402",
                                            fmt::format("'{}': the result is larger than 1 MiB", written(piece)),
                                            piece.offset,
                                            piece.length,
                                            {}});
                break;
            }
            if (piece.kind == Piece::Kind::variable && mistakes == result_.mistakes.size()) {
                result_.pieces.push_back(
                    {from, result_.text.size() - from, piece.offset, piece.length, std::string(piece.name), source_});
            }
        }
        std::stable_sort(result_.mistakes.begin(), result_.mistakes.end(),
                         [](const auto& a, const auto& b) { return a.offset < b.offset; });
        return std::move(result_);
    }

  private:
    [[nodiscard]] std::string_view written(const Piece& piece) const {
        return text_.substr(piece.offset, piece.length);
    }

    void add(const Piece& piece, std::string& out, bool in_reference) {
        switch (piece.kind) {
            case Piece::Kind::literal:
                append(out, written(piece));
                break;
            case Piece::Kind::dollar:
                append(out, "$$");
                break;
            case Piece::Kind::reference:
                append(out, "${");
                append(out, piece.name);
                append(out, k_operators[static_cast<std::size_t>(piece.operation)]);
                add_all(piece.argument, out, true);
                append(out, "}");
                break;
            case Piece::Kind::variable:
                add_variable(piece, out, in_reference);
                break;
        }
    }

    void add_all(const std::vector<Piece>& pieces, std::string& out, bool in_reference) {
        for (const auto& piece : pieces) {
            add(piece, out, in_reference);
        }
    }

    void add_variable(const Piece& piece, std::string& out, bool in_reference) {
        using Operator = Piece::Operator;
        const auto found = lookup_(piece.name);
        const bool filled = found && !found->value.empty();
        switch (piece.operation) {
            case Operator::plus:
            case Operator::colon_plus:
                if (piece.operation == Operator::plus ? found.has_value() : filled) {
                    add_all(piece.argument, out, in_reference);
                }
                return;
            case Operator::dash:
            case Operator::colon_dash:
                if (piece.operation == Operator::dash ? !found : !filled) {
                    add_all(piece.argument, out, in_reference);
                    return;
                }
                break;
            case Operator::question:
            case Operator::colon_question:
                if (piece.operation == Operator::question ? !found : !filled) {
                    required(piece, found.has_value());
                    return;
                }
                break;
            case Operator::none:
                if (!found) {
                    unset(piece);
                    return;
                }
                break;
        }
        if (in_reference && found->value.find('}') != std::string::npos) {
            result_.mistakes.push_back(
                {"BE0402",
                 fmt::format("'{}': its value contains '}}', which would end the reference around it", written(piece)),
                 piece.offset,
                 piece.length,
                 {}});
            return;
        }
        source_ = found->source;
        append(out, escape_dollars(found->value));
    }

    void required(const Piece& piece, bool set) {
        std::string message;
        add_all(piece.argument, message, false);
        message = unescape_dollars(message);
        if (message.empty()) {
            message = fmt::format("variable '{}' is required", piece.name);
        }
        result_.mistakes.push_back({"BE0406", std::move(message), piece.offset, piece.length,
                                    fmt::format("'{}' is {}", piece.name, set ? "empty" : "not set")});
    }

    void unset(const Piece& piece) {
        if (!unset_is_empty_) {
            result_.mistakes.push_back(
                {"BE0401",
                 fmt::format("variable '{0}' is not set and has no default; write '${{{0}:-value}}' or set it",
                             piece.name),
                 piece.offset,
                 piece.length,
                 {}});
        }
    }

    void append(std::string& out, std::string_view more) {
        too_large_ = too_large_ || out.size() + more.size() > k_largest_result;
        if (!too_large_) {
            out += more;
        }
    }

    std::string_view text_;
    const VariableLookup& lookup_;
    bool unset_is_empty_;
    bool too_large_{false};
    std::string source_;
    Interpolation result_;
};

void collect(const std::vector<Piece>& pieces, std::string_view text, std::vector<Reference>& references,
             std::vector<TemplateMistake>& mistakes) {
    for (const auto& piece : pieces) {
        if (piece.kind == Piece::Kind::reference) {
            references.push_back(internal::reference_of(piece, text));
        } else if (piece.kind == Piece::Kind::variable) {
            // Only a spec written in C++ can still have one: a reader has replaced them all.
            mistakes.push_back({"BE0402",
                                internal::bad_template(text.substr(piece.offset, piece.length),
                                                       "variables are replaced where YAML is read, and nowhere else"),
                                piece.offset,
                                piece.length,
                                {}});
            continue;
        }
        collect(piece.argument, text, references, mistakes);
    }
}

void collect_look_alikes(const std::vector<Piece>& pieces, std::string_view text,
                         const std::vector<std::string>& services, std::vector<TemplateMistake>& found) {
    for (const auto& piece : pieces) {
        const std::string_view body = piece.kind == Piece::Kind::variable && piece.operation == Piece::Operator::dash
                                          ? text.substr(piece.offset + 2, piece.length - 3)
                                          : std::string_view{};
        const auto dot = body.find('.');
        if (dot != std::string_view::npos &&
            std::find(services.begin(), services.end(), body.substr(0, dot)) != services.end()) {
            found.push_back({"BW0106",
                             fmt::format("'${{{0}}}' is variable '{1}' with default '{2}'; for the service write "
                                         "'${{services.{0}}}'",
                                         body, piece.name, text.substr(piece.argument_offset, piece.argument_length)),
                             piece.offset,
                             piece.length,
                             {}});
        }
        collect_look_alikes(piece.argument, text, services, found);
    }
}

class Resolver {
  public:
    Resolver(const Text& text, Side side, const ReferenceLookup& lookup) : text_(text), side_(side), lookup_(lookup) {}

    std::string run() {
        const auto parsed = internal::parse_template(text_.text);
        if (!parsed.mistakes.empty()) {
            fail(parsed.mistakes.front().code, parsed.mistakes.front().message);
        }
        std::string out;
        add_all(parsed.pieces, out);
        return out;
    }

  private:
    [[noreturn]] void fail(std::string code, std::string summary) const {
        throw Error({.code = std::move(code), .summary = std::move(summary), .origin = text_.origin});
    }

    void add_all(const std::vector<Piece>& pieces, std::string& out) {
        for (const auto& piece : pieces) {
            const std::string_view written = std::string_view(text_.text).substr(piece.offset, piece.length);
            switch (piece.kind) {
                case Piece::Kind::literal:
                    out += written;
                    break;
                case Piece::Kind::dollar:
                    out += '$';
                    break;
                case Piece::Kind::variable:
                    fail("BE0402", internal::bad_template(
                                       written, "variables are replaced where YAML is read, and nowhere else"));
                case Piece::Kind::reference:
                    add_reference(piece, out);
                    break;
            }
            if (out.size() > k_largest_result) {
                fail("BE0402", fmt::format("'{}': the result is larger than 1 MiB", written));
            }
        }
    }

    void add_reference(const Piece& piece, std::string& out) {
        const Reference reference = internal::reference_of(piece, text_.text);
        const auto value = lookup_(reference, reference.forced.value_or(side_));
        const bool filled = value && !value->empty();
        switch (reference.operation) {
            case Reference::Operator::and_instead:
                if (filled) {
                    add_all(piece.argument, out);
                }
                return;
            case Reference::Operator::or_default:
                if (!filled) {
                    add_all(piece.argument, out);
                    return;
                }
                break;
            case Reference::Operator::or_error:
                if (!filled) {
                    std::string message;
                    add_all(piece.argument, message);
                    fail("BE0406", message.empty() ? fmt::format("'${{{}}}' is required", piece.name) : message);
                }
                break;
            case Reference::Operator::none:
                if (!value) {
                    fail("BE0410", fmt::format("'${{{}}}' stands for nothing that is known here", reference.text));
                }
                break;
        }
        out += *value;
    }

    const Text& text_;
    Side side_;
    const ReferenceLookup& lookup_;
};

}  // namespace

Interpolation interpolate(std::string_view text, const VariableLookup& lookup, bool unset_is_empty) {
    return Interpolator(text, lookup, unset_is_empty).run();
}

std::vector<Reference> references_in(std::string_view text, std::vector<TemplateMistake>& mistakes) {
    std::vector<Reference> references;
    if (text.find('$') == std::string_view::npos) {
        return references;
    }
    auto parsed = internal::parse_template(text);
    std::vector<TemplateMistake> found = std::move(parsed.mistakes);
    collect(parsed.pieces, text, references, found);
    std::stable_sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.offset < b.offset; });
    mistakes.insert(mistakes.end(), found.begin(), found.end());
    return references;
}

std::vector<TemplateMistake> variables_like_references(std::string_view text,
                                                       const std::vector<std::string>& services) {
    std::vector<TemplateMistake> found;
    if (text.find("${") != std::string_view::npos) {
        collect_look_alikes(internal::parse_template(text).pieces, text, services, found);
    }
    return found;
}

std::string resolve(const Text& text, Side side, const ReferenceLookup& lookup) {
    return Resolver(text, side, lookup).run();
}

std::string unescape_dollars(std::string_view text) {
    std::string result;
    result.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        result += text[i];
        if (text[i] == '$' && i + 1 < text.size() && text[i + 1] == '$') {
            ++i;
        }
    }
    return result;
}

std::string escape_dollars(std::string_view text) {
    std::string result;
    result.reserve(text.size());
    for (const char c : text) {
        result += c;
        if (c == '$') {
            result += c;
        }
    }
    return result;
}

}  // namespace berth

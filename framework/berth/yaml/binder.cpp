// SPDX-License-Identifier: Apache-2.0
#include <berth/yaml/internal/binder.hpp>
#include <berth/yaml/internal/near_keys.hpp>

#include <berth/spec/codes.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace berth::yaml {

Binder::Binder(const Variables& variables, Defaults::UnsetVariables unset, std::vector<Diagnostic>& diagnostics,
               std::vector<Way>& ways, std::vector<KeyPlace>& keys)
    : variables_(variables),
      lookup_([this](std::string_view name) { return variables_.find(name); }),
      unset_(unset),
      diagnostics_(diagnostics),
      ways_(ways),
      keys_(keys) {}

Binder::Inside::Inside(Binder& binder, const Slot& slot, std::size_t index)
    : binder_(binder), hop_(slot.hop != nullptr) {
    if (slot.key != nullptr) {
        binder_.place_.enter(slot.key->text);
    } else {
        binder_.place_.enter(index);
    }
    if (hop_) {
        binder_.hops_.push_back(slot.hop);
        for (const Hop* way = slot.hop; way != nullptr; way = way->before) {
            binder_.ways_.push_back({binder_.place_.pointer(), slot.value->where, way->where, way->text});
        }
    }
}

Binder::Inside::~Inside() {
    binder_.place_.leave();
    if (hop_) {
        binder_.hops_.pop_back();
    }
}

void Binder::add_hops(Diagnostic& diagnostic) const {
    for (auto hop = hops_.rbegin(); hop != hops_.rend(); ++hop) {
        for (const Hop* way = *hop; way != nullptr; way = way->before) {
            diagnostic.labels.push_back({way->where, way->text});
        }
    }
}

Diagnostic& Binder::report(std::string_view code, const Origin& where, std::string message, std::string caret) {
    Diagnostic found;
    found.code = code;
    const Code* known = find_code(code);
    found.severity = known == nullptr ? Severity::error : known->severity;
    found.message = std::move(message);
    found.where = where;
    found.caret = std::move(caret);
    found.path = place_.pointer();
    add_hops(found);
    diagnostics_.push_back(std::move(found));
    return diagnostics_.back();
}

Diagnostic& Binder::report(std::string_view code, const Scalar& scalar, std::size_t offset, std::size_t length,
                           std::string message, std::string caret) {
    for (const auto& piece : scalar.pieces) {
        const bool touches = piece.result_offset < offset + std::max<std::size_t>(length, 1) &&
                             offset < piece.result_offset + piece.result_length;
        if (!scalar.traceable || !touches) {
            continue;
        }
        const std::string value =
            unescape_dollars(std::string_view(scalar.text).substr(piece.result_offset, piece.result_length));
        return report(code, written_.origin(*scalar.node, piece.source_offset, piece.source_length), std::move(message),
                      fmt::format("'{}' is {} (from {})", piece.variable, value,
                                  piece.source.empty() ? "its default" : piece.source));
    }
    return report(code, origin_of(scalar, offset, length), std::move(message), std::move(caret));
}

Diagnostic& Binder::report(std::string_view code, const Scalar& scalar, std::string message, std::string caret) {
    return report(code, scalar, 0, scalar.text.size(), std::move(message), std::move(caret));
}

bool Binder::wrong_type(const Node& node, std::string_view wanted) {
    const std::string key = place_.key().empty() ? "the spec" : fmt::format("'{}'", place_.key());
    if (node.kind == Kind::null) {
        report("BE0205", node.where, fmt::format("{} is empty; remove it or give {}", key, wanted));
    } else {
        report("BE0202", node.where, fmt::format("{} must be {}, this is {}", key, wanted, describe(node)));
    }
    return false;
}

void Binder::no_tag(const Node& node) {
    if (node.tag != Tag::none) {
        report("BE0108", node.where,
               fmt::format("tag '{}' acts on the keys of a service and the sections of a spec, and not here",
                           node.tag == Tag::reset ? "!reset" : "!override"));
    }
}

std::optional<Scalar> Binder::interpolated(const Node& node, std::string_view wanted) {
    if (node.kind != Kind::scalar && !(node.kind == Kind::null && !node.empty)) {
        wrong_type(node, wanted);
        return std::nullopt;
    }
    Scalar scalar;
    scalar.node = &node;
    if (node.text.find('$') == std::string::npos) {
        scalar.text = node.text;
        return scalar;
    }
    using Unset = Defaults::UnsetVariables;
    auto result = interpolate(node.text, lookup_, unset_ == Unset::empty);
    bool wrong = false;
    for (const auto& mistake : result.mistakes) {
        auto& found =
            report(mistake.code, written_.origin(node, mistake.offset, mistake.length), mistake.message, mistake.caret);
        if (mistake.code == "BE0401" && unset_ == Unset::warn) {
            found.severity = Severity::warning;
        } else {
            wrong = true;
        }
    }
    if (wrong) {
        return std::nullopt;
    }
    scalar.text = std::move(result.text);
    scalar.pieces = std::move(result.pieces);
    return scalar;
}

std::optional<Scalar> Binder::template_text(const Node& node, std::string_view wanted) {
    return interpolated(node, wanted);
}

std::optional<Scalar> Binder::plain_text(const Node& node, std::string_view wanted) {
    auto scalar = interpolated(node, wanted);
    if (!scalar || scalar->text.find('$') == std::string::npos) {
        return scalar;
    }
    std::vector<TemplateMistake> mistakes;
    const auto references = references_in(scalar->text, mistakes);
    for (const auto& mistake : mistakes) {
        report(mistake.code, *scalar, mistake.offset, mistake.length, mistake.message);
    }
    if (!references.empty()) {
        const auto& first = references.front();
        report("BE0402", *scalar, first.offset, first.length,
               fmt::format("'${{{}}}': '{}' takes no references; write '$$' for a literal dollar", first.text,
                           place_.key()));
    }
    if (!references.empty() || !mistakes.empty()) {
        return std::nullopt;
    }
    std::string text = unescape_dollars(scalar->text);
    scalar->traceable = text.size() == scalar->text.size();
    scalar->text = std::move(text);
    return scalar;
}

Origin Binder::origin_of(const Scalar& scalar, std::size_t offset, std::size_t length) {
    const bool whole = offset == 0 && length == scalar.text.size();
    constexpr std::size_t k_most_pieces = 64;  // more are no text for people, and each would be looked at for each part
    if (whole || !scalar.traceable || scalar.pieces.size() > k_most_pieces) {
        return scalar.node->where;
    }
    // Back through the variables: what lies behind one has moved, what lies in one is the whole `${…}`.
    std::size_t begin = offset;
    std::size_t end = offset + length;
    const auto back = [&scalar](std::size_t at, bool is_end) {
        std::size_t moved = at;
        for (const auto& piece : scalar.pieces) {
            const std::size_t piece_end = piece.result_offset + piece.result_length;
            if (at >= piece_end && !(is_end && at == piece_end && piece.result_length == 0)) {
                moved = piece.source_offset + piece.source_length + (at - piece_end);
            } else if (at > piece.result_offset) {
                return is_end ? piece.source_offset + piece.source_length : piece.source_offset;
            }
        }
        return moved;
    };
    begin = back(begin, false);
    end = std::max(begin, back(end, true));
    return written_.origin(*scalar.node, begin, end - begin);
}

/// Of compose's `deploy`, what only Swarm acts on.
bool Binder::is_ignored(std::string_view owner, std::string_view key) {
    constexpr std::string_view k_of_swarm[] = {"endpoint_mode",  "labels",          "mode",         "placement",
                                               "restart_policy", "rollback_config", "update_config"};
    return owner == "Deploy" && std::find(std::begin(k_of_swarm), std::end(k_of_swarm), key) != std::end(k_of_swarm);
}

void Binder::unknown_key(const Slot& slot, std::span<const RowReader> rows, std::string_view owner) {
    std::vector<std::string> known;
    known.reserve(rows.size());
    for (const auto& reader : rows) {
        known.emplace_back(reader.row.key);
    }
    KeyGuess guess = guess_key(slot.key->text, owner, known, place_.phrase());
    auto& found = report(guess.code, slot.key->where, std::move(guess.message), std::move(guess.caret));
    found.path += '/' + slot.key->text;
    if (!guess.replacement.empty()) {
        found.fix = Fix{slot.key->where, guess.replacement};
    }
}

bool Binder::read_fields(const Node& node, std::span<const RowReader> rows, std::string_view owner, void* out,
                         KeyFilter filter) {
    std::vector<bool> seen(rows.size(), false);
    bool known = true;
    const auto wanted = [&filter](std::string_view key) {
        const bool named = std::find(filter.keys.begin(), filter.keys.end(), key) != filter.keys.end();
        return named == filter.only;
    };
    for (std::size_t i = 0; i < node.slots.size(); ++i) {
        const Slot& slot = node.slots[i];
        const std::string_view key = slot.key->text;
        const auto found =
            std::find_if(rows.begin(), rows.end(), [key](const RowReader& one) { return one.row.key == key; });
        if (found != rows.end()) {
            seen[static_cast<std::size_t>(found - rows.begin())] = true;
        }
        if (!wanted(key) || key.substr(0, 2) == "x-") {
            continue;
        }
        if (found == rows.end() && is_ignored(owner, key)) {
            report("BN0901", slot.key->where, fmt::format("'deploy.{}' is read and has no effect here", key));
            continue;
        }
        if (found == rows.end()) {
            if (slot.hop != nullptr) {
                hops_.push_back(slot.hop);
            }
            unknown_key(slot, rows, owner);
            if (slot.hop != nullptr) {
                hops_.pop_back();
            }
            known = false;
            continue;
        }
        const Inside inside(*this, slot, i);
        if (!found->row.runs) {
            keys_.push_back({slot.value->where, slot.key->where});
        }
        if (found->read != nullptr) {
            found->read(*this, found->row, *slot.value, out);
        }
    }
    // Matrices and faults are merged as well; validate() judges what has become of them.
    const bool partial = (owner == "Root" && root_is_partial_) || owner == "Matrix" || owner == "Fault";
    if (filter.only || !known || keys_are_lost_ || partial) {
        return known;  // a misspelt key is not missing as well
    }
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (rows[i].row.required && !seen[i]) {
            report("BE0203", node.where, fmt::format("{} needs '{}'", place_.phrase(), rows[i].row.key));
            known = false;
        }
    }
    return known;
}

}  // namespace berth::yaml

// SPDX-License-Identifier: Apache-2.0
#include <berth/spec/internal/members.hpp>
#include <berth/spec/matrix_cells.hpp>
#include <berth/spec/template.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string_view>

namespace berth {
namespace {

constexpr std::size_t k_most_cells = 1000;

bool agrees(const MatrixCell& cell, const KeyValues& part) {
    return std::all_of(part.begin(), part.end(), [&](const auto& entry) {
        const auto found = cell.find(entry.first);
        return found != cell.end() && found->second == entry.second.text.value_or("");
    });
}

MatrixCell as_cell(const KeyValues& values) {
    MatrixCell cell;
    for (const auto& [axis, value] : values) {
        cell[axis] = value.text.value_or("");
    }
    return cell;
}

/// Replaces `${matrix.AXIS}` in every text that it meets.
class Fill {
  public:
    explicit Fill(const MatrixCell& cell) : cell_(cell) {}

    template <class T>
    void in(Given<T>& member) const {
        if (member.given()) {
            T value = *member;
            in(value);
            member = Given<T>::read(std::move(value), member.origin(), member.presence());
        }
    }
    void in(Text& text) const { text.text = filled(text.text); }
    void in(Value& value) const {
        if (value.text) {
            value.text = filled(*value.text);
        }
    }
    void in(ShellOrArgv& command) const { in(command.words); }
    void in(AnyValue& value) const {
        value.text = filled(value.text);
        in(value.items);
        in(value.entries);
    }
    template <class T>
    void in(std::vector<T>& items) const {
        for (auto& item : items) {
            in(item);
        }
    }
    template <class T>
    void in(std::map<std::string, T>& entries) const {
        for (auto& entry : entries) {
            in(entry.second);
        }
    }
    template <class T>
    void in(T& value) const {
        if constexpr (internal::k_has_fields<T>) {
            internal::for_each_member<T>([&](const FieldRow&, auto member) { in(value.*member); });
        }
    }

  private:
    [[nodiscard]] std::string filled(const std::string& text) const {
        if (text.find("${matrix.") == std::string::npos) {
            return text;
        }
        std::vector<TemplateMistake> mistakes;  // validate() reports them
        std::string result;
        std::size_t at = 0;
        for (const auto& reference : references_in(text, mistakes)) {
            const bool ours = reference.segments.size() == 2 && reference.segments.front() == "matrix";
            const auto value = ours ? cell_.find(reference.segments[1]) : cell_.end();
            if (value != cell_.end()) {
                result += text.substr(at, reference.offset - at) + escape_dollars(value->second);
                at = reference.offset + reference.length;
            }
        }
        return result + text.substr(at);
    }

    const MatrixCell& cell_;
};

}  // namespace

std::vector<MatrixCell> cells_of(const MatrixSpec& matrix) {
    std::vector<MatrixCell> cells{{}};
    for (const auto& [axis, values] : *matrix.axes) {
        std::vector<MatrixCell> more;
        for (const auto& cell : cells) {
            for (const auto& value : values) {
                more.push_back(cell);
                more.back()[axis] = value.text;
            }
        }
        cells = std::move(more);
    }
    cells.erase(std::remove_if(cells.begin(), cells.end(),
                               [&](const MatrixCell& cell) {
                                   return std::any_of(matrix.exclude->begin(), matrix.exclude->end(),
                                                      [&](const KeyValues& part) { return agrees(cell, part); });
                               }),
                cells.end());
    for (const auto& added : *matrix.include) {
        const MatrixCell cell = as_cell(added);
        if (std::find(cells.begin(), cells.end(), cell) == cells.end()) {
            cells.push_back(cell);
        }
    }
    return cells;
}

MatrixCell default_cell_of(const MatrixSpec& matrix) {
    MatrixCell cell = as_cell(*matrix.default_cell);
    for (const auto& [axis, values] : *matrix.axes) {
        if (!values.empty()) {
            cell.emplace(axis, values.front().text);
        }
    }
    return cell;
}

std::vector<MatrixCell> cells_like(const MatrixSpec& matrix, const MatrixCell& wanted) {
    auto cells = cells_of(matrix);
    cells.erase(std::remove_if(cells.begin(), cells.end(),
                               [&](const MatrixCell& cell) {
                                   return std::any_of(wanted.begin(), wanted.end(), [&](const auto& entry) {
                                       const auto found = cell.find(entry.first);
                                       return found == cell.end() || found->second != entry.second;
                                   });
                               }),
                cells.end());
    return cells;
}

std::string to_string(const MatrixCell& cell) {
    std::string text;
    for (const auto& [axis, value] : cell) {
        text += fmt::format("{}{}={}", text.empty() ? "" : ",", axis, value);
    }
    return text;
}

EnvironmentSpec in_cell(EnvironmentSpec spec, const MatrixCell& cell) {
    spec.matrix = {};
    Fill(cell).in(spec);
    return spec;
}

std::vector<MatrixMistake> mistakes_of(const MatrixSpec& matrix) {
    std::vector<MatrixMistake> found;
    const auto& axes = *matrix.axes;
    if (axes.empty()) {
        found.push_back({"'axes' names no axis", matrix.axes.origin()});
        return found;
    }
    std::size_t product = 1;
    for (const auto& [axis, values] : axes) {
        if (values.empty()) {
            found.push_back({fmt::format("axis '{}' is empty", axis), matrix.axes.origin()});
        }
        std::set<std::string_view> before;
        for (const auto& value : values) {
            if (!before.insert(value.text).second) {
                found.push_back({fmt::format("axis '{}' has '{}' twice", axis, value.text), value.origin});
            }
        }
        product = std::min(product, k_most_cells + 1) * values.size();
    }
    if (product > k_most_cells) {
        found.push_back({fmt::format("'axes' make more than {} cells", k_most_cells), matrix.axes.origin()});
        return found;
    }
    const auto check = [&](const KeyValues& part, std::string_view key, bool any_value, bool whole, const Origin& at) {
        for (const auto& [axis, value] : part) {
            const Origin where = value.origin.known() ? value.origin : at;
            const auto known = axes.find(axis);
            if (known == axes.end()) {
                found.push_back({fmt::format("'{}' names unknown axis '{}'", key, axis), where});
            } else if (!any_value &&
                       std::none_of(known->second.begin(), known->second.end(), [&, &written = value](const Text& one) {
                           return one.text == written.text.value_or("");
                       })) {
                found.push_back(
                    {fmt::format("'{}' names '{}', which axis '{}' does not have", key, value.text.value_or(""), axis),
                     where});
            }
        }
        for (const auto& [axis, values] : axes) {
            if (whole && part.count(axis) == 0) {
                found.push_back({fmt::format("'{}' needs a value for axis '{}'", key, axis), at});
            }
        }
    };
    for (const auto& part : *matrix.exclude) {
        check(part, "exclude", false, false, matrix.exclude.origin());
    }
    for (const auto& part : *matrix.include) {
        check(part, "include", true, true, matrix.include.origin());
    }
    check(*matrix.default_cell, "default", true, false, matrix.default_cell.origin());
    if (!found.empty()) {
        return found;
    }
    const auto cells = cells_of(matrix);
    if (cells.empty()) {
        found.push_back({"'exclude' leaves no cell", matrix.exclude.origin()});
    } else if (const auto start = default_cell_of(matrix);
               matrix.default_cell.given() && std::find(cells.begin(), cells.end(), start) == cells.end()) {
        found.push_back(
            {fmt::format("'default' is {}, which is no cell", to_string(start)), matrix.default_cell.origin()});
    }
    return found;
}

}  // namespace berth

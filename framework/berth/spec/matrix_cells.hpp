// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/spec/environment.hpp>

#include <map>
#include <string>
#include <vector>

namespace berth {

/// A value for each axis.
using MatrixCell = std::map<std::string, std::string>;

/// The product of the axes in the order of their names, the last axis turning fastest, without what `exclude` names,
/// with what `include` adds behind. One empty cell when there is no matrix.
[[nodiscard]] std::vector<MatrixCell> cells_of(const MatrixSpec& matrix);

/// What plain `up` takes: `default`, and the first value of each axis that it does not name.
[[nodiscard]] MatrixCell default_cell_of(const MatrixSpec& matrix);

/// The cells that agree with each `AXIS=VALUE` of `wanted`.
[[nodiscard]] std::vector<MatrixCell> cells_like(const MatrixSpec& matrix, const MatrixCell& wanted);

/// `pg=17,tls=off`.
[[nodiscard]] std::string to_string(const MatrixCell& cell);

/// The environment of one cell: each `${matrix.AXIS}` replaced in every text, and no matrix left.
[[nodiscard]] EnvironmentSpec in_cell(EnvironmentSpec spec, const MatrixCell& cell);

/// What is wrong with a matrix (BE0516).
struct MatrixMistake {
    std::string message{};
    Origin where{};
};
[[nodiscard]] std::vector<MatrixMistake> mistakes_of(const MatrixSpec& matrix);

}  // namespace berth

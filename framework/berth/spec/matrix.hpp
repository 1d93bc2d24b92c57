// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/spec/text.hpp>

#include <map>
#include <string>
#include <vector>

namespace berth {

/// The same environment in several variants: each cell is a run of its own.
struct MatrixSpec {
    Given<std::map<std::string, Words>> axes{};  ///< Axis to its values.
    Given<std::vector<KeyValues>> exclude{};     ///< Cells that agree with one of these are left out.
    Given<std::vector<KeyValues>> include{};     ///< Cells that are added, or given further values.
    Given<KeyValues> default_cell{};             ///< Key `default`: what plain `up` takes.
    Given<int> max_parallel{};                   ///< Default 1.
    Given<bool> fail_fast{};

    friend bool operator==(const MatrixSpec&, const MatrixSpec&) = default;
};

}  // namespace berth

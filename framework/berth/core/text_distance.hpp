// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace berth {

/// Insertions, deletions, replacements and transpositions of neighbours that make one text of the other.
std::size_t text_distance(std::string_view left, std::string_view right);

/// What `written` most likely means among `known`: one that is equal but for case and `-`/`_`/space; otherwise those at
/// the smallest distance within the limit (1 up to 4 letters, 2 up to 8, 3 beyond), at most three, in the order of
/// `known`. Empty when nothing is near.
std::vector<std::string> near_matches(std::string_view written, const std::vector<std::string>& known);

/// `did you mean 'a'?`, `did you mean 'a', 'b' or 'c'?`, or empty.
std::string did_you_mean(const std::vector<std::string>& matches);

}  // namespace berth

// SPDX-License-Identifier: Apache-2.0
#include <berth/core/text_distance.hpp>

#include <algorithm>

namespace berth {
namespace {

std::string normalised(std::string_view text) {
    std::string result;
    for (const char c : text) {
        if (c == '-' || c == ' ') {
            result += '_';
        } else {
            result += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
        }
    }
    return result;
}

std::size_t limit_for(std::size_t length) noexcept {
    if (length <= 4) {
        return 1;
    }
    return length <= 8 ? 2 : 3;
}

}  // namespace

std::size_t text_distance(std::string_view left, std::string_view right) {
    // Three rows of the table suffice: a transposition looks two rows back.
    const std::size_t width = right.size() + 1;
    std::vector<std::size_t> before(width), last(width), row(width);
    for (std::size_t j = 0; j < width; ++j) {
        last[j] = j;
    }
    for (std::size_t i = 1; i <= left.size(); ++i) {
        row[0] = i;
        for (std::size_t j = 1; j < width; ++j) {
            const std::size_t cost = left[i - 1] == right[j - 1] ? 0 : 1;
            row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + cost});
            if (i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1]) {
                row[j] = std::min(row[j], before[j - 2] + 1);
            }
        }
        before.swap(last);
        last.swap(row);
    }
    return last[right.size()];
}

std::vector<std::string> near_matches(std::string_view written, const std::vector<std::string>& known) {
    const std::string wanted = normalised(written);
    std::vector<std::string> matches;
    std::size_t nearest = limit_for(wanted.size());
    for (const auto& candidate : known) {
        const std::string name = normalised(candidate);
        if (name == wanted) {
            return {candidate};
        }
        const std::size_t distance = text_distance(wanted, name);
        if (distance < nearest) {
            matches.clear();
            nearest = distance;
        }
        // Replacing every letter makes any word of any other: that is no likeness.
        if (distance == nearest && distance < name.size()) {
            matches.push_back(candidate);
        }
    }
    constexpr std::size_t k_most = 3;
    matches.resize(std::min(matches.size(), k_most));
    return matches;
}

std::string did_you_mean(const std::vector<std::string>& matches) {
    if (matches.empty()) {
        return {};
    }
    std::string text = "did you mean ";
    for (std::size_t i = 0; i < matches.size(); ++i) {
        if (i > 0) {
            text += i + 1 == matches.size() ? " or " : ", ";
        }
        text += '\'' + matches[i] + '\'';
    }
    return text + '?';
}

}  // namespace berth

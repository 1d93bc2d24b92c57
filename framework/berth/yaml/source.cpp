// SPDX-License-Identifier: Apache-2.0
#include <berth/yaml/internal/source.hpp>

#include <algorithm>

namespace berth::yaml {
namespace {

constexpr std::size_t k_step = 256;

bool starts_character(char c) noexcept {
    return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U;
}

}  // namespace

Source::Source(std::string_view file, std::string text) : file_(intern_file_name(file)), text_(std::move(text)) {
    if (text_.rfind("\xef\xbb\xbf", 0) == 0) {
        text_.erase(0, 3);
    }
    line_starts_.push_back(0);
    std::size_t characters = 0;
    for (std::size_t i = 0; i < text_.size(); ++i) {
        if (i % k_step == 0) {
            checkpoints_.push_back(characters);
        }
        characters += starts_character(text_[i]) ? 1U : 0U;
        if (text_[i] == '\n') {
            line_starts_.push_back(i + 1);
        }
    }
    if (checkpoints_.empty()) {
        checkpoints_.push_back(0);
    }
}

std::size_t Source::characters_before(std::size_t offset) const noexcept {
    const std::size_t checkpoint = std::min(offset / k_step, checkpoints_.size() - 1);
    std::size_t characters = checkpoints_[checkpoint];
    for (std::size_t i = checkpoint * k_step; i < offset; ++i) {
        characters += starts_character(text_[i]) ? 1U : 0U;
    }
    return characters;
}

int Source::line_of(std::size_t offset) const noexcept {
    const auto after = std::upper_bound(line_starts_.begin(), line_starts_.end(), offset);
    return static_cast<int>(after - line_starts_.begin());
}

int Source::column_of(std::size_t offset, int line) const noexcept {
    return static_cast<int>(characters_before(offset) - characters_before(line_start(line))) + 1;
}

Origin Source::origin(std::size_t begin, std::size_t end) const {
    begin = std::min(begin, text_.size());
    end = std::clamp(end, begin, text_.size());
    const int line = line_of(begin);
    const int end_line = line_of(end);
    return {file_, line, column_of(begin, line), end_line, column_of(end, end_line)};
}

std::size_t Source::line_start(int line) const noexcept {
    return line_starts_[static_cast<std::size_t>(std::clamp(line, 1, line_count())) - 1];
}

std::string_view Source::line_text(int line) const noexcept {
    if (line < 1 || line > line_count()) {
        return {};
    }
    const std::size_t from = line_start(line);
    std::string_view text = std::string_view(text_).substr(from);
    text = text.substr(0, text.find('\n'));
    if (!text.empty() && text.back() == '\r') {
        text.remove_suffix(1);
    }
    return text;
}

std::size_t bad_utf8(std::string_view text) noexcept {
    const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
    for (std::size_t i = 0; i < text.size();) {
        const unsigned first = byte(i);
        std::size_t length = 1;
        unsigned least = 0x80U;  // of the second byte: shorter forms, surrogates and what is past Unicode are refused
        unsigned most = 0xbfU;
        if (first < 0x80U) {
            ++i;
            continue;
        }
        if (first >= 0xc2U && first <= 0xdfU) {
            length = 2;
        } else if (first >= 0xe0U && first <= 0xefU) {
            length = 3;
            least = first == 0xe0U ? 0xa0U : 0x80U;
            most = first == 0xedU ? 0x9fU : 0xbfU;
        } else if (first >= 0xf0U && first <= 0xf4U) {
            length = 4;
            least = first == 0xf0U ? 0x90U : 0x80U;
            most = first == 0xf4U ? 0x8fU : 0xbfU;
        } else {
            return i;
        }
        if (byte(i + 1) < least || byte(i + 1) > most) {
            return i;
        }
        for (std::size_t k = 2; k < length; ++k) {
            if ((byte(i + k) & 0xc0U) != 0x80U) {
                return i;
            }
        }
        i += length;
    }
    return std::string_view::npos;
}

}  // namespace berth::yaml

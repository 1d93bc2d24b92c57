// SPDX-License-Identifier: Apache-2.0
#include <berth/yaml/internal/tree.hpp>

#include <algorithm>

namespace berth::yaml {
namespace {

bool is_white(char c) noexcept {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

std::size_t character_length(char first) noexcept {
    const auto byte = static_cast<unsigned char>(first);
    return byte < 0xc0U ? 1 : byte < 0xe0U ? 2 : byte < 0xf0U ? 3 : 4;
}

/// Walks through a scalar's text and what it was written as, side by side.
class Walk {
  public:
    Walk(std::string_view source, const Node& scalar) : source_(source), value_(scalar.text), style_(scalar.style) {
        at_ = scalar.begin;
        if (style_ == Style::single_quoted || style_ == Style::double_quoted) {
            ++at_;
        } else if (style_ != Style::plain) {
            at_ = std::min(source_.find('\n', at_), source_.size() - 1) + 1;
        }
    }

    /// Goes to the byte `offset` of the value.
    void to(std::size_t offset) {
        while (read_ < std::min(offset, value_.size()) && at_ < source_.size()) {
            if (!step(offset)) {
                return;
            }
        }
    }

    /// Passes what is written but is no part of the value: indentation and line ends.
    void skip() {
        while (read_ < value_.size() && at_ < source_.size() && source_[at_] != value_[read_] &&
               is_white(source_[at_])) {
            ++at_;
        }
    }

    [[nodiscard]] std::size_t at() const noexcept { return at_; }

  private:
    bool step(std::size_t offset) {
        const char written = source_[at_];
        const char meant = value_[read_];
        if (style_ == Style::double_quoted && written == '\\' && at_ + 1 < source_.size()) {
            return escape(offset);
        }
        if (written == meant) {
            at_ += style_ == Style::single_quoted && written == '\'' ? 2 : 1;
            ++read_;
        } else if (is_white(written)) {
            ++at_;
        } else if (is_white(meant)) {
            ++read_;
        } else {
            return false;
        }
        return true;
    }

    bool escape(std::size_t offset) {
        const char kind = source_[at_ + 1];
        if (kind == '\n' || kind == '\r') {
            at_ += 2;
            return true;
        }
        const std::size_t length = character_length(value_[read_]);
        if (read_ + length > offset) {
            return false;
        }
        at_ += 2 + (kind == 'x' ? 2U : kind == 'u' ? 4U : kind == 'U' ? 8U : 0U);
        read_ += length;
        return true;
    }

    std::string_view source_;
    std::string_view value_;
    Style style_;
    std::size_t at_{0};
    std::size_t read_{0};
};

}  // namespace

std::pair<std::size_t, std::size_t> written_range(const Source& source, const Node& scalar, std::size_t offset,
                                                  std::size_t length) {
    Walk walk(source.text(), scalar);
    walk.to(offset);
    walk.skip();
    const std::size_t begin = std::min(walk.at(), source.text().size());
    walk.to(offset + length);
    return {begin, std::max(begin, std::min(walk.at(), source.text().size()))};
}

std::pair<std::size_t, std::size_t> WrittenRanges::of(const Node& scalar, std::size_t offset, std::size_t length) {
    if (&scalar != scalar_) {
        scalar_ = &scalar;
        begins_.clear();
        ends_.clear();
        begins_.reserve(scalar.text.size() + 1);
        ends_.reserve(scalar.text.size() + 1);
        const std::string_view written = scalar.source->text();
        Walk walk(written, scalar);
        for (std::size_t i = 0; i <= scalar.text.size(); ++i) {
            walk.to(i);
            ends_.push_back(std::min(walk.at(), written.size()));
            walk.skip();
            begins_.push_back(std::min(walk.at(), written.size()));
        }
    }
    const std::size_t from = std::min(offset, scalar.text.size());
    const std::size_t begin = begins_[from];
    return {begin, std::max(begin, ends_[std::min(from + length, scalar.text.size())])};
}

Origin WrittenRanges::origin(const Node& scalar, std::size_t offset, std::size_t length) {
    if (scalar.made) {
        return scalar.where;
    }
    const auto [begin, end] = of(scalar, offset, length);
    return scalar.source->origin(begin, end);
}

}  // namespace berth::yaml

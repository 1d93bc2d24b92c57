// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cctype>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace berth::cli::tests {

/// As much of a terminal as our output uses: rows of characters, a cursor, wrapping, `\r`, `\n`, cursor up, clear to
/// the end of line and of screen, colours (dropped). It can be resized, and wraps its lines anew then, as terminals do.
class TestScreen {
  public:
    explicit TestScreen(std::size_t columns) : columns_(columns) {}

    void write(std::string_view text) {
        for (std::size_t at = 0; at < text.size(); ++at) {
            const char c = text[at];
            if (c == '\x1b') {
                at = escape(text, at);
            } else if (c == '\r') {
                column_ = 0;
            } else if (c == '\n') {
                row(row_).wraps = false;
                ++row_;
                column_ = 0;
                row(row_);
            } else {
                put(c);
            }
        }
    }

    void resize(std::size_t columns) {
        const std::vector<std::string> before = lines();
        columns_ = columns;
        rows_.clear();
        row_ = column_ = 0;
        for (std::size_t i = 0; i < before.size(); ++i) {
            write(before[i] + '\n');
        }
    }

    /// Lines as they were written, wrapped rows joined, without the empty ones at the end.
    [[nodiscard]] std::vector<std::string> lines() const {
        std::vector<std::string> all;
        bool more = false;
        for (const auto& each : rows_) {
            if (more) {
                all.back() += each.text;
            } else {
                all.push_back(each.text);
            }
            more = each.wraps;
        }
        while (!all.empty() && all.back().empty()) {
            all.pop_back();
        }
        return all;
    }

  private:
    struct Row {
        std::string text;
        bool wraps{false};  ///< Goes on in the next row.
    };
    Row& row(std::size_t number) {
        while (rows_.size() <= number) {
            rows_.emplace_back();
        }
        return rows_[number];
    }
    void put(char c) {
        if (column_ == columns_) {
            row(row_).wraps = true;
            ++row_;
            column_ = 0;
        }
        std::string& text = row(row_).text;
        if (text.size() <= column_) {
            text.resize(column_ + 1, ' ');
        }
        text[column_++] = c;
    }
    std::size_t escape(std::string_view text, std::size_t at) {
        std::size_t number = 0;
        for (at += 2; at < text.size(); ++at) {
            const char c = text[at];
            if (std::isdigit(static_cast<unsigned char>(c)) != 0) {
                number = number * 10 + static_cast<std::size_t>(c - '0');
                continue;
            }
            if (c == 'A') {
                row_ -= number < row_ ? number : row_;
            } else if (c == 'K') {
                row(row_).text.resize(column_ < row(row_).text.size() ? column_ : row(row_).text.size());
                row(row_).wraps = false;
            } else if (c == 'J') {
                row(row_).text.resize(column_ < row(row_).text.size() ? column_ : row(row_).text.size());
                row(row_).wraps = false;
                rows_.resize(row_ + 1);
            }
            return at;
        }
        return at;
    }

    std::size_t columns_;
    std::vector<Row> rows_;
    std::size_t row_{0};
    std::size_t column_{0};
};

}  // namespace berth::cli::tests

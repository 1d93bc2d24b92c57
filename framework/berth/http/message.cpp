// SPDX-License-Identifier: Apache-2.0
#include <berth/core/error.hpp>
#include <berth/core/redaction.hpp>
#include <berth/http/message.hpp>

#include <berth/http/internal/head.hpp>

#include <fmt/format.h>

namespace berth::http {
namespace {

bool is_unreserved(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
           c == '_' || c == '~';
}

std::string encode(std::string_view text, std::string_view also_kept) {
    constexpr std::string_view k_digits = "0123456789ABCDEF";
    std::string encoded;
    encoded.reserve(text.size());
    for (const char c : text) {
        if (is_unreserved(c) || also_kept.find(c) != std::string_view::npos) {
            encoded += c;
            continue;
        }
        const auto byte = static_cast<unsigned char>(c);
        encoded += '%';
        encoded += k_digits[byte >> 4];
        encoded += k_digits[byte & 0xf];
    }
    return encoded;
}

std::string encode_part_of_path(std::string_view text, std::string_view also_kept) {
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x20 || byte == 0x7f) {
            throw Error({.code = "BR0111", .summary = fmt::format("'{}' has a control character", escape_line(text))});
        }
    }
    return encode(text, also_kept);
}

}  // namespace

void Headers::add(std::string name, std::string value) {
    fields_.emplace_back(std::move(name), std::move(value));
}

std::optional<std::string> Headers::find(std::string_view name) const {
    for (const auto& [field, value] : fields_) {
        if (internal::same_name(field, name)) {
            return value;
        }
    }
    return std::nullopt;
}

std::string encode_segment(std::string_view text) {
    return encode_part_of_path(text, "");
}

std::string encode_path(std::string_view text) {
    return encode_part_of_path(text, "/:");
}

std::string encode_query(const std::vector<std::pair<std::string, std::string>>& parameters) {
    std::string query;
    for (const auto& [name, value] : parameters) {
        query += query.empty() ? '?' : '&';
        query += encode(name, "");
        query += '=';
        query += encode(value, "");
    }
    return query;
}

}  // namespace berth::http

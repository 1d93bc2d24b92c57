// SPDX-License-Identifier: Apache-2.0
#include <berth/core/digest.hpp>
#include <berth/core/redaction.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <mutex>
#include <set>

namespace berth {
namespace {

constexpr std::size_t k_shortest_secret = 4;
constexpr std::string_view k_mask = "***";

struct Secrets {
    std::mutex mutex;
    // Longest first, so that a secret that contains another one is masked whole.
    struct Longer {
        bool operator()(const std::string& a, const std::string& b) const {
            return a.size() != b.size() ? a.size() > b.size() : a < b;
        }
    };
    std::set<std::string, Longer> values;
};

Secrets& secrets() {
    static auto& all = *new Secrets;  // never destroyed: errors are rendered until the very end
    return all;
}

std::string percent_encoded(std::string_view text) {
    std::string result;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (std::isalnum(byte) != 0 || c == '-' || c == '_' || c == '.' || c == '~') {
            result += c;
        } else {
            result += fmt::format("%{:02X}", byte);
        }
    }
    return result;
}

void replace_all(std::string& text, std::string_view what) {
    for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + k_mask.size())) {
        text.replace(at, what.size(), k_mask);
    }
}

/// `scheme://user:password@host` keeps its scheme and host.
void mask_user_info(std::string& text) {
    for (std::size_t at = text.find("://"); at != std::string::npos; at = text.find("://", at + 3)) {
        const std::size_t from = at + 3;
        const std::size_t end = text.find_first_of("/?# \t\r\n\"'<>", from);
        const std::size_t sign = text.substr(0, end).rfind('@');
        if (sign != std::string::npos && sign > from && text.find(':', from) < sign) {
            text.replace(from, sign - from, k_mask);
        }
    }
}

}  // namespace

void remember_secret(std::string_view value) {
    if (value.size() < k_shortest_secret) {
        return;
    }
    auto& all = secrets();
    const std::lock_guard lock(all.mutex);
    all.values.emplace(value);
    all.values.insert(percent_encoded(value));
    all.values.insert(base64(value));
}

std::string redact(std::string_view text) {
    std::string result(text);
    {
        auto& all = secrets();
        const std::lock_guard lock(all.mutex);
        for (const auto& value : all.values) {
            replace_all(result, value);
        }
    }
    mask_user_info(result);
    return result;
}

bool looks_secret(std::string_view variable_name) noexcept {
    std::string upper(variable_name);
    std::transform(upper.begin(), upper.end(), upper.begin(),
                   [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    constexpr std::array k_words = {"PASS", "SECRET", "TOKEN", "KEY", "CREDENTIAL", "DSN"};
    return std::any_of(k_words.begin(), k_words.end(),
                       [&](const char* word) { return upper.find(word) != std::string::npos; });
}

std::string escape_controls(std::string_view text) {
    std::string result;
    result.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        if ((byte < 0x20 && byte != '\n' && byte != '\t') || byte == 0x7f) {
            result += fmt::format("\\x{:02x}", byte);
            continue;
        }
        const auto next = [&](std::size_t k) {
            return i + k < text.size() ? static_cast<unsigned char>(text[i + k]) : 0U;
        };
        if (byte == 0xc2 && next(1) >= 0x80 && next(1) < 0xa0) {  // C1 controls
            result += fmt::format("\\x{:02x}", next(1));
            i += 1;
            continue;
        }
        if (byte == 0xe2) {  // U+200E/F, U+2028..202E, U+2066..2069
            const unsigned code = 0x2000U + ((next(1) & 0x3fU) << 6U) + (next(2) & 0x3fU);
            if (code == 0x200e || code == 0x200f || (code >= 0x2028 && code <= 0x202e) ||
                (code >= 0x2066 && code <= 0x2069)) {
                result += fmt::format("\\u{:04x}", code);
                i += 2;
                continue;
            }
        }
        result += text[i];
    }
    return result;
}

std::string escape_line(std::string_view text) {
    std::string result;
    for (const char c : escape_controls(text)) {
        result += c == '\n' ? "\\n" : c == '\t' ? "\\t" : std::string(1, c);
    }
    return result;
}

}  // namespace berth

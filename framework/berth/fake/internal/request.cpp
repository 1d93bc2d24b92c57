// SPDX-License-Identifier: Apache-2.0
#include <berth/core/units.hpp>
#include <berth/fake/internal/request.hpp>

#include <cstring>

#include <algorithm>
#include <array>
#include <charconv>

namespace berth::fake {
namespace {

constexpr std::size_t k_longest_head = 64 * 1024;
constexpr std::size_t k_longest_body = 512 << 20;

bool same(std::string_view left, std::string_view right) {
    return left.size() == right.size() && ::strncasecmp(left.data(), right.data(), left.size()) == 0;
}

std::optional<std::size_t> number(std::string_view text, int base) {
    std::size_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
    if (error != std::errc{} || end != text.data() + text.size()) {
        return std::nullopt;
    }
    return value;
}

/// `/v1.41/containers/json?all=1` into version, path and query.
void split_target(Asked& asked) {
    std::string_view target = asked.request.target;
    const auto question = target.find('?');
    std::string_view path = target.substr(0, question);
    if (path.size() > 2 && path.substr(0, 2) == "/v" && path[2] >= '0' && path[2] <= '9') {
        const auto slash = std::min(path.find('/', 1), path.size());
        asked.version = path.substr(2, slash - 2);
        path.remove_prefix(slash);
    }
    asked.path = path;
    if (question == std::string_view::npos) {
        return;
    }
    std::string_view query = target.substr(question + 1);
    while (!query.empty()) {
        const auto end = std::min(query.find('&'), query.size());
        const std::string_view pair = query.substr(0, end);
        const auto equals = std::min(pair.find('='), pair.size());
        const std::string value(equals == pair.size() ? std::string_view{} : pair.substr(equals + 1));
        asked.query.emplace(decode(pair.substr(0, equals), true), decode(value, true));
        query.remove_prefix(std::min(end + 1, query.size()));
    }
}

}  // namespace

std::string decode(std::string_view text, bool query) {
    std::string result;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '%' && i + 2 < text.size()) {
            if (const auto code = number(text.substr(i + 1, 2), 16)) {
                result += static_cast<char>(*code);
                i += 2;
                continue;
            }
        }
        result += query && text[i] == '+' ? ' ' : text[i];
    }
    return result;
}

std::string Asked::header(std::string_view name) const {
    for (const auto& [field, value] : request.headers) {
        if (same(field, name)) {
            return value;
        }
    }
    return {};
}

std::string Asked::parameter(const std::string& name) const {
    const auto found = query.find(name);
    return found == query.end() ? std::string{} : found->second;
}

bool Asked::flag(const std::string& name) const {
    const std::string value = parameter(name);
    constexpr std::array<std::string_view, 5> k_false{"", "0", "no", "false", "none"};
    return std::none_of(k_false.begin(), k_false.end(), [&](std::string_view word) { return same(word, value); });
}

bool Asked::wants_upgrade() const {
    return same(header("Connection"), "upgrade") && !header("Upgrade").empty();
}

bool RequestReader::line(std::string& into, std::size_t& bytes) {
    for (;;) {
        const auto end = pending_.find("\r\n");
        if (end != std::string::npos) {
            into = pending_.substr(0, end);
            pending_.erase(0, end + 2);
            bytes += end + 2;
            return true;
        }
        const std::string more = pending_.size() > k_longest_head ? std::string{} : more_();
        if (more.empty()) {
            return false;
        }
        pending_ += more;
    }
}

bool RequestReader::take(std::size_t count, std::string& into) {
    while (count > 0) {
        if (pending_.empty() && (pending_ = more_()).empty()) {
            return false;
        }
        const std::size_t piece = std::min(count, pending_.size());
        into.append(pending_, 0, piece);
        pending_.erase(0, piece);
        count -= piece;
    }
    return true;
}

std::optional<Asked> RequestReader::head() {
    Asked asked;
    std::string text;
    if (!line(text, asked.request.bytes)) {
        return std::nullopt;
    }
    const auto first = text.find(' ');
    const auto last = text.rfind(' ');
    if (first == std::string::npos || first == last || text.compare(last, 6, " HTTP/") != 0) {
        return std::nullopt;
    }
    asked.request.method = text.substr(0, first);
    asked.request.target = text.substr(first + 1, last - first - 1);
    for (;;) {
        if (asked.request.bytes > k_longest_head || !line(text, asked.request.bytes)) {
            return std::nullopt;
        }
        if (text.empty()) {
            break;
        }
        const auto colon = text.find(':');
        if (colon == std::string::npos) {
            return std::nullopt;
        }
        const auto value = text.find_first_not_of(' ', colon + 1);
        asked.request.headers.emplace_back(text.substr(0, colon),
                                           value == std::string::npos ? std::string{} : text.substr(value));
    }
    split_target(asked);
    return asked;
}

bool RequestReader::chunk(Asked& asked) {
    Request& request = asked.request;
    std::string text;
    if (!line(text, request.bytes)) {
        return false;
    }
    const auto size = number(text.substr(0, text.find(';')), 16);
    if (!size || *size > k_longest_body - std::min(k_longest_body, request.body.size())) {
        return false;
    }
    std::string end;
    if (!take(*size, request.body) || !take(2, end) || end != "\r\n") {
        return false;
    }
    request.bytes += *size + 2;
    asked.body_complete = *size == 0;
    return true;
}

void RequestReader::body(Asked& asked) {
    if (same(asked.header("Transfer-Encoding"), "chunked")) {
        while (!asked.body_complete && chunk(asked)) {
        }
    } else {
        const std::string length = asked.header("Content-Length");
        const auto size = length.empty() ? std::optional<std::size_t>(0) : number(length, 10);
        asked.body_complete = size && *size <= k_longest_body && take(*size, asked.request.body);
        asked.request.bytes += asked.request.body.size();
    }
    if (asked.wants_upgrade()) {
        asked.early = std::exchange(pending_, {});
    }
}

}  // namespace berth::fake

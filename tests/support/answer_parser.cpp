// SPDX-License-Identifier: Apache-2.0
#include <tests/support/answer_parser.hpp>

#include <fmt/format.h>
#include <strings.h>

#include <algorithm>
#include <charconv>
#include <optional>

namespace berth::support {
namespace {

constexpr std::size_t k_kept = 1 << 20;
constexpr int k_switching = 101;

bool same(std::string_view left, std::string_view right) {
    return left.size() == right.size() && ::strncasecmp(left.data(), right.data(), left.size()) == 0;
}

template <class Number>
std::optional<Number> number(std::string_view text, int base) {
    Number value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
    return error == std::errc{} && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

void keep_some(std::string& kept, std::string_view bytes) {
    kept += bytes.substr(0, k_kept - std::min(k_kept, kept.size()));
}

}  // namespace

std::string Answered::header(std::string_view name) const {
    for (const auto& [field, value] : headers) {
        if (same(field, name)) {
            return value;
        }
    }
    return {};
}

void AnswerParser::keep(std::string_view bytes) {
    keep_some(answer_.body, bytes);
}

void AnswerParser::feed(std::string_view bytes) {
    keep_some(answer_.raw, bytes);
    answer_.size += bytes.size();
    pending_ += bytes;
    while (!answer_.whole && step()) {
    }
}

void AnswerParser::end() {
    answer_.whole = answer_.whole || at_ == At::rest;
}

bool AnswerParser::line(std::string& into) {
    const auto end = pending_.find("\r\n");
    if (end == std::string::npos) {
        return false;
    }
    into = pending_.substr(0, end);
    pending_.erase(0, end + 2);
    return true;
}

bool AnswerParser::head() {
    const auto end = pending_.find("\r\n\r\n");
    if (end == std::string::npos) {
        return false;
    }
    answer_.headers.clear();
    std::string text;
    line(text);
    const auto status = text.rfind("HTTP/1.", 0) == 0 && text.size() >= 12 ? number<int>(text.substr(9, 3), 10) : 0;
    answer_.status = status.value_or(0);
    while (line(text) && !text.empty()) {
        const auto colon = text.find(": ");
        if (colon != std::string::npos) {
            answer_.headers.emplace_back(text.substr(0, colon), text.substr(colon + 2));
        }
    }
    if (answer_.status == 0) {
        at_ = At::over;  // no answer; the rest is not looked at
    } else if (answer_.status == k_switching) {
        at_ = At::rest;
    } else if (answer_.status < 200) {
        at_ = At::head;  // the answer proper follows
    } else if (method_ == "HEAD" || answer_.status == 204 || answer_.status == 304) {
        answer_.whole = true;
    } else if (same(answer_.header("Transfer-Encoding"), "chunked")) {
        at_ = At::chunk_size;
    } else if (const auto length = number<std::size_t>(answer_.header("Content-Length"), 10)) {
        left_ = *length;
        answer_.whole = left_ == 0;
        at_ = At::sized;
    } else {
        at_ = At::rest;
    }
    return true;
}

bool AnswerParser::step() {
    std::string text;
    const auto take = [&] {
        const std::size_t count = std::min(left_, pending_.size());
        keep(std::string_view(pending_).substr(0, count));
        pending_.erase(0, count);
        left_ -= count;
        return count > 0;
    };
    switch (at_) {
        case At::head:
            return head();
        case At::sized: {
            const bool came = take();
            answer_.whole = left_ == 0;
            return came;
        }
        case At::chunk_size: {
            if (!line(text)) {
                return false;
            }
            const auto size = number<std::size_t>(text, 16);
            left_ = size.value_or(0);
            at_ = !size ? At::over : left_ == 0 ? At::trailer : At::chunk;
            return true;
        }
        case At::chunk:
            if (left_ > 0) {
                return take();
            }
            if (!line(text)) {
                return false;
            }
            at_ = text.empty() ? At::chunk_size : At::over;
            return true;
        case At::trailer:
            if (!line(text)) {
                return false;
            }
            answer_.whole = text.empty();
            return true;
        case At::rest:
            keep(pending_);
            pending_.clear();
            return false;
        case At::over:
            pending_.clear();
            return false;
    }
    return false;
}

std::string answer_text(int status, std::string_view body, std::string_view type) {
    return fmt::format("HTTP/1.1 {} Status\r\nContent-Type: {}\r\nContent-Length: {}\r\n\r\n{}", status, type,
                       body.size(), body);
}

}  // namespace berth::support

// SPDX-License-Identifier: Apache-2.0
#include <tests/support/request_parser.hpp>

#include <strings.h>
#include <algorithm>
#include <stdexcept>

namespace berth::support {
namespace {

bool same(std::string_view left, std::string_view right) {
    return left.size() == right.size() && ::strncasecmp(left.data(), right.data(), left.size()) == 0;
}

}  // namespace

std::string Received::header(std::string_view name) const {
    for (const auto& [field, value] : headers) {
        if (same(field, name)) {
            return value;
        }
    }
    return {};
}

std::optional<Received> RequestParser::take_head() {
    const auto end = pending_.find("\r\n\r\n");
    if (end == std::string::npos) {
        return std::nullopt;
    }
    Received request;
    request.connection = connection_;
    request.raw = pending_.substr(0, end + 4);
    pending_.erase(0, end + 4);
    std::size_t begin = 0;
    for (;;) {
        const auto line_end = request.raw.find("\r\n", begin);
        const std::string line = request.raw.substr(begin, line_end - begin);
        begin = line_end + 2;
        if (line.empty()) {
            return request;
        }
        if (request.method.empty()) {
            const auto first = line.find(' ');
            const auto last = line.rfind(' ');
            if (first == std::string::npos || first == last) {
                throw std::runtime_error("no request line: " + line);
            }
            request.method = line.substr(0, first);
            request.target = line.substr(first + 1, last - first - 1);
            continue;
        }
        const auto colon = line.find(": ");
        if (colon == std::string::npos) {
            throw std::runtime_error("no header field: " + line);
        }
        request.headers.emplace_back(line.substr(0, colon), line.substr(colon + 2));
    }
}

bool RequestParser::take_body(Received& request) {
    const auto take = [&](std::size_t count) {
        std::string bytes = pending_.substr(0, count);
        pending_.erase(0, count);
        request.raw += bytes;
        return bytes;
    };
    if (!same(request.header("Transfer-Encoding"), "chunked")) {
        const std::string length = request.header("Content-Length");
        const std::size_t whole = length.empty() ? 0 : std::stoull(length);
        request.body += take(std::min(whole - request.body.size(), pending_.size()));
        request.body_complete = request.body.size() == whole;
        return request.body_complete;
    }
    while (!request.body_complete) {
        const auto line_end = pending_.find("\r\n");
        if (line_end == std::string::npos) {
            break;
        }
        const std::size_t size = std::stoull(pending_.substr(0, line_end), nullptr, 16);
        if (pending_.size() < line_end + 2 + size + 2) {
            break;
        }
        if (pending_.compare(line_end + 2 + size, 2, "\r\n") != 0) {
            throw std::runtime_error("a chunk does not end where its size says");
        }
        take(line_end + 2);
        request.body += take(size);
        take(2);
        request.body_complete = size == 0;
    }
    return request.body_complete;
}

}  // namespace berth::support

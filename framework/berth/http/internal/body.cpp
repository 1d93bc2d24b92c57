// SPDX-License-Identifier: Apache-2.0
#include <berth/http/internal/body.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace berth::http::internal {
namespace {

/// Digits of a length or a chunk size: far more than can be real, and no overflow in 64 bits.
constexpr std::size_t k_most_decimal_digits = 18;
constexpr std::size_t k_most_hex_digits = 15;
/// A chunk's size with its extensions, which nobody uses.
constexpr std::size_t k_longest_size_line = 1024;

std::optional<std::uint64_t> parse_number(std::string_view text, int base, std::size_t most_digits) {
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
    if (text.empty() || text.size() > most_digits || error != std::errc() || end != text.data() + text.size()) {
        return std::nullopt;
    }
    return number;
}

}  // namespace

Framing framing_of(const Request& request, const ParsedHead& answer, const Progress& progress) {
    const int status = answer.head.status;
    std::optional<std::string> length;
    std::optional<std::string> encoding;
    for (const auto& [name, value] : answer.head.headers.all()) {
        const bool is_length = same_name(name, "Content-Length");
        auto& place = is_length ? length : encoding;
        if (is_length || same_name(name, "Transfer-Encoding")) {
            if (place) {
                progress.nonsense(fmt::format("the answer is no valid HTTP: it has two {} fields", name));
            }
            place = value;
        }
    }
    if (length && encoding) {
        progress.nonsense("the answer is no valid HTTP: it has a Content-Length and a Transfer-Encoding");
    }
    if (request.method == "HEAD" || status == 204 || status == 304) {
        return {Framing::Kind::none, 0};
    }
    if (request.upgrade && (status == 101 || (status == 200 && !length && !encoding))) {
        return {Framing::Kind::raw, 0};
    }
    if (encoding) {
        if (!same_name(*encoding, "chunked")) {
            progress.nonsense(fmt::format("the answer has the unknown transfer encoding '{}'", *encoding));
        }
        return {Framing::Kind::chunked, 0};
    }
    if (length) {
        const auto number = parse_number(*length, 10, k_most_decimal_digits);
        if (!number) {
            progress.nonsense(fmt::format("the answer is no valid HTTP: '{}' is no Content-Length", *length));
        }
        return {Framing::Kind::length, *number};
    }
    return {Framing::Kind::closing, 0};
}

BodyReader::BodyReader(Inflow& in, Framing framing, std::size_t trailer_limit) noexcept
    : in_(&in), framing_(framing), trailer_limit_(trailer_limit), left_(framing.length) {}

void BodyReader::end(const Progress& progress) {
    ended_ = true;
    if (const auto surplus = in_->buffered(); !surplus.empty()) {
        progress.nonsense(fmt::format("the answer is longer than it says: {} more bytes came", surplus.size()),
                          surplus);
    }
}

std::size_t BodyReader::read(char* into, std::size_t size, const Progress& progress, const Deadline& deadline) {
    if (ended_) {
        return 0;
    }
    std::size_t count = 0;
    switch (framing_.kind) {
        case Framing::Kind::none:
            end(progress);
            break;
        case Framing::Kind::length:
            count = read_length(into, size, progress, deadline);
            break;
        case Framing::Kind::chunked:
            count = read_chunked(into, size, progress, deadline);
            break;
        case Framing::Kind::closing:
        case Framing::Kind::raw:
            count = in_->read(into, size, progress, deadline);
            ended_ = count == 0;
            break;
    }
    return count;
}

std::size_t BodyReader::read_length(char* into, std::size_t size, const Progress& progress, const Deadline& deadline) {
    if (left_ == 0) {
        end(progress);
        return 0;
    }
    const auto count =
        in_->read(into, static_cast<std::size_t>(std::min<std::uint64_t>(size, left_)), progress, deadline);
    if (count == 0) {
        progress.nonsense(fmt::format("the answer is incomplete: the connection was closed after {} of {} bytes",
                                      framing_.length - left_, framing_.length));
    }
    left_ -= count;
    return count;
}

std::size_t BodyReader::read_chunked(char* into, std::size_t size, const Progress& progress, const Deadline& deadline) {
    while (!ended_) {
        switch (next_) {
            case Next::size:
                read_chunk_size(progress, deadline);
                break;
            case Next::data: {
                const auto most = static_cast<std::size_t>(std::min<std::uint64_t>(size, left_));
                const auto count = in_->read(into, most, progress, deadline);
                if (count == 0) {
                    progress.nonsense("the answer is incomplete: the connection was closed inside a chunk");
                }
                left_ -= count;
                next_ = left_ == 0 ? Next::end_of_data : Next::data;
                return count;
            }
            case Next::end_of_data:
                read_end_of_chunk(progress, deadline);
                break;
            case Next::trailer:
                read_trailer(progress, deadline);
                break;
        }
    }
    return 0;
}

void BodyReader::read_chunk_size(const Progress& progress, const Deadline& deadline) {
    const auto line = in_->take_line(k_longest_size_line, progress, deadline);
    if (!line.complete) {
        progress.nonsense("the answer is incomplete: the connection was closed before the last chunk");
    }
    const auto digits = line.text.substr(0, line.text.find(';'));
    const auto number = parse_number(digits, 16, k_most_hex_digits);
    if (!number) {
        progress.nonsense("the answer is no valid HTTP: a chunk has no proper size", line.text);
    }
    left_ = *number;
    next_ = left_ == 0 ? Next::trailer : Next::data;
}

void BodyReader::read_end_of_chunk(const Progress& progress, const Deadline& deadline) {
    constexpr std::string_view k_line_end = "\r\n";
    for (;;) {
        const auto text = in_->buffered().substr(0, k_line_end.size());
        if (text != k_line_end.substr(0, text.size())) {
            progress.nonsense("the answer is no valid HTTP: a chunk does not end where its size says", in_->buffered());
        }
        if (text.size() == k_line_end.size()) {
            break;
        }
        if (!in_->fill(progress, deadline)) {
            progress.nonsense("the answer is incomplete: the connection was closed before the last chunk");
        }
    }
    in_->take(k_line_end.size());
    next_ = Next::size;
}

void BodyReader::read_trailer(const Progress& progress, const Deadline& deadline) {
    std::size_t bytes = 0;
    for (;;) {
        const auto line = in_->take_line(trailer_limit_, progress, deadline);
        if (!line.complete) {
            progress.nonsense("the answer is incomplete: the connection was closed before the end of the last chunk");
        }
        if (line.text.empty()) {
            end(progress);
            return;
        }
        parse_field(line.text, progress);
        bytes += line.text.size();
        if (bytes > trailer_limit_) {
            progress.broken(k_too_large,
                            fmt::format("the trailer of the answer is larger than {} bytes", trailer_limit_));
        }
    }
}

std::string BodyReader::read_all(std::size_t limit, const Progress& progress, const Deadline& deadline) {
    std::string body;
    if (framing_.kind == Framing::Kind::length) {
        if (left_ > limit) {
            progress.broken(k_too_large, fmt::format("the answer is larger than {} bytes", limit));
        }
        body.reserve(static_cast<std::size_t>(left_));
    }
    std::array<char, 32 * 1024> piece;
    while (const auto count = read(piece.data(), piece.size(), progress, deadline)) {
        if (body.size() + count > limit) {
            progress.broken(k_too_large, fmt::format("the answer is larger than {} bytes", limit));
        }
        body.append(piece.data(), count);
        // A peer that always has more never makes us wait, so the deadline is looked at here.
        deadline.throw_if_cancelled();
        if (deadline.passed()) {
            progress.timed_out();
        }
    }
    return body;
}

}  // namespace berth::http::internal

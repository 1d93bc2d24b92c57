// SPDX-License-Identifier: Apache-2.0
#include <berth/http/internal/inflow.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

namespace berth::http::internal {
namespace {

/// Room behind the longest piece, so that a read takes much at once.
constexpr std::size_t k_room = 64 * 1024;
/// From here on a read goes into the caller's memory without a copy in between.
constexpr std::size_t k_large = 16 * 1024;

}  // namespace

Inflow::Inflow(Wire& wire, std::size_t longest)
    : wire_(wire), capacity_(longest + k_room), buffer_(new char[capacity_]) {}

std::size_t Inflow::receive(char* into, std::size_t size, const Progress& progress, const Deadline& deadline) {
    const auto count = wire_.receive(into, size, progress, deadline);
    if (count == 0 && wire_.was_shut_down()) {
        progress.broken(k_connection_lost, "the stream was closed while it was read");
    }
    return count;
}

bool Inflow::fill(const Progress& progress, const Deadline& deadline) {
    if (begin_ == end_) {
        begin_ = end_ = 0;
    } else if (end_ == capacity_) {
        std::memmove(buffer_.get(), buffer_.get() + begin_, end_ - begin_);
        end_ -= begin_;
        begin_ = 0;
    }
    const auto count = receive(buffer_.get() + end_, capacity_ - end_, progress, deadline);
    end_ += count;
    return count > 0;
}

std::size_t Inflow::read(char* into, std::size_t size, const Progress& progress, const Deadline& deadline) {
    if (begin_ == end_) {
        if (size >= k_large) {
            return receive(into, size, progress, deadline);
        }
        if (!fill(progress, deadline)) {
            return 0;
        }
    }
    const auto count = std::min(size, end_ - begin_);
    std::memcpy(into, buffer_.get() + begin_, count);
    begin_ += count;
    return count;
}

Inflow::Line Inflow::take_line(std::size_t longest, const Progress& progress, const Deadline& deadline) {
    std::size_t searched = 0;
    for (;;) {
        const auto text = buffered();
        const auto feed = text.find('\n', searched);
        if (feed == 0 || (feed != std::string_view::npos && text[feed - 1] != '\r')) {
            progress.nonsense("the answer is no valid HTTP: a line ends without a carriage return", text);
        }
        if (feed != std::string_view::npos && feed - 1 <= longest) {
            take(feed + 1);
            return {true, text.substr(0, feed - 1)};
        }
        searched = text.size();
        if (searched > longest + 1) {
            progress.nonsense(fmt::format("the answer is no valid HTTP: a line is longer than {} bytes", longest),
                              text);
        }
        if (!fill(progress, deadline)) {
            return {};
        }
    }
}

}  // namespace berth::http::internal

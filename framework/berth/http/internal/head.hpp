// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/http/internal/inflow.hpp>

#include <string>
#include <string_view>

namespace berth::http::internal {

/// Whether two field names, or two tokens, are the same but for case.
bool same_name(std::string_view left, std::string_view right) noexcept;

/// Whether `token` stands in a comma-separated field (`Connection: close, Upgrade`).
bool has_token(std::string_view list, std::string_view token) noexcept;

/// The request's head as it is sent, with the fields that are ours to set.
/// @throws Error (BR0111) for a method, target or field that would not arrive as it is meant
std::string write_head(const Request& request, const Endpoint& endpoint);

struct ParsedHead {
    Head head{};
    bool http_1_0{false};
};

/// Reads the next head, and leaves what follows it in `in`. Moves `progress` on to `answering` with the first byte.
/// @throws BrokenExchange: BR0102 when nothing came, BR0104 cut short or no HTTP, BR0112 past `limit` bytes
ParsedHead read_head(Inflow& in, std::size_t limit, Progress& progress, const Deadline& deadline);

/// Checks one `Name: value` line (of a head or a trailer). @throws BrokenExchange (BR0104)
std::pair<std::string_view, std::string_view> parse_field(std::string_view line, const Progress& progress);

}  // namespace berth::http::internal

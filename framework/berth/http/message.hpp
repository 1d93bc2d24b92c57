// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace berth::http {

/// Header fields in order; names compare without case.
class Headers {
  public:
    void add(std::string name, std::string value);
    [[nodiscard]] std::optional<std::string> find(std::string_view name) const;
    [[nodiscard]] const std::vector<std::pair<std::string, std::string>>& all() const noexcept { return fields_; }

  private:
    std::vector<std::pair<std::string, std::string>> fields_;
};

/// Gives the next piece of a body that is sent as it comes; an empty piece is its proper end. An exception out of it
/// ends the connection without an end of the body, so that the peer cannot take a part for the whole.
using BodySource = std::function<std::string_view()>;

struct Request {
    std::string method{"GET"};
    std::string target{"/"};  ///< Path and query, percent-encoded (see encode_path, encode_query).
    Headers headers{};        ///< Host, Content-Length, Transfer-Encoding and Connection are ours to set.
    std::string body{};       ///< Sent with its length.
    BodySource source{};      ///< Instead of `body`: sent in chunks.
    bool upgrade{
        false};  ///< Ask for a raw two-way stream (`Connection: Upgrade`, `Upgrade: tcp`); 101 and 200 are taken.
};

struct Head {
    int status{0};
    std::string reason{};
    Headers headers{};
};

struct Response {
    Head head{};
    std::string body{};
};

/// A segment of a path: everything but unreserved characters percent-encoded; `/` too.
/// @throws Error (BR0111) when it has a control character
std::string encode_segment(std::string_view text);
/// The same, but `/` and `:` stay (image names).
std::string encode_path(std::string_view text);
/// `?a=b&c=d`, values encoded; empty for no parameters.
std::string encode_query(const std::vector<std::pair<std::string, std::string>>& parameters);

}  // namespace berth::http

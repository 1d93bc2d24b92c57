// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace berth::support {

/// A request as it came.
struct Received {
    std::string method{};
    std::string target{};
    std::vector<std::pair<std::string, std::string>> headers{};
    std::string body{};         ///< Without chunk sizes.
    std::string raw{};          ///< All of its bytes.
    std::size_t connection{0};  ///< 1 for the first one made.
    bool body_complete{false};  ///< It came to its proper end.

    /// Empty when there is none; names compare without case.
    [[nodiscard]] std::string header(std::string_view name) const;
    /// `POST /containers/create?name=x`.
    [[nodiscard]] std::string line() const { return method + " " + target; }
};

/// Cuts what a client sends into requests. For well-formed clients: a mistake in the framing throws std::runtime_error.
class RequestParser {
  public:
    explicit RequestParser(std::size_t connection) : connection_(connection) {}

    void feed(std::string_view bytes) { pending_ += bytes; }

    /// The next request whose head has come whole, if there is one; its body follows by take_body().
    std::optional<Received> take_head();
    /// Moves what has come of the body into `request`. @returns whether it is whole
    bool take_body(Received& request);

    /// After an upgrade nothing more is cut; bytes that came behind it.
    std::string take_rest() { return std::exchange(pending_, {}); }

  private:
    std::size_t connection_;
    std::string pending_;
};

}  // namespace berth::support

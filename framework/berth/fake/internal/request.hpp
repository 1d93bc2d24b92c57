// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/fake/engine.hpp>

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace berth::fake {

/// A request cut into what a call needs.
struct Asked {
    Request request{};
    std::string version{};  ///< `1.51`; empty when the path has none.
    std::string path{};     ///< Without version and query, still encoded.
    std::map<std::string, std::string> query{};
    std::string early{};  ///< Bytes that came behind the body; of an upgraded stream.
    bool body_complete{false};

    [[nodiscard]] std::string header(std::string_view name) const;
    [[nodiscard]] std::string parameter(const std::string& name) const;
    /// As Docker reads it: empty, 0, no, false and none are false, all else is true.
    [[nodiscard]] bool flag(const std::string& name) const;
    [[nodiscard]] bool wants_upgrade() const;
};

/// Reads requests off a connection, one after the other.
class RequestReader {
  public:
    /// Gives the next bytes; empty at the end.
    using More = std::function<std::string()>;
    explicit RequestReader(More more) : more_(std::move(more)) {}

    /// The next head; nothing at the end, or when what comes is no request.
    std::optional<Asked> head();
    /// The body, as far as it comes. Bytes behind it go to `early` when `asked` wants an upgrade.
    void body(Asked& asked);

  private:
    bool line(std::string& into, std::size_t& bytes);
    bool take(std::size_t count, std::string& into);
    bool chunk(Asked& asked);

    More more_;
    std::string pending_{};
};

/// `%41` becomes `A`; in a query `+` becomes a blank.
std::string decode(std::string_view text, bool query);

}  // namespace berth::fake

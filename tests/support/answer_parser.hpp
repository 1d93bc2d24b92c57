// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace berth::support {

/// An answer as it came.
struct Answered {
    int status{0};
    std::vector<std::pair<std::string, std::string>> headers{};
    std::string body{};   ///< Without chunk sizes; of a raw stream, its bytes. Its first MiB.
    std::string raw{};    ///< All of its bytes; the first MiB.
    std::size_t size{0};  ///< All of its bytes, also those that were not kept.
    bool whole{false};    ///< It came to its proper end.

    /// Empty when there is none; names compare without case.
    [[nodiscard]] std::string header(std::string_view name) const;
};

/// Follows one answer to its end, with any framing. What is no answer is never whole, and no error.
class AnswerParser {
  public:
    /// Of a request by this method: HEAD has no body.
    explicit AnswerParser(std::string method) : method_(std::move(method)) {}

    /// Bytes behind the end of the answer are left alone.
    void feed(std::string_view bytes);
    /// The connection has ended: an answer without a length is whole now.
    void end();

    [[nodiscard]] const Answered& answer() const noexcept { return answer_; }

  private:
    enum class At { head, sized, chunk_size, chunk, trailer, rest, over };
    /// @returns false when more has to come
    bool step();
    bool head();
    bool line(std::string& into);
    void keep(std::string_view bytes);

    std::string method_;
    Answered answer_{};
    std::string pending_{};
    At at_{At::head};
    std::size_t left_{0};  // of a body or chunk
};

/// A proper answer with its length.
std::string answer_text(int status, std::string_view body, std::string_view type = "application/json");

}  // namespace berth::support

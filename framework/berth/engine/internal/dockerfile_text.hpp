// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace berth::engine {

/// One instruction of a Dockerfile, its continued lines joined.
struct Instruction {
    std::string keyword{};             ///< In upper case.
    std::vector<std::string> words{};  ///< As written, quotes and all.
    std::size_t line{0};               ///< Where it begins, from 1.
    bool heredoc{false};
    std::string heredoc_name{};
};

/// A Dockerfile as a sequence of instructions: comments, continued lines, heredocs, `# escape=` and `# syntax=`.
class DockerfileText {
  public:
    explicit DockerfileText(std::string_view text);
    [[nodiscard]] const std::string& frontend() const noexcept { return frontend_; }
    /// @returns false at the end
    bool next(Instruction& instruction);

  private:
    bool line(std::string_view& line);
    void skip_heredocs(Instruction& instruction);

    std::string_view rest_;
    std::size_t number_{0};
    char escape_{'\\'};
    std::string frontend_;
};

/// `text` with `$NAME`, `${NAME}`, `${NAME:-word}`, `${NAME:+word}` and their forms without `:` replaced, and quotes
/// taken off; a variable that is not set is empty. Nothing for any other kind of expansion.
std::optional<std::string> substitute(std::string_view text, const std::map<std::string, std::string>& variables);

std::string lower_case(std::string_view text);

}  // namespace berth::engine

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace berth::archive {

/// The rules of a `.dockerignore` file. The last rule that matches a path, or a directory above it, decides.
///
/// A line is a rule: `*` and `?` stop at `/`, `[a-z]` and `[^a-z]` are classes, `\` takes the next character as it is,
/// and `**` stands for any number of directories, also none. `!` before a rule takes back in what an earlier one left
/// out. A `#` in the first column begins a comment; blanks around a rule, a `/` before it and `.` parts do not count.
class DockerIgnore {
  public:
    /// Leaves nothing out.
    DockerIgnore() = default;

    /// @param file where the text is from, for messages: `app/.dockerignore`
    /// @throws Error (BR0252) for a rule that is none, with its line
    static DockerIgnore parse(std::string_view text, const std::string& file);

    /// Whether a path of the context is left out: relative, `/` between its parts.
    [[nodiscard]] bool excludes(std::string_view path) const;

    /// Whether a rule with `!` could take back something below a directory that is left out. When none could, there is
    /// no need to look into it.
    [[nodiscard]] bool may_include_below(std::string_view directory) const;

  private:
    /// What one part of a rule matches.
    struct Token {
        enum class Kind {
            character,    ///< Itself.
            any,          ///< One character, not `/`.
            star,         ///< Any number of them.
            set,          ///< One of `ranges`.
            directories,  ///< Nothing, or anything up to and with a `/`.
            everything,
        };
        Kind kind{Kind::character};
        char32_t character{0};
        bool negated{false};
        std::vector<std::pair<char32_t, char32_t>> ranges{};
    };
    struct Rule {
        bool exception{false};
        std::vector<Token> tokens{};
    };
    /// Which tokens may come next, as a set over positions.
    class Walk;

    static std::vector<Token> compile(std::string_view pattern, const std::string& place);

    std::vector<Rule> rules_;
};

}  // namespace berth::archive

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/spec/given.hpp>

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace berth {

/// A text that knows where it was written. It may hold references (`${db.port}`) until they are known.
struct Text {
    std::string text{};
    Origin origin{};

    Text() = default;
    // NOLINTBEGIN(google-explicit-constructor): a literal stands for its text everywhere in a spec.
    Text(std::string written, Caller caller = BERTH_CALLER) : text(std::move(written)), origin(caller.origin()) {}
    Text(const char* written, Caller caller = BERTH_CALLER) : text(written), origin(caller.origin()) {}
    // NOLINTEND(google-explicit-constructor)
    Text(std::string written, Origin place) : text(std::move(written)), origin(place) {}

    friend bool operator==(const Text&, const Text&) = default;
};

/// An argument vector, or any list of texts.
using Words = std::vector<Text>;

/// A shell line (run by `/bin/sh -c`) or an argument vector; which one is decided by how it is written.
struct ShellOrArgv {
    using value_type = Text;  // so that `.command = {"redis-cli", "ping"}` is an argument vector

    bool shell{false};
    Words words{};  ///< One word, the line, when `shell`.

    ShellOrArgv() = default;
    // NOLINTBEGIN(google-explicit-constructor): in a spec it is written as its value is.
    ShellOrArgv(const char* line, Caller caller = BERTH_CALLER) : shell(true), words{Text(line, caller)} {}
    ShellOrArgv(Text line) : shell(true), words{std::move(line)} {}
    ShellOrArgv(Words argv) : words(std::move(argv)) {}
    ShellOrArgv(std::initializer_list<Text> argv) : words(argv) {}
    // NOLINTEND(google-explicit-constructor)

    /// What to execute: `{"/bin/sh", "-c", line}` or the argument vector.
    [[nodiscard]] std::vector<std::string> argv() const;

    friend bool operator==(const ShellOrArgv&, const ShellOrArgv&) = default;
};

/// The value of an environment variable, label or the like; no text means: pass the caller's own, or leave it out.
struct Value {
    std::optional<std::string> text{};
    bool reset{false};  ///< Takes away what it would be merged with (`!reset`).
    Origin origin{};

    Value() = default;
    // NOLINTBEGIN(google-explicit-constructor): in a spec it is written as its value is.
    Value(std::string written, Caller caller = BERTH_CALLER) : text(std::move(written)), origin(caller.origin()) {}
    Value(const char* written, Caller caller = BERTH_CALLER) : text(written), origin(caller.origin()) {}
    // NOLINTEND(google-explicit-constructor)
    Value(std::optional<std::string> written, Origin place) : text(std::move(written)), origin(place) {}

    friend bool operator==(const Value&, const Value&) = default;
};

using KeyValues = std::map<std::string, Value>;

}  // namespace berth

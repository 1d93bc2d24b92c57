// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/engine/engine.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace berth::engine {

/// A value of an engine's answer, read strictly: another type than the one asked for is an error that names the key
/// (`State.Health.Log[0].ExitCode`). Engines leave members out or send null for the same thing: both are "absent".
///
/// The parser's own types stay in json.cpp, which alone pays for its header.
class Json {
  public:
    /// @param about of the exchange: purpose as summary, operation, endpoint; every error from this value carries them
    /// @throws ExchangeFailed (BR0104) when `text` is no JSON, or nested deeper than any engine nests
    static Json parse(std::string_view text, const ErrorFacts& about);

    [[nodiscard]] bool absent() const noexcept;
    /// The member of that name; absent when there is none, or when this is absent itself.
    [[nodiscard]] Json at(std::string_view key) const;
    [[nodiscard]] bool is_text() const noexcept;

    // Each is empty, false or `fallback` when absent.
    [[nodiscard]] std::string text() const;
    [[nodiscard]] bool flag() const;
    [[nodiscard]] std::int64_t number(std::int64_t fallback = 0) const;
    /// number() that has to fit.
    [[nodiscard]] int small_number(int fallback = 0) const;
    [[nodiscard]] std::vector<Json> items() const;
    [[nodiscard]] std::vector<std::string> texts() const;
    [[nodiscard]] std::vector<std::pair<std::string, Json>> members() const;
    [[nodiscard]] Labels labels() const;

    /// @throws ExchangeFailed (BR0104) when absent or empty
    [[nodiscard]] std::string required_text() const;

  private:
    struct Document;
    Json(std::shared_ptr<const Document> document, const void* value, std::string place)
        : document_(std::move(document)), value_(value), place_(std::move(place)) {}
    [[noreturn]] void wrong(std::string_view wanted) const;

    std::shared_ptr<const Document> document_;
    const void* value_;  // null: absent
    std::string place_;
};

/// Cuts a stream of JSON objects (pull, load, events) into its objects: separated by line ends or by nothing, and split
/// anywhere by the network.
class JsonSplitter {
  public:
    explicit JsonSplitter(ErrorFacts about) : about_(std::move(about)) {}

    void feed(std::string_view bytes);
    /// The next whole object. @returns false when there is none yet
    /// @throws ExchangeFailed BR0104 on anything but an object, BR0112 on one past 1 MiB
    bool next(std::string& object);
    /// The stream ended. @throws ExchangeFailed (BR0104) in the middle of an object
    void finish() const;

  private:
    ErrorFacts about_;
    std::string pending_;
    std::size_t scanned_{0};
    int depth_{0};
    bool in_text_{false};
    bool escaped_{false};
};

/// The first bytes of a text from outside, fit for a message: no control characters, no line ends, at most `size`
/// bytes.
std::string excerpt(std::string_view text, std::size_t size = 200);

}  // namespace berth::engine

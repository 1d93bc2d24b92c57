// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/core/origin.hpp>

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

namespace berth {

/// How a member of a spec came to its value.
enum class Presence : std::uint8_t {
    absent,      ///< Not written: the default counts, or what a fixture brings.
    given,       ///< Written; merges with what a fixture brings as the key's rule says.
    overridden,  ///< Written with `!override`: replaces what a fixture brings.
    reset        ///< Written with `!reset`: as if neither spec nor fixture had it.
};

namespace detail {
template <class T, class = void>
struct Element {
    struct type {};  // no container: a list in braces never fits
};
template <class T>
struct Element<T, std::void_t<typename T::value_type>> {
    using type = typename T::value_type;
};
template <>
struct Element<std::string, void> {
    struct type {};  // a text in braces is a text, not a list of characters
};
}  // namespace detail

/// A member of a spec that knows whether it was written, how, and where. Absent, an explicit default and an empty list
/// are three different things, also for comparison; the place takes no part in it.
///
/// In C++ it is written like the value itself (`.image = "redis:7"`), and remembers the caller's file and line.
template <class T>
class Given {
  public:
    using value_type = T;

    Given() = default;

    // NOLINTNEXTLINE(google-explicit-constructor): `.tty = true` is the point of this class.
    Given(T value, Caller caller = BERTH_CALLER)
        : value_(std::move(value)), presence_(Presence::given), origin_(caller.origin()) {}

    /// From what T can be made of: a literal for a string, an enumerator for an optional one.
    template <class U, std::enable_if_t<!std::is_same_v<std::remove_cv_t<std::remove_reference_t<U>>, Given> &&
                                            !std::is_same_v<std::remove_cv_t<std::remove_reference_t<U>>, T> &&
                                            std::is_convertible_v<U&&, T>,
                                        int> = 0>
    Given(U&& value, Caller caller = BERTH_CALLER)
        : value_(std::forward<U>(value)), presence_(Presence::given), origin_(caller.origin()) {}

    /// `.ports = {6379, 6380}`.
    Given(std::initializer_list<typename detail::Element<T>::type> items, Caller caller = BERTH_CALLER)
        : value_(items), presence_(Presence::given), origin_(caller.origin()) {}

    /// As a reader makes it, with a place and a presence of its own.
    static Given read(T value, Origin origin, Presence presence = Presence::given) {
        Given result;
        result.value_ = std::move(value);
        result.presence_ = presence;
        result.origin_ = origin;
        return result;
    }

    [[nodiscard]] bool given() const noexcept {
        return presence_ == Presence::given || presence_ == Presence::overridden;
    }
    explicit operator bool() const = delete;  // `if (spec.tty)` would ask the wrong question
    [[nodiscard]] Presence presence() const noexcept { return presence_; }
    [[nodiscard]] const Origin& origin() const noexcept { return origin_; }

    /// The value; a default-made T when it was not given.
    [[nodiscard]] const T& value() const noexcept { return value_; }
    [[nodiscard]] const T& operator*() const noexcept { return value_; }
    [[nodiscard]] const T* operator->() const noexcept { return &value_; }
    [[nodiscard]] T value_or(T fallback) const { return given() ? value_ : std::move(fallback); }

    /// The value for changing; makes the member given.
    T& edit(Caller caller = BERTH_CALLER) {
        if (!given()) {
            *this = Given(T{}, caller);
        }
        return value_;
    }

    friend bool operator==(const Given& left, const Given& right) {
        return left.presence_ == right.presence_ && left.value_ == right.value_;
    }

  private:
    T value_{};
    Presence presence_{Presence::absent};
    Origin origin_{};
};

/// As if neither the spec nor its fixture had the key (`!reset` in YAML).
template <class T>
Given<T> reset_given(Caller caller = BERTH_CALLER) {
    return Given<T>::read(T{}, caller.origin(), Presence::reset);
}

/// Replaces what a fixture brings instead of merging with it (`!override` in YAML).
template <class T>
Given<T> override_given(T value, Caller caller = BERTH_CALLER) {
    return Given<T>::read(std::move(value), caller.origin(), Presence::overridden);
}

}  // namespace berth

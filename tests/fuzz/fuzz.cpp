// SPDX-License-Identifier: Apache-2.0
#include <berth/core/redaction.hpp>
#include <tests/fuzz/fuzz.hpp>

#include <cstdio>
#include <cstdlib>

namespace berth::fuzz {

std::uint8_t Input::byte() noexcept {
    if (left_.empty()) {
        return 0;
    }
    const auto value = static_cast<std::uint8_t>(left_.front());
    left_.remove_prefix(1);
    return value;
}

std::string_view Input::line() noexcept {
    const auto end = left_.find('\n');
    const auto text = left_.substr(0, end);
    left_.remove_prefix(end == std::string_view::npos ? left_.size() : end + 1);
    return text;
}

void finding(const std::string& what) {
    std::fprintf(stderr, "finding: %s\n", what.c_str());
    std::abort();
}

void check_equal(std::string_view left, std::string_view right, const char* what) {
    if (left != right) {
        finding(std::string(what) + "\n  '" + escape_controls(left) + "'\n  '" + escape_controls(right) + "'");
    }
}

void check_printable(std::string_view text) {
    if (escape_controls(text) != text) {
        finding("a message would drive a terminal:\n" + escape_controls(text));
    }
}

std::string code_of(const std::function<void()>& action) {
    try {
        action();
    } catch (const Error& error) {
        check_printable(error.what());
        check(!error.code().empty(), "an error has no code");
        return error.code();
    }
    return {};
}

}  // namespace berth::fuzz

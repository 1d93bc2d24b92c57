// SPDX-License-Identifier: Apache-2.0
#include <berth/core/digest.hpp>
#include <berth/core/names.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

namespace berth {
namespace {

constexpr std::size_t k_longest_project = 40;

bool is_alnum(char c) noexcept {
    return std::isalnum(static_cast<unsigned char>(c)) != 0;
}

template <class Allowed>
bool made_of(std::string_view text, Allowed allowed) noexcept {
    return std::all_of(text.begin(), text.end(), allowed);
}

}  // namespace

RunId new_run_id(std::string project) {
    return {std::move(project), random_hex(8)};
}

std::string container_name(const RunId& run, int number, std::string_view service) {
    return fmt::format("berth-{}-{}-{}", run.random, number, service);
}

std::string object_name(const RunId& run, std::string_view key) {
    return fmt::format("berth-{}-{}", run.random, key);
}

std::string project_name_from(std::string_view directory) {
    std::string name;
    for (const char c : directory) {
        const auto lower = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
        const bool fine =
            (lower >= 'a' && lower <= 'z') || (lower >= '0' && lower <= '9') || lower == '_' || lower == '-';
        if (fine && !(name.empty() && (lower == '_' || lower == '-'))) {
            name += lower;
        } else if (!name.empty() && name.back() != '-') {
            name += '-';
        }
    }
    name.resize(std::min(name.size(), k_longest_project));
    while (!name.empty() && name.back() == '-') {
        name.pop_back();
    }
    return name.empty() ? "berth" : name;
}

std::string variable_part(std::string_view name) {
    std::string part;
    for (const char c : name) {
        part += is_alnum(c) ? static_cast<char>(std::toupper(static_cast<unsigned char>(c))) : '_';
    }
    return part;
}

bool is_name(std::string_view text) noexcept {
    return !text.empty() && text.size() <= 63 && is_alnum(text.front()) &&
           made_of(text, [](char c) { return is_alnum(c) || c == '.' || c == '_' || c == '-'; });
}

bool is_project_name(std::string_view text) noexcept {
    const auto lower_or_digit = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
    return !text.empty() && text.size() <= k_longest_project && lower_or_digit(text.front()) &&
           made_of(text, [&](char c) { return lower_or_digit(c) || c == '_' || c == '-'; });
}

bool is_variable_name(std::string_view text) noexcept {
    return !text.empty() && (is_alnum(text.front()) || text.front() == '_') &&
           std::isdigit(static_cast<unsigned char>(text.front())) == 0 &&
           made_of(text, [](char c) { return is_alnum(c) || c == '_'; });
}

bool is_host_name(std::string_view text) noexcept {
    if (text.empty() || text.size() > 253) {
        return false;
    }
    while (true) {
        const auto dot = text.find('.');
        const auto label = text.substr(0, dot);
        if (label.empty() || label.size() > 63 || label.front() == '-' || label.back() == '-' ||
            !made_of(label, [](char c) { return is_alnum(c) || c == '-'; })) {
            return false;
        }
        if (dot == std::string_view::npos) {
            return true;
        }
        text.remove_prefix(dot + 1);
    }
}

std::string_view short_id(std::string_view id) noexcept {
    return id.substr(0, 12);
}

}  // namespace berth

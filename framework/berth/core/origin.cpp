// SPDX-License-Identifier: Apache-2.0
#include <berth/core/origin.hpp>

#include <cstring>
#include <mutex>
#include <set>
#include <tuple>

namespace berth {

const char* intern_file_name(std::string_view name) {
    // Never destroyed: origins are read by destructors of static objects too.
    static auto& mutex = *new std::mutex;
    static auto& names = *new std::set<std::string, std::less<>>;
    const std::lock_guard lock(mutex);
    auto found = names.find(name);
    if (found == names.end()) {
        found = names.emplace(name).first;
    }
    return found->c_str();
}

std::string to_string(const Origin& origin) {
    std::string text = origin.file;
    for (const int number : {origin.line, origin.column}) {
        if (number <= 0 || text.empty()) {
            break;
        }
        text += ':' + std::to_string(number);
    }
    return text;
}

bool same_place(const Origin& left, const Origin& right) noexcept {
    return left.line == right.line && left.column == right.column && std::strcmp(left.file, right.file) == 0;
}

bool stands_before(const Origin& left, const Origin& right) noexcept {
    if (const int order = std::strcmp(left.file, right.file); order != 0) {
        return order < 0;
    }
    return std::tie(left.line, left.column) < std::tie(right.line, right.column);
}

}  // namespace berth

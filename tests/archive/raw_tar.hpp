// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <string>
#include <string_view>

namespace berth::support {

/// Writes ustar headers byte by byte: a tar as no decent tool would make it.
class RawTar {
  public:
    struct Entry {
        std::string name{};
        char type{'0'};
        std::string content{};
        std::string link{};
        unsigned mode{0644};
        std::uint64_t claimed_size{0};  ///< In the header, when it is not the content's.
    };

    RawTar& add(const Entry& entry) {
        constexpr std::size_t k_block = 512;
        std::array<char, k_block> head{};
        const auto put = [&](std::size_t at, std::size_t size, std::string_view text) {
            std::memcpy(head.data() + at, text.data(), std::min(size, text.size()));
        };
        const auto number = [&](std::size_t at, std::size_t size, std::uint64_t value) {
            std::string digits(size - 1, '0');
            for (std::size_t i = digits.size(); i-- > 0; value >>= 3U) {
                digits[i] = static_cast<char>('0' + (value & 7U));
            }
            put(at, size, digits);
        };
        put(0, 100, entry.name);
        number(100, 8, entry.mode);
        number(108, 8, 0);
        number(116, 8, 0);
        number(124, 12, entry.claimed_size != 0 ? entry.claimed_size : entry.content.size());
        number(136, 12, 0);
        put(148, 8, "        ");
        head[156] = entry.type;
        put(157, 100, entry.link);
        put(257, 8,
            std::string_view("ustar\0"
                             "00",
                             8));
        number(329, 8, 1);
        number(337, 8, 3);
        std::uint64_t sum = 0;
        for (const char c : head) {
            sum += static_cast<unsigned char>(c);
        }
        number(148, 7, sum);
        head[154] = '\0';
        head[155] = ' ';
        bytes_.append(head.data(), head.size());
        bytes_ += entry.content;
        bytes_.append((k_block - bytes_.size() % k_block) % k_block, '\0');
        return *this;
    }

    [[nodiscard]] std::string bytes() const { return bytes_ + std::string(1024, '\0'); }

  private:
    std::string bytes_{};
};

}  // namespace berth::support

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace berth {

/// SHA-256 of `bytes`, 64 lower-case hex digits.
std::string sha256_hex(std::string_view bytes);

/// Standard base64 with padding.
std::string base64(std::string_view bytes);

/// base64url with padding, as the Engine API wants in `X-Registry-Auth`.
std::string base64_url(std::string_view bytes);

/// The bytes behind standard or url base64, padding optional; nothing when the text is neither.
bool decode_base64(std::string_view text, std::string& bytes);

/// `digits` random lower-case hex digits from the kernel's generator.
std::string random_hex(std::size_t digits);

}  // namespace berth

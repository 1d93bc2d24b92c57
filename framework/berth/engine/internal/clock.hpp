// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace berth::engine {

/// The engine's clock by the Date of an answer (`Tue, 24 Nov 2026 14:41:00 GMT`), in Unix seconds.
std::optional<std::int64_t> time_of_date(const std::string& date);

}  // namespace berth::engine

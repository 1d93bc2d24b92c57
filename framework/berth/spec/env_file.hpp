// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/core/diagnostic.hpp>
#include <berth/spec/template.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace berth {

/// One variable of an env file.
struct EnvFileVariable {
    std::string name{};
    std::optional<std::string> value{};  ///< None: the bare name was written, the caller's own value is meant.
    int line{0};
};

struct EnvFileContents {
    std::vector<EnvFileVariable> variables{};  ///< In the order of the file; a later one of a name counts.
    std::vector<Diagnostic> diagnostics{};     ///< BE0416, each at its line of the file.
};

/// Reads `text` as compose reads `.env` files: `NAME=value`, `NAME: value`, `export NAME=value`, comments behind `#`,
/// 'single quotes' literal, "double quotes" with escapes, values over several lines inside quotes. `$NAME` and
/// `${NAME…}` are replaced outside single quotes, by earlier lines first, then by `lookup`; unset ones become empty.
/// @param file its name in messages and places
EnvFileContents parse_env_file(std::string_view text, std::string_view file, const VariableLookup& lookup);

/// The same for `format: raw`: each line is `NAME=value` or `NAME`, and the value is all that stands behind the `=`.
EnvFileContents parse_raw_env_file(std::string_view text, std::string_view file);

}  // namespace berth

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace berth {

/// From now on `value` is masked by redact(), for the life of the process. Values of fewer than 4 characters are not
/// kept: masking them would blacken ordinary text. Safe from any thread.
void remember_secret(std::string_view value);

/// `text` with every remembered secret (also percent-encoded and base64) and the user-info of URLs replaced by `***`.
std::string redact(std::string_view text);

/// Whether a variable of this name holds a secret by the look of it (PASS, SECRET, TOKEN, KEY, CREDENTIAL, DSN).
bool looks_secret(std::string_view variable_name) noexcept;

/// Control characters (but newline and tab), ESC, DEL and bidirectional marks shown as `\x1b`, `\u202e`, so that text
/// from a container cannot drive a terminal.
std::string escape_controls(std::string_view text);
/// The same, and newline and tab as `\n` and `\t`: for a text that is to stay on its line.
std::string escape_line(std::string_view text);

}  // namespace berth

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace berth::cli {

/// A value as it stands behind `NAME=` in a .env file, so that a POSIX shell that sources the file and the usual .env
/// readers read the same: bare when it holds nothing special, else in single quotes; in double quotes with `\"`, `\\`,
/// `\$` and `` \` `` when it holds a single quote itself. Line ends stay line ends inside the quotes.
std::string dotenv_value(std::string_view value);

/// One `NAME=value` line each, in the order of the names.
std::string dotenv_text(const std::map<std::string, std::string>& variables);

}  // namespace berth::cli

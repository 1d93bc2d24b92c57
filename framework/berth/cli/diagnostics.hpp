// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/core/diagnostic.hpp>

#include <string>
#include <vector>

namespace berth::cli {

/// An array of `{code, slug, severity, message, file, range, path, labels, help, fix}`; lines and columns count from 1,
/// offsets are bytes from the start of the file (null where the file is not known).
std::string diagnostics_json(const std::vector<Diagnostic>& diagnostics, const SourceTexts& sources);

/// Workflow commands, a line each: `::error file=berth.yaml,line=3,col=5,title=BE0201::…`.
std::string diagnostics_github(const std::vector<Diagnostic>& diagnostics);

}  // namespace berth::cli

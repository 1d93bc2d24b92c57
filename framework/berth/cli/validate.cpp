// SPDX-License-Identifier: Apache-2.0
#include <berth/cli/diagnostics.hpp>
#include <berth/cli/loading.hpp>
#include <berth/cli/verbs.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace berth::cli {

int validate(Context& context) {
    const Loaded loaded = read_and_check(context);
    const auto& found = loaded.diagnostics;
    switch (context.own().format.value_or(Format::text)) {
        case Format::json:
            context.print(diagnostics_json(found, loaded.sources));
            break;
        case Format::github:
            context.print(diagnostics_github(found));
            break;
        case Format::brief:
            context.print(render_short(found));
            break;
        default:
            if (found.empty()) {
                context.print(
                    fmt::format("{}: no mistakes, {}\n", loaded.path, counted(loaded.spec.services.size(), "service")));
            } else {
                context.print(render_text(found, loaded.sources, context.out_colour(), context.global().max_errors));
            }
            break;
    }
    const bool warned = std::any_of(found.begin(), found.end(),
                                    [](const Diagnostic& one) { return one.severity == Severity::warning; });
    return has_errors(found) || (warned && context.global().werror) ? k_bad_spec : k_done;
}

}  // namespace berth::cli

// SPDX-License-Identifier: Apache-2.0
#include <berth/cli/loading.hpp>
#include <berth/core/error.hpp>
#include <berth/spec/defaults.hpp>
#include <berth/yaml/compose.hpp>
#include <berth/yaml/reader.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace berth::cli {

ReadOptions read_options(const Context& context) {
    const GlobalOptions& global = context.global();
    ReadOptions options;
    for (const auto& setting : global.set) {
        const auto equals = setting.find('=');
        options.set[setting.substr(0, equals)] = setting.substr(equals + 1);
    }
    options.env_files = global.env_files;
    options.compose = global.compose;
    options.overlays = global.overlays;
    options.keep_restart = global.keep_restart;
    return options;
}

bool names_a_spec(const GlobalOptions& global) {
    return !global.files.empty() || !global.compose.empty();
}

Loaded read_and_check(const Context& context) {
    const GlobalOptions& global = context.global();
    Loaded loaded;
    // A compose file is an environment of its own, unless a spec is named to go over it.
    const bool compose_alone = global.files.empty() && !global.compose.empty();
    if (compose_alone) {
        loaded.path = global.compose.front();
    } else if (!global.files.empty()) {
        loaded.path = global.files.front();
    } else {
        loaded.path = find_spec_file(context.directory());
        if (loaded.path.empty()) {
            throw Exit(k_bad_spec, fmt::format("no 'berth.yaml' in '{}' or a folder above\n  hint: name a spec with "
                                               "'-f FILE', or by the variable BERTH_FILE",
                                               context.directory()));
        }
        // Messages name a file as short as a person would.
        const std::string here = context.directory() + '/';
        if (loaded.path.rfind(here, 0) == 0) {
            loaded.path.erase(0, here.size());
        }
    }
    std::vector<std::string> paths{loaded.path};
    if (global.files.size() > 1) {
        paths.insert(paths.end(), global.files.begin() + 1, global.files.end());
    }
    ComposeOptions how;
    how.keep_restart = global.keep_restart;
    ReadResult result = compose_alone ? try_read_compose(global.compose, how, read_options(context))
                                      : try_read_spec(paths, read_options(context));
    loaded.diagnostics = check_spec(result, {.profiles = global.profiles, .services = {}});
    loaded.not_yet = std::move(result.not_yet);
    loaded.spec = std::move(result.spec);
    loaded.sources = std::move(result.sources);
    return loaded;
}

Loaded load(const Context& context, Notes notes) {
    Loaded loaded = read_and_check(context);
    loaded.diagnostics.insert(loaded.diagnostics.end(), loaded.not_yet.begin(), loaded.not_yet.end());
    sort_diagnostics(loaded.diagnostics);
    const bool warned = std::any_of(loaded.diagnostics.begin(), loaded.diagnostics.end(),
                                    [](const Diagnostic& one) { return one.severity == Severity::warning; });
    if (has_errors(loaded.diagnostics) || (warned && context.global().werror)) {
        throw InvalidSpec(loaded.diagnostics, loaded.sources);
    }
    if (warned || (notes == Notes::always && !loaded.diagnostics.empty())) {
        context.say(render_text(loaded.diagnostics, loaded.sources, context.err_colour(), context.global().max_errors));
    }
    return loaded;
}

std::string project_of(const Context& context, const EnvironmentSpec& spec) {
    return context.global().project.value_or(project_name(spec));
}

void apply_publish(const Context& context, EnvironmentSpec& spec) {
    if (context.global().publish != When::never) {
        return;
    }
    for (auto& service : spec.services) {
        if (!service.publish.given()) {
            service.publish = Publish::never;
        }
    }
}

}  // namespace berth::cli

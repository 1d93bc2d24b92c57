// SPDX-License-Identifier: Apache-2.0
#include <berth/cli/bringing_up.hpp>
#include <berth/cli/dotenv.hpp>
#include <berth/cli/loading.hpp>
#include <berth/cli/project.hpp>
#include <berth/cli/running.hpp>
#include <berth/cli/verbs.hpp>
#include <berth/core/error.hpp>
#include <berth/report/run_folder.hpp>
#include <berth/report/timeline.hpp>
#include <berth/spec/defaults.hpp>
#include <berth/spec/validation.hpp>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <optional>

namespace berth::cli {
namespace {

void print_exports(const Context& context, const std::map<std::string, std::string>& exports) {
    switch (context.own().print) {
        case Print::none:
            return;
        case Print::env:
            context.print(dotenv_text(exports));
            return;
        case Print::json:
            context.print(nlohmann::json(exports).dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + '\n');
            return;
    }
}

std::string label_of(const Labels& labels, const char* key) {
    const auto found = labels.find(key);
    return found == labels.end() ? std::string() : found->second;
}

/// Why what an earlier `up` made is not what is asked for now; empty when it is.
std::string difference(const EnvironmentSpec& wanted, const std::vector<ContainerSummary>& there) {
    for (const auto& service : wanted.services) {
        const auto found = std::find_if(there.begin(), there.end(), [&](const ContainerSummary& container) {
            return label_of(container.labels, "berth.service") == *service.name;
        });
        if (found == there.end()) {
            return fmt::format("service '{}' is not among it", *service.name);
        }
        if (label_of(found->labels, "berth.spec") != spec_hash(service)) {
            return fmt::format("service '{}' was changed in the spec since", *service.name);
        }
        if (found->status != "running" && !is_one_shot(wanted, service)) {
            return fmt::format("service '{}' does not run any more ({})", *service.name, found->status);
        }
    }
    return {};
}

/// The exports of an earlier `up` that is what is asked for now; nothing when nothing is up.
/// @throws Exit (75) when something else of the project is up
std::optional<StateFile> up_already(const Context& context, const EnvironmentSpec& wanted, const Engine& engine,
                                    const std::string& project) {
    const auto there = engine.containers().list({.all = true, .labels = labels_of_up(project)},
                                                context.deadline().sooner(k_call_patience));
    if (there.empty()) {
        return std::nullopt;
    }
    std::string why = difference(wanted, there);
    if (why.empty()) {
        std::optional<StateFile> state = state_here(context);
        if (state && state->project == project && state->run_id == label_of(there.front().labels, "berth.run")) {
            return state;
        }
        why = fmt::format("it was brought up from another folder than '{}'", context.directory());
    }
    throw Exit(k_not_up, fmt::format("project '{}' is up already, from an earlier 'berth up' ({}), and {}\n"
                                     "  hint: 'berth down' removes that; '--project NAME' brings up another beside it",
                                     project, counted(there.size(), "container"), why));
}

/// Another project's state is about to be overwritten in this folder.
void tell_of_other_project(const Context& context, const std::string& project) {
    std::optional<StateFile> state;
    try {
        state = read_state_file(context.directory() + "/.berth/state.json");
    } catch (const Error&) {
        return;  // none, or none that tells anything
    }
    if (state->project != project) {
        context.warn(
            fmt::format("note: '.berth/state.json' was of project '{}' and is now of '{}'; 'berth down --project {}' "
                        "still removes what is up of that\n",
                        state->project, project, state->project));
    }
}

}  // namespace

int up(Context& context) {
    Loaded loaded = load(context);
    apply_publish(context, loaded.spec);
    const std::string project = project_of(context, loaded.spec);
    const EnvironmentSpec wanted =
        active_part(loaded.spec, {.profiles = context.global().profiles, .services = context.own().services});
    const Engine engine = context.connect();
    if (const auto state = up_already(context, wanted, engine, project)) {
        context.say(fmt::format("project '{}' is up already, since {}\n", project, state->started));
        print_exports(context, state->exports);
        return k_done;
    }

    context.signals().say_when_leaving(text_when_leaving(project));
    ProgressDisplay display(context.progress_style(), context.err_colour());
    const LogsAbove logs(display);
    UpOptions options = up_options(context, engine, display);
    options.services = context.own().services;
    options.keep_on_failure = context.own().keep;
    options.outlives_process = true;
    options.publish_always = context.global().publish != When::never;
    Environment environment = berth::up(loaded.spec, options, context.deadline());
    try {
        context.deadline().throw_if_cancelled();
        tell_of_other_project(context, project);
        write_private_file(environment.folder() + "/timeline.json", timeline_json(environment.timeline()));
        write_project_files(context, environment.state_json(), environment.exports());
    } catch (...) {
        environment.down();
        throw;
    }
    environment.release();
    display.finish();
    context.say(timeline_of(environment, context.err_screen().columns));
    print_exports(context, environment.exports());
    return k_done;
}

}  // namespace berth::cli

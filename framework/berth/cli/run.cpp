// SPDX-License-Identifier: Apache-2.0
#include <berth/cli/bringing_up.hpp>
#include <berth/cli/command.hpp>
#include <berth/cli/loading.hpp>
#include <berth/cli/verbs.hpp>
#include <berth/core/error.hpp>
#include <berth/core/units.hpp>
#include <berth/report/run_folder.hpp>

#include <fmt/format.h>

#include <chrono>
#include <optional>

namespace berth::cli {
namespace {

KeepWhat keep_of(const Context& context, const EnvironmentSpec& spec) {
    if (context.own().keep_when) {
        return *context.own().keep_when;
    }
    const Keep keep = spec.isolation.given() ? spec.isolation->keep.value_or(Keep::never) : Keep::never;
    return keep == Keep::always ? KeepWhat::always : keep == Keep::on_failure ? KeepWhat::on_failure : KeepWhat::never;
}

std::string from_base(const EnvironmentSpec& spec, const std::string& path) {
    return path.empty() || path.front() == '/' || spec.base.directory.empty() ? path : spec.base.directory + '/' + path;
}

/// What is known of the command before anything is up: enough to say that it does not exist.
Command command_of(const Context& context, const EnvironmentSpec& spec) {
    Command command;
    command.argv = context.own().command;
    if (!spec.run.given()) {
        return command;
    }
    if (command.argv.empty()) {
        for (const auto& word : *spec.run->command) {
            command.argv.push_back(word.text);
        }
    }
    command.working_dir = from_base(spec, spec.run->working_dir.value());
    if (spec.run->timeout.given()) {
        command.timeout = *spec.run->timeout;
    }
    return command;
}

/// What is known once the environment is up: where its services are.
void complete(Command& command, const Context& context, const Environment& environment) {
    command.variables = environment.variables();
    const EnvironmentSpec& spec = environment.spec();
    if (!spec.run.given()) {
        return;
    }
    if (context.own().command.empty()) {
        command.argv.clear();
        for (const auto& word : *spec.run->command) {
            command.argv.push_back(environment.resolve(word));
        }
    }
    for (const auto& [name, value] : *spec.run->environment) {
        if (value.text) {
            command.variables[name] = environment.resolve(Text(*value.text, value.origin));
        }
    }
}

/// Whose exit code it was, for whoever reads the run folder.
class Result {
  public:
    void in(std::string folder) { folder_ = std::move(folder); }
    void write(const char* by, int status) const {
        if (folder_.empty()) {
            return;
        }
        write_private_file(folder_ + "/result.json", fmt::format("{{\"by\": \"{}\", \"status\": {}}}\n", by, status));
    }

  private:
    std::string folder_;
};

/// Removes the environment, or says how to remove it later.
/// @returns 0, or the code of what went wrong
int end(const Context& context, Environment& environment, bool keep, const std::string& project) {
    if (keep) {
        environment.release();
        context.warn(
            fmt::format("kept: what is up of project '{0}' (run '{1}', files in '{2}')\n"
                        "  look:      BERTH_STATE={2}/state.json berth ps\n"
                        "  remove it: berth down --all --project {0}\n",
                        project, environment.run().text(), environment.folder()));
        return k_done;
    }
    const auto begun = std::chrono::steady_clock::now();
    try {
        environment.down();
    } catch (const std::exception&) {
        const Outcome outcome = outcome_of(std::current_exception(), context.telling());
        context.warn(outcome.text);
        return outcome.code;
    }
    context.say(
        fmt::format("'{}' is down after {}\n", project, readable_duration(std::chrono::steady_clock::now() - begun)));
    return k_done;
}

}  // namespace

int run(Context& context) {
    Loaded loaded = load(context);
    apply_publish(context, loaded.spec);
    const std::string project = project_of(context, loaded.spec);
    Command command = command_of(context, loaded.spec);
    if (command.argv.empty()) {
        throw Exit(k_wrong_use,
                   "'berth run' needs a command\n  hint: give it behind '--' (berth run -- ctest -j8), or as "
                   "'run.command' in the spec");
    }
    // A reference in the program's name can be looked up only later.
    if (command.argv.front().find("${") == std::string::npos) {
        require_program(command.argv.front(), command.working_dir, context.variables());
    }
    const KeepWhat keep = keep_of(context, loaded.spec);
    context.signals().say_when_leaving(text_when_leaving(project));

    Result result;
    try {
        ProgressDisplay display(context.progress_style(), context.err_colour());
        std::optional<LogsAbove> logs(std::in_place, display);
        UpOptions options = up_options(context, context.connect(), display);
        options.keep_on_failure = keep != KeepWhat::never;
        options.outlives_process = keep == KeepWhat::always;
        options.on_folder = [&](const std::string& folder) { result.in(folder); };
        const auto begun = std::chrono::steady_clock::now();
        Environment environment = berth::up(loaded.spec, options, context.deadline());
        display.finish();
        logs.reset();
        context.say(
            fmt::format("'{}' is up after {}\n", project, readable_duration(std::chrono::steady_clock::now() - begun)));
        // Of the way up: the command's own time would leave no room for its bars.
        const std::string timeline = timeline_of(environment, context.err_screen().columns);
        int status = 0;
        std::exception_ptr failure;
        try {
            complete(command, context, environment);
            status = run_command(context, command);
        } catch (...) {
            failure = std::current_exception();
        }
        const bool failed = failure || status != 0;
        if (failed) {
            environment.mark_failed();
        }
        const bool stays = keep == KeepWhat::always || (keep == KeepWhat::on_failure && failed);
        const int ended = end(context, environment, stays, project);
        context.say(timeline);
        if (failure) {
            std::rethrow_exception(failure);
        }
        if (const int signal = context.signals().first(); signal != 0) {
            result.write("berth", k_signalled + signal);
            return k_signalled + signal;
        }
        const bool ours = status == 0 && ended != k_done;
        result.write(ours ? "berth" : "command", ours ? ended : status);
        return ours ? ended : status;
    } catch (...) {
        const std::exception_ptr failure = std::current_exception();
        result.write("berth", outcome_of(failure, context.telling()).code);
        std::rethrow_exception(failure);
    }
}

}  // namespace berth::cli

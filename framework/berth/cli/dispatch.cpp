// SPDX-License-Identifier: Apache-2.0
#include <berth/cli/verbs.hpp>
#include <berth/core/log.hpp>

#include <unistd.h>

#include <exception>

namespace berth::cli {
namespace {

int call(Context& context, Verb verb) {
    switch (verb) {
        case Verb::up:
            return up(context);
        case Verb::down:
            return down(context);
        case Verb::run:
            return run(context);
        case Verb::ps:
            return ps(context);
        case Verb::port:
            return port(context);
        case Verb::env:
            return env(context);
        case Verb::logs:
            return logs(context);
        case Verb::exec:
            return exec(context);
        case Verb::validate:
            return validate(context);
        case Verb::plan:
            return plan(context);
        case Verb::import_compose:
            return import_compose(context);
        case Verb::doctor:
            return doctor(context);
        case Verb::version:
            break;
    }
    return version(context);
}

void set_up_log(const GlobalOptions& global) {
    log::Level level = log::Level::warn;
    log::parse_level(global.log_level, level);
    log::set_level(level);
    if (!global.log_file.empty()) {
        log::set_file(global.log_file);
    }
}

}  // namespace

int dispatch(const Arguments& arguments, const VariableSource& variables, Signals& signals) {
    Telling telling{.max_errors = arguments.global.max_errors, .log_file = arguments.global.log_file};
    try {
        set_up_log(arguments.global);
        Context context(arguments, variables, signals);
        try {
            return call(context, arguments.verb);
        } catch (...) {
            telling = context.telling();
            throw;
        }
    } catch (...) {
        const Outcome outcome = outcome_of(std::current_exception(), telling);
        write_all(STDERR_FILENO, outcome.text);
        return outcome.code;
    }
}

}  // namespace berth::cli

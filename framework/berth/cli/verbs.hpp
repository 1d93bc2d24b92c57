// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/cli/context.hpp>

namespace berth::cli {

// Each verb does what was asked for and gives the exit code; what goes wrong is thrown.

int up(Context& context);
int down(Context& context);
int run(Context& context);
int ps(Context& context);
int port(Context& context);
int env(Context& context);
int logs(Context& context);
int exec(Context& context);
int validate(Context& context);
int plan(Context& context);
int import_compose(Context& context);
int doctor(Context& context);
int version(Context& context);

/// The verb of `arguments`; failures are told on standard error and become their exit code.
int dispatch(const Arguments& arguments, const VariableSource& variables, Signals& signals);

}  // namespace berth::cli

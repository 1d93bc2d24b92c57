// SPDX-License-Identifier: Apache-2.0
#include <berth/cli/exit.hpp>
#include <berth/core/error.hpp>
#include <berth/core/redaction.hpp>

#include <fmt/format.h>

#include <string_view>

namespace berth::cli {
namespace {

bool in_group(const Error& error, std::string_view group) {
    return std::string_view(error.code()).substr(0, group.size()) == group;
}

/// By type where a type exists, else by the group of the code: BR01 the engine and the way to it, BR06 refused, BE the
/// spec; all else kept the environment from coming up.
int code_of(const Error& error) {
    if (dynamic_cast<const InvalidSpec*>(&error) != nullptr || in_group(error, "BE")) {
        return k_bad_spec;
    }
    if (dynamic_cast<const EngineUnreachable*>(&error) != nullptr ||
        dynamic_cast<const ExchangeFailed*>(&error) != nullptr) {
        return k_no_engine;
    }
    if (in_group(error, "BR06") || in_group(error, "BR0123")) {
        return k_refused;  // BR0123: an engine that would be spoken to without protection
    }
    if (in_group(error, "BR0803")) {
        return k_not_so;
    }
    const bool refused = dynamic_cast<const EngineRefused*>(&error) != nullptr;
    if (dynamic_cast<const TimedOut*>(&error) != nullptr && in_group(error, "BR01")) {
        return k_no_engine;
    }
    if ((in_group(error, "BR0110") || in_group(error, "BR0115") || in_group(error, "BR0124")) && !refused) {
        return k_wrong_use;  // an endpoint, an API version, a Docker context that is none
    }
    if (in_group(error, "BR0122") || in_group(error, "BR0125")) {
        return k_no_engine;  // the files that say how it is reached cannot be used
    }
    if (in_group(error, "BR05")) {
        return k_not_so;  // what should be gone is not
    }
    return k_not_up;
}

std::string line(std::string text) {
    if (text.empty() || text.back() != '\n') {
        text += '\n';
    }
    return text;
}

}  // namespace

Outcome outcome_of(const std::exception_ptr& failure, const Telling& telling) {
    const int signalled = telling.signal == 0 ? 0 : k_signalled + telling.signal;
    try {
        std::rethrow_exception(failure);
    } catch (const Exit& exit) {
        return {signalled != 0 ? signalled : exit.code(), escape_controls(line(fmt::format("error: {}", exit.what())))};
    } catch (const Cancelled&) {
        return {signalled != 0 ? signalled : k_our_fault, {}};
    } catch (const InvalidSpec& error) {
        return {signalled != 0 ? signalled : k_bad_spec,
                line(render_text(error.diagnostics(), error.sources(), telling.colour, telling.max_errors))};
    } catch (const Error& error) {
        // BR0304: `timeouts.up` passed.
        const bool timed_out = dynamic_cast<const TimedOut*>(&error) != nullptr;
        const bool ours = telling.time_is_up || error.code() == "BR0304";
        const int code = timed_out && ours ? k_timed_out : code_of(error);
        return {signalled != 0 ? signalled : code, line(error.what())};
    } catch (const std::exception& error) {
        const std::string log = telling.log_file.empty()
                                    ? "run it again with '--log-level trace --log-file berth.log' and send that file"
                                    : fmt::format("send the log with it: {}", telling.log_file);
        return {k_our_fault, fmt::format("error: a fault of Berth: {}\n  hint: please report it; {}\n",
                                         escape_controls(error.what()), log)};
    }
}

}  // namespace berth::cli

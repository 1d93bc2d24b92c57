// SPDX-License-Identifier: Apache-2.0
#include <berth/cli/running.hpp>
#include <berth/cli/times.hpp>
#include <berth/cli/verbs.hpp>
#include <berth/core/error.hpp>
#include <berth/core/redaction.hpp>
#include <berth/engine/logs.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <exception>
#include <mutex>
#include <stop_token>
#include <thread>

namespace berth::cli {
namespace {

/// Prints lines of several services, each with its name in front.
class Printer {
  public:
    Printer(const Context& context, bool named, std::size_t name_width)
        : context_(context), named_(named), name_width_(name_width) {}

    /// @returns false when nobody reads any more
    bool print(const std::string& service, std::size_t number, const LogLine& line) {
        std::string text;
        if (named_) {
            constexpr std::array k_colours{"36", "33", "32", "35", "34", "96", "93", "92", "95", "94"};
            const std::string name = service + std::string(name_width_ - std::min(name_width_, service.size()), ' ');
            text = context_.out_colour() == Colour::always
                       ? fmt::format("\x1b[{}m{} |\x1b[0m ", k_colours.at(number % k_colours.size()), name)
                       : fmt::format("{} | ", name);
        }
        // A terminal is not driven by what a container prints; a file gets it as it is.
        text += context_.out_screen().terminal ? escape_controls(line.text) : line.text;
        text += '\n';
        const std::lock_guard lock(mutex_);
        return context_.print(text);
    }

  private:
    const Context& context_;
    bool named_;
    std::size_t name_width_;
    std::mutex mutex_;
};

/// Follows each log on a thread of its own, until all have ended. What goes wrong with one ends the others.
void follow_all(const Context& context, const Running& running, const std::vector<const RunningService*>& wanted,
                const std::vector<LogOptions>& options, Printer& printer) {
    std::stop_source others;
    const std::stop_callback cancelled(context.deadline().stop(), [&] { others.request_stop(); });
    std::mutex mutex;
    std::exception_ptr failure;
    {
        std::vector<std::jthread> threads;
        for (std::size_t i = 0; i < wanted.size(); ++i) {
            threads.emplace_back([&, i] {
                try {
                    running.engine.containers().follow(
                        wanted[i]->container.id, options[i],
                        [&](const LogLine& line) {
                            const bool more = printer.print(wanted[i]->name, i, line);
                            if (!more) {
                                others.request_stop();
                            }
                            return more;
                        },
                        context.deadline().with_stop(others.get_token()));
                } catch (const Cancelled&) {
                    // by a signal, or since nobody reads any more
                } catch (...) {
                    const std::lock_guard lock(mutex);
                    if (!failure) {
                        failure = std::current_exception();
                    }
                    others.request_stop();
                }
            });
        }
    }
    if (failure) {
        std::rethrow_exception(failure);
    }
    context.deadline().throw_if_cancelled();
}

}  // namespace

int logs(Context& context) {
    LogOptions base{.tail = context.own().tail};
    if (context.own().since) {
        base.since = parse_since(*context.own().since, std::chrono::system_clock::now());
        if (!base.since) {
            throw Exit(k_wrong_use,
                       fmt::format("'{}' is no value for --since: it takes a duration before now (10m) or a "
                                   "time (2026-01-31T10:00:00Z)",
                                   *context.own().since));
        }
    }
    const Running running = find_running(context);
    std::vector<const RunningService*> wanted;
    for (const auto& name : context.own().services) {
        wanted.push_back(&running.service(name));
    }
    if (context.own().services.empty()) {
        for (const auto& service : running.services) {
            wanted.push_back(&service);
        }
    }
    if (wanted.empty()) {
        throw Exit(k_not_so,
                   fmt::format("nothing of project '{}' is up\n  hint: 'berth up' brings it up", running.project));
    }
    std::size_t widest = 0;
    std::vector<LogOptions> options;
    for (const RunningService* service : wanted) {
        widest = std::max(widest, service->name.size());
        LogOptions one = base;
        one.tty =
            running.engine.containers().inspect(service->container.id, context.deadline().sooner(k_call_patience)).tty;
        options.push_back(one);
    }
    Printer printer(context, context.own().services.size() != 1, widest);
    if (context.own().follow) {
        follow_all(context, running, wanted, options, printer);
        return k_done;
    }
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        const auto lines = running.engine.containers().logs(wanted[i]->container.id, options[i],
                                                            context.deadline().sooner(k_call_patience));
        for (const auto& line : lines) {
            if (!printer.print(wanted[i]->name, i, line)) {
                return k_done;
            }
        }
    }
    return k_done;
}

}  // namespace berth::cli

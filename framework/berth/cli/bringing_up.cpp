// SPDX-License-Identifier: Apache-2.0
#include <berth/cli/bringing_up.hpp>
#include <berth/core/log.hpp>
#include <berth/report/timeline.hpp>

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

namespace berth::cli {
namespace {

std::string log_line(log::Level level, std::string_view text) {
    const char* word = level == log::Level::error ? "error: " : level == log::Level::warn ? "warn: " : "";
    return fmt::format("berth: {}{}\n", word, text);
}

}  // namespace

UpOptions up_options(const Context& context, const Engine& engine, ProgressDisplay& display) {
    UpOptions options;
    options.connected = engine;
    options.profiles = context.global().profiles;
    options.project = context.global().project;
    options.publish_always = context.global().publish == When::always;
    options.parallel = context.global().parallel;
    options.on_progress = [&display](const Progress& progress) { display.take(progress); };
    return options;
}

LogsAbove::LogsAbove(ProgressDisplay& display) {
    log::set_sink([&display](log::Level level, std::string_view line) { display.write_above(log_line(level, line)); });
}

LogsAbove::~LogsAbove() {
    log::set_sink([](log::Level level, std::string_view line) { write_all(STDERR_FILENO, log_line(level, line)); });
}

std::string text_when_leaving(const std::string& project) {
    return fmt::format(
        "\nleaving at once, without a clean-up; what is left of project '{0}':\n"
        "  see it:    docker ps -a --filter label=berth.project={0}\n"
        "  remove it: berth down --all --project {0}\n",
        project);
}

std::string timeline_of(const Environment& environment, std::size_t columns) {
    auto spans = environment.timeline().spans();
    spans.erase(std::remove_if(spans.begin(), spans.end(),
                               [](const Span& span) { return span.service.empty() && span.phase == "up"; }),
                spans.end());
    return render_timeline(spans, columns);
}

}  // namespace berth::cli

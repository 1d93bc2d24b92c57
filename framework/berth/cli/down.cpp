// SPDX-License-Identifier: Apache-2.0
#include <berth/cli/project.hpp>
#include <berth/cli/running.hpp>
#include <berth/cli/verbs.hpp>
#include <berth/core/redaction.hpp>
#include <berth/session/cleaning.hpp>

#include <fmt/format.h>

#include <chrono>

namespace berth::cli {
namespace {

constexpr std::chrono::seconds k_down{60};

const char* kind_of(const LedgerEntry& entry) {
    switch (entry.kind) {
        case ObjectKind::container:
            return "container";
        case ObjectKind::network:
            return "network";
        case ObjectKind::volume:
            break;
    }
    return "volume";
}

}  // namespace

int down(Context& context) {
    std::optional<StateFile> state;
    try {
        state = state_here(context);
    } catch (const Error& error) {
        // The labels tell the same; only the engine's address is missed.
        context.warn(fmt::format("note: {}\n", error.summary()));
    }
    const std::string project = project_here(context, state);
    const Engine engine = context.connect(engine_of(state));
    context.signals().say_when_leaving(
        fmt::format("\nleaving at once; run 'berth down --project {}' again to remove the rest\n", project));

    const auto labels =
        context.own().all ? std::vector<std::string>{"berth.project=" + project} : labels_of_up(project);
    const CleanReport report = clean_by_labels(engine, labels, context.deadline().sooner(k_down));
    for (const auto& entry : report.removed) {
        context.say(fmt::format("removed {} {}\n", kind_of(entry), escape_controls(entry.name)));
    }
    if (!report.left.empty()) {
        std::string text =
            fmt::format("{} of project '{}' could not be removed", counted(report.left.size(), "object"), project);
        for (const auto& left : report.left) {
            text += fmt::format("\n  {} {}: {}", kind_of(left.entry), left.entry.name, left.why);
        }
        throw Exit(k_not_so, text + "\n  hint: run it again when the reason is gone");
    }
    remove_project_files(context, project);
    if (report.removed.empty()) {
        context.say(fmt::format("nothing of project '{}' was up\n", project));
    }
    return k_done;
}

}  // namespace berth::cli

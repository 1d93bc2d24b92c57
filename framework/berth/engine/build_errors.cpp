// SPDX-License-Identifier: Apache-2.0
#include <berth/core/redaction.hpp>
#include <berth/core/text_distance.hpp>
#include <berth/core/units.hpp>
#include <berth/engine/internal/build_parts.hpp>
#include <berth/engine/internal/dockerfile_text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>

namespace berth {

std::string to_string(Builder builder) {
    switch (builder) {
        case Builder::automatic:
            return "any builder";
        case Builder::classic:
            return "the classic builder";
        case Builder::buildkit:
            return "BuildKit";
        case Builder::buildx:
            return "docker buildx";
    }
    return {};
}

std::string BuildStep::text() const {
    if (number == 0) {
        return fmt::format("step '{}'", name);
    }
    return fmt::format("step {}/{}{}: {}", number, total, stage.empty() ? "" : fmt::format(" of stage '{}'", stage),
                       name);
}

namespace engine {
namespace {

constexpr std::size_t k_lines_shown = 20;

bool says(const std::string& text, std::initializer_list<std::string_view> parts) {
    return std::any_of(parts.begin(), parts.end(),
                       [&](std::string_view part) { return text.find(part) != std::string::npos; });
}

/// The end of an output, as an error shows it.
std::vector<std::string> last_lines(std::string_view output) {
    while (!output.empty() && (output.back() == '\n' || output.back() == '\r')) {
        output.remove_suffix(1);
    }
    std::vector<std::string> lines;
    while (!output.empty() && lines.size() < k_lines_shown) {
        const auto end = output.rfind('\n');
        lines.emplace_back(end == std::string_view::npos ? output : output.substr(end + 1));
        output = end == std::string_view::npos ? std::string_view{} : output.substr(0, end);
    }
    std::reverse(lines.begin(), lines.end());
    return lines;
}

/// What to try, by the builder's words.
std::string hint_for(const std::string& said, const BuildFailure& failure, const BuildContext& context) {
    if (says(said, {"no space left on device", "disk quota exceeded"})) {
        return "the engine's disk is full: 'docker system df' shows what takes the space";
    }
    if (says(said, {"not found: not found", "no such file or directory", "file not found", "not found in build context",
                    "failed to calculate checksum", "failed to compute cache key", "no source files"}) &&
        (says(failure.step.name, {"COPY", "ADD"}) || says(said, {"copy", "add"}))) {
        return "look whether the file is in the build context, and not left out by .dockerignore";
    }
    if (failure.step.name.empty() || says(said, {"parse error", "unknown instruction"})) {
        return fmt::format("correct what the builder names in {}", context.dockerfile_shown());
    }
    return failure.output.empty() ? "try the step by hand in a container of the image before it"
                                  : "look into its output above, all of which is in BuildFailed::output()";
}

}  // namespace

std::string silence(const BuildOptions& options) {
    return fmt::format("(not a word from the builder for {})", readable_duration(options.stall));
}

BuildFailed explain_build(ErrorFacts facts, const BuildFailure& failure, const BuildContext& context,
                          const BuildOptions& options) {
    facts.code = "BR0250";
    facts.summary = fmt::format("cannot build {}", shown_image(context, options));
    if (!failure.step.name.empty()) {
        facts.summary += fmt::format(": {}{}", failure.step.text(),
                                     failure.exit_code ? fmt::format(": exit code {}", *failure.exit_code) : "");
    }
    facts.engine = escape_controls(failure.message);
    facts.log_tail = last_lines(failure.output);
    facts.hints = {hint_for(lower_case(failure.message), failure, context)};
    return BuildFailed(failure.step.name, failure.output, std::move(facts));
}

void require_target(const DockerfileFacts& dockerfile, const BuildContext& context, const BuildOptions& options) {
    if (options.target.empty() || dockerfile.stages.empty() || find_stage(dockerfile, options.target)) {
        return;
    }
    std::vector<std::string> names;
    for (const auto& stage : dockerfile.stages) {
        if (!stage.name.empty()) {
            names.push_back(stage.name);
        }
    }
    ErrorFacts facts{.code = "BR0250",
                     .summary = fmt::format("cannot build {}: {} has no stage '{}'", shown_image(context, options),
                                            context.dockerfile_shown(), options.target)};
    if (const auto near = did_you_mean(near_matches(options.target, names)); !near.empty()) {
        facts.hints.push_back(near);
    } else {
        facts.hints.push_back(names.empty() ? "give a stage a name: FROM image AS name"
                                            : fmt::format("its stages are '{}'", fmt::join(names, "', '")));
    }
    throw BuildFailed({}, {}, std::move(facts));
}

}  // namespace engine
}  // namespace berth

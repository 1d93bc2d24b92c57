// SPDX-License-Identifier: Apache-2.0
#include <berth/engine/internal/build_parts.hpp>

#include <utility>

namespace berth::engine {
namespace {

using Kind = BuildEvent::Kind;

constexpr std::size_t k_most_output = 1 << 20;
constexpr std::string_view k_digits = "0123456789";

bool starts_with(std::string_view text, std::string_view head) {
    return text.substr(0, head.size()) == head;
}

void append_line(std::string& whole, std::string_view line) {
    whole += line;
    whole += '\n';
    if (whole.size() > k_most_output) {
        whole.erase(0, whole.size() - k_most_output / 2);
    }
}

/// `0.123 text`: what a step printed, behind the seconds since it began.
bool take_time(std::string_view& text) {
    const auto space = text.find(' ');
    const auto time = text.substr(0, space);
    const auto dot = time.find('.');
    if (dot == 0 || dot == std::string_view::npos || time.find_first_not_of("0123456789.") != std::string_view::npos ||
        dot + 1 == time.size()) {
        return false;
    }
    text = space == std::string_view::npos ? std::string_view{} : text.substr(space + 1);
    return true;
}

}  // namespace

void PlainProgress::take(std::string_view line, std::vector<BuildEvent>& events) {
    const auto end = line.find_first_not_of(k_digits, 1);
    if (!starts_with(line, "#") || end == 1 || end == std::string_view::npos || line[end] != ' ') {
        if (starts_with(line, "ERROR: ")) {
            message_ = std::string(line.substr(std::string_view("ERROR: ").size()));
        } else if (!line.empty()) {
            append_line(rest_, line);
            const bool warns = starts_with(line, "WARNING: ") || starts_with(line, "WARN: ");
            events.push_back({.kind = warns ? Kind::warning : Kind::message, .text = std::string(line)});
        }
        return;
    }
    const std::string number(line.substr(1, end - 1));
    std::string_view text = line.substr(end + 1);
    const auto known = steps_.find(number);
    if (known == steps_.end()) {
        const BuildStep step = parse_vertex_name(text);
        steps_[number].step = step;
        events.push_back({.kind = Kind::started, .step = step});
        return;
    }
    Step& step = known->second;
    if (starts_with(text, "DONE ") || text == "CACHED") {
        step.whole.clear();
        events.push_back({.kind = text == "CACHED" ? Kind::cached : Kind::finished, .step = step.step});
    } else if (starts_with(text, "ERROR: ")) {
        failed_ = number;
        if (message_.empty()) {
            message_ = std::string(text.substr(std::string_view("ERROR: ").size()));
        }
    } else if (starts_with(text, "CANCELED") || text == "...") {
        return;
    } else if (take_time(text)) {
        append_line(step.whole, text);
        events.push_back({.kind = Kind::output, .step = step.step, .text = std::string(text)});
    } else if (parse_vertex_name(text) != step.step) {  // named again after another step had a word
        events.push_back({.kind = Kind::message, .step = step.step, .text = std::string(text)});
    }
}

BuildFailure PlainProgress::failure(int exit_code) const {
    BuildFailure failure;
    failure.message = message_;
    if (const auto at = steps_.find(failed_); at != steps_.end()) {
        failure.step = at->second.step;
        failure.output = at->second.whole;
    } else {
        failure.output = rest_;
    }
    if (failure.message.empty()) {
        failure.message = "docker buildx ended with exit code " + std::to_string(exit_code);
    }
    failure.exit_code = exit_code_in(failure.message);
    return failure;
}

}  // namespace berth::engine

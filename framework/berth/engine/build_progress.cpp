// SPDX-License-Identifier: Apache-2.0
#include <berth/core/digest.hpp>
#include <berth/core/units.hpp>
#include <berth/engine/internal/build_progress.hpp>
#include <berth/engine/internal/transfer.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <utility>

namespace berth::engine {
namespace {

constexpr std::size_t k_most_output = 1 << 20;
constexpr std::size_t k_longest_line = 64 * 1024;
constexpr std::string_view k_hex = "0123456789abcdef";
constexpr const char* k_red = "\x1b[91m";
constexpr const char* k_plain = "\x1b[0m";

using Kind = BuildEvent::Kind;

bool starts_with(std::string_view text, std::string_view head) {
    return text.substr(0, head.size()) == head;
}

/// Keeps the end of what is too long.
void append_limited(std::string& whole, std::string_view piece) {
    whole += piece;
    if (whole.size() > 2 * k_most_output) {
        whole.erase(0, whole.size() - k_most_output);
    }
}

std::string limited(const std::string& whole) {
    return whole.size() > k_most_output ? whole.substr(whole.size() - k_most_output) : whole;
}

/// `2/3`. @returns false for anything else
bool parse_fraction(std::string_view text, int& number, int& total) {
    const auto slash = text.find('/');
    if (slash == std::string_view::npos) {
        return false;
    }
    const auto first = parse_integer(text.substr(0, slash));
    const auto second = parse_integer(text.substr(slash + 1));
    constexpr std::int64_t k_most = 1'000'000;
    if (!first || !second || *first < 0 || *second < 0 || *first > k_most || *second > k_most) {
        return false;
    }
    number = static_cast<int>(*first);
    total = static_cast<int>(*second);
    return true;
}

/// `Step 2/6 : RUN make` of the classic builder; `STEP 2/6: RUN make`, `[1/2] STEP 2/6: RUN make` of Podman.
bool parse_step(std::string_view text, BuildStep& step) {
    std::string stage;
    if (starts_with(text, "[")) {
        const auto end = text.find("] STEP ");
        int number = 0;
        int total = 0;
        if (end == std::string_view::npos || !parse_fraction(text.substr(1, end - 1), number, total)) {
            return false;
        }
        stage = fmt::format("{}", number);
        text.remove_prefix(end + 2);
    }
    if (!starts_with(text, "Step ") && !starts_with(text, "STEP ")) {
        return false;
    }
    text.remove_prefix(std::string_view("Step ").size());
    const auto end = text.find_first_of(" :");
    if (end == std::string_view::npos || !parse_fraction(text.substr(0, end), step.number, step.total)) {
        return false;
    }
    text.remove_prefix(end);
    const auto name = text.find_first_not_of(" :");
    step.stage = std::move(stage);
    step.name = name == std::string_view::npos ? std::string{} : std::string(text.substr(name));
    while (!step.name.empty() && (step.name.back() == '\n' || step.name.back() == ' ')) {
        step.name.pop_back();
    }
    return true;
}

/// What the builders say of their own between steps. Whole pieces: what a step prints is never taken for it unless it
/// is exactly that.
enum class Remark { none, something, from_cache, step_done };

Remark remark_in(std::string_view text) {
    const auto is_id = [&](std::string_view head) {
        constexpr std::size_t k_shortest = 11;
        if (!starts_with(text, head) || text.back() != '\n') {
            return false;
        }
        const auto id = text.substr(head.size(), text.size() - head.size() - 1);
        return id.size() >= k_shortest && id.find_first_not_of(k_hex) == std::string_view::npos;
    };
    if (is_id(" ---> ") || is_id("--> ")) {
        return Remark::step_done;
    }
    if (text == " ---> Using cache\n" || is_id("--> Using cache ")) {
        return Remark::from_cache;
    }
    const bool known = is_id(" ---> Running in ") || is_id(" ---> Removed intermediate container ") ||
                       is_id("Removing intermediate container ");
    return known ? Remark::something : Remark::none;
}

}  // namespace

std::string without_colours(std::string_view text) {
    std::string result(text);
    for (const std::string_view mark : {k_red, k_plain}) {
        for (auto at = result.find(mark); at != std::string::npos; at = result.find(mark, at)) {
            result.erase(at, mark.size());
        }
    }
    return result;
}

std::optional<int> exit_code_in(std::string_view message) {
    for (const std::string_view words : {"exit code: ", "exit status "}) {
        const auto at = message.rfind(words);
        if (at == std::string_view::npos) {
            continue;
        }
        const auto digits = message.substr(at + words.size());
        const auto number = parse_integer(digits.substr(0, digits.find_first_not_of("0123456789")));
        if (number && *number <= std::numeric_limits<int>::max()) {
            return static_cast<int>(*number);
        }
    }
    return std::nullopt;
}

BuildStep parse_vertex_name(std::string_view name) {
    BuildStep step;
    step.name = std::string(name);
    const auto end = name.find("] ");
    if (!starts_with(name, "[") || end == std::string_view::npos) {
        return step;
    }
    std::string_view inside = name.substr(1, end - 1);
    const auto last = inside.rfind(' ');
    const auto fraction = last == std::string_view::npos ? inside : inside.substr(last + 1);
    if (!parse_fraction(fraction, step.number, step.total)) {
        return step;  // [internal] and kin
    }
    inside = last == std::string_view::npos ? std::string_view{} : inside.substr(0, last);
    if (const auto slash = inside.find('/'); slash != std::string_view::npos) {  // a platform before the stage
        const auto space = inside.find(' ', slash);
        inside = space == std::string_view::npos ? std::string_view{} : inside.substr(space + 1);
    }
    step.stage = std::string(inside.substr(0, inside.find_last_not_of(' ') + 1));  // numbers are padded
    step.name = std::string(name.substr(end + 2));
    return step;
}

std::vector<std::string> LineCutter::take(std::string_view piece) {
    std::vector<std::string> lines;
    pending_ += piece;
    std::size_t from = 0;
    for (auto end = pending_.find('\n'); end != std::string::npos; end = pending_.find('\n', from)) {
        std::string line = pending_.substr(from, end - from);
        if (!line.empty() && line.back() == '\r') {
            line.pop_back();
        }
        lines.push_back(std::move(line));
        from = end + 1;
    }
    pending_.erase(0, from);
    while (pending_.size() > k_longest_line) {
        lines.push_back(pending_.substr(0, k_longest_line));
        pending_.erase(0, k_longest_line);
    }
    return lines;
}

std::string LineCutter::finish() {
    return std::exchange(pending_, {});
}

void BuildProgress::feed(std::string_view bytes, std::vector<BuildEvent>& events) {
    objects_.feed(bytes);
    std::string object;
    while (objects_.next(object)) {
        take(Json::parse(object, about_), events);
    }
}

void BuildProgress::finish(std::vector<BuildEvent>& events) {
    objects_.finish();
    if (!failure_) {
        end_step(events);
    }
}

void BuildProgress::take(const Json& object, std::vector<BuildEvent>& events) {
    std::string error = error_in(object);
    if (!error.empty()) {
        take_failure(object, std::move(error), events);
        return;
    }
    const Json aux = object.at("aux");
    if (aux.is_text()) {
        if (object.at("id").text() == "moby.buildkit.trace") {
            take_trace(aux.text(), events);
        }
    } else if (const std::string id = aux.at("ID").text(); !id.empty()) {
        image_id_ = id;
    }
    if (const std::string text = object.at("stream").text(); !text.empty()) {
        take_text(text, events);
    }
    if (!object.at("status").absent()) {
        take_layer(object, events);
    }
}

void BuildProgress::end_step(std::vector<BuildEvent>& events) {
    if (step_.name.empty()) {
        return;
    }
    if (std::string line = output_.finish(); !line.empty()) {
        events.push_back({.kind = Kind::output, .step = step_, .text = std::move(line)});
    }
    events.push_back({.kind = cached_ ? Kind::cached : Kind::finished, .step = step_});
    step_ = {};
    cached_ = false;
    whole_.clear();
}

void BuildProgress::take_text(const std::string& text, std::vector<BuildEvent>& events) {
    const bool after_name = std::exchange(name_open_, false);
    BuildStep step;
    if (parse_step(text, step)) {
        end_step(events);
        step_ = step;
        name_open_ = text.back() != '\n';
        events.push_back({.kind = Kind::started, .step = step_});
        return;
    }
    if (after_name && text == "\n") {
        return;
    }
    switch (remark_in(text)) {
        case Remark::none:
            break;
        case Remark::something:
            return;
        case Remark::from_cache:
            cached_ = true;
            return;
        case Remark::step_done:
            end_step(events);
            return;
    }
    const std::string plain = without_colours(text);
    if (!step_.name.empty()) {
        append_limited(whole_, plain);
        for (auto& line : output_.take(plain)) {
            events.push_back({.kind = Kind::output,
                              .step = step_,
                              .text = std::move(line),
                              .error_stream = starts_with(text, k_red)});
        }
        return;
    }
    const auto end = plain.find_last_not_of("\r\n");
    if (end != std::string::npos) {
        events.push_back({.kind = starts_with(plain, "[Warning] ") ? Kind::warning : Kind::message,
                          .text = plain.substr(0, end + 1)});
    }
}

void BuildProgress::take_trace(const std::string& encoded, std::vector<BuildEvent>& events) {
    BuildTrace trace;
    std::string bytes;
    std::string why = "no base64";
    if (!decode_base64(encoded, bytes) || !decode_build_trace(bytes, trace, why)) {
        ErrorFacts facts = about_;
        facts.code = "BR0104";
        facts.summary += ": the engine's answer makes no sense: a trace of BuildKit that is none: " + why;
        facts.engine = excerpt(encoded);
        facts.hints = {"build with the classic builder"};
        throw ExchangeFailed(std::move(facts));
    }
    for (const auto& vertex : trace.vertexes) {
        take_vertex(vertex, events);
    }
    for (const auto& status : trace.statuses) {
        const auto at = vertexes_.find(status.vertex);
        std::int64_t& last = layers_[status.vertex + '\n' + status.id];
        if (last != status.current || status.completed) {
            last = status.current;
            events.push_back({.kind = Kind::layer,
                              .step = at == vertexes_.end() ? BuildStep{} : at->second.step,
                              .text = status.completed ? "done" : "",
                              .layer = status.id,
                              .current = static_cast<std::uint64_t>(std::max<std::int64_t>(status.current, 0)),
                              .total = static_cast<std::uint64_t>(std::max<std::int64_t>(status.total, 0))});
        }
    }
    for (const auto& log : trace.logs) {
        take_log(log, events);
    }
    for (const auto& warning : trace.warnings) {
        const auto at = vertexes_.find(warning.vertex);
        events.push_back({.kind = Kind::warning,
                          .step = at == vertexes_.end() ? BuildStep{} : at->second.step,
                          .text = warning.text});
    }
}

void BuildProgress::take_vertex(const BuildTrace::Vertex& vertex, std::vector<BuildEvent>& events) {
    Vertex& known = vertexes_[vertex.digest];
    if (!vertex.name.empty()) {
        known.step = parse_vertex_name(vertex.name);
    }
    if (vertex.started && !known.started && !vertex.cached) {
        events.push_back({.kind = Kind::started, .step = known.step});
    }
    known.started = known.started || vertex.started;
    if (vertex.error.empty()) {
        if ((vertex.completed || vertex.cached) && !known.completed) {
            known.completed = true;
            finish_lines(known, events);
            known.whole.clear();
            events.push_back({.kind = vertex.cached ? Kind::cached : Kind::finished, .step = known.step});
        }
    } else if (failed_vertex_.empty() || vertex.error.find("context canceled") == std::string::npos) {
        failed_vertex_ = vertex.digest;  // steps beside it are cancelled, and are not the reason
    }
}

void BuildProgress::finish_lines(Vertex& vertex, std::vector<BuildEvent>& events) {
    for (auto* lines : {&vertex.out, &vertex.errors}) {
        if (std::string line = lines->finish(); !line.empty()) {
            events.push_back({.kind = Kind::output,
                              .step = vertex.step,
                              .text = std::move(line),
                              .error_stream = lines == &vertex.errors});
        }
    }
}

void BuildProgress::take_log(const BuildTrace::Log& log, std::vector<BuildEvent>& events) {
    constexpr std::int64_t k_errors = 2;
    Vertex& vertex = vertexes_[log.vertex];
    append_limited(vertex.whole, log.text);
    for (auto& line : (log.stream == k_errors ? vertex.errors : vertex.out).take(log.text)) {
        events.push_back({.kind = Kind::output,
                          .step = vertex.step,
                          .text = std::move(line),
                          .error_stream = log.stream == k_errors});
    }
}

void BuildProgress::take_layer(const Json& object, std::vector<BuildEvent>& events) {
    const Json detail = object.at("progressDetail");
    const auto bytes = [&](const char* key) {
        return static_cast<std::uint64_t>(std::max<std::int64_t>(detail.at(key).number(), 0));
    };
    events.push_back({.kind = Kind::layer,
                      .step = step_,
                      .text = object.at("status").text(),
                      .layer = object.at("id").text(),
                      .current = bytes("current"),
                      .total = bytes("total")});
}

void BuildProgress::take_failure(const Json& object, std::string message, std::vector<BuildEvent>& events) {
    while (!message.empty() && (message.back() == '\n' || message.back() == ' ')) {
        message.pop_back();
    }
    BuildFailure failure;
    failure.message = std::move(message);
    const int code = object.at("errorDetail").at("code").small_number();
    failure.exit_code = code != 0 ? std::optional(code) : exit_code_in(failure.message);
    if (const auto at = vertexes_.find(failed_vertex_); !failed_vertex_.empty() && at != vertexes_.end()) {
        finish_lines(at->second, events);
        failure.step = at->second.step;
        failure.output = limited(at->second.whole);
    } else if (!step_.name.empty()) {
        if (std::string line = output_.finish(); !line.empty()) {
            events.push_back({.kind = Kind::output, .step = step_, .text = std::move(line)});
        }
        failure.step = step_;
        failure.output = limited(whole_);
    }
    failure_ = std::move(failure);
}

}  // namespace berth::engine

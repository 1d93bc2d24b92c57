// SPDX-License-Identifier: Apache-2.0
#include <berth/core/error.hpp>
#include <berth/core/redaction.hpp>

#include <fmt/format.h>

namespace berth {
namespace {

void add_line(std::string& text, std::string_view name, std::string_view value) {
    // A value of several lines stays readable: the lines after the first are indented below it.
    text += fmt::format("\n  {}: ", name);
    for (const char c : value) {
        text += c;
        if (c == '\n') {
            text.append(name.size() + 4, ' ');
        }
    }
}

std::string where_it_failed(const ErrorFacts& facts) {
    std::string text = facts.operation;
    if (facts.http_status != 0) {
        text += fmt::format("{}HTTP {}", text.empty() ? "" : " answered ", facts.http_status);
    }
    if (!facts.endpoint.empty()) {
        text += fmt::format("{}{}", text.empty() ? "" : " at ", facts.endpoint);
    }
    return text;
}

std::string summary_of(const std::vector<Diagnostic>& diagnostics) {
    for (const auto& diagnostic : diagnostics) {
        if (diagnostic.severity == Severity::error) {
            return diagnostic.message;
        }
    }
    return diagnostics.empty() ? std::string{} : diagnostics.front().message;
}

ErrorFacts facts_of(const std::vector<Diagnostic>& diagnostics) {
    ErrorFacts facts;
    for (const auto& diagnostic : diagnostics) {
        if (diagnostic.severity == Severity::error) {
            facts.code = diagnostic.code;
            facts.origin = diagnostic.where;
            break;
        }
    }
    facts.summary = summary_of(diagnostics);
    return facts;
}

}  // namespace

std::string render(const ErrorFacts& facts) {
    std::string text;
    if (facts.origin.known()) {
        text += to_string(facts.origin) + ": ";
    }
    text += facts.code.empty() ? "error: " : fmt::format("error[{}]: ", facts.code);
    text += facts.summary;
    if (!facts.engine.empty()) {
        add_line(text, "engine", facts.engine);
    }
    if (const std::string where = where_it_failed(facts); !where.empty()) {
        const bool of_a_call = !facts.operation.empty() || facts.http_status != 0;
        add_line(text, of_a_call ? "call" : "endpoint", where);
    }
    for (const auto& [name, value] : facts.details) {
        add_line(text, name, value);
    }
    for (const auto& line : facts.log_tail) {
        add_line(text, "log", line);
    }
    for (const auto& note : facts.notes) {
        add_line(text, "note", note);
    }
    for (const auto& hint : facts.hints) {
        add_line(text, "hint", hint);
    }
    return redact(escape_controls(text));
}

Error::Error(ErrorFacts facts) {
    set(std::move(facts));
}

void Error::set(ErrorFacts facts) {
    auto text = std::make_shared<const std::string>(render(facts));
    facts_ = std::make_shared<const ErrorFacts>(std::move(facts));
    text_ = std::move(text);
}

const char* Error::what() const noexcept {
    return text_->c_str();
}

InvalidSpec::InvalidSpec(std::vector<Diagnostic> diagnostics, const SourceTexts& sources)
    : Error(facts_of(diagnostics)),
      diagnostics_(std::make_shared<const std::vector<Diagnostic>>(std::move(diagnostics))),
      sources_(std::make_shared<const SourceTexts>(sources)),
      rendered_(std::make_shared<const std::string>(render_text(*diagnostics_, sources))) {}

EngineUnreachable::EngineUnreachable(std::vector<TriedEndpoint> tried, ErrorFacts facts)
    : Error([&] {
          for (const auto& place : tried) {
              facts.details.emplace_back("tried",
                                         place.source.empty()
                                             ? fmt::format("{}: {}", place.endpoint, place.failure)
                                             : fmt::format("{} ({}): {}", place.endpoint, place.source, place.failure));
          }
          return std::move(facts);
      }()),
      tried_(std::make_shared<const std::vector<TriedEndpoint>>(std::move(tried))) {}

BuildFailed::BuildFailed(std::string step, std::string output, ErrorFacts facts)
    : Error(std::move(facts)),
      step_(std::make_shared<const std::string>(std::move(step))),
      output_(std::make_shared<const std::string>(std::move(output))) {}

NotReady::NotReady(Readiness readiness, ErrorFacts facts)
    : Error(std::move(facts)), readiness_(std::make_shared<const Readiness>(std::move(readiness))) {}

CommandFailed::CommandFailed(int exit_code, std::string out, std::string err, ErrorFacts facts)
    : Error(std::move(facts)),
      exit_code_(exit_code),
      out_(std::make_shared<const std::string>(std::move(out))),
      err_(std::make_shared<const std::string>(std::move(err))) {}

}  // namespace berth

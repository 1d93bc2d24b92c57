// SPDX-License-Identifier: Apache-2.0
#include <berth/http/internal/progress.hpp>

#include <fmt/format.h>

#include <system_error>

namespace berth::http {

BrokenExchange::BrokenExchange(Stage stage, int system_error, ErrorFacts facts)
    : ExchangeFailed(std::move(facts)), stage_(stage), system_error_(system_error) {}

ExchangeTimedOut::ExchangeTimedOut(Stage stage, ErrorFacts facts) : TimedOut(std::move(facts)), stage_(stage) {}

namespace internal {
namespace {

constexpr std::size_t k_shown = 200;

}  // namespace

ErrorFacts Progress::facts(const char* code, std::string summary) const {
    return {.code = code, .summary = std::move(summary), .operation = operation, .endpoint = endpoint};
}

void Progress::broken(const char* code, std::string summary, int system_error, std::string_view received) const {
    ErrorFacts all = facts(code, std::move(summary));
    if (!received.empty()) {
        all.details.emplace_back("received", std::string(received.substr(0, k_shown)));
    }
    throw BrokenExchange(stage, system_error, std::move(all));
}

void Progress::lost(int system_error) const {
    const char* when = stage == Stage::answering ? "while the answer came" : "before an answer came";
    broken(k_connection_lost,
           fmt::format("connection lost {}: {}", when, std::generic_category().message(system_error)), system_error);
}

void Progress::failed(const ErrorFacts& below) const {
    ErrorFacts all = below;
    all.operation = operation;
    all.endpoint = endpoint;
    throw BrokenExchange(stage, 0, std::move(all));
}

void Progress::timed_out() const {
    const char* summary = "the answer did not end in time";
    if (stage == Stage::connecting) {
        summary = "no connection in time";
    } else if (stage == Stage::sending) {
        summary = "no answer in time";
    }
    throw ExchangeTimedOut(stage, facts("BR0103", summary));
}

Progress progress_of(const Request& request, const Endpoint& endpoint) {
    return {fmt::format("{} {}", request.method, std::string_view(request.target).substr(0, request.target.find('?'))),
            endpoint.text(), Stage::connecting};
}

}  // namespace internal
}  // namespace berth::http

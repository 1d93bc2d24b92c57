// SPDX-License-Identifier: Apache-2.0
#include <berth/core/redaction.hpp>
#include <berth/core/units.hpp>
#include <berth/engine/internal/credentials.hpp>
#include <berth/engine/internal/find_program.hpp>
#include <berth/engine/internal/json.hpp>
#include <berth/process/child.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

namespace berth::engine {
namespace {

bool is_helper_name(const std::string& name) {
    return !name.empty() && std::all_of(name.begin(), name.end(), [](unsigned char c) {
        return std::isalnum(c) != 0 || c == '.' || c == '_' || c == '-';
    });
}

/// What helpers say instead of credentials when they have none.
bool knows_none(const std::string& said) {
    return said.find("credentials not found") != std::string::npos;
}

}  // namespace

RegistryCredentials ask_helper(const std::string& name, const std::string& registry, const std::string& said_by,
                               const Variables& variable, Deadline deadline, std::chrono::nanoseconds patience) {
    const std::string helper = "docker-credential-" + escape_controls(name);
    const std::string server = credential_key(registry);
    const auto failed = [&](const std::string& why, std::string hint) {
        return Error({.code = "BR0210",
                      .summary = fmt::format("credential helper '{}' {}", helper, why),
                      .details = {{"named by", said_by}},
                      .hints = {std::move(hint)}});
    };
    if (!is_helper_name(name)) {
        throw failed("has a name that no helper has", "only letters, digits, '.', '_' and '-' may stand in it");
    }
    const std::string program = find_program(helper, variable);
    if (program.empty()) {
        throw failed("is not in PATH", fmt::format("install it, or take it out of {}", said_by));
    }
    // What it prints, also on failure, may be a secret: nothing of that is ever repeated.
    const std::string by_hand = fmt::format("see what it says: echo {} | {} get", server, helper);
    process::Pipe input = process::make_pipe();
    const std::string question = server + '\n';
    if (::write(input.write.get(), question.data(), question.size()) != static_cast<ssize_t>(question.size())) {
        throw failed("cannot be asked", by_hand);
    }
    input.write.close();
    process::Options options;
    options.argv = {program, "get"};
    options.standard_input = process::Standard::descriptor(input.read.get());
    options.own_group = true;
    process::Captured answer;
    try {
        answer = process::run_captured(options, deadline.sooner(patience));
    } catch (const TimedOut&) {
        if (deadline.passed()) {
            throw;
        }
        throw failed(fmt::format("did not answer within {}", readable_duration(patience)), by_hand);
    }
    if (!answer.status.success()) {
        if (knows_none(answer.out) || knows_none(answer.err)) {
            return {};
        }
        throw failed(fmt::format("failed: {}", answer.status.text()), by_hand);
    }
    std::string user;
    std::string secret;
    try {
        const Json reply = Json::parse(answer.out, {});
        user = reply.at("Username").text();
        secret = reply.at("Secret").text();
    } catch (const ExchangeFailed&) {
        throw failed("did not answer with JSON that has 'Username' and 'Secret'", by_hand);
    }
    if (user.empty() && secret.empty()) {
        return {};
    }
    return user == "<token>" ? RegistryCredentials::identity_token(server, secret)
                             : RegistryCredentials::password(server, user, secret);
}

}  // namespace berth::engine

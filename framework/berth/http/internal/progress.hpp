// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/http/client.hpp>

#include <string>
#include <string_view>

namespace berth::http::internal {

constexpr const char* k_connection_lost = "BR0102";
constexpr const char* k_nonsense = "BR0104";
constexpr const char* k_refused_request = "BR0111";
constexpr const char* k_too_large = "BR0112";
constexpr const char* k_tls_failed = "BR0120";
constexpr const char* k_ssh_failed = "BR0121";
constexpr const char* k_bad_tls_file = "BR0122";

/// How far an exchange is, and the words for what goes wrong in it.
struct Progress {
    std::string operation{};  ///< Method and path; never the query, which may carry secrets.
    std::string endpoint{};
    Stage stage{Stage::connecting};

    /// @throws BrokenExchange
    [[noreturn]] void broken(const char* code, std::string summary, int system_error = 0,
                             std::string_view received = {}) const;
    /// An answer that is no HTTP or is cut short; `received` is shown, cut to 200 bytes. @throws BrokenExchange
    /// (BR0104)
    [[noreturn]] void nonsense(std::string summary, std::string_view received = {}) const {
        broken(k_nonsense, std::move(summary), 0, received);
    }
    /// A send or receive failed. @throws BrokenExchange (BR0102)
    [[noreturn]] void lost(int system_error) const;
    /// What is below failed (TLS, ssh): its code, summary, details and hints. @throws BrokenExchange
    [[noreturn]] void failed(const ErrorFacts& below) const;
    /// @throws ExchangeTimedOut
    [[noreturn]] void timed_out() const;

    [[nodiscard]] ErrorFacts facts(const char* code, std::string summary) const;
};

Progress progress_of(const Request& request, const Endpoint& endpoint);

}  // namespace berth::http::internal

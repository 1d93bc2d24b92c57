// SPDX-License-Identifier: Apache-2.0
#include <berth/http/internal/tls.hpp>

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <memory>

namespace berth::http::internal {
namespace {

struct FreeBio {
    void operator()(BIO* bio) const noexcept { BIO_free(bio); }
};
struct FreeNames {
    void operator()(GENERAL_NAMES* names) const noexcept { GENERAL_NAMES_free(names); }
};

std::string text_of(BIO* bio) {
    char* bytes = nullptr;
    const long size = BIO_get_mem_data(bio, &bytes);
    return size > 0 ? std::string(bytes, static_cast<std::size_t>(size)) : std::string();
}

template <class Print>
std::string printed(Print print) {
    const std::unique_ptr<BIO, FreeBio> bio(BIO_new(BIO_s_mem()));
    print(bio.get());
    return text_of(bio.get());
}

std::string name_text(const X509_NAME* name) {
    return printed([&](BIO* bio) { X509_NAME_print_ex(bio, name, 0, XN_FLAG_ONELINE); });
}

/// The names and addresses that a certificate is for.
std::string names_of(const X509* certificate) {
    std::string all;
    const std::unique_ptr<GENERAL_NAMES, FreeNames> names(
        static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
    for (int i = 0; names && i < sk_GENERAL_NAME_num(names.get()); ++i) {
        if (!all.empty()) {
            all += ", ";
        }
        all += printed([&](BIO* bio) { GENERAL_NAME_print(bio, sk_GENERAL_NAME_value(names.get(), i)); });
    }
    return all.empty() ? name_text(X509_get_subject_name(certificate)) : all;
}

constexpr const char* k_trust_hint =
    "give the certificate of the authority that signed it as ca.pem (DOCKER_CERT_PATH, or the Docker context)";

ErrorFacts untrusted(long verdict, const X509* certificate, const std::string& host) {
    ErrorFacts facts;
    const auto time = [](const ASN1_TIME* at) { return printed([&](BIO* bio) { ASN1_TIME_print(bio, at); }); };
    switch (verdict) {
        case X509_V_ERR_CERT_HAS_EXPIRED:
            facts.summary = "the peer's certificate has expired";
            facts.details = {{"expired", time(X509_get0_notAfter(certificate))}};
            facts.hints = {"have a new one made for the engine, and look at the clocks of both machines"};
            break;
        case X509_V_ERR_CERT_NOT_YET_VALID:
            facts.summary = "the peer's certificate is not valid yet";
            facts.details = {{"valid from", time(X509_get0_notBefore(certificate))}};
            facts.hints = {"look at the clocks of both machines"};
            break;
        case X509_V_ERR_HOSTNAME_MISMATCH:
        case X509_V_ERR_IP_ADDRESS_MISMATCH:
            facts.summary = fmt::format("the peer's certificate is not for '{}'", host);
            facts.details = {{"it is for", names_of(certificate)}};
            facts.hints = {"use one of those names, or have a certificate made that has this one (subjectAltName)"};
            break;
        case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
            facts.summary = "the peer's certificate is signed by itself, and not trusted";
            facts.hints = {"give that certificate itself as ca.pem (DOCKER_CERT_PATH, or the Docker context)"};
            break;
        case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
        case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
        case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
        case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
        case X509_V_ERR_CERT_SIGNATURE_FAILURE:
            facts.summary = "the peer's certificate is signed by an authority that is not trusted";
            facts.details = {{"signed by", name_text(X509_get_issuer_name(certificate))}};
            facts.hints = {k_trust_hint};
            break;
        default:
            facts.summary =
                fmt::format("the peer's certificate is not trusted: {}", X509_verify_cert_error_string(verdict));
            facts.hints = {k_trust_hint};
            break;
    }
    return facts;
}

/// Alerts are what the other side says before it hangs up.
bool is_alert(int reason) {
    return reason >= SSL_AD_REASON_OFFSET;
}

ErrorFacts refused(int alert) {
    switch (alert) {
        case SSL_AD_CERTIFICATE_REQUIRED:
        case SSL_AD_HANDSHAKE_FAILURE:
            return {.summary = "the peer wants a certificate of ours, or speaks no kind of TLS that we do",
                    .hints = {"give cert.pem and key.pem (DOCKER_CERT_PATH, or the Docker context)"}};
        case SSL_AD_UNKNOWN_CA:
            return {.summary = "the peer does not trust the authority that signed our certificate",
                    .hints = {"use a cert.pem that the engine's own authority signed (its 'tlscacert')"}};
        case SSL_AD_BAD_CERTIFICATE:
        case SSL_AD_CERTIFICATE_EXPIRED:
        case SSL_AD_CERTIFICATE_REVOKED:
        case SSL_AD_CERTIFICATE_UNKNOWN:
        case SSL_AD_UNSUPPORTED_CERTIFICATE:
        case SSL_AD_ACCESS_DENIED:
            return {
                .summary = fmt::format("the peer does not take our certificate: {}", SSL_alert_desc_string_long(alert)),
                .hints = {"cert.pem has to be in date, for clients, and signed by the engine's own authority; "
                          "without one, give cert.pem and key.pem"}};
        case SSL_AD_PROTOCOL_VERSION:
            return {.summary = "the peer speaks no TLS as new as 1.2", .hints = {"bring the engine up to date"}};
        default:
            return {.summary = fmt::format("the peer ended TLS: {}", SSL_alert_desc_string_long(alert)),
                    .hints = {"look into the engine's log"}};
    }
}

}  // namespace

int judge(int accepted, x509_store_ctx_st* looking) {
    if (accepted == 1) {
        return 1;
    }
    const auto* ssl = static_cast<SSL*>(X509_STORE_CTX_get_ex_data(looking, SSL_get_ex_data_X509_STORE_CTX_idx()));
    auto* verdict = static_cast<Verdict*>(SSL_get_ex_data(ssl, 0));
    if (const X509* certificate = X509_STORE_CTX_get_current_cert(looking); certificate != nullptr) {
        verdict->refused = untrusted(X509_STORE_CTX_get_error(looking), certificate, verdict->host);
    }
    return 0;
}

TransportFailure tls_failure(const Verdict& verdict, bool connected) {
    const unsigned long code = ERR_peek_error();
    const int reason = ERR_GET_REASON(code);
    const char* words = ERR_reason_error_string(code);
    const std::string said = words != nullptr ? words : "no reason is known";
    ERR_clear_error();
    ErrorFacts facts;
    if (reason == SSL_R_CERTIFICATE_VERIFY_FAILED) {
        facts = verdict.refused.value_or(
            ErrorFacts{.summary = "the peer's certificate is not trusted: " + said, .hints = {k_trust_hint}});
    } else if (is_alert(reason)) {
        facts = refused(reason - SSL_AD_REASON_OFFSET);
    } else if (!connected && (reason == SSL_R_WRONG_VERSION_NUMBER || reason == SSL_R_HTTP_REQUEST ||
                              reason == SSL_R_PACKET_LENGTH_TOO_LONG || reason == SSL_R_BAD_RECORD_TYPE)) {
        facts = {.summary = "what listens there speaks no TLS",
                 .hints = {"unset DOCKER_TLS_VERIFY if that is meant, or name the port where it does (usually 2376)"}};
    } else if (reason == SSL_R_UNSUPPORTED_PROTOCOL) {
        facts = {.summary = "the peer speaks no TLS as new as 1.2", .hints = {"bring the engine up to date"}};
    } else {
        facts = {.summary = "TLS failed: " + said, .hints = {"look into the engine's log"}};
    }
    const std::string summary = facts.summary;
    return {k_tls_failed, summary, std::move(facts)};
}

}  // namespace berth::http::internal

// SPDX-License-Identifier: Apache-2.0
#include <berth/core/log.hpp>
#include <berth/http/internal/exchange.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace berth::http::internal {
namespace {

constexpr std::size_t k_chunk = 64 * 1024;
/// Bodies up to this size are copied behind the head, which costs less than handing the kernel two parts.
constexpr std::size_t k_small_body = 16 * 1024;
constexpr int k_switching_protocols = 101;
/// `100 Continue` and kin in front of the answer; more than a few are a peer that never answers.
constexpr int k_most_interim_answers = 16;

using Sent = Wire::Sent;

Sent send_with_body(Wire& wire, const std::string& head, const std::string& body, const Progress& progress,
                    const Deadline& deadline) {
    if (body.empty()) {
        return wire.send({head}, false, progress, deadline);
    }
    if (body.size() <= k_small_body) {
        return wire.send({head + body}, true, progress, deadline);
    }
    return wire.send({head, body}, true, progress, deadline);
}

/// Each piece as its source gives it, in chunks of at most 64 KiB. The peer may answer before the end (no such folder),
/// and then closes; so before each chunk it is asked whether it did. The head goes out with the first chunk.
Sent send_with_source(Wire& wire, const std::string& head, const BodySource& source, const Progress& progress,
                      const Deadline& deadline) {
    std::string before = head;
    for (;;) {
        std::string_view piece = source();
        if (piece.empty()) {
            return wire.send({before + "0\r\n\r\n"}, true, progress, deadline);
        }
        while (!piece.empty()) {
            const auto chunk = piece.substr(0, k_chunk);
            piece.remove_prefix(chunk.size());
            deadline.throw_if_cancelled();
            if (deadline.passed()) {
                progress.timed_out();
            }
            if (before.empty() && wire.readable()) {
                return Sent::answered;
            }
            before += fmt::format("{:x}\r\n", chunk.size());
            if (const auto sent = wire.send({before, chunk, "\r\n"}, true, progress, deadline); sent != Sent::all) {
                return sent;
            }
            before.clear();
        }
    }
}

ParsedHead read_final_head(Connection& connection, const Request& request, const Limits& limits, Progress& progress,
                           const Deadline& deadline) {
    for (int interim = 0; interim <= k_most_interim_answers; ++interim) {
        ParsedHead parsed = read_head(connection.in, limits.head, progress, deadline);
        if (parsed.head.status >= 200) {
            return parsed;
        }
        if (parsed.head.status == k_switching_protocols) {
            if (request.upgrade) {
                return parsed;
            }
            progress.nonsense("the answer is 101, and no upgrade was asked for");
        }
    }
    progress.nonsense(fmt::format("more than {} interim answers came, and no answer", k_most_interim_answers));
}

bool stays_open(const ParsedHead& parsed) {
    bool open = !parsed.http_1_0;
    for (const auto& [name, value] : parsed.head.headers.all()) {
        if (same_name(name, "Connection")) {
            if (has_token(value, "close")) {
                return false;
            }
            open = open || has_token(value, "keep-alive");
        }
    }
    return open;
}

}  // namespace

Answer exchange(Connection& connection, const Request& request, const std::string& request_head, const Limits& limits,
                Progress& progress, const Deadline& deadline) {
    deadline.throw_if_cancelled();
    progress.stage = Stage::sending;
    Wire& wire = connection.wire;
    const Sent sent = request.source ? send_with_source(wire, request_head, request.source, progress, deadline)
                                     : send_with_body(wire, request_head, request.body, progress, deadline);
    ParsedHead parsed;
    try {
        parsed = read_final_head(connection, request, limits, progress, deadline);
    } catch (const BrokenExchange& failure) {
        // Sending failed, and no answer lay there that would say why: then the failed send is the news.
        const bool says_more = failure.code() == k_tls_failed || failure.code() == k_ssh_failed;
        if (sent == Sent::failed && failure.stage() == Stage::sending && !says_more) {
            progress.lost(wire.send_error());
        }
        throw;
    }
    const Framing framing = framing_of(request, parsed, progress);
    const bool ends_before_connection = framing.kind != Framing::Kind::closing && framing.kind != Framing::Kind::raw;
    const bool reusable = sent == Sent::all && ends_before_connection && stays_open(parsed);
    return {std::move(parsed.head), BodyReader(connection.in, framing, limits.head), reusable};
}

void log_exchange(const Progress& progress, int status, Deadline::Clock::time_point begin) {
    if (log::enabled(log::Level::debug)) {
        const std::chrono::duration<double, std::milli> took = Deadline::Clock::now() - begin;
        log::debug(fmt::format("{} -> {} in {:.1f}ms", progress.operation, status, took.count()));
    }
}

}  // namespace berth::http::internal

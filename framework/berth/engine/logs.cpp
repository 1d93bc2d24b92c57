// SPDX-License-Identifier: Apache-2.0
#include <berth/engine/containers.hpp>
#include <berth/engine/internal/frames.hpp>
#include <berth/engine/internal/wire.hpp>

#include <fmt/format.h>

#include <vector>

namespace berth {
namespace {

constexpr std::size_t k_piece = 32 * 1024;
// logs() keeps what it reads; follow() does not.
constexpr std::size_t k_most_kept = 64 << 20;

engine::Call call_for(const ContainerId& id, const LogOptions& options, bool follow) {
    engine::Call call{.purpose = fmt::format("cannot read the log of container '{}'", engine::shown(id.text)),
                      .path = fmt::format("/containers/{}/logs", http::encode_segment(id.text))};
    call.query = {{"stdout", options.standard_output ? "1" : "0"}, {"stderr", options.standard_error ? "1" : "0"}};
    if (follow) {
        call.query.emplace_back("follow", "1");
    }
    if (options.timestamps) {
        call.query.emplace_back("timestamps", "1");
    }
    if (options.tail) {
        call.query.emplace_back("tail", std::to_string(*options.tail));
    }
    if (options.since) {
        call.query.emplace_back("since", std::to_string(*options.since));
    }
    return call;
}

void read_log(const Engine::Wire& wire, const engine::Call& call, const LogOptions& options,
              const std::function<bool(LogLine)>& on_line, const Deadline& deadline) {
    http::Stream stream = wire.open(call, {200}, deadline);
    engine::LineAssembler lines(options, on_line);
    bool wanted = true;
    engine::FrameReader frames(wire.about(call), [&](int from, std::string_view bytes, bool begins, bool) {
        wanted = wanted && lines.feed(from == 2 ? LogLine::Stream::err : LogLine::Stream::out, bytes, begins);
    });
    std::vector<char> buffer(k_piece);
    while (wanted) {
        const std::size_t size = wire.read(call, stream, buffer.data(), buffer.size(), deadline);
        if (size == 0) {
            break;
        }
        const std::string_view bytes(buffer.data(), size);
        if (options.tty) {
            wanted = lines.feed(LogLine::Stream::out, bytes, false);
        } else {
            frames.feed(bytes);
        }
    }
    if (wanted) {
        frames.finish();
        lines.finish();
    }
}

}  // namespace

std::vector<LogLine> Containers::logs(const ContainerId& id, const LogOptions& options, Deadline deadline) {
    const engine::Call call = call_for(id, options, false);
    std::vector<LogLine> result;
    std::size_t kept = 0;
    read_log(
        *wire_, call, options,
        [&](LogLine line) {
            kept += line.text.size() + sizeof(LogLine);
            if (kept > k_most_kept) {
                ErrorFacts facts = wire_->about(call);
                facts.code = "BR0112";
                facts.summary += fmt::format(": it is larger than {} MiB", k_most_kept >> 20U);
                facts.hints = {"ask for its last lines only (tail), or follow it"};
                throw ExchangeFailed(std::move(facts));
            }
            result.push_back(std::move(line));
            return true;
        },
        deadline);
    return result;
}

void Containers::follow(const ContainerId& id, const LogOptions& options,
                        const std::function<bool(const LogLine&)>& on_line, Deadline deadline) {
    read_log(
        *wire_, call_for(id, options, true), options, [&](const LogLine& line) { return on_line(line); }, deadline);
}

}  // namespace berth

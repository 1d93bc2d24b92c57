// SPDX-License-Identifier: Apache-2.0
#include <berth/core/log.hpp>
#include <berth/engine/containers.hpp>
#include <berth/engine/internal/frames.hpp>
#include <berth/engine/internal/log_memory.hpp>
#include <berth/engine/internal/wire.hpp>

#include <fmt/format.h>

#include <vector>

namespace berth {
namespace {

constexpr std::size_t k_piece = 32 * 1024;
// logs() keeps what it reads; follow() does not.
constexpr std::size_t k_most_kept = 64 << 20;
// Docker hands on what has no line end in frames of exactly so many bytes.
constexpr std::size_t k_docker_partial = 16 * 1024;
// An engine may be away for so long before following it is given up.
constexpr std::chrono::seconds k_away_patience{30};

engine::Call call_for(const ContainerId& id, const LogOptions& options, bool follow) {
    engine::Call call{.purpose = fmt::format("cannot read the log of container '{}'", engine::shown(id.text)),
                      .path = fmt::format("/containers/{}/logs", http::encode_segment(id.text))};
    call.query = {{"stdout", options.standard_output ? "1" : "0"}, {"stderr", options.standard_error ? "1" : "0"}};
    const auto add = [&](const char* key, const auto& number) {
        if (number) {
            call.query.emplace_back(key, std::to_string(*number));
        }
    };
    if (follow) {
        call.query.emplace_back("follow", "1");
    }
    if (options.timestamps) {
        call.query.emplace_back("timestamps", "1");
    }
    add("tail", options.tail);
    add("since", options.since);
    if (!follow) {
        add("until", options.until);
    }
    return call;
}

/// @returns false when `on_line` wanted no more
bool read_log(const Engine::Wire& wire, const engine::Call& call, const LogOptions& options,
              const std::function<bool(LogLine)>& on_line, const Deadline& deadline) {
    http::Stream stream = wire.open(call, {200}, deadline);
    const bool is_docker = wire.facts().kind == EngineKind::docker;
    engine::LineAssembler lines(options, on_line, is_docker && !options.tty ? k_docker_partial : 0);
    bool wanted = true;
    engine::FrameReader frames(wire.about(call), [&](int from, std::string_view bytes, bool begins, bool ends) {
        wanted = wanted && lines.feed(from == 2 ? LogLine::Stream::err : LogLine::Stream::out, bytes, begins, ends);
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
        if (!options.tty) {
            frames.finish();
        }
        wanted = lines.finish();
    }
    return wanted;
}

/// Follows a log through the ends of its streams: asks again from the newest line on, and leaves out what was given.
class LastingFollow {
  public:
    LastingFollow(const Engine::Wire& wire, Containers& containers, const ContainerId& id, const LogOptions& options,
                  const std::function<bool(const LogLine&)>& on_line, const Deadline& deadline)
        : wire_(wire),
          containers_(containers),
          id_(id),
          asked_(options),
          options_(options),
          on_line_(on_line),
          deadline_(deadline) {
        options_.timestamps = true;
    }

    void run() {
        while (follow_once()) {
            memory_.begin_again();
            if (const auto since = memory_.since()) {
                options_.since = since;
                options_.tail.reset();
            }
            backoff_.pause(deadline_);
            if (deadline_.passed()) {
                late();
            }
        }
    }

  private:
    /// @returns whether there is more to come
    bool follow_once() {
        const auto given_before = given_;
        try {
            if (!read_log(
                    wire_, call_for(id_, options_, true), options_,
                    [this](LogLine line) { return give(std::move(line)); }, deadline_)) {
                return false;
            }
            if (given_ != given_before) {
                backoff_ = engine::Backoff();
            }
            return goes_on();
        } catch (const NotFound&) {
            if (!seen_) {
                throw;
            }
            return false;
        } catch (const ExchangeFailed& broken) {
            endure(broken);
        } catch (const EngineRefused& refused) {
            if (!seen_) {
                throw;
            }
            endure(refused);  // what the engine says in the midst of a log that it rotates
        }
        return true;
    }

    bool give(LogLine line) {
        seen_ = true;
        if (!memory_.is_new(line)) {
            return true;
        }
        ++given_;
        away_since_.reset();
        if (!asked_.timestamps) {
            line.time.clear();
        }
        return on_line_(line);
    }

    bool goes_on() {
        const auto facts = containers_.find(id_, deadline_);
        seen_ = true;
        away_since_.reset();
        if (!facts) {
            return false;
        }
        if (facts->started_at != started_at_) {  // another run: its log has to be read, however short it was
            started_at_ = facts->started_at;
            return true;
        }
        return facts->running || facts->status == Status::restarting || asked_.follow_until == FollowUntil::removal;
    }

    void endure(const Error& error) {
        const auto now = Deadline::Clock::now();
        away_since_ = away_since_.value_or(now);
        if (now - *away_since_ > k_away_patience) {
            throw;
        }
        log::debug(fmt::format("logs: {}; asking again", error.summary()));
    }

    [[noreturn]] void late() const {
        ErrorFacts facts = wire_.about(call_for(id_, options_, true));
        facts.code = "BR0103";
        facts.summary += ": it did not come to its end in time";
        facts.hints = {"allow more time"};
        throw TimedOut(std::move(facts));
    }

    const Engine::Wire& wire_;
    Containers& containers_;
    const ContainerId& id_;
    const LogOptions& asked_;
    LogOptions options_;
    const std::function<bool(const LogLine&)>& on_line_;
    const Deadline& deadline_;
    engine::LogMemory memory_;
    engine::Backoff backoff_;
    std::optional<Deadline::Clock::time_point> away_since_;
    std::string started_at_;
    std::uint64_t given_{0};
    bool seen_{false};
};

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
    if (options.follow_until == FollowUntil::stream_end) {
        read_log(
            *wire_, call_for(id, options, true), options, [&](const LogLine& line) { return on_line(line); }, deadline);
        return;
    }
    LastingFollow(*wire_, *this, id, options, on_line, deadline).run();
}

}  // namespace berth

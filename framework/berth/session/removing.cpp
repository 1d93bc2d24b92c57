// SPDX-License-Identifier: Apache-2.0
#include <berth/engine/containers.hpp>
#include <berth/engine/networks.hpp>
#include <berth/engine/volumes.hpp>
#include <berth/session/internal/removing.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>

namespace berth::removing {
namespace {

constexpr int k_forbidden = 403;
constexpr int k_conflict = 409;
constexpr int k_server_error = 500;
constexpr std::size_t k_at_once = 8;

// A network's last endpoints go a moment after their containers do, so the first attempt may take that long; what is
// still attached then is not ours, and only its attachment is.
constexpr std::chrono::seconds k_endpoints_go{2};

void remove_network(const Engine& engine, const std::string& id, const Deadline& deadline) {
    auto networks = engine.networks();
    try {
        networks.remove(id, deadline.sooner(k_endpoints_go));
        return;
    } catch (const Error& error) {
        if (error.http_status() != k_forbidden && dynamic_cast<const TimedOut*>(&error) == nullptr) {
            throw;
        }
    }
    const auto facts = networks.find(id, deadline);
    if (!facts) {
        return;
    }
    for (const auto& container : facts->containers) {
        try {
            networks.disconnect(id, container, true, deadline);
        } catch (const NotFound&) {
            continue;  // it went by itself
        }
    }
    networks.remove(id, deadline);
}

bool is_ours(const Labels& labels, const Session& session) {
    const auto label = labels.find("berth.session");
    return label != labels.end() && label->second == session.id();
}

// What carries the name and was made by this session. Network names are not unique, hence a list.
std::vector<LedgerEntry> made_under_this_name(const Session& session, const LedgerEntry& entry,
                                              const Deadline& deadline) {
    std::vector<LedgerEntry> made;
    switch (entry.kind) {
        case ObjectKind::container:
            if (const auto facts = session.engine().containers().find(ContainerId{entry.name}, deadline);
                facts && is_ours(facts->labels, session)) {
                made.push_back({entry.kind, entry.name, facts->id.text});
            }
            break;
        case ObjectKind::network:
            for (const auto& facts : session.engine().networks().list({"berth.session=" + session.id()}, deadline)) {
                if (facts.name == entry.name) {
                    made.push_back({entry.kind, entry.name, facts.id});
                }
            }
            break;
        case ObjectKind::volume:
            if (const auto facts = session.engine().volumes().find(entry.name, deadline);
                facts && is_ours(facts->labels, session)) {
                made.push_back({entry.kind, entry.name, entry.name});
            }
            break;
    }
    return made;
}

}  // namespace

bool Backoff::wait(const Deadline& deadline) {
    std::mutex mutex;
    std::condition_variable_any never_notified;
    std::unique_lock lock(mutex);
    deadline.sooner(next_).wait(never_notified, lock, [] { return false; });
    next_ = std::min(next_ * 2, longest_);
    return !deadline.passed();
}

bool worth_retrying(const Error& error) noexcept {
    if (dynamic_cast<const EngineRefused*>(&error) == nullptr) {
        return true;  // no answer, or none that can be read
    }
    const int status = error.http_status();
    return status == k_forbidden || status == k_conflict || status >= k_server_error;
}

void remove_once(const Engine& engine, const LedgerEntry& entry, Deadline deadline) {
    const Deadline attempt = deadline.sooner(k_attempt);
    try {
        switch (entry.kind) {
            case ObjectKind::container:
                engine.containers().remove(ContainerId{entry.id}, {}, attempt);
                break;
            case ObjectKind::network:
                remove_network(engine, entry.id, attempt);
                break;
            case ObjectKind::volume:
                engine.volumes().remove(entry.name, attempt);
                break;
        }
    } catch (const NotFound&) {
        return;  // gone is what was asked for
    }
}

void remove(const Engine& engine, const LedgerEntry& entry, Deadline deadline) {
    Backoff backoff;
    while (true) {
        try {
            remove_once(engine, entry, deadline);
            return;
        } catch (const Error& error) {
            if (!worth_retrying(error) || !backoff.wait(deadline)) {
                throw;
            }
        }
    }
}

void settle(const Session& session, const LedgerEntry& entry, Deadline deadline) {
    using Clock = Deadline::Clock;
    Backoff backoff{std::chrono::milliseconds{250}};
    std::optional<Clock::time_point> absent_since;
    std::string last_seen = "it was not there yet";
    while (true) {
        try {
            const auto made = made_under_this_name(session, entry, deadline.sooner(k_attempt));
            if (!made.empty()) {
                for (const auto& each : made) {
                    remove(session.engine(), each, deadline);
                }
                return;
            }
            const auto now = Clock::now();
            absent_since = absent_since.value_or(now);
            if (now - *absent_since >= k_settle) {
                return;
            }
        } catch (const Error& error) {
            if (!worth_retrying(error)) {
                throw;
            }
            absent_since.reset();  // absence counts only while the engine answers
            last_seen = error.summary();
        }
        if (!backoff.wait(deadline)) {
            throw InDoubt({.code = "BR0502",
                           .summary = fmt::format("cannot tell whether {} '{}' was made: the answer to its create was "
                                                  "lost",
                                                  word(entry.kind), entry.name),
                           .endpoint = session.engine().facts().endpoint,
                           .details = {{"last look", last_seen}},
                           .hints = {fmt::format("when the engine answers again, look for the label berth.session={}",
                                                 session.id())}});
        }
    }
}

void at_most_eight(std::size_t count, const std::function<void(std::size_t)>& work) {
    std::atomic<std::size_t> next{0};
    const auto take = [&] {
        for (std::size_t i = next++; i < count; i = next++) {
            work(i);
        }
    };
    std::vector<std::jthread> others;
    for (std::size_t i = 1; i < std::min(count, k_at_once); ++i) {
        try {
            others.emplace_back(take);
        } catch (const std::system_error&) {
            break;  // no more threads are to be had: fewer do the same work
        }
    }
    take();
}

std::string_view word(ObjectKind kind) noexcept {
    switch (kind) {
        case ObjectKind::container:
            return "container";
        case ObjectKind::network:
            return "network";
        case ObjectKind::volume:
            return "volume";
    }
    return "object";
}

}  // namespace berth::removing

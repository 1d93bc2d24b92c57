// SPDX-License-Identifier: Apache-2.0
#include <berth/core/units.hpp>
#include <berth/fake/internal/router.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <limits>

namespace berth::fake {
namespace {

constexpr std::int64_t k_second = 1'000'000'000;

/// `1795529079` or `1795529079.25`, in nanoseconds.
std::optional<std::int64_t> point(const std::string& text) {
    if (text.empty()) {
        return std::nullopt;
    }
    const auto dot = text.find('.');
    const auto seconds = parse_integer(text.substr(0, dot));
    std::string fraction = dot == std::string::npos ? std::string{} : text.substr(dot + 1);
    constexpr std::size_t k_digits = 9;
    fraction.resize(k_digits, '0');
    const auto nano = parse_integer(fraction.substr(
        fraction.find_first_not_of('0') == std::string::npos ? k_digits - 1 : fraction.find_first_not_of('0')));
    if (!seconds || !nano) {
        throw Refusal{400, fmt::format("strconv.ParseInt: parsing \"{}\": invalid syntax", text)};
    }
    return *seconds * k_second + *nano;
}

struct LogQuery {
    bool out{false};
    bool err{false};
    bool timestamps{false};
    bool follow{false};
    std::int64_t since{0};
    std::int64_t until{std::numeric_limits<std::int64_t>::max()};
    std::optional<std::int64_t> tail{};

    [[nodiscard]] bool wants(const LogEntry& entry, bool tty) const {
        return (tty || entry.stream == Stream::out ? out : err) && entry.time >= since && entry.time <= until;
    }
};

LogQuery log_query(const Asked& asked) {
    LogQuery query;
    query.out = asked.flag("stdout");
    query.err = asked.flag("stderr");
    query.timestamps = asked.flag("timestamps");
    query.follow = asked.flag("follow");
    query.since = point(asked.parameter("since")).value_or(0);
    if (const auto until = point(asked.parameter("until")); until && *until > 0) {
        query.until = *until;
    }
    if (const auto tail = parse_integer(asked.parameter("tail")); tail && *tail >= 0) {
        query.tail = *tail;
    }
    if (!query.out && !query.err) {
        throw Refusal{400, "Bad parameters: you must choose at least one stream"};
    }
    return query;
}

std::string log_bytes(const LogEntry& entry, const LogQuery& query, bool tty) {
    std::string text = query.timestamps ? time_text(entry.time) + ' ' + entry.text : entry.text;
    if (tty) {
        text.insert(text.size() - 1, "\r");
        return text;
    }
    return frame(entry.stream == Stream::out ? 1 : 2, text);
}

}  // namespace

void read_logs(Exchange& exchange) {
    const LogQuery query = log_query(exchange.asked);
    auto lock = exchange.lock();
    const auto box = exchange.container();
    const bool tty = box->config.value("Tty", false);
    std::size_t next = 0;
    if (query.tail) {
        std::int64_t left = *query.tail;
        for (next = box->log.size(); next > 0 && left > 0; --next) {
            left -= query.wants(box->log[next - 1], tty) ? 1 : 0;
        }
    }
    lock.unlock();
    exchange.answer.begin(200, exchange.stream_type(tty));
    StreamWait wait(exchange);
    lock.lock();
    const auto life = box->life;
    for (;;) {
        std::vector<std::string> pieces;
        for (; next < box->log.size(); ++next) {
            if (query.wants(box->log[next], tty)) {
                pieces.push_back(log_bytes(box->log[next], query, tty));
            }
        }
        const bool ended = !query.follow || !box->runs() || box->life != life;
        lock.unlock();
        for (const auto& piece : pieces) {
            if (!exchange.answer.chunk(piece)) {
                return;
            }
        }
        if (ended) {
            exchange.answer.end_chunks();
            return;
        }
        lock.lock();
        if (!wait.until(lock, [&] { return next < box->log.size() || !box->runs() || box->life != life; })) {
            lock.unlock();  // whoever watches for the hang-up may want it, and is waited for
            exchange.answer.close_after();
            return;
        }
    }
}

void wait_container(Exchange& exchange) {
    const std::string condition = exchange.asked.parameter("condition");
    auto lock = exchange.lock();
    const auto box = exchange.container();
    if (!condition.empty() && condition != "not-running" && condition != "next-exit" && condition != "removed") {
        throw Refusal{400, fmt::format("invalid condition: \"{}\"", condition)};
    }
    const auto life = box->life;
    const bool ran = box->runs();
    lock.unlock();
    exchange.answer.begin(200, "application/json");
    StreamWait wait(exchange);
    lock.lock();
    const bool came = wait.until(lock, [&] {
        if (condition == "removed") {
            return box->removed;
        }
        if (condition == "next-exit") {
            // An exit after this call: of the life that went on then, or of a later one.
            return box->removed || (!box->runs() && (ran ? true : box->life != life));
        }
        return !box->runs();
    });
    const int code = box->exit_code;
    lock.unlock();
    if (!came) {
        exchange.answer.close_after();
        return;
    }
    exchange.answer.chunk(fmt::format("{{\"StatusCode\":{}}}\n", code));
    exchange.answer.end_chunks();
}

void follow_events(Exchange& exchange) {
    auto filters = exchange.filters({});
    const auto since = point(exchange.asked.parameter("since"));
    const auto until = point(exchange.asked.parameter("until"));
    const auto wanted = [&](const EventEntry& entry) {
        const Json& json = entry.json;
        const std::string action = json["Action"];
        const Json& attributes = json["Actor"]["Attributes"];
        const auto any = [](const std::vector<std::string>& values, auto fits) {
            return values.empty() || std::any_of(values.begin(), values.end(), fits);
        };
        const std::string id = json["Actor"]["ID"];
        return (!since || entry.time >= *since) && (!until || entry.time <= *until) &&
               any(filters["type"], [&](const std::string& type) { return json["Type"] == type; }) &&
               any(filters["event"],
                   [&](const std::string& event) { return action == event || action.rfind(event + ":", 0) == 0; }) &&
               any(filters["container"],
                   [&](const std::string& name) {
                       return json["Type"] == "container" &&
                              (id.rfind(name, 0) == 0 || attributes.value("name", "").rfind(name, 0) == 0);
                   }) &&
               has_labels(attributes, filters["label"]);
    };
    std::size_t next = 0;
    {
        const auto lock = exchange.lock();
        next = since ? 0 : exchange.world.events.size();
    }
    exchange.answer.begin(200, "application/json");
    StreamWait wait(exchange);
    const std::chrono::system_clock::time_point end(
        std::chrono::duration_cast<std::chrono::system_clock::duration>(std::chrono::nanoseconds(until.value_or(0))));
    auto lock = exchange.lock();
    for (;;) {
        std::vector<std::string> pieces;
        for (; next < exchange.world.events.size(); ++next) {
            if (wanted(exchange.world.events[next])) {
                pieces.push_back(exchange.world.events[next].json.dump() + '\n');
            }
        }
        lock.unlock();
        for (const auto& piece : pieces) {
            if (!exchange.answer.chunk(piece)) {
                return;
            }
        }
        if (until && now_nano() >= *until) {
            exchange.answer.end_chunks();
            return;
        }
        lock.lock();
        const auto news = [&] { return next < exchange.world.events.size(); };
        if (!(until ? wait.until(lock, news, end) : wait.until(lock, news))) {
            exchange.answer.close_after();
            return;
        }
    }
}

}  // namespace berth::fake

// SPDX-License-Identifier: Apache-2.0
#include <tests/support/recording_proxy.hpp>

#include <algorithm>
#include <iostream>
#include <regex>
#include <utility>

namespace berth::support {
namespace {

constexpr std::string_view k_last_chunk = "0\r\n\r\n";
constexpr std::size_t k_kept = 1 << 20;

}  // namespace

/// An exchange that may still go on.
struct RecordingProxy::Record {
    explicit Record(const Received& head) : request(head), answer(head.method) {}
    std::mutex mutex{};
    Received request;
    AnswerParser answer;
};

struct RecordingProxy::Link {
    Link(std::size_t count, process::Descriptor from, process::Descriptor to)
        : number(count), client(std::move(from)), engine(std::move(to)), parser(count) {}

    std::size_t number;
    process::Descriptor client;
    process::Descriptor engine;
    // Of the thread that pumps up:
    RequestParser parser;
    std::optional<Received> request{};
    bool upgraded{false};
    std::size_t request_sent{0};
    // Set by it before the request goes on, read by the thread that pumps down when the answer comes:
    std::mutex mutex{};
    std::shared_ptr<const Fault> fault{};
    std::shared_ptr<Record> record{};
    std::size_t answer_sent{0};
    std::string kept_back{};  // of the answer

    std::thread up{};
    std::thread down{};

    std::shared_ptr<const Fault> acting() {
        const std::lock_guard lock(mutex);
        return fault;
    }
    void cut() const noexcept {
        shut_down(client);
        shut_down(engine);
    }
};

RecordingProxy::RecordingProxy(std::string engine_socket)
    : engine_socket_(std::move(engine_socket)), listener_(listen_unix(path())) {
    accepting_ = std::thread([this] { accept_all(); });
}

RecordingProxy::~RecordingProxy() {
    stop_.request_stop();
    accepting_.join();
    for (auto& link : links_) {
        link.up.join();
        link.down.join();
    }
}

std::vector<RecordingProxy::Call> RecordingProxy::calls() const {
    const std::lock_guard lock(mutex_);
    std::vector<Call> calls;
    for (const auto& each : records_) {
        calls.push_back({each->request.connection, each->request.line()});
    }
    return calls;
}

std::vector<std::string> RecordingProxy::lines() const {
    std::vector<std::string> lines;
    for (auto& call : calls()) {
        lines.push_back(std::move(call.line));
    }
    return lines;
}

std::vector<RecordingProxy::Exchange> RecordingProxy::exchanges() const {
    const std::lock_guard lock(mutex_);
    std::vector<Exchange> exchanges;
    for (const auto& each : records_) {
        const std::lock_guard record_lock(each->mutex);
        exchanges.push_back({each->request, each->answer.answer()});
    }
    return exchanges;
}

void RecordingProxy::forget() {
    const std::lock_guard lock(mutex_);
    records_.clear();
}

void RecordingProxy::inject(Fault fault) {
    const std::lock_guard lock(mutex_);
    faults_.push_back(std::move(fault));
}

void RecordingProxy::heal() {
    const std::lock_guard lock(mutex_);
    faults_.clear();
}

http::Endpoint RecordingProxy::endpoint() const {
    return {.scheme = http::Endpoint::Scheme::unix_socket, .path = path()};
}

void RecordingProxy::accept_all() {
    const auto stop = stop_.get_token();
    std::size_t number = 0;
    for (;;) {
        try {
            process::Descriptor client = accept_one(listener_, Deadline::never(stop));
            Link& link = links_.emplace_back(++number, std::move(client), connect_unix(engine_socket_));
            link.up = std::thread([this, &link] { pump_up(link); });
            link.down = std::thread([this, &link] { pump_down(link); });
        } catch (const Cancelled&) {
            return;
        } catch (const std::exception& error) {
            std::cerr << "recording proxy: " << error.what() << '\n';  // the client reads an end
        }
    }
}

void RecordingProxy::note(Link& link, const Received& request) {
    const std::lock_guard lock(mutex_);
    const std::lock_guard link_lock(link.mutex);
    link.record = std::make_shared<Record>(request);
    records_.push_back(link.record);
    link.fault.reset();
    link.answer_sent = 0;
    link.request_sent = 0;
    link.kept_back.clear();
    for (auto fault = faults_.begin(); fault != faults_.end(); ++fault) {
        const bool fits = (fault->method.empty() || fault->method == request.method) &&
                          std::regex_search(request.target, std::regex(fault->target));
        if (!fits) {
            continue;
        }
        if (fault->nth > 1) {
            --fault->nth;
            continue;
        }
        link.fault = std::make_shared<const Fault>(*fault);
        if (--fault->times == 0) {
            faults_.erase(fault);
        }
        return;
    }
}

void RecordingProxy::note_body(Link& link, const Received& request) {
    const std::lock_guard lock(link.record->mutex);
    link.record->request.body = request.body.substr(0, k_kept);
    link.record->request.body_complete = request.body_complete;
}

std::optional<Answered> RecordingProxy::note_answer(Link& link, std::string_view bytes) {
    std::shared_ptr<Record> record;
    {
        const std::lock_guard lock(link.mutex);
        record = link.record;
    }
    if (!record) {
        return std::nullopt;
    }
    const std::lock_guard lock(record->mutex);
    if (bytes.empty()) {
        record->answer.end();
    } else {
        record->answer.feed(bytes);
    }
    return record->answer.answer().whole ? std::optional(record->answer.answer()) : std::nullopt;
}

bool RecordingProxy::send_slowly(const process::Descriptor& to, std::string_view bytes, const Fault& fault) {
    const auto piece = std::max<std::size_t>(fault.bytes, 1);
    const Gate never;
    while (!bytes.empty()) {
        if (!send_all(to, bytes.substr(0, piece), Deadline::never(stop_.get_token()))) {
            return false;
        }
        bytes.remove_prefix(std::min(piece, bytes.size()));
        [[maybe_unused]] const bool passed =
            fault.time.count() == 0 || never.wait(within(fault.time, stop_.get_token()));
    }
    return true;
}

bool RecordingProxy::pass_up(Link& link, std::string_view bytes) {
    const auto fault = link.acting();
    const auto deadline = Deadline::never(stop_.get_token());
    if (fault && fault->kind == Fault::Kind::slow) {
        fault->reached.open();
        return send_slowly(link.engine, bytes, *fault);
    }
    if (!fault || (fault->kind != Fault::Kind::cut_request && fault->kind != Fault::Kind::stall_request)) {
        return send_all(link.engine, bytes, deadline);
    }
    const auto allowed = std::min(bytes.size(), fault->bytes - std::min(fault->bytes, link.request_sent));
    link.request_sent += allowed;
    bool passed = send_all(link.engine, bytes.substr(0, allowed), deadline);
    if (link.request_sent < fault->bytes) {
        return passed;
    }
    if (fault->kind == Fault::Kind::cut_request) {
        fault->reached.open();
        link.cut();
        return false;
    }
    fault->reached.open();
    passed = passed && fault->release.wait(deadline);
    return passed && send_all(link.engine, bytes.substr(allowed), deadline);
}

/// A request is noted, and its fault armed, before a byte of it goes on. Clients do not send the next request before
/// the answer, so what came belongs to one request, or begins one.
bool RecordingProxy::take_request(Link& link, const std::string& bytes, std::string& held) {
    link.parser.feed(bytes);
    held += bytes;
    if (!link.request) {
        link.request = link.parser.take_head();
        if (!link.request) {
            return true;
        }
        note(link, *link.request);
    }
    const auto fault = link.acting();
    const bool refused = fault && fault->kind == Fault::Kind::refuse;
    link.upgraded = !refused && !link.request->header("Upgrade").empty();
    bool whole = false;
    if (!link.upgraded && link.parser.take_body(*link.request)) {
        note_body(link, *link.request);
        link.request.reset();
        whole = true;
    } else {
        link.request->raw.clear();  // large uploads pass through, and are not kept
    }
    if (!refused) {
        return pass_up(link, std::exchange(held, {}));
    }
    held.clear();
    if (whole) {
        fault->reached.open();
        return send_all(link.client, fault->text, Deadline::never(stop_.get_token()));
    }
    return true;
}

void RecordingProxy::pump_up(Link& link) {
    const auto deadline = Deadline::never(stop_.get_token());
    std::string held;  // the beginning of a head
    try {
        for (;;) {
            const std::string bytes = receive_some(link.client, deadline);
            if (bytes.empty()) {
                finish_sending(link.engine);
                return;
            }
            if (link.upgraded ? !pass_up(link, bytes) : !take_request(link, bytes, held)) {
                return;
            }
        }
    } catch (const Cancelled&) {
        link.cut();
    } catch (const std::exception& error) {
        std::cerr << "recording proxy: " << error.what() << '\n';
        link.cut();
    }
}

bool RecordingProxy::pass_down(Link& link, std::string_view bytes) {
    const auto whole = note_answer(link, bytes);
    const auto fault = link.acting();
    const auto deadline = Deadline::never(stop_.get_token());
    const auto send = [&](std::string_view some) { return send_all(link.client, some, deadline); };
    const auto cut = [&](std::string_view last) {
        static_cast<void>(send(last));  // it goes whether the client is there or not
        link.cut();
        fault->reached.open();
        return false;
    };
    if (!fault) {
        return send(bytes);
    }
    const bool begins = link.answer_sent == 0;
    switch (fault->kind) {
        case Fault::Kind::cut_request:
        case Fault::Kind::stall_request:
        case Fault::Kind::refuse:
            return send(bytes);
        case Fault::Kind::slow:
            return send_slowly(link.client, bytes, *fault);
        case Fault::Kind::drop_answer:
            return cut({});
        case Fault::Kind::garbage:
            return cut(fault->text);
        case Fault::Kind::delay_answer:
            link.answer_sent += bytes.size();
            if (begins) {
                fault->reached.open();
                [[maybe_unused]] const bool early = fault->release.wait(within(fault->time, stop_.get_token()));
            }
            return send(bytes);
        case Fault::Kind::replace_answer:
            if (whole) {
                fault->reached.open();
            }
            return !whole || send(fault->text);
        case Fault::Kind::rewrite_answer:
            if (whole) {
                fault->reached.open();
            }
            return !whole || send(fault->rewrite(*whole));
        case Fault::Kind::cut_last_chunk: {
            link.kept_back += bytes;
            const auto ready = link.kept_back.size() - std::min(link.kept_back.size(), k_last_chunk.size());
            const std::string some = link.kept_back.substr(0, ready);
            link.kept_back.erase(0, ready);
            return whole ? cut(some) : send(some);
        }
        case Fault::Kind::cut_answer:
        case Fault::Kind::hold_answer:
            break;
    }
    const auto allowed = std::min(bytes.size(), fault->bytes - std::min(fault->bytes, link.answer_sent));
    link.answer_sent += allowed;
    const std::string_view first = bytes.substr(0, allowed);
    if (fault->kind == Fault::Kind::cut_answer) {
        return link.answer_sent >= fault->bytes ? cut(first) : send(first);
    }
    if (!send(first)) {
        return false;
    }
    if (allowed == bytes.size()) {
        return true;
    }
    fault->reached.open();
    return fault->release.wait(deadline) && send(bytes.substr(allowed));
}

void RecordingProxy::pump_down(Link& link) {
    const auto deadline = Deadline::never(stop_.get_token());
    try {
        for (;;) {
            const std::string bytes = receive_some(link.engine, deadline);
            if (bytes.empty()) {
                note_answer(link, {});
                finish_sending(link.client);
                return;
            }
            if (!pass_down(link, bytes)) {
                link.cut();  // the client went away, or was made to
                return;
            }
        }
    } catch (const Cancelled&) {
        link.cut();
    } catch (const std::exception& error) {
        std::cerr << "recording proxy: " << error.what() << '\n';
        link.cut();
    }
}

}  // namespace berth::support

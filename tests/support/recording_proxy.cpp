// SPDX-License-Identifier: Apache-2.0
#include <tests/support/recording_proxy.hpp>

#include <algorithm>
#include <iostream>
#include <regex>
#include <utility>

namespace berth::support {

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
    std::optional<Fault> fault{};
    std::size_t answer_sent{0};

    std::thread up{};
    std::thread down{};

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
    return calls_;
}

std::vector<std::string> RecordingProxy::lines() const {
    std::vector<std::string> lines;
    for (auto& call : calls()) {
        lines.push_back(std::move(call.line));
    }
    return lines;
}

void RecordingProxy::forget() {
    const std::lock_guard lock(mutex_);
    calls_.clear();
}

void RecordingProxy::inject(Fault fault) {
    const std::lock_guard lock(mutex_);
    faults_.push_back(std::move(fault));
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
    calls_.push_back({link.number, request.line()});
    const std::lock_guard link_lock(link.mutex);
    link.fault.reset();
    link.answer_sent = 0;
    link.request_sent = 0;
    for (auto fault = faults_.begin(); fault != faults_.end(); ++fault) {
        const bool fits = (fault->method.empty() || fault->method == request.method) &&
                          std::regex_search(request.target, std::regex(fault->target));
        if (fits && --fault->nth == 0) {
            link.fault = std::move(*fault);
            faults_.erase(fault);
            return;
        }
    }
}

bool RecordingProxy::pass_up(Link& link, std::string_view bytes) {
    std::optional<Fault> cut;
    {
        const std::lock_guard lock(link.mutex);
        if (link.fault && link.fault->kind == Fault::Kind::cut_request) {
            cut = link.fault;
        }
    }
    const auto deadline = Deadline::never(stop_.get_token());
    if (cut) {
        const auto allowed = std::min(bytes.size(), cut->bytes - std::min(cut->bytes, link.request_sent));
        link.request_sent += allowed;
        const bool passed = send_all(link.engine, bytes.substr(0, allowed), deadline);
        if (link.request_sent >= cut->bytes) {
            cut->reached.open();
            link.cut();
            return false;
        }
        return passed;
    }
    return send_all(link.engine, bytes, deadline);
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
            if (link.upgraded) {
                if (!pass_up(link, bytes)) {
                    return;
                }
                continue;
            }
            // A request is noted, and its fault armed, before a byte of it goes on. Clients do not send the next
            // request before the answer, so what came belongs to one request, or begins one.
            link.parser.feed(bytes);
            held += bytes;
            if (!link.request) {
                link.request = link.parser.take_head();
                if (!link.request) {
                    continue;
                }
                note(link, *link.request);
                link.upgraded = !link.request->header("Upgrade").empty();
            }
            if (!link.upgraded && link.parser.take_body(*link.request)) {
                link.request.reset();
            } else {
                link.request->raw.clear();  // large uploads pass through, and are not kept
            }
            if (!pass_up(link, std::exchange(held, {}))) {
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
    std::optional<Fault> fault;
    {
        const std::lock_guard lock(link.mutex);
        fault = link.fault;
    }
    const auto deadline = Deadline::never(stop_.get_token());
    if (!fault || fault->kind == Fault::Kind::cut_request) {
        return send_all(link.client, bytes, deadline);
    }
    if (fault->kind == Fault::Kind::hold_answer) {
        fault->reached.open();
        [[maybe_unused]] const bool released = fault->release.wait(deadline);
        return send_all(link.client, bytes, deadline);
    }
    const auto limit = fault->kind == Fault::Kind::cut_answer ? fault->bytes : 0;
    const auto allowed = std::min(bytes.size(), limit - std::min(limit, link.answer_sent));
    link.answer_sent += allowed;
    const bool passed = send_all(link.client, bytes.substr(0, allowed), deadline);
    if (link.answer_sent >= limit) {
        link.cut();
        fault->reached.open();
        return false;
    }
    return passed;
}

void RecordingProxy::pump_down(Link& link) {
    const auto deadline = Deadline::never(stop_.get_token());
    try {
        for (;;) {
            const std::string bytes = receive_some(link.engine, deadline);
            if (bytes.empty()) {
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

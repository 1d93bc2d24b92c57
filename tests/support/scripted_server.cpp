// SPDX-License-Identifier: Apache-2.0
#include <tests/support/eventually.hpp>
#include <tests/support/scripted_server.hpp>

#include <fmt/format.h>

#include <iostream>

namespace berth::support {

void Peer::send(std::string_view bytes) {
    if (!closed_ && !send_all(socket_, bytes, Deadline::never(stop_))) {
        closed_ = true;  // the client went away: that is its right
    }
}

void Peer::answer(int status, std::string_view body, std::string_view more_fields) {
    send(fmt::format("HTTP/1.1 {} Scripted\r\nContent-Length: {}\r\n{}\r\n{}", status, body.size(), more_fields, body));
}

void Peer::stall() {
    while (!closed_ && !receive().empty()) {
    }
    closed_ = true;
}

void Peer::wait(const Gate& gate) {
    [[maybe_unused]] const bool opened = gate.wait(Deadline::never(stop_));
}

std::string Peer::receive() {
    std::string first = parser_.take_rest();
    return first.empty() ? receive_some(socket_, Deadline::never(stop_)) : first;
}

void Peer::finish_sending() {
    support::finish_sending(socket_);
}

void Peer::close() {
    closed_ = true;
    shut_down(socket_);
}

ScriptedServer::ScriptedServer() : listener_(listen_unix(path())) {
    accepting_ = std::thread([this, stop = stop_.get_token()] { accept_all(stop); });
}

ScriptedServer::~ScriptedServer() {
    stop_.request_stop();
    accepting_.join();
    for (auto& thread : serving_) {
        thread.join();
    }
}

ScriptedServer& ScriptedServer::then(Handler handler) {
    const std::lock_guard lock(mutex_);
    script_.push_back({std::move(handler), false});
    return *this;
}

ScriptedServer& ScriptedServer::then_at_head(Handler handler) {
    const std::lock_guard lock(mutex_);
    script_.push_back({std::move(handler), true});
    return *this;
}

ScriptedServer& ScriptedServer::then_send(std::string bytes) {
    return then([bytes = std::move(bytes)](const Received&, Peer& peer) { peer.send(bytes); });
}

ScriptedServer& ScriptedServer::then_send_and_close(std::string bytes) {
    return then([bytes = std::move(bytes)](const Received&, Peer& peer) {
        peer.send(bytes);
        peer.close();
    });
}

http::Endpoint ScriptedServer::endpoint() const {
    return {.scheme = http::Endpoint::Scheme::unix_socket, .path = path()};
}

std::vector<Received> ScriptedServer::requests() const {
    const std::lock_guard lock(mutex_);
    return requests_;
}

std::size_t ScriptedServer::connections() const {
    const std::lock_guard lock(mutex_);
    return connections_;
}

bool ScriptedServer::wait_for_requests(std::size_t count) const {
    std::unique_lock lock(mutex_);
    return within(k_patience).wait(arrived_, lock, [&] { return requests_.size() >= count; });
}

ScriptedServer::Step ScriptedServer::next_step() {
    const std::lock_guard lock(mutex_);
    if (script_.empty()) {
        return {[](const Received&, Peer& peer) { peer.answer(500, "the script is empty"); }, false};
    }
    Step step = script_.front();
    if (script_.size() > 1) {
        script_.pop_front();
    }
    return step;
}

void ScriptedServer::record(const Received& request) {
    const std::lock_guard lock(mutex_);
    requests_.push_back(request);
    arrived_.notify_all();
}

void ScriptedServer::accept_all(const std::stop_token& stop) {
    try {
        for (;;) {
            process::Descriptor socket = accept_one(listener_, Deadline::never(stop));
            std::size_t number = 0;
            {
                const std::lock_guard lock(mutex_);
                number = ++connections_;
            }
            serving_.emplace_back([this, number, stop, taken = std::move(socket)] { serve(taken, number, stop); });
        }
    } catch (const Cancelled&) {
        return;
    }
}

void ScriptedServer::serve(const process::Descriptor& socket, std::size_t number, const std::stop_token& stop) {
    RequestParser parser(number);
    Peer peer(socket, parser, stop);
    const auto more = [&] {
        const std::string bytes = receive_some(socket, Deadline::never(stop));
        // An engine tries TLS first. It goes on without when it is told so; a silent peer it waits for, ten seconds.
        constexpr char k_tls_handshake = 0x16;
        if (!bytes.empty() && bytes.front() == k_tls_handshake) {
            peer.send("HTTP/1.0 400 Bad Request\r\n\r\nThis is no TLS.\n");
            return false;
        }
        parser.feed(bytes);
        return !bytes.empty();
    };
    try {
        while (!peer.closed()) {
            auto request = parser.take_head();
            if (!request) {
                if (!more()) {
                    break;
                }
                continue;
            }
            const Step step = next_step();
            while (!step.at_head && !parser.take_body(*request)) {
                if (!more()) {
                    record(*request);  // the client gave up in its middle: body_complete is false
                    shut_down(socket);
                    return;
                }
            }
            record(*request);
            step.handler(*request, peer);
            if (step.at_head) {
                break;  // the unread body stands where the next request would
            }
        }
    } catch (const Cancelled&) {
        // the server goes
    } catch (const std::exception& error) {
        std::cerr << "scripted server: " << error.what() << '\n';
    }
    shut_down(socket);
}

}  // namespace berth::support

// SPDX-License-Identifier: Apache-2.0
#include <berth/fake/internal/port.hpp>
#include <berth/fake/internal/request.hpp>

#include <utility>

namespace berth::fake {

Port::Port(std::string container_port, std::string host_ip, Socket bound)
    : container_port_(std::move(container_port)),
      host_ip_(std::move(host_ip)),
      bound_(std::move(bound)),
      number_(port_of(bound_)) {}

Port::~Port() {
    bound_.shut();
    if (accepting_.joinable()) {
        accepting_.join();
    }
    for (auto& caller : callers_) {
        caller.socket.shut();
        caller.thread.join();
    }
}

void Port::open(std::string answer) {
    if (accepting_.joinable()) {
        return;
    }
    answer_ = std::move(answer);
    start_listening(bound_);
    accepting_ = std::thread([this] { accept_all(); });
}

void Port::accept_all() {
    while (Socket caller = bound_.accept()) {
        callers_.remove_if([](Caller& each) {
            if (each.over) {
                each.thread.join();
            }
            return each.over.load();
        });
        auto& each = callers_.emplace_back();
        each.socket = std::move(caller);
        each.thread = std::thread([this, &each] {
            serve(each.socket);
            each.over = true;
        });
    }
}

void Port::serve(const Socket& socket) const {
    RequestReader reader([&socket] { return socket.receive(); });
    if (answer_.empty()) {
        while (!socket.receive().empty()) {
        }
    } else {
        while (auto asked = reader.head()) {
            reader.body(*asked);
            if (!asked->body_complete || !socket.send(answer_)) {
                break;
            }
        }
    }
    socket.shut();
}

}  // namespace berth::fake

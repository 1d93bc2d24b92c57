// SPDX-License-Identifier: Apache-2.0
#include <berth/core/digest.hpp>
#include <berth/core/error.hpp>
#include <berth/core/log.hpp>
#include <berth/fake/internal/router.hpp>
#include <berth/fake/internal/server.hpp>

#include <fmt/format.h>
#include <sys/stat.h>

#include <system_error>

namespace berth::fake {
namespace {

std::filesystem::path make_folder() {
    auto path = std::filesystem::temp_directory_path() / ("berth-fake-" + random_hex(16));
    constexpr mode_t k_private = 0700;
    if (::mkdir(path.c_str(), k_private) != 0) {
        throw Error({.code = "BR0401",
                     .summary = fmt::format("cannot make folder '{}': {}", path.string(),
                                            std::generic_category().message(errno))});
    }
    return path;
}

}  // namespace

Server::Server(World& world) : world_(world), folder_(make_folder()) {
    listener_ = listen_unix(path());
    accepting_ = std::thread([this] { accept_all(); });
}

Server::~Server() {
    world_.closing = true;
    faults_.end();  // before the lock: whoever is held may have it
    {
        const std::lock_guard lock(world_.mutex);  // so that nobody misses it between looking and waiting
        world_.changed.notify_all();
    }
    listener_.shut();
    accepting_.join();
    for (auto& client : clients_) {
        client.socket.shut();
        client.thread.join();
    }
    std::error_code ignored;  // a temporary folder that stays does no harm
    std::filesystem::remove_all(folder_, ignored);
}

void Server::accept_all() {
    std::size_t number = 0;
    while (Socket socket = listener_.accept()) {
        reap();
        const std::lock_guard lock(mutex_);
        auto& client = clients_.emplace_back();
        client.socket = std::move(socket);
        client.thread = std::thread([this, &client, number = ++number] {
            serve(client.socket, number);
            client.socket.shut();
            const std::lock_guard done(mutex_);
            client.over = true;
        });
    }
}

void Server::reap() {
    std::list<Client> over;
    {
        const std::lock_guard lock(mutex_);
        for (auto each = clients_.begin(); each != clients_.end();) {
            const auto next = std::next(each);
            if (each->over) {
                over.splice(over.end(), clients_, each);
            }
            each = next;
        }
    }
    for (auto& client : over) {
        client.thread.join();
    }
}

void Server::serve(const Socket& socket, std::size_t number) {
    try {
        RequestReader reader([&socket] { return socket.receive(); });
        while (serve_one(socket, reader, number)) {
        }
    } catch (const std::exception& error) {
        log::error(fmt::format("fake engine: {}", error.what()));
    }
}

bool Server::serve_one(const Socket& socket, RequestReader& reader, std::size_t number) {
    auto asked = reader.head();
    if (!asked) {
        return false;
    }
    const auto fault = faults_.take(asked->request.method, asked->path);
    const auto is = [&](Fault::Kind kind) { return fault && fault->fault.kind == kind; };
    reader.body(*asked);
    asked->request.connection = number;
    const auto made = std::make_shared<std::atomic<std::size_t>>(0);
    {
        const std::lock_guard lock(world_.mutex);
        world_.requests.push_back(asked->request);
        world_.answer_sizes.push_back(made);
    }
    if (is(Fault::Kind::close_unanswered) ||
        (is(Fault::Kind::cut_request) && fault->fault.bytes < asked->request.bytes)) {
        fault->reach();
        return false;
    }
    if (!asked->body_complete) {
        return false;  // it was never meant whole
    }
    if (is(Fault::Kind::hold)) {
        fault->reach();
        if (!fault->wait()) {
            return false;
        }
    }
    const bool is_of_answer = is(Fault::Kind::cut_request) || is(Fault::Kind::drop_answer) ||
                              is(Fault::Kind::cut_answer) || is(Fault::Kind::stall_answer);
    Answer answer(socket, *asked, world_.options, is_of_answer ? fault : nullptr, made);
    if (is(Fault::Kind::refuse)) {
        fault->reach();
        answer.refuse({fault->fault.status, fault->fault.text});
    } else if (is(Fault::Kind::garbage)) {
        fault->reach();
        answer.send_bytes(fault->fault.text);
        answer.close_after();
    } else {
        route(world_, *asked, answer);
    }
    const bool cut = is(Fault::Kind::drop_answer) || is(Fault::Kind::cut_answer);
    return !answer.closes() && !cut && !world_.closing;
}

}  // namespace berth::fake

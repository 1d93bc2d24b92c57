// SPDX-License-Identifier: Apache-2.0
#include <berth/http/client.hpp>
#include <berth/http/internal/connect.hpp>
#include <berth/http/internal/exchange.hpp>
#include <berth/http/internal/stream_state.hpp>

#include <mutex>
#include <optional>
#include <vector>

namespace berth::http {

using internal::Connection;
using internal::Progress;

struct Client::Shared {
    Shared(Endpoint peer, Limits caps) : endpoint(std::move(peer)), limits(caps) {
        if (endpoint.scheme == Endpoint::Scheme::tls) {
            tls.emplace(endpoint.tls);
        }
    }

    Endpoint endpoint;
    Limits limits;
    std::optional<internal::TlsContext> tls{};
    std::mutex mutex{};
    std::vector<std::unique_ptr<Connection>> idle{};

    std::unique_ptr<Connection> connect(const Progress& progress, const Deadline& deadline) const {
        return std::make_unique<Connection>(internal::connect_to(endpoint, tls ? &*tls : nullptr, progress, deadline),
                                            limits.head);
    }

    /// The one used last, since its peer is the least likely to have closed it; those closed meanwhile are let go.
    std::unique_ptr<Connection> take() {
        const std::lock_guard lock(mutex);
        while (!idle.empty()) {
            auto connection = std::move(idle.back());
            idle.pop_back();
            if (!connection->wire.readable()) {
                return connection;
            }
        }
        return nullptr;
    }

    void give_back(std::unique_ptr<Connection> connection) {
        const std::lock_guard lock(mutex);
        if (idle.size() < limits.idle_connections) {
            idle.push_back(std::move(connection));
        }
    }

    Response exchange_whole(std::unique_ptr<Connection> connection, const Request& request, const std::string& head,
                            Progress& progress, const Deadline& deadline) {
        auto answer = internal::exchange(*connection, request, head, limits, progress, deadline);
        Response response{std::move(answer.head), answer.body.read_all(limits.buffered_body, progress, deadline)};
        if (answer.reusable) {
            give_back(std::move(connection));
        }
        return response;
    }
};

Client::Client(Endpoint endpoint, Limits limits) : shared_(std::make_shared<Shared>(std::move(endpoint), limits)) {}

const Endpoint& Client::endpoint() const noexcept {
    return shared_->endpoint;
}

Response Client::send(const Request& request, Deadline deadline) {
    const auto begin = Deadline::Clock::now();
    const std::string head = internal::write_head(request, shared_->endpoint);
    Progress progress = internal::progress_of(request, shared_->endpoint);
    const auto on = [&](std::unique_ptr<Connection> connection) {
        auto response = shared_->exchange_whole(std::move(connection), request, head, progress, deadline);
        internal::log_exchange(progress, response.head.status, begin);
        return response;
    };
    if (auto pooled = shared_->take()) {
        const bool repeatable = (request.method == "GET" || request.method == "HEAD") && !request.source;
        try {
            return on(std::move(pooled));
        } catch (const BrokenExchange& failure) {
            if (!repeatable || failure.stage() != Stage::sending) {
                throw;
            }
            // The peer closed it in the moment between our look and our request.
            progress.stage = Stage::connecting;
        }
    }
    return on(shared_->connect(progress, deadline));
}

Stream Client::open(const Request& request, Deadline deadline) {
    const auto begin = Deadline::Clock::now();
    const std::string head = internal::write_head(request, shared_->endpoint);
    Progress progress = internal::progress_of(request, shared_->endpoint);
    auto connection = shared_->connect(progress, deadline);
    auto answer = internal::exchange(*connection, request, head, shared_->limits, progress, deadline);
    internal::log_exchange(progress, answer.head.status, begin);
    return Stream(std::make_unique<Stream::State>(
        Stream::State{std::move(connection), std::move(answer.head), answer.body, std::move(progress)}));
}

std::size_t Client::idle_connections() const {
    const std::lock_guard lock(shared_->mutex);
    return shared_->idle.size();
}

}  // namespace berth::http

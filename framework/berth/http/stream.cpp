// SPDX-License-Identifier: Apache-2.0
#include <berth/http/client.hpp>
#include <berth/http/internal/stream_state.hpp>

#include <fmt/format.h>

namespace berth::http {
namespace {

void require_raw(const internal::BodyReader& body, const internal::Progress& progress) {
    if (body.kind() != internal::Framing::Kind::raw) {
        throw Error(progress.facts(internal::k_refused_request, "nothing can be written: the answer is no raw stream"));
    }
}

}  // namespace

Stream::Stream(std::unique_ptr<State> state) noexcept : state_(std::move(state)) {}
Stream::Stream(Stream&&) noexcept = default;
Stream& Stream::operator=(Stream&&) noexcept = default;
Stream::~Stream() = default;

const Head& Stream::head() const noexcept {
    return state_->head;
}

std::size_t Stream::read(char* into, std::size_t size, Deadline deadline) {
    deadline.throw_if_cancelled();
    return state_->body.read(into, size, state_->progress, deadline);
}

std::string Stream::read_all(Deadline deadline, std::size_t limit) {
    return state_->body.read_all(limit, state_->progress, deadline);
}

void Stream::write(std::string_view bytes, Deadline deadline) {
    require_raw(state_->body, state_->progress);
    deadline.throw_if_cancelled();
    state_->connection->wire.send({bytes}, false, state_->progress, deadline);
}

void Stream::finish_writing() {
    require_raw(state_->body, state_->progress);
    state_->connection->wire.finish_sending(state_->progress);
}

void Stream::close() noexcept {
    state_->connection->wire.shut_down();
}

}  // namespace berth::http

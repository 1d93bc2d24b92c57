// SPDX-License-Identifier: Apache-2.0
#include <berth/engine/internal/stream_state.hpp>

#include <utility>

namespace berth {
namespace {

constexpr std::size_t k_piece = 32 * 1024;

}  // namespace

Streams::State::State(std::shared_ptr<Engine::Wire> engine, engine::Call about, http::Stream connection, bool terminal)
    : wire(std::move(engine)),
      call(std::move(about)),
      stream(std::move(connection)),
      tty(terminal),
      frames(wire->about(call), [this](int from, std::string_view bytes, bool, bool) { (*sink)(from, bytes); }),
      buffer(k_piece) {}

Streams::Streams(std::unique_ptr<State> state) noexcept : state_(std::move(state)) {}
Streams::Streams(Streams&&) noexcept = default;
Streams& Streams::operator=(Streams&&) noexcept = default;
Streams::~Streams() = default;

bool Streams::read(const Output& on_output, Deadline deadline) {
    State& state = *state_;
    const std::size_t size =
        state.wire->read(state.call, state.stream, state.buffer.data(), state.buffer.size(), std::move(deadline));
    if (size == 0) {
        if (!state.tty) {
            state.frames.finish();
        }
        return false;
    }
    const std::string_view bytes(state.buffer.data(), size);
    if (state.tty) {
        on_output(1, bytes);
    } else {
        state.sink = &on_output;
        state.frames.feed(bytes);
    }
    return true;
}

void Streams::write(std::string_view bytes, Deadline deadline) {
    state_->stream.write(bytes, std::move(deadline));
}

void Streams::finish_writing() {
    state_->stream.finish_writing();
}

void Streams::close() noexcept {
    state_->stream.close();
}

}  // namespace berth
